//! What a library makes of the userinfo response (OpenID Connect Core 1.0 sections 5.3.2 and 5.3.4).

use super::super::transport::{StatusRule, TypeRule};
use super::super::{Refusal, Rule};
use super::types::ClaimType;
use crate::evidence::json::{Document, Node, Value};
use crate::evidence::{Exchange, Response};
use crate::verdict::Step;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The rules. Whether userinfo is asked at all is said by `members.uses`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct UserinfoRules {
    /// It asks when the metadata names the endpoint, and does without when it does not.
    pub asked_if_advertised: bool,
    /// Whatever goes wrong there only drops its claims.
    pub optional: bool,
    /// Which statuses are success.
    pub status: StatusRule,
    /// Which content types are taken, besides `application/jwt` for a signed answer.
    pub content_type: TypeRule,
    /// Redirects are followed.
    pub redirects: bool,
    /// A byte order mark is skipped.
    pub byte_order_mark: bool,
    /// An answer that is JSON and no object passes, as one without claims.
    pub any_json: bool,
    /// A signed answer (`application/jwt`) is understood without further settings.
    pub signed: bool,
    /// A missing `sub` is refused.
    pub subject_required: bool,
    /// `sub` is compared with the ID token's.
    pub subject_compared: bool,
    /// JSON types that are enforced.
    pub types: BTreeMap<String, ClaimType>,
}

impl Default for UserinfoRules {
    fn default() -> Self {
        UserinfoRules {
            asked_if_advertised: false,
            optional: false,
            status: StatusRule::Any2xx,
            content_type: TypeRule::Any,
            redirects: true,
            byte_order_mark: false,
            any_json: false,
            signed: false,
            subject_required: false,
            subject_compared: false,
            types: BTreeMap::new(),
        }
    }
}

fn refuse(rule: Rule, because: impl Into<String>) -> Option<Refusal> {
    Some(Refusal::at(Step::Userinfo, rule, because))
}

impl UserinfoRules {
    /// The status, and the redirects before it.
    pub fn status(&self, exchange: &Exchange, response: &Response) -> Option<Refusal> {
        if !exchange.hops.is_empty() && !self.redirects {
            return refuse(Rule::UserinfoRedirect, "it takes its access token through no redirect there");
        }
        if self.status.takes(response.status) {
            return None;
        }
        let only = if self.status == StatusRule::Exactly200 { "it takes status 200 only" } else { "it takes 2xx only" };
        refuse(Rule::UserinfoStatus, only)
    }

    /// The content type.
    pub fn content_type(&self, response: &Response) -> Option<Refusal> {
        let signed = response.media_type().as_deref() == Some("application/jwt");
        if signed || self.content_type.takes(response) {
            return None;
        }
        refuse(Rule::UserinfoContentType, "it wants application/json")
    }

    /// The bytes.
    pub fn encoding(&self, document: Option<&Document>) -> Option<Refusal> {
        let Some(document) = document else { return refuse(Rule::UserinfoNotJson, "it cannot read it") };
        if document.byte_order_mark && !self.byte_order_mark {
            return refuse(Rule::UserinfoNotJson, "it takes no byte order mark");
        }
        let object = matches!(document.root.value, Value::Object(_));
        if object || self.any_json { None } else { refuse(Rule::UserinfoNotJson, "it wants an object") }
    }

    /// A signed answer.
    pub fn signed(&self) -> Option<Refusal> {
        if self.signed { None } else { refuse(Rule::UserinfoSigned, "it does not expect a signed answer") }
    }

    /// `sub` against that of the ID token.
    pub fn subject(&self, here: Option<&Node>, in_token: Option<&Node>) -> Option<Refusal> {
        let Some(here) = here else {
            let missed = self.subject_required;
            return if missed { refuse(Rule::UserinfoSubject, "it cannot do without sub") } else { None };
        };
        if let Some(refusal) = self.mistyped("sub", here) {
            return Some(refusal);
        }
        match in_token {
            Some(in_token) if self.subject_compared && here.plain() != in_token.plain() => {
                refuse(Rule::UserinfoSubject, "it compares sub with that of the ID token")
            }
            _ => None,
        }
    }

    /// The JSON type of a claim.
    pub fn mistyped(&self, claim: &str, node: &Node) -> Option<Refusal> {
        let kind = self.types.get(claim).filter(|kind| !node.is_null() && !kind.fits(node))?;
        refuse(Rule::UserinfoClaim, format!("it wants {} there, not {}", kind.word(), node.kind_inside()))
    }
}
