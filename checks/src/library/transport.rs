//! What a library makes of the answer around the document: status, content type, redirects, encoding, size, time.

use super::{Refusal, Rule};
use crate::evidence::json::{Document, escape};
use crate::evidence::metadata::kind_of;
use crate::evidence::{Exchange, Response};
use crate::verdict::Step;
use serde::Deserialize;

/// Which statuses are taken for success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum StatusRule {
    /// 200 and nothing else.
    #[default]
    #[serde(rename = "200")]
    Exactly200,
    /// Any 2xx.
    #[serde(rename = "2xx")]
    Any2xx,
    /// Any at all: the status is not looked at.
    #[serde(rename = "any")]
    Any,
}

impl StatusRule {
    /// Whether a status is taken for success.
    pub fn takes(self, status: u16) -> bool {
        match self {
            StatusRule::Exactly200 => status == 200,
            StatusRule::Any2xx => (200..300).contains(&status),
            StatusRule::Any => true,
        }
    }
}

/// Which content types are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypeRule {
    /// Not looked at.
    #[default]
    Any,
    /// `application/json` in any case, or no header.
    JsonOrAbsent,
    /// `application/json`, `application/jwk-set+json`, or no header.
    JwkSetOrAbsent,
    /// Must start with `application/json` in lower case, or be absent.
    LowerJsonOrAbsent,
    /// `application/json` in any case; the header must be there.
    Json,
    /// `application/json` or `application/*+json` in any case; the header must be there.
    JsonOrSuffix,
}

impl TypeRule {
    /// Whether the content type of an answer is taken.
    pub fn takes(self, response: &Response) -> bool {
        let media = response.media_type();
        let media = media.as_deref();
        match self {
            TypeRule::Any => true,
            TypeRule::JsonOrAbsent => matches!(media, None | Some("application/json")),
            TypeRule::JwkSetOrAbsent => matches!(media, None | Some("application/json" | "application/jwk-set+json")),
            TypeRule::LowerJsonOrAbsent => {
                response.header("content-type").is_none_or(|v| v.starts_with("application/json"))
            }
            TypeRule::Json => media == Some("application/json"),
            TypeRule::JsonOrSuffix => {
                media.is_some_and(|m| m == "application/json" || m.starts_with("application/") && m.ends_with("+json"))
            }
        }
    }
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TransportRules {
    /// Status of the metadata.
    pub status: StatusRule,
    /// Status of the key set.
    pub jwks_status: StatusRule,
    /// Content type of the metadata.
    pub content_type: TypeRule,
    /// Content type of the key set.
    pub jwks_content_type: TypeRule,
    /// How many redirects of the metadata are followed.
    pub redirects: usize,
    /// How many redirects of the key set are followed; as for the metadata unless said.
    pub jwks_redirects: Option<usize>,
    /// A redirect from https to http is followed.
    pub redirect_to_http: bool,
    /// Endpoints and documents on http are refused.
    pub https_only: bool,
    /// A byte order mark before the metadata is skipped.
    pub byte_order_mark: bool,
    /// A byte order mark before the key set is skipped; as for the metadata unless said.
    pub jwks_byte_order_mark: Option<bool>,
    /// Text after the document does no harm.
    pub trailing_text: bool,
    /// A known member that stands twice is refused.
    pub duplicates_refused: bool,
    /// A byte that is not UTF-8 is refused.
    pub utf8_only: bool,
    /// A compressed body that was not asked for is understood.
    pub unasked_compression: bool,
    /// The same for the key set; as for the metadata unless said.
    pub jwks_unasked_compression: Option<bool>,
    /// Time limit of one request in milliseconds.
    pub timeout_ms: Option<u64>,
    /// Time limit of the key set in milliseconds, if another.
    pub jwks_timeout_ms: Option<u64>,
    /// Size limit of the metadata in bytes.
    pub limit: Option<usize>,
    /// Size limit of the key set in bytes.
    pub jwks_limit: Option<usize>,
}

impl Default for TransportRules {
    fn default() -> Self {
        TransportRules {
            status: StatusRule::Exactly200,
            jwks_status: StatusRule::Exactly200,
            content_type: TypeRule::Any,
            jwks_content_type: TypeRule::Any,
            redirects: 10,
            jwks_redirects: None,
            redirect_to_http: true,
            https_only: false,
            byte_order_mark: false,
            jwks_byte_order_mark: None,
            trailing_text: false,
            duplicates_refused: false,
            utf8_only: false,
            unasked_compression: true,
            jwks_unasked_compression: None,
            timeout_ms: None,
            jwks_timeout_ms: None,
            limit: None,
            jwks_limit: None,
        }
    }
}

/// Which of the two documents is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doc {
    /// The metadata.
    Metadata,
    /// The key set; refused at this step.
    Jwks(Step),
}

impl Doc {
    fn step(self) -> Step {
        match self {
            Doc::Metadata => Step::Discovery,
            Doc::Jwks(step) => step,
        }
    }

    fn pick(self, metadata: Rule, jwks: Rule) -> Rule {
        if self == Doc::Metadata { metadata } else { jwks }
    }
}

impl TransportRules {
    /// The status.
    pub fn status(&self, doc: Doc, response: &Response) -> Option<Refusal> {
        let rule = if doc == Doc::Metadata { self.status } else { self.jwks_status };
        let because = match rule {
            StatusRule::Exactly200 => "it takes status 200 only",
            _ => "it takes 2xx only",
        };
        (!rule.takes(response.status))
            .then(|| Refusal::at(doc.step(), doc.pick(Rule::Status, Rule::JwksStatus), because))
    }

    /// The content type.
    pub fn content_type(&self, doc: Doc, response: &Response) -> Option<Refusal> {
        let rule = if doc == Doc::Metadata { self.content_type } else { self.jwks_content_type };
        let because = match rule {
            TypeRule::Json => "it demands the header Content-Type: application/json",
            TypeRule::LowerJsonOrAbsent => "it wants application/json in lower case, or no header",
            _ => "it wants application/json, or no header",
        };
        (!rule.takes(response))
            .then(|| Refusal::at(doc.step(), doc.pick(Rule::ContentType, Rule::JwksContentType), because))
    }

    /// The redirects that led to the answer.
    pub fn redirects(&self, doc: Doc, exchange: &Exchange) -> Option<Refusal> {
        let rule = doc.pick(Rule::Redirect, Rule::JwksRedirect);
        let limit = if doc == Doc::Metadata { self.redirects } else { self.jwks_redirects.unwrap_or(self.redirects) };
        if exchange.hops.is_empty() {
            return None;
        }
        if limit == 0 {
            return Some(Refusal::at(doc.step(), rule, "it follows no redirect"));
        }
        if exchange.hops.len() >= limit {
            return Some(Refusal::at(doc.step(), rule, format!("it stops after {limit} requests")));
        }
        (exchange.downgraded().is_some() && (!self.redirect_to_http || self.https_only))
            .then(|| Refusal::at(doc.step(), rule, "it follows no redirect from https to http"))
    }

    /// A byte order mark, text behind the value, duplicates, bytes that are not UTF-8.
    pub fn oddities(&self, doc: Doc, document: &Document) -> Option<Refusal> {
        let at = |rule, because: String| Some(Refusal::at(doc.step(), rule, because));
        let mark = if doc == Doc::Metadata {
            self.byte_order_mark
        } else {
            self.jwks_byte_order_mark.unwrap_or(self.byte_order_mark)
        };
        if document.byte_order_mark && !mark {
            return at(doc.pick(Rule::ByteOrderMark, Rule::JwksNotJson), "it takes no byte order mark".into());
        }
        if document.trailing.is_some() && !self.trailing_text {
            return at(doc.pick(Rule::TrailingText, Rule::JwksNotJson), "it takes nothing after the JSON value".into());
        }
        if document.not_utf8.is_some() && self.utf8_only {
            return at(doc.pick(Rule::NotUtf8, Rule::JwksNotJson), "it takes UTF-8 only".into());
        }
        let known = |pointer: &str| match doc {
            Doc::Metadata => crate::evidence::metadata::KNOWN
                .iter()
                .any(|(m, _)| format!("/{}", escape(m)) == *pointer && kind_of(m).is_some()),
            Doc::Jwks(_) => pointer == "/keys",
        };
        let twice = document.duplicates.iter().find(|(pointer, _)| known(pointer));
        match twice {
            Some((pointer, _)) if self.duplicates_refused => {
                at(doc.pick(Rule::Duplicate, Rule::JwksNotJson), format!("it refuses {pointer} standing twice"))
            }
            _ => None,
        }
    }

    /// A compressed body that nobody had asked for.
    pub fn compression(&self, doc: Doc, response: &Response) -> Option<Refusal> {
        let jwks = self.jwks_unasked_compression.unwrap_or(self.unasked_compression);
        let understood = if doc == Doc::Metadata { self.unasked_compression } else { jwks };
        (response.encoded_len.is_some() && !understood).then(|| {
            Refusal::at(
                doc.step(),
                doc.pick(Rule::Compression, Rule::JwksNotJson),
                "it does not undo a compression that it has not asked for",
            )
        })
    }

    /// The time that the answer took.
    pub fn time(&self, doc: Doc, exchange: &Exchange) -> Option<Refusal> {
        let limit = if doc == Doc::Metadata { self.timeout_ms } else { self.jwks_timeout_ms.or(self.timeout_ms) }?;
        (exchange.elapsed_ms > limit).then(|| {
            Refusal::at(doc.step(), doc.pick(Rule::TimeLimit, Rule::JwksTimeLimit), format!("it waits {limit} ms"))
        })
    }

    /// The size of the key set.
    pub fn size(&self, doc: Doc, response: &Response) -> Option<Refusal> {
        let limit = if doc == Doc::Metadata { self.limit } else { self.jwks_limit }?;
        (response.body.len() > limit).then(|| {
            Refusal::at(doc.step(), doc.pick(Rule::SizeLimit, Rule::JwksSizeLimit), format!("it reads {limit} bytes"))
        })
    }

    /// A document or endpoint that is not https.
    pub fn plain_http(&self, step: Step, url: &str) -> Option<Refusal> {
        let plain = url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
        (plain && self.https_only).then(|| Refusal::at(step, Rule::PlainHttp, "it asks https only"))
    }
}
