//! What was seen: one exchange for each question asked, kept raw.
//!
//! Headers keep their order, their case and their repetitions, bodies are the bytes that came, and a certificate
//! chain is kept although its verification failed. Views over this ([`json`], [`metadata`], [`jwks`], [`jws`], [`login`], [`certificate`])
//! explain; they never replace it.

pub mod certificate;
pub mod defects;
pub mod json;
pub mod jwks;
pub mod jws;
pub mod login;
pub mod metadata;
pub mod numbers;
mod slot;
mod step;

pub use slot::{CorsTarget, Endpoint, Slot, SlotKind};
pub use step::{LoginStep, Question};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is asked. Holds no secret: where one belongs, [`Auth`] says so and the gatherer puts it in while sending.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// `GET`, `POST`, `OPTIONS`.
    pub method: &'static str,
    /// Absolute URL, sent byte for byte.
    pub url: String,
    /// Headers beyond `Host` and `User-Agent`.
    pub headers: Vec<(String, String)>,
    /// A form body (`application/x-www-form-urlencoded`), without secrets.
    pub form: Option<String>,
    /// How the client authenticates.
    pub auth: Option<Auth>,
    /// Whether redirects are followed. Probes never do: where a redirect leads is the answer.
    pub follow: bool,
}

/// How a request authenticates the client; a recipe, not a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Auth {
    /// The method.
    pub method: AuthMethod,
    /// The client id.
    pub client_id: String,
    /// The secret that is sent.
    pub secret: SecretChoice,
}

/// The form in which a client secret is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMethod {
    /// HTTP Basic, both parts form-encoded first (RFC 6749 section 2.3.1).
    BasicEncoded,
    /// HTTP Basic without that encoding, as some libraries do it.
    BasicRaw,
    /// In the form body.
    Post,
    /// No secret: a JWT that the client signs with its private key (RFC 7523 section 2.2, OpenID Connect Core 1.0 section 9).
    PrivateKeyJwt,
}

/// Which secret is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretChoice {
    /// The one that the user gave.
    Given,
    /// One that was made up: the control.
    Invented,
    /// The empty string.
    Empty,
}

impl Request {
    /// A GET that asks for JSON and for no compression: what most client libraries send.
    pub fn get_json(url: impl Into<String>) -> Self {
        Request::new("GET", url).header("Accept", "application/json").following()
    }

    /// A request without headers that follows no redirect.
    pub fn new(method: &'static str, url: impl Into<String>) -> Self {
        Request { method, url: url.into(), headers: Vec::new(), form: None, auth: None, follow: false }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Follows redirects.
    pub fn following(mut self) -> Self {
        self.follow = true;
        self
    }

    /// Sends these pairs as a form body, each byte outside the unreserved characters percent-encoded.
    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        self.form = Some(encode_pairs(pairs));
        self.header("Content-Type", "application/x-www-form-urlencoded")
    }

    /// Authenticates the client.
    pub fn auth(mut self, method: AuthMethod, client_id: &str, secret: SecretChoice) -> Self {
        self.auth = Some(Auth { method, client_id: client_id.into(), secret });
        self
    }

    /// The value of a parameter, decoded once: of the query, else of the form.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let pairs = url::form_urlencoded::parse(self.form.as_deref().unwrap_or_default().as_bytes());
        self.query(name).or_else(|| pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()))
    }

    /// The value of a query parameter, decoded once.
    pub fn query(&self, name: &str) -> Option<String> {
        let query = self.url.split_once('?')?.1.split('#').next()?;
        url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// Pairs as a query or form: every byte outside RFC 3986's unreserved characters is percent-encoded, so that nothing
/// on the way normalises a value.
pub fn encode_pairs(pairs: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        let mut out = String::new();
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
                other => out.push_str(&format!("%{other:02X}")),
            }
        }
        out
    };
    pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

/// One answer on the way, when redirects were followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The URL that answered with the redirect.
    pub url: String,
    /// Its status.
    pub status: u16,
    /// Its `Location`, as sent.
    pub location: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The URL that gave this answer, after redirects.
    pub url: String,
    /// `HTTP/1.1`, `HTTP/2` …
    pub version: String,
    /// The status.
    pub status: u16,
    /// Headers in order, names as sent, values as bytes read as Latin-1 where they are not UTF-8.
    pub headers: Vec<(String, String)>,
    /// The body after content decoding.
    pub body: Vec<u8>,
    /// Bytes on the wire, when the body was compressed although nobody had asked for it.
    pub encoded_len: Option<usize>,
    /// The limit in bytes at which reading stopped, when the body was longer.
    pub cut_at: Option<usize>,
}

impl Response {
    /// The first value of a header, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The media type in lower case without parameters.
    pub fn media_type(&self) -> Option<String> {
        self.header("content-type").map(|v| v.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "detail")]
pub enum TransportError {
    /// The URL cannot be asked (not http or https, no host …).
    BadUrl(String),
    /// The name does not resolve.
    Dns(String),
    /// The port refused the connection.
    Refused(String),
    /// No route, reset, closed early and so on.
    Connection(String),
    /// The TLS handshake failed for another reason than the certificate.
    Tls(String),
    /// Nothing within the time limit, in seconds.
    Timeout(u64),
    /// The run's deadline passed before the answer came, in seconds.
    Deadline(u64),
    /// Redirects went on beyond the limit, or in a circle.
    Redirects(String),
    /// The peer did not speak HTTP, or broke it.
    Protocol(String),
    /// The content encoding could not be undone, or grew beyond the limit.
    Encoding(String),
    /// Nobody could be logged in, since a page asks for what cannot be given without a person or a browser.
    Stopped(String),
}

impl std::fmt::Display for TransportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TransportError::BadUrl(why) => write!(f, "the URL cannot be asked: {why}"),
            TransportError::Dns(why) => write!(f, "the name does not resolve: {why}"),
            TransportError::Refused(to) => write!(f, "connection refused by {to}"),
            TransportError::Connection(why) => write!(f, "the connection failed: {why}"),
            TransportError::Tls(why) => write!(f, "the TLS handshake failed: {why}"),
            TransportError::Timeout(s) => write!(f, "no complete answer within {s} s"),
            TransportError::Deadline(s) => write!(f, "the run's deadline of {s} s passed"),
            TransportError::Redirects(why) | TransportError::Stopped(why) => f.write_str(why),
            TransportError::Protocol(why) => write!(f, "the answer is not HTTP: {why}"),
            TransportError::Encoding(why) => write!(f, "the content encoding cannot be undone: {why}"),
        }
    }
}

/// What the TLS handshake showed, kept whether or not the certificate is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The name that was asked for.
    pub server_name: String,
    /// The certificates as sent, leaf first, DER.
    pub chain: Vec<Vec<u8>>,
    /// What the verifier said against them; `None` when they are trusted.
    pub distrust: Option<Distrust>,
    /// What a greeting that knows nothing newer than TLS 1.1 was answered with; `None` where none was sent, or where
    /// the answer says nothing.
    pub older: Option<Older>,
}

/// The answer to a client that speaks nothing newer than TLS 1.1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Older {
    /// An alert, or the end of the connection.
    Refused,
    /// The server goes on in this protocol.
    Spoken(String),
}

/// Why a certificate chain is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distrust {
    /// The class.
    pub kind: DistrustKind,
    /// The verifier's words.
    pub text: String,
}

/// The classes of distrust that call for different remedies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DistrustKind {
    /// Not after is in the past.
    Expired,
    /// Not before is in the future.
    NotYetValid,
    /// No subject alternative name fits.
    WrongName,
    /// No path to a known root.
    UnknownIssuer,
    /// Revoked.
    Revoked,
    /// Anything else.
    Other,
}

/// A request and everything that came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What was asked.
    pub request: Request,
    /// The answer, or why there is none.
    pub outcome: Result<Response, TransportError>,
    /// Redirects followed on the way.
    pub hops: Vec<Hop>,
    /// The last TLS handshake on the way; `None` over plain http or when none came about.
    pub tls: Option<Tls>,
    /// When the request started.
    pub started: jiff::Timestamp,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

impl Exchange {
    /// The redirect that left https for plain http, if one did.
    pub fn downgraded(&self) -> Option<&Hop> {
        self.hops.iter().find(|hop| hop.url.starts_with("https:") && hop.location.starts_with("http:"))
    }
}

/// All exchanges of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    exchanges: BTreeMap<Slot, Exchange>,
}

impl Evidence {
    /// Adds an exchange; a second one for the same slot replaces the first.
    pub fn record(&mut self, slot: Slot, exchange: Exchange) {
        self.exchanges.insert(slot, exchange);
    }

    /// Notes what an old greeting to the server of a slot was answered with.
    pub fn greeted(&mut self, slot: &Slot, answer: Option<Older>) {
        if let Some(tls) = self.exchanges.get_mut(slot).and_then(|exchange| exchange.tls.as_mut()) {
            tls.older = answer;
        }
    }

    /// The exchange of a slot.
    pub fn get(&self, slot: &Slot) -> Option<&Exchange> {
        self.exchanges.get(slot)
    }

    /// The exchange of a slot, to be changed (mutations in tests).
    pub fn get_mut(&mut self, slot: &Slot) -> Option<&mut Exchange> {
        self.exchanges.get_mut(slot)
    }

    /// All of them, in the order of their slots.
    pub fn iter(&self) -> impl Iterator<Item = (&Slot, &Exchange)> {
        self.exchanges.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }
}
