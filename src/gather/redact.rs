//! Takes secrets out of an exchange before it becomes evidence.
//!
//! Nothing behind this point ever sees a cookie, an authorization code or a token that a probe brought back: whether
//! one came is all that a check asks of a probe.

use oidcheck_checks::evidence::{Exchange, Slot};

/// What stands in their place.
const REDACTED: &str = "REDACTED";

/// Parameters and JSON members whose values are secrets.
const SECRETS: [&str; 7] =
    ["code", "access_token", "id_token", "refresh_token", "device_code", "user_code", "client_secret"];

/// Takes the secrets out. The answers of a login are kept: they are what the login was for, and they are never recorded.
pub(super) fn redact(slot: &Slot, exchange: &mut Exchange) {
    let Ok(response) = &mut exchange.outcome else { return };
    for (name, value) in &mut response.headers {
        if name.eq_ignore_ascii_case("set-cookie") {
            *value = cookie(value);
        }
    }
    if !matches!(slot, Slot::Probe(..) | Slot::App(_)) {
        return;
    }
    for (name, value) in &mut response.headers {
        if name.eq_ignore_ascii_case("location") {
            *value = location(value);
        }
    }
    if let Ok(mut body) = serde_json::from_slice::<serde_json::Value>(&response.body)
        && let Some(members) = body.as_object_mut()
    {
        let mut found = false;
        for name in SECRETS {
            if let Some(value) = members.get_mut(name).filter(|v| v.is_string()) {
                *value = REDACTED.into();
                found = true;
            }
        }
        // Untouched bodies stay as they came, byte for byte.
        if found {
            response.body = body.to_string().into_bytes();
        }
    }
}

/// A cookie keeps its name and its attributes.
fn cookie(value: &str) -> String {
    let (pair, attributes) =
        value.split_once(';').map_or((value, String::new()), |(pair, rest)| (pair, format!(";{rest}")));
    let name = pair.split('=').next().unwrap_or_default();
    format!("{name}={REDACTED}{attributes}")
}

/// A `Location` keeps everything but the values of secret parameters, in its query and in its fragment.
fn location(value: &str) -> String {
    let mut out = String::new();
    for (i, piece) in value.split_inclusive(['?', '#', '&']).enumerate() {
        let (body, end) = match piece.char_indices().last() {
            Some((at, c)) if matches!(c, '?' | '#' | '&') => (&piece[..at], &piece[at..]),
            _ => (piece, ""),
        };
        let name = body.split('=').next().unwrap_or_default();
        if i > 0 && SECRETS.contains(&name) && body.contains('=') {
            out.push_str(&format!("{name}={REDACTED}"));
        } else {
            out.push_str(body);
        }
        out.push_str(end);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_loses_its_code_and_nothing_else() {
        assert_eq!(
            location("https://app/cb?x=1&code=abc&state=s#id_token=t&a=b"),
            "https://app/cb?x=1&code=REDACTED&state=s#id_token=REDACTED&a=b"
        );
        assert_eq!(location("/relative?error=login_required"), "/relative?error=login_required");
        assert_eq!(location("https://code=x/"), "https://code=x/");
    }

    #[test]
    fn a_cookie_loses_its_value() {
        assert_eq!(cookie("sid=abc; Path=/; HttpOnly"), "sid=REDACTED; Path=/; HttpOnly");
    }
}
