//! The JSON types that libraries have for the members of what they read.

use crate::evidence::json::{Node, Value};
use serde::Deserialize;

/// The JSON type that a library's structure has for a claim or a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimType {
    /// A string.
    String,
    /// A number.
    Number,
    /// A whole number that is not negative.
    WholeNumber,
    /// A whole number, in quotes or not.
    WholeNumberOrText,
    /// A number, or a whole number in quotes.
    NumberOrText,
    /// A number that is not negative, or a text that begins with one.
    NumberInFront,
    /// A boolean.
    Boolean,
    /// An array.
    Array,
    /// An array of strings.
    Strings,
    /// A string, or an array of strings.
    StringOrStrings,
    /// An object.
    Object,
    /// A number of seconds, or a text as RFC 3339 writes it.
    Time,
}

impl ClaimType {
    /// Whether a value has this type.
    pub fn fits(self, node: &Node) -> bool {
        let whole = |text: &str| text.parse::<i64>().is_ok();
        match (self, &node.value) {
            (ClaimType::String | ClaimType::StringOrStrings, Value::String(_))
            | (ClaimType::Number | ClaimType::Time | ClaimType::NumberOrText, Value::Number(_))
            | (ClaimType::Boolean, Value::Bool(_))
            | (ClaimType::Array, Value::Array(_))
            | (ClaimType::Object, Value::Object(_)) => true,
            (ClaimType::WholeNumber, Value::Number(text)) => text.parse::<u64>().is_ok(),
            (ClaimType::WholeNumberOrText, Value::Number(text) | Value::String(text)) => whole(text),
            (ClaimType::NumberOrText, Value::String(text)) => whole(text.trim()),
            (ClaimType::NumberInFront, Value::Number(text)) => !text.starts_with('-'),
            (ClaimType::NumberInFront, Value::String(text)) => text.trim().starts_with(|c: char| c.is_ascii_digit()),
            (ClaimType::Time, Value::String(text)) => text.parse::<jiff::Timestamp>().is_ok(),
            (ClaimType::Strings | ClaimType::StringOrStrings, Value::Array(items)) => {
                items.iter().all(|item| item.as_str().is_some())
            }
            _ => false,
        }
    }

    /// The type in a person's words.
    pub fn word(self) -> &'static str {
        match self {
            ClaimType::String => "a string",
            ClaimType::Number => "a number",
            ClaimType::WholeNumber => "a whole number that is not negative",
            ClaimType::WholeNumberOrText => "a whole number",
            ClaimType::NumberOrText => "a number, or a whole number in quotes",
            ClaimType::NumberInFront => "a number that is not negative",
            ClaimType::Boolean => "a boolean",
            ClaimType::Array => "an array",
            ClaimType::Strings => "an array of strings",
            ClaimType::StringOrStrings => "a string or an array of strings",
            ClaimType::Object => "an object",
            ClaimType::Time => "a number of seconds or an RFC 3339 time",
        }
    }
}
