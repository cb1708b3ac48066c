//! How far the JSON reader of a library departs from RFC 8259, whichever document or token it reads.
//!
//! What one library was seen to do with one kind of document (a byte order mark, text after the value) stands with that
//! document; here is what belongs to the reader itself.

use super::Rule;
use crate::evidence::json::Document;
use serde::Deserialize;

/// The rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct JsonRules {
    /// `NaN` and `Infinity` are numbers to it.
    pub not_finite: bool,
    /// A string with half of a surrogate pair is refused; most readers put the replacement character there.
    pub whole_pairs_only: bool,
}

impl JsonRules {
    /// What its reader refuses of a document: the rule, and the reason.
    pub fn refuses(&self, document: &Document) -> Option<(Rule, &'static str)> {
        if document.not_finite.is_some() && !self.not_finite {
            return Some((Rule::NotJson, "it takes no number that JSON does not have"));
        }
        (document.half_pair.is_some() && self.whole_pairs_only)
            .then_some((Rule::HalfPair, "it takes no half of a surrogate pair"))
    }
}
