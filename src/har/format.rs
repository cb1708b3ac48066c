//! The JSON of a recording: HAR 1.2 as far as it is used, and our own members.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oidcheck_checks::check::Tier;
use oidcheck_checks::evidence::{AuthMethod, Distrust, Older, SecretChoice, Slot, TransportError};
use oidcheck_checks::target::{Depth, SecretShape};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version of our own members.
pub(super) const RECORDING: u32 = 1;

/// The outermost object.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Outside {
    pub log: Log,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Log {
    pub version: String,
    pub creator: Creator,
    #[serde(rename = "_oidcheck")]
    pub extra: LogExtra,
    pub entries: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Creator {
    pub name: String,
    pub version: String,
}

/// What was asked for, and when.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LogExtra {
    #[serde(deserialize_with = "known_recording")]
    pub recording: u32,
    pub started: jiff::Timestamp,
    pub target: TargetRecord,
    #[serde(default)]
    pub profiles: Vec<String>,
}

fn known_recording<'de, D: Deserializer<'de>>(input: D) -> Result<u32, D::Error> {
    match u32::deserialize(input)? {
        RECORDING => Ok(RECORDING),
        other => Err(D::Error::custom(format!("recording version {other} is not one that this oidcheck reads"))),
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TargetRecord {
    pub issuer: String,
    pub app_url: Option<String>,
    pub client_id: Option<String>,
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    #[serde(default)]
    pub has_secret: bool,
    #[serde(default)]
    pub has_key: bool,
    #[serde(default)]
    pub secret_shape: SecretShape,
    #[serde(default)]
    pub tier: Option<Tier>,
    #[serde(default)]
    pub depth: Depth,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    #[serde(rename = "startedDateTime")]
    pub started: jiff::Timestamp,
    pub time: u64,
    pub request: Request,
    pub response: Response,
    pub cache: Cache,
    pub timings: Timings,
    #[serde(rename = "_oidcheck")]
    pub extra: Seen,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub method: Method,
    pub url: String,
    pub http_version: String,
    pub cookies: Vec<Header>,
    pub headers: Vec<Header>,
    pub query_string: Vec<Header>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_data: Option<PostData>,
    pub headers_size: i64,
    pub body_size: usize,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    pub status: u16,
    pub status_text: String,
    pub http_version: String,
    pub cookies: Vec<Header>,
    pub headers: Vec<Header>,
    pub content: Content,
    #[serde(rename = "redirectURL")]
    pub redirect_url: String,
    pub headers_size: i64,
    pub body_size: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub name: String,
    pub value: String,
}

/// HAR demands the member; we cache nothing.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Cache {}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Timings {
    pub send: u64,
    pub wait: u64,
    pub receive: u64,
}

/// A body: as text where it is UTF-8, in base64 where it is not.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "RawContent")]
pub(super) struct Content {
    size: usize,
    mime_type: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    #[serde(skip)]
    bytes: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawContent {
    size: usize,
    mime_type: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    encoding: Option<String>,
}

impl Content {
    pub(super) fn of(body: &[u8], mime_type: Option<String>) -> Content {
        let (text, encoding) = match std::str::from_utf8(body) {
            Ok(text) => (text.to_owned(), None),
            Err(_) => (STANDARD.encode(body), Some("base64".to_owned())),
        };
        Content { size: body.len(), mime_type: mime_type.unwrap_or_default(), text, encoding, bytes: Vec::new() }
    }

    pub(super) fn body(self) -> Vec<u8> {
        self.bytes
    }
}

impl TryFrom<RawContent> for Content {
    type Error = String;

    fn try_from(raw: RawContent) -> Result<Content, String> {
        let bytes = match raw.encoding.as_deref() {
            None => raw.text.into_bytes(),
            Some("base64") => STANDARD.decode(&raw.text).map_err(|e| format!("the body is not base64: {e}"))?,
            Some(other) => return Err(format!("the body has the unknown encoding {other:?}")),
        };
        if bytes.len() != raw.size {
            return Err(format!("the body has {} bytes, but its size is given as {}", bytes.len(), raw.size));
        }
        Ok(Content { size: raw.size, mime_type: raw.mime_type, text: String::new(), encoding: raw.encoding, bytes })
    }
}

/// A form body. Secrets are never part of it: see [`AuthRecord`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostData {
    pub mime_type: String,
    pub text: String,
}

/// How the client authenticated, without the secret.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AuthRecord {
    pub method: AuthMethod,
    pub client_id: String,
    pub secret: SecretChoice,
}

fn yes() -> bool {
    true
}

/// What HAR has no place for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    pub slot: SlotId,
    /// The URL that gave the answer.
    pub url: Option<String>,
    pub hops: Vec<HopRecord>,
    pub tls: Option<TlsRecord>,
    pub error: Option<TransportError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<AuthRecord>,
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub follow: bool,
    pub cut_at: Option<usize>,
    pub encoded_len: Option<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HopRecord {
    pub url: String,
    pub status: u16,
    pub location: String,
}

impl From<(String, u16, String)> for HopRecord {
    fn from((url, status, location): (String, u16, String)) -> Self {
        HopRecord { url, status, location }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TlsRecord {
    pub server_name: String,
    pub chain: Vec<Base64>,
    pub distrust: Option<Distrust>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<Older>,
}

/// Bytes as base64 text.
#[derive(Debug)]
pub(super) struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        STANDARD.decode(text).map(Base64).map_err(|e| D::Error::custom(format!("not base64: {e}")))
    }
}

/// A slot by its id.
#[derive(Debug)]
pub(super) struct SlotId(pub Slot);

impl Serialize for SlotId {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.0.id())
    }
}

impl<'de> Deserialize<'de> for SlotId {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let id = String::deserialize(input)?;
        Slot::from_id(&id).map(SlotId).ok_or_else(|| D::Error::custom(format!("no exchange is called {id:?}")))
    }
}

/// A method out of those that are ever sent.
#[derive(Debug)]
pub(super) struct Method(pub &'static str);

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Method {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let name = String::deserialize(input)?;
        let known = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"].into_iter().find(|m| *m == name);
        known.map(Method).ok_or_else(|| D::Error::custom(format!("no request has the method {name:?}")))
    }
}
