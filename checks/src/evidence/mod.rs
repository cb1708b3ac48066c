//! What was seen: one exchange for each question asked, kept raw.
//!
//! Headers keep their order, their case and their repetitions, bodies are the bytes that came, and a certificate
//! chain is kept although its verification failed. Views over this ([`json`], [`metadata`], [`jwks`], [`certificate`])
//! explain; they never replace it.

pub mod certificate;
pub mod json;
pub mod jwks;
pub mod metadata;

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
}

impl Slot {
    /// The slot without its parameter.
    pub fn kind(&self) -> SlotKind {
        match self {
            Slot::Discovery => SlotKind::Discovery,
            Slot::DiscoveryAt(_) => SlotKind::DiscoveryAt,
            Slot::Jwks => SlotKind::Jwks,
            Slot::Cors(_) => SlotKind::Cors,
        }
    }

    /// The id used in recordings and in JSON.
    pub fn id(&self) -> String {
        match self {
            Slot::Discovery => "discovery".into(),
            Slot::DiscoveryAt(url) => format!("discovery-at:{url}"),
            Slot::Jwks => "jwks".into(),
            Slot::Cors(target) => format!("cors:{}", target.word()),
        }
    }

    /// Reads an id; `None` when it names no slot.
    pub fn from_id(id: &str) -> Option<Slot> {
        match id.split_once(':') {
            None if id == "discovery" => Some(Slot::Discovery),
            None if id == "jwks" => Some(Slot::Jwks),
            Some(("discovery-at", url)) => Some(Slot::DiscoveryAt(url.to_owned())),
            Some(("cors", word)) => CorsTarget::ALL.into_iter().find(|t| t.word() == word).map(Slot::Cors),
            _ => None,
        }
    }

    /// What a person calls it.
    pub fn noun(&self) -> String {
        match self {
            Slot::Discovery => "discovery document".into(),
            Slot::DiscoveryAt(url) => format!("discovery document at {url}"),
            Slot::Jwks => "JWK set".into(),
            Slot::Cors(target) => format!("cross-origin answer of {}", target.word()),
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// `GET`, `OPTIONS` …
    pub method: &'static str,
    /// Absolute URL, sent byte for byte.
    pub url: String,
    /// Headers beyond `Host` and `User-Agent`.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// A GET that asks for JSON and for no compression: what most client libraries send.
    pub fn get_json(url: impl Into<String>) -> Self {
        Request { method: "GET", url: url.into(), headers: vec![("Accept".into(), "application/json".into())] }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
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
