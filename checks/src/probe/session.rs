//! Questions that the session of a login answers, as requests.

use crate::evidence::{Question, encode_pairs};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// A `max_age` that has passed after [`SHORT_WAIT`].
pub const SHORT_AGE: &str = "1";
/// Seconds after the login when [`SHORT_AGE`] is asked: certainly more, although times are whole seconds.
pub const SHORT_WAIT: u64 = 2;
/// A `max_age` that a fresh login does not pass.
pub const LONG_AGE: &str = "10000";
/// What makes another redirect URI of the application's at the token endpoint.
pub const OTHER_URI: &str = "/oidcheck-other";
/// A subject that no provider has.
pub const NOBODY: &str = "oidcheck-nobody";
/// The `state` of a logout.
pub const LOGOUT_STATE: &str = "oidcheck-logout";

/// What a question adds to the application's own request, in place of what that says about the same.
pub fn parameters(question: Question, id_token: Option<&str>) -> Vec<(&'static str, String)> {
    let one = |name, value: &str| vec![(name, value.to_owned())];
    match question {
        Question::Silent | Question::LoggedOut => one("prompt", "none"),
        Question::Hint => {
            let hint = id_token.map(|token| ("id_token_hint", token.to_owned()));
            one("prompt", "none").into_iter().chain(hint).collect()
        }
        Question::OtherSubject => {
            let claims = serde_json::json!({ "id_token": { "sub": { "value": NOBODY } } });
            vec![("prompt", "none".to_owned()), ("claims", claims.to_string())]
        }
        Question::OtherHint => {
            let hint = id_token.and_then(about_nobody).map(|token| ("id_token_hint", token));
            one("prompt", "none").into_iter().chain(hint).collect()
        }
        Question::Prompt => one("prompt", "login"),
        Question::ShortAge => one("max_age", SHORT_AGE),
        Question::LongAge => one("max_age", LONG_AGE),
        Question::Again
        | Question::OtherUri
        | Question::OtherVerifier
        | Question::NoUri
        | Question::NoVerifier
        | Question::Revoked
        | Question::Anew => Vec::new(),
    }
}

/// A logout with a hint (OpenID Connect RP-Initiated Logout 1.0 section 2).
pub fn logout(endpoint: &str, client_id: &str, hint: &str, home: Option<&str>, state: &str) -> String {
    let mut pairs = vec![("id_token_hint", hint), ("client_id", client_id)];
    if let Some(home) = home {
        pairs.extend([("post_logout_redirect_uri", home), ("state", state)]);
    }
    let join = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{join}{}", encode_pairs(&pairs))
}

/// The same claims in a token that nobody signed.
pub fn forged(id_token: &str) -> Option<String> {
    let claims = id_token.split('.').nth(1).filter(|claims| !claims.is_empty())?;
    Some(format!("{}.{claims}.", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#)))
}

/// The claims of a token with another subject, in a token that nobody signed.
fn about_nobody(id_token: &str) -> Option<String> {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1)?).ok()?;
    let mut claims: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&claims).ok()?;
    claims.insert("sub".to_owned(), NOBODY.into());
    let claims = BASE64_URL_SAFE_NO_PAD.encode(serde_json::Value::Object(claims).to_string());
    forged(&format!(".{claims}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_hint_says_the_same_and_has_no_signature() {
        assert_eq!(forged("e.claims.signature").as_deref(), Some("eyJhbGciOiJub25lIn0.claims."));
        assert_eq!(forged("opaque"), None);
    }
}
