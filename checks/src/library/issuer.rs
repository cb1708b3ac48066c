//! Issuer comparison: the commonest reason why a login that should work does not.

use super::{Refusal, Rule, When};
use crate::evidence::json::{Node, Value};
use crate::target::discovery_url;
use crate::verdict::Step;
use serde::Deserialize;

/// How the document's issuer is compared with what the operator typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// Byte for byte (OpenID Connect Discovery 1.0 section 4.3).
    #[default]
    Exact,
    /// After WHATWG URL normalisation: host case and default port do not count, slashes after a path do.
    Normalised,
    /// One final slash does not count on either side.
    SlashIgnored,
    /// Never: whatever the document says becomes the issuer.
    Unchecked,
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct IssuerRules {
    /// How the document's issuer is compared with what was typed.
    pub document: Comparison,
    /// The whole discovery URL may be typed instead of the issuer.
    pub discovery_url_typed: bool,
    /// When a missing, `null` or empty issuer is refused.
    pub missing: When,
    /// When an empty string is refused, if that differs.
    pub empty: Option<When>,
    /// When `null` is refused, if that differs.
    pub null: Option<When>,
    /// When an issuer that is no string is refused.
    pub wrong_type: When,
    /// An issuer with a query is refused, whatever the comparison says.
    pub query_refused: bool,
    /// The most characters that an issuer may have.
    pub longest: Option<usize>,
}

impl Default for IssuerRules {
    fn default() -> Self {
        IssuerRules {
            document: Comparison::Exact,
            discovery_url_typed: false,
            missing: When::At(Step::Discovery),
            empty: None,
            null: None,
            wrong_type: When::At(Step::Discovery),
            query_refused: false,
            longest: None,
        }
    }
}

impl IssuerRules {
    /// Whether the library gets from what was typed to the document at all: most append the well-known path to
    /// whatever they are given, a whole discovery URL included.
    pub fn typed(&self, typed: &str) -> Option<Refusal> {
        let whole = crate::target::is_whole(typed.trim_end_matches('/'));
        (whole && !self.discovery_url_typed).then(|| {
            let url = format!("{}{}", typed.trim_end_matches('/'), crate::target::WELL_KNOWN);
            Refusal::at(
                Step::Discovery,
                Rule::DiscoveryUrl,
                format!("it appends the well-known path and asks for {url}"),
            )
        })
    }

    /// Whether the document's issuer is taken for what was typed.
    pub fn differs(&self, typed: &str, issuer: &str) -> Option<Refusal> {
        let refused = |because: &str| Some(Refusal::at(Step::Discovery, Rule::IssuerDiffers, because));
        if self.query_refused && issuer.contains('?') {
            return refused("it refuses an issuer with a query");
        }
        // Who may type the discovery URL has typed no issuer that could be compared.
        if self.discovery_url_typed && typed == discovery_url(typed) {
            return None;
        }
        let same = match self.document {
            Comparison::Exact => typed == issuer,
            Comparison::Normalised => match (url::Url::parse(typed), url::Url::parse(issuer)) {
                (Ok(a), Ok(b)) => a == b,
                _ => typed == issuer,
            },
            Comparison::SlashIgnored => strip_one(typed) == strip_one(issuer),
            Comparison::Unchecked => true,
        };
        if same {
            return None;
        }
        refused(match self.document {
            Comparison::Exact => "it compares byte for byte",
            Comparison::Normalised => "it compares the URLs after normalising them, and the path differs",
            Comparison::SlashIgnored => "it ignores only one final slash",
            Comparison::Unchecked => "",
        })
    }

    /// Whether an issuer that is no usable string is refused. `None` for a usable one.
    pub fn unusable(&self, issuer: Option<&Node>) -> Option<Refusal> {
        let (when, rule, because) = match issuer.map(|node| &node.value) {
            None => (self.missing, Rule::IssuerMissing, "there is no issuer"),
            Some(Value::Null) => (self.null.unwrap_or(self.missing), Rule::IssuerMissing, "the issuer is null"),
            Some(Value::String(s)) if s.is_empty() => {
                (self.empty.unwrap_or(self.missing), Rule::IssuerMissing, "the issuer is empty")
            }
            Some(Value::String(_)) => return None,
            Some(_) => (self.wrong_type, Rule::IssuerType, "the issuer is no string"),
        };
        when.step().map(|step| Refusal::at(step, rule, because))
    }
}

fn strip_one(url: &str) -> &str {
    url.strip_suffix('/').unwrap_or(url)
}
