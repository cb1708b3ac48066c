//! What was seen: one exchange for each question asked, kept raw.
//!
//! Headers keep their order, their case and their repetitions, bodies are the bytes that came, and a certificate
//! chain is kept although its verification failed. Views over this ([`json`], [`metadata`], [`jwks`], [`jws`], [`login`], [`certificate`])
//! explain; they never replace it.

pub mod certificate;
pub mod json;
pub mod jwks;
pub mod jws;
pub mod login;
pub mod metadata;
pub mod numbers;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names one exchange.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The provider's metadata at the well-known path of the issuer.
    Discovery,
    /// Another place where the metadata may be, tried because the first gave none (URL).
    DiscoveryAt(String),
    /// The key set.
    Jwks,
    /// The metadata or an endpoint as a browser on the application's origin sees it.
    Cors(CorsTarget),
    /// A question about a client registration, by the endpoint that was asked and a name that says what was asked.
    Probe(Endpoint, String),
    /// A step of a login, by the persona who logged in.
    Login(LoginStep, String),
    /// What the application itself showed without a login, by the name of the capture.
    App(String),
    /// A file that was read instead of a network exchange: a configuration, or a profile.
    File(String),
}

/// An endpoint that probes ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// The authorization endpoint.
    Authorize,
    /// Where the authorization endpoint redirects to inside the provider.
    AuthorizeHop,
    /// The token endpoint.
    Token,
    /// The device authorization endpoint.
    Device,
    /// The pushed authorization request endpoint.
    Par,
    /// The userinfo endpoint, without a token.
    Userinfo,
    /// The end-session endpoint.
    EndSession,
    /// The introspection endpoint.
    Introspection,
    /// The revocation endpoint.
    Revocation,
}

impl Endpoint {
    /// All of them.
    pub const ALL: [Endpoint; 9] = [
        Endpoint::Authorize,
        Endpoint::AuthorizeHop,
        Endpoint::Token,
        Endpoint::Device,
        Endpoint::Par,
        Endpoint::Userinfo,
        Endpoint::EndSession,
        Endpoint::Introspection,
        Endpoint::Revocation,
    ];

    /// The word used in slot ids.
    pub fn word(self) -> &'static str {
        match self {
            Endpoint::Authorize => "authorize",
            Endpoint::AuthorizeHop => "authorize-hop",
            Endpoint::Token => "token",
            Endpoint::Device => "device",
            Endpoint::Par => "par",
            Endpoint::Userinfo => "userinfo",
            Endpoint::EndSession => "end-session",
            Endpoint::Introspection => "introspection",
            Endpoint::Revocation => "revocation",
        }
    }
}

/// A step of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoginStep {
    /// The authorization response: the redirect URI with its parameters, as the `Location` of a redirect.
    Callback,
    /// The token response.
    Tokens,
    /// The userinfo response.
    Userinfo,
}

impl LoginStep {
    /// All of them.
    pub const ALL: [LoginStep; 3] = [LoginStep::Callback, LoginStep::Tokens, LoginStep::Userinfo];

    /// The word used in slot ids.
    pub fn word(self) -> &'static str {
        match self {
            LoginStep::Callback => "callback",
            LoginStep::Tokens => "tokens",
            LoginStep::Userinfo => "userinfo",
        }
    }
}

/// What a browser application reads across origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CorsTarget {
    /// The metadata document.
    Discovery,
    /// The key set.
    Jwks,
    /// The token endpoint.
    Token,
    /// The userinfo endpoint.
    Userinfo,
}

impl CorsTarget {
    /// All of them.
    pub const ALL: [CorsTarget; 4] = [CorsTarget::Discovery, CorsTarget::Jwks, CorsTarget::Token, CorsTarget::Userinfo];

    /// The word used in slot ids.
    pub fn word(self) -> &'static str {
        match self {
            CorsTarget::Discovery => "discovery",
            CorsTarget::Jwks => "jwks",
            CorsTarget::Token => "token",
            CorsTarget::Userinfo => "userinfo",
        }
    }
}

/// A slot without its parameter: what a check declares that it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotKind {
    /// [`Slot::Discovery`].
    Discovery,
    /// [`Slot::DiscoveryAt`].
    DiscoveryAt,
    /// [`Slot::Jwks`].
    Jwks,
    /// [`Slot::Cors`].
    Cors,
    /// [`Slot::Probe`].
    Probe(Endpoint),
    /// [`Slot::Login`].
    Login(LoginStep),
    /// [`Slot::App`].
    App,
    /// [`Slot::File`].
    File,
}

impl Slot {
    /// The slot without its parameter.
    pub fn kind(&self) -> SlotKind {
        match self {
            Slot::Discovery => SlotKind::Discovery,
            Slot::DiscoveryAt(_) => SlotKind::DiscoveryAt,
            Slot::Jwks => SlotKind::Jwks,
            Slot::Cors(_) => SlotKind::Cors,
            Slot::Probe(endpoint, _) => SlotKind::Probe(*endpoint),
            Slot::Login(step, _) => SlotKind::Login(*step),
            Slot::App(_) => SlotKind::App,
            Slot::File(_) => SlotKind::File,
        }
    }

    /// The id used in recordings and in JSON.
    pub fn id(&self) -> String {
        match self {
            Slot::Discovery => "discovery".into(),
            Slot::DiscoveryAt(url) => format!("discovery-at:{url}"),
            Slot::Jwks => "jwks".into(),
            Slot::Cors(target) => format!("cors:{}", target.word()),
            Slot::Probe(endpoint, name) => format!("{}:{name}", endpoint.word()),
            Slot::Login(step, persona) => format!("login-{}:{persona}", step.word()),
            Slot::App(name) => format!("app:{name}"),
            Slot::File(name) => format!("file:{name}"),
        }
    }

    /// Reads an id; `None` when it names no slot.
    pub fn from_id(id: &str) -> Option<Slot> {
        match id.split_once(':') {
            None if id == "discovery" => Some(Slot::Discovery),
            None if id == "jwks" => Some(Slot::Jwks),
            Some(("discovery-at", url)) => Some(Slot::DiscoveryAt(url.to_owned())),
            Some(("cors", word)) => CorsTarget::ALL.into_iter().find(|t| t.word() == word).map(Slot::Cors),
            Some(("app", name)) => Some(Slot::App(name.to_owned())),
            Some(("file", name)) => Some(Slot::File(name.to_owned())),
            Some((word, name)) => {
                let endpoint = Endpoint::ALL.into_iter().find(|e| e.word() == word);
                let step = word.strip_prefix("login-").and_then(|w| LoginStep::ALL.into_iter().find(|s| s.word() == w));
                let probe = endpoint.map(|endpoint| Slot::Probe(endpoint, name.to_owned()));
                probe.or_else(|| step.map(|step| Slot::Login(step, name.to_owned())))
            }
            None => None,
        }
    }

    /// What a person calls it.
    pub fn noun(&self) -> String {
        match self {
            Slot::Discovery => "discovery document".into(),
            Slot::DiscoveryAt(url) => format!("discovery document at {url}"),
            Slot::Jwks => "JWK set".into(),
            Slot::Cors(target) => format!("cross-origin answer of {}", target.word()),
            Slot::Probe(endpoint, name) => format!("answer of the {} endpoint ({name})", endpoint.word()),
            Slot::Login(LoginStep::Callback, who) => format!("authorization response for {who}"),
            Slot::Login(LoginStep::Tokens, who) => format!("token response for {who}"),
            Slot::Login(LoginStep::Userinfo, who) => format!("userinfo response for {who}"),
            Slot::App(name) => format!("answer of the application ({name})"),
            Slot::File(name) => name.clone(),
        }
    }
}

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
            TransportError::Redirects(why) => f.write_str(why),
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
