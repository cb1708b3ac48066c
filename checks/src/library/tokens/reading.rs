//! What keeps a library from reading a token at all, before any claim is looked at.

use super::claims::ClaimRules;
use crate::evidence::json::Value;
use crate::evidence::jws::Jws;
use serde::Deserialize;

/// What a `kid` in the header of a token has to be, where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kid {
    /// Anything.
    #[default]
    Any,
    /// A string; `null` counts as none.
    StringOrNull,
    /// A string.
    String,
}

impl ClaimRules {
    /// Why it does not come as far as the claims; `None` when it does.
    pub(super) fn unread(&self, token: &Jws) -> Option<String> {
        if let Some(part) = token.misspelt.first().filter(|_| self.spelling) {
            return Some(format!("it takes no padding, and the {} has some", part.word()));
        }
        if token.blanks_around && self.blanks_refused {
            return Some("it takes no white space around the token".into());
        }
        if let Some((pointer, _)) = token.header.duplicates.first().filter(|_| self.header_duplicates_refused) {
            return Some(format!("it takes no header in which {} stands twice", name(pointer)));
        }
        let odd = token.odd_kid().filter(|node| match self.kid {
            Kid::Any => false,
            Kid::StringOrNull => node.value != Value::Null,
            Kid::String => true,
        });
        if let Some(node) = odd {
            return Some(format!("it wants a string as kid in the header, not {}", node.kind()));
        }
        let claims = &token.claims;
        if claims.byte_order_mark && self.byte_order_mark_refused {
            return Some("it takes no byte order mark before the claims".into());
        }
        if claims.not_utf8.is_some() && self.utf8_only {
            return Some("it takes UTF-8 only".into());
        }
        let own = ["iss", "aud", "azp", "nonce", "at_hash", "c_hash"];
        let twice = |pointer: &str| self.types.contains_key(name(pointer)) || own.contains(&name(pointer));
        let duplicate = claims.duplicates.iter().find(|(pointer, _)| twice(pointer));
        duplicate
            .filter(|_| self.duplicates_refused)
            .map(|(pointer, _)| format!("it takes no claims in which {} stands twice", name(pointer)))
    }
}

/// The member of a pointer into the root.
fn name(pointer: &str) -> &str {
    pointer.trim_start_matches('/')
}
