//! Takes secrets out of what was seen, once, before anything else sees it: reports, recordings and curl lines can then
//! show whatever they like.
//!
//! Three kinds can come from a provider without a login: the private half of a published key, a user name with a
//! password in the URL of a redirect, and what a probe brought back (cookies, a code, a device code). All are replaced
//! in place. Names, lengths and positions stay, so what the
//! checks say about them stays true, and a replay says the same as the run that was recorded. What else a provider may
//! repeat of a run is looked for at its end: see [`super::conceal`].

use oidcheck_checks::evidence::jwks::PRIVATE_MEMBERS;
use oidcheck_checks::evidence::{Exchange, Slot};
use url::Url;

/// What stands in the place of a user name and a password.
const HIDDEN: &str = "***";

/// Members inside of `oth` (RFC 7518 section 6.3.2.7), which are as secret as the rest.
const OTHER_PRIMES: [&str; 2] = ["r", "t"];

/// Overwrites the values of private members with `x` in a body that speaks of keys.
///
/// The text is scanned and not parsed: half a key set, or one with a byte too many, holds the same secrets.
pub(super) fn private_members(mut body: Vec<u8>) -> Vec<u8> {
    if !body.windows(5).any(|five| five == b"\"kty\"") {
        return body;
    }
    let mut at = 0;
    while let Some(name) = next_string(&body, at) {
        at = name.end + 1;
        let text = std::str::from_utf8(&body[name.clone()]).unwrap_or_default();
        let secret = PRIVATE_MEMBERS.contains(&text) || OTHER_PRIMES.contains(&text);
        let Some(colon) = skip_space(&body, at).filter(|at| secret && body[*at] == b':') else { continue };
        let Some(quote) = skip_space(&body, colon + 1).filter(|at| body[*at] == b'"') else { continue };
        // Without a closing quote the value goes on to where the body was cut.
        let value = next_string(&body, quote).unwrap_or(quote + 1..body.len());
        at = value.end + 1;
        hide(&mut body[value]);
    }
    body
}

/// The inside of the first string from a position on.
fn next_string(body: &[u8], from: usize) -> Option<std::ops::Range<usize>> {
    let start = from + body.get(from..)?.iter().position(|byte| *byte == b'"')? + 1;
    let mut at = start;
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => return Some(start..at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

fn skip_space(body: &[u8], from: usize) -> Option<usize> {
    let rest = body.get(from..)?;
    rest.iter().position(|byte| !byte.is_ascii_whitespace()).map(|skipped| from + skipped)
}

/// Escapes stay escapes, so that a value which could be read still can, and one which could not still cannot.
fn hide(value: &mut [u8]) {
    let mut at = 0;
    while at < value.len() {
        if value[at] == b'\\' {
            let digits = if value.get(at + 1) == Some(&b'u') { 4 } else { 0 };
            let end = (at + 2 + digits).min(value.len());
            value.get_mut(at + 2..end).into_iter().flatten().filter(|b| b.is_ascii_hexdigit()).for_each(|b| *b = b'0');
            at = end;
        } else {
            if value[at].is_ascii_graphic() {
                value[at] = b'x';
            }
            at += 1;
        }
    }
}

/// A URL to be shown.
pub(super) fn url(url: &Url) -> String {
    if url.username().is_empty() && url.password().is_none() {
        return url.to_string();
    }
    let mut shown = url.clone();
    // Both fail only for URLs that cannot have a user name, and then there is none.
    let _ = shown.set_username(HIDDEN);
    let _ = shown.set_password(None);
    shown.to_string()
}

/// A `Location` to be shown: as it was sent, but for a user name and a password.
pub(super) fn location(from: &Url, text: &str) -> String {
    let shown = authority(text);
    match from.join(text) {
        // Parsers find an authority where nobody else would see one, as in `https:user@host`.
        Ok(next) if (!next.username().is_empty() || next.password().is_some()) && shown == text => url(&next),
        _ => shown,
    }
}

/// The text without what stands before an `@` in its authority.
fn authority(text: &str) -> String {
    let Some(start) = text.find("//").map(|at| at + 2) else { return text.to_owned() };
    let end = text[start..].find(['/', '?', '#', '\\']).map_or(text.len(), |length| start + length);
    match text[start..end].rfind('@') {
        Some(at) => format!("{}{HIDDEN}{}", &text[..start], &text[start + at..]),
        None => text.to_owned(),
    }
}

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
            *value = parameters(value);
        }
    }
    if matches!(slot, Slot::App(_)) {
        hide_in_script(&mut response.body);
    }
    if let Ok(mut body) = serde_json::from_slice::<serde_json::Value>(&response.body)
        && let Some(members) = body.as_object_mut()
    {
        let mut found = without_user_code(members);
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

/// Overwrites what a script has under a name that ends in "secret": `clientSecret:"…"`, or the same as JSON.
fn hide_in_script(body: &mut [u8]) {
    const NAME: &[u8] = b"secret";
    let find = |body: &[u8], from: usize| {
        let rest = body.get(from..)?;
        rest.windows(NAME.len()).position(|word| word.eq_ignore_ascii_case(NAME)).map(|found| from + found + NAME.len())
    };
    let mut from = 0;
    while let Some(end) = find(body, from) {
        from = end;
        let after = |at: usize, some: &[u8]| {
            let skipped = body[at..].iter().take_while(|byte| some.contains(byte)).count();
            at + skipped
        };
        let sign = after(after(end, b"\\\"'"), b" \t");
        if !body.get(sign).is_some_and(|byte| b":=".contains(byte)) {
            continue;
        }
        let quote = after(after(sign + 1, b" \t"), b"\\");
        let Some(mark) = body.get(quote).copied().filter(|byte| b"\"'`".contains(byte)) else { continue };
        let value = quote + 1;
        let length = body[value..].iter().take_while(|byte| **byte != mark && **byte != b'\\').count();
        body[value..value + length].fill(b'x');
        from = value + length;
    }
}

/// Takes the code that people enter out of the address that holds it. Whether there was one.
fn without_user_code(members: &mut serde_json::Map<String, serde_json::Value>) -> bool {
    let code = members.get("user_code").and_then(|code| code.as_str()).filter(|code| !code.is_empty());
    let complete = members.get("verification_uri_complete").and_then(|uri| uri.as_str());
    let Some((code, complete)) = code.zip(complete) else { return false };
    let (before, query) = complete.split_once('?').map_or((complete, None), |(before, query)| (before, Some(query)));
    let name = |pair: &str| format!("{}={REDACTED}", pair.split('=').next().unwrap_or_default());
    let query = query.map(|query| format!("?{}", query.split('&').map(name).collect::<Vec<_>>().join("&")));
    let shown = format!("{}{}", before.replace(code, REDACTED), query.unwrap_or_default());
    members.insert("verification_uri_complete".to_owned(), shown.into());
    true
}

/// A cookie keeps its name and its attributes.
pub(super) fn cookie(value: &str) -> String {
    let (pair, attributes) =
        value.split_once(';').map_or((value, String::new()), |(pair, rest)| (pair, format!(";{rest}")));
    let name = pair.split('=').next().unwrap_or_default();
    format!("{name}={REDACTED}{attributes}")
}

/// A `Location` keeps everything but the values of secret parameters, in its query and in its fragment.
fn parameters(value: &str) -> String {
    let mut out = String::new();
    for (i, piece) in value.split_inclusive(['?', '#', '&']).enumerate() {
        let (body, end) = match piece.char_indices().last() {
            Some((at, '?' | '#' | '&')) => (&piece[..at], &piece[at..]),
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

    fn keys(text: &str) -> String {
        String::from_utf8(private_members(text.into())).unwrap()
    }

    #[test]
    fn the_private_half_goes_and_everything_else_stays_where_it_was() {
        assert_eq!(
            keys(r#"{"keys":[{"kty":"RSA", "d" : "c2Vj","n":"AQAB","oth":[{"r":"abc","d":"de","t":"f"}],"kid":"d"}]}"#),
            r#"{"keys":[{"kty":"RSA", "d" : "xxxx","n":"AQAB","oth":[{"r":"xxx","d":"xx","t":"x"}],"kid":"d"}]}"#
        );
        assert_eq!(keys(r#"{"kty":"oct","k":"a\u0041\"b","x":1}"#), r#"{"kty":"oct","k":"x\u0000\"x","x":1}"#);
        assert_eq!(keys(r#"{"kty":"RSA","d":"half"#), r#"{"kty":"RSA","d":"xxxx"#);
        assert_eq!(keys(r#"{"kty":"RSA","d":5,"p":["x"],"q""#), r#"{"kty":"RSA","d":5,"p":["x"],"q""#);
        assert_eq!(keys(r#"{"d":"no key"}"#), r#"{"d":"no key"}"#);
    }

    #[test]
    fn bytes_of_any_kind_do_no_harm() {
        for tail in
            [&b"\\"[..], b"\"", b"\"d\"", b"\"d\":", b"\"d\":\"\\", b"\"d\":\"\\u", b"\"d\":\"\xff\\u1", b"\xff"]
        {
            let body = [b"{\"kty\":", tail].concat();
            assert_eq!(private_members(body.clone()).len(), body.len());
        }
    }

    #[test]
    fn a_location_is_shown_without_its_password() {
        for (from, sent, shown) in [
            ("https://op.test/a", "https://op.test/b@c", "https://op.test/b@c"),
            ("https://op.test/a", "/b", "/b"),
            ("https://op.test/a", "https://u:p@w@op.test/b?x=@", "https://***@op.test/b?x=@"),
            ("https://op.test/a", "//u@op.test", "//***@op.test"),
            ("http://op.test/a", "https:u:p@op.test/b", "https://***@op.test/b"),
            ("http://op.test/a", "https://:p@op.test/b", "https://***@op.test/b"),
        ] {
            assert_eq!(location(&Url::parse(from).unwrap(), sent), shown);
        }
    }

    #[test]
    fn a_location_loses_its_code_and_nothing_else() {
        assert_eq!(
            parameters("https://app/cb?x=1&code=abc&state=s#id_token=t&a=b"),
            "https://app/cb?x=1&code=REDACTED&state=s#id_token=REDACTED&a=b"
        );
        assert_eq!(parameters("/relative?error=login_required"), "/relative?error=login_required");
        assert_eq!(parameters("https://code=x/"), "https://code=x/");
    }

    #[test]
    fn the_code_of_a_device_is_nowhere_to_be_read() {
        for (complete, shown) in [
            ("https://op.test/d?code=ABCD-EFGH&x=1", "https://op.test/d?code=REDACTED&x=REDACTED"),
            ("https://op.test/d/ABCD-EFGH", "https://op.test/d/REDACTED"),
        ] {
            let body = serde_json::json!({"user_code": "ABCD-EFGH", "verification_uri_complete": complete});
            let mut members = body.as_object().cloned().unwrap();
            assert!(without_user_code(&mut members));
            assert_eq!(members["verification_uri_complete"], shown);
        }
    }

    #[test]
    fn secrets_in_scripts_are_hidden_and_nothing_else() {
        let hidden = |text: &str| {
            let mut body = text.as_bytes().to_vec();
            hide_in_script(&mut body);
            String::from_utf8(body).unwrap()
        };
        let script = r#"e.v({authClientId:"nb",authClientSecret:"CANARY",apiOrigin:"https://nb.example.test"})"#;
        assert_eq!(hidden(script), script.replace("CANARY", "xxxxxx"));
        let parsed = r#"JSON.parse("{\"clientSecret\":\"CANARY\",\"b\":1}")"#;
        assert_eq!(hidden(parsed), parsed.replace("CANARY", "xxxxxx"));
        for script in [r#"let secret=f(),b="c""#, r#"{clientSecret:"",b:"c"}"#, "a secret", "{clientSecret:\""] {
            assert_eq!(hidden(script), script);
        }
    }

    #[test]
    fn a_cookie_loses_its_value() {
        assert_eq!(cookie("sid=abc; Path=/; HttpOnly"), "sid=REDACTED; Path=/; HttpOnly");
    }
}
