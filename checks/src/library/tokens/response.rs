//! What a library makes of the token response (RFC 6749 section 5.1, OpenID Connect Core 1.0 section 3.1.3.3).

use super::super::transport::{StatusRule, TypeRule};
use super::super::{Refusal, Rule, When};
use super::types::ClaimType;
use crate::evidence::json::{Document, Node, Value};
use crate::evidence::{Exchange, Response};
use crate::verdict::Step;
use serde::Deserialize;
use std::collections::BTreeMap;

/// When a form-encoded answer is read as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forms {
    /// Never.
    #[default]
    Never,
    /// When the content type is `application/x-www-form-urlencoded` or `text/plain`, and JSON in it is then not seen.
    ByType,
    /// When it is no JSON.
    WhenNotJson,
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ResponseRules {
    /// Which statuses are success.
    pub status: StatusRule,
    /// Which content types are taken.
    pub content_type: TypeRule,
    /// When a form-encoded answer is read.
    pub forms: Forms,
    /// A 307 or 308 is followed, and the code posted again.
    pub reposts: bool,
    /// A byte order mark is skipped.
    pub byte_order_mark: bool,
    /// A compressed answer that was not asked for is understood.
    pub unasked_compression: bool,
    /// When a missing `access_token` is noticed.
    pub access_token: When,
    /// When a missing `token_type` is noticed.
    pub token_type: When,
    /// When a `token_type` other than Bearer is refused.
    pub other_token_type: When,
    /// When a missing or `null` `id_token` is noticed.
    pub id_token: When,
    /// The JSON types of other members.
    pub types: BTreeMap<String, ClaimType>,
    /// The step at which they are noticed.
    pub types_noticed: Step,
    /// Members whose `null` is refused.
    pub null_refused: Vec<String>,
}

impl Default for ResponseRules {
    fn default() -> Self {
        ResponseRules {
            status: StatusRule::Any2xx,
            content_type: TypeRule::Any,
            forms: Forms::Never,
            reposts: true,
            byte_order_mark: false,
            unasked_compression: true,
            access_token: When::At(Step::Token),
            token_type: When::Never,
            other_token_type: When::Never,
            id_token: When::At(Step::IdToken),
            types: BTreeMap::new(),
            types_noticed: Step::Token,
            null_refused: Vec::new(),
        }
    }
}

impl ResponseRules {
    /// The status, and the redirects before it.
    pub fn status(&self, exchange: &Exchange, response: &Response) -> Option<Refusal> {
        let refuse = |rule, because: String| Some(Refusal::at(Step::Token, rule, because));
        if matches!(response.status, 300..=399) {
            return refuse(Rule::TokenRedirect, format!("it gets no tokens from a {}", response.status));
        }
        if let Some(hop) = exchange.hops.first().filter(|_| !self.reposts) {
            return refuse(Rule::TokenRedirect, format!("it does not post the code again after a {}", hop.status));
        }
        if response.status == 401 {
            return refuse(Rule::ClientRefused, "the provider refuses the way in which it authenticates".into());
        }
        let because =
            if self.status == StatusRule::Exactly200 { "it takes status 200 only" } else { "it takes 2xx only" };
        if self.status.takes(response.status) { None } else { refuse(Rule::TokenStatus, because.into()) }
    }

    /// The content type.
    pub fn content_type(&self, response: &Response) -> Option<Refusal> {
        let refuse = |because: &str| Some(Refusal::at(Step::Token, Rule::TokenContentType, because));
        let media = response.media_type().unwrap_or_default();
        let form = matches!(media.as_str(), "application/x-www-form-urlencoded" | "text/plain");
        if self.forms == Forms::ByType && form {
            let json = response.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
            return if json { refuse("it reads a form there, and finds no access_token in JSON") } else { None };
        }
        if self.content_type.takes(response) { None } else { refuse("it wants application/json") }
    }

    /// What is odd about the bytes: a form, a byte order mark, a compression.
    pub fn encoding(&self, response: &Response, document: Option<&Document>, form: bool) -> Option<Refusal> {
        let refuse = |because: &str| Some(Refusal::at(Step::Token, Rule::TokenNotJson, because));
        if response.encoded_len.is_some() && !self.unasked_compression {
            return refuse("it does not undo a compression that it has not asked for");
        }
        if form {
            return if self.forms == Forms::Never { refuse("it reads JSON only") } else { None };
        }
        match document {
            None => refuse("it cannot read it"),
            Some(document) if document.byte_order_mark && !self.byte_order_mark => {
                refuse("it takes no byte order mark")
            }
            Some(_) => None,
        }
    }

    /// A member that has to be there.
    pub fn missing(&self, member: &str) -> Option<Refusal> {
        let (when, rule) = match member {
            "access_token" => (self.access_token, Rule::TokenMember),
            "token_type" => (self.token_type, Rule::TokenMember),
            "id_token" => (self.id_token, Rule::IdTokenMissing),
            _ => (When::Never, Rule::TokenMember),
        };
        Some(Refusal::at(when.step()?, rule, format!("it cannot do without {member}")))
    }

    /// A `token_type` that is not Bearer in any case.
    pub fn other_token_type(&self) -> Option<Refusal> {
        let because = "it knows no other kind of token than Bearer";
        Some(Refusal::at(self.other_token_type.step()?, Rule::TokenType, because))
    }

    /// The JSON type of a member that is there.
    pub fn mistyped(&self, member: &str, node: &Node) -> Option<Refusal> {
        let refuse = |because: String| Some(Refusal::at(self.types_noticed, Rule::TokenMemberType, because));
        if node.is_null() {
            let listed = self.null_refused.iter().any(|name| name == member);
            return if listed { refuse(format!("it takes no null for {member}")) } else { None };
        }
        let kind = self.types.get(member)?;
        // A number may be wrong for its value alone.
        let seen = if matches!(node.value, Value::Number(_)) { node.show() } else { node.kind_inside() };
        if kind.fits(node) { None } else { refuse(format!("it wants {} there, not {seen}", kind.word())) }
    }
}
