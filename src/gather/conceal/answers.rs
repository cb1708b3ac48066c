//! Answers that may hold tokens, without those that stand where nobody would look for them.
//!
//! The members `access_token`, `id_token` and `refresh_token` of a token response are what the checks judge, and
//! [`crate::har`] takes them out of a recording. Anything else may hold a token too: an answer that is cut off, wrapped
//! into another object, or not JSON at all. There the look decides. Of a text that is no JSON every run of twenty token
//! characters goes, as many for as many and escapes for escapes, so that what is wrong with its syntax stays wrong at
//! the same place.

use super::Hiding;
use crate::gather::known::{Known, REDACTED, TOKEN};
use oidcheck_checks::evidence::json::{self, Document, Node, NotJson, Value};
use oidcheck_checks::evidence::jws::Jws;
use oidcheck_checks::evidence::login::Grant;
use std::ops::Range;

/// What an answer is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A token response of a login.
    Grant,
    /// One although nobody logged in: no check looks into its tokens, so none of them stays.
    Unasked,
    /// Claims, or another document that has no place for tokens.
    Document,
    /// A page, or nothing: of those only what is known to be secret goes.
    Page,
}

/// The members that tokens belong into.
const TOKENS: [&str; 3] = ["access_token", "id_token", "refresh_token"];
/// Members of a token response that are no secrets, however they look (RFC 6749 sections 5.1 and 5.2).
const OPEN: [&str; 7] = ["scope", "token_type", "error", "error_description", "error_uri", "state", "iss"];
/// How the names of members and headers with secrets end, in small letters alone.
const NAMES: [&str; 5] = ["token", "secret", "jwt", "devicecode", "authorization"];

/// Whether a member or a header of this name holds a secret, however its words are joined.
pub(super) fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    NAMES.iter().any(|end| plain.ends_with(end))
}

/// Notes the tokens of an answer.
pub(super) fn learn(body: &[u8], kind: Kind, known: &Known) {
    let suspect = |text: &[u8], ranges: Vec<Range<usize>>| {
        for range in ranges {
            known.suspect(&String::from_utf8_lossy(&text[range]));
        }
    };
    if kind == Kind::Page {
        return;
    }
    match Grant::read(body, None) {
        Ok(grant) => {
            let by_look = kind != Kind::Document && !in_place(&grant);
            strings(&grant.document.root, &mut |names, text| {
                if called_secret(names) {
                    known.learn(text);
                } else if inside_secret(names) || by_look && !matches!(names, [name] if OPEN.contains(name)) {
                    suspect(text.as_bytes(), runs(text.as_bytes()));
                }
                suspect(text.as_bytes(), signed(text.as_bytes()));
            });
        }
        Err(_) => suspect(body, runs(body)),
    }
}

/// The body without tokens out of place.
pub(super) fn conceal(body: &[u8], kind: Kind, hiding: &Hiding) -> Vec<u8> {
    if kind == Kind::Page {
        return match Grant::read(body, None) {
            // The tokens that came with an authorization response.
            Ok(grant) if grant.form => form(body, true, hiding),
            _ => hiding.bytes(body),
        };
    }
    // A signed userinfo response is a token itself, and is judged as one.
    let token = |body| std::str::from_utf8(body).is_ok_and(|text| Jws::read(text).is_ok());
    match Grant::read(body, None) {
        Ok(grant) if grant.form && kind != Kind::Document => form(body, kind == Kind::Grant, hiding),
        Ok(grant) if !grant.form => document(body, &grant, kind, hiding),
        _ if kind == Kind::Document && token(body) => body.to_vec(),
        _ => hiding.bytes(&masked(body, runs(body))),
    }
}

/// Whether a body is a web page.
pub(super) fn is_page(body: &[u8]) -> bool {
    matches!(json::read(body), Err(NotJson::Html { .. }))
}

/// The text without tokens that can be told by their look: JWTs.
pub(super) fn without_signed(text: &str) -> String {
    let mut out = text.to_owned();
    for range in signed(text.as_bytes()).into_iter().rev() {
        out.replace_range(range, REDACTED);
    }
    out
}

/// Whether the whole text is one run that looks like a token.
pub(super) fn is_run(text: &str) -> bool {
    matches!(runs(text.as_bytes()).as_slice(), [one] if one.len() == text.len())
}

fn in_place(grant: &Grant) -> bool {
    grant.access_token.is_some() || grant.id_token.is_some()
}

fn form(body: &[u8], judged: bool, hiding: &Hiding) -> Vec<u8> {
    let shown = |pair: &[u8]| match url::form_urlencoded::parse(pair).next() {
        Some((name, _)) if judged && TOKENS.contains(&&*name) => pair.to_vec(),
        Some((name, _)) if is_secret(&name) => format!("{name}={REDACTED}").into_bytes(),
        _ => hiding.bytes(&masked(pair, signed(pair))),
    };
    body.split(|byte| *byte == b'&').map(shown).collect::<Vec<_>>().join(&b'&')
}

fn document(body: &[u8], grant: &Grant, kind: Kind, hiding: &Hiding) -> Vec<u8> {
    let Document { root, trailing, .. } = &grant.document;
    let object = matches!(root.value, Value::Object(_));
    let by_look = !object || kind != Kind::Document && !in_place(grant);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    nodes(root, &mut Vec::new(), &mut |names, node, text| {
        let top = match names {
            [name] if object => Some(*name),
            _ => None,
        };
        if kind == Kind::Grant && top.is_some_and(|name| TOKENS.contains(&name)) {
            return;
        }
        let shown = if !text.is_empty() && called_secret(names) {
            REDACTED.to_owned()
        } else {
            let shown = hiding.text(&without_signed(text));
            let open = top.is_some_and(|name| OPEN.contains(&name));
            if inside_secret(names) || by_look && !open {
                String::from_utf8(masked(shown.as_bytes(), runs(shown.as_bytes()))).unwrap_or(shown)
            } else {
                shown
            }
        };
        if shown != text {
            edits.push((node.span.clone(), serde_json::Value::from(shown).to_string()));
        }
    });
    let end = trailing.unwrap_or(body.len());
    let mut out = body[..end].to_vec();
    // From the end, so that the places before stay true.
    for (span, text) in edits.into_iter().rev() {
        out.splice(span, text.into_bytes());
    }
    out.extend(hiding.bytes(&masked(&body[end..], runs(&body[end..]))));
    out
}

/// Whether the member is called a secret, or the list that it is in.
fn called_secret(names: &[&str]) -> bool {
    names.iter().rev().find(|name| **name != ITEM).is_some_and(|name| is_secret(name))
}

/// Whether a member around it is called so.
fn inside_secret(names: &[&str]) -> bool {
    names.iter().any(|name| is_secret(name))
}

/// What an item of a list has for a name.
const ITEM: &str = "";

/// Every string of a document with the names of the members around it.
fn strings(root: &Node, each: &mut dyn FnMut(&[&str], &str)) {
    nodes(root, &mut Vec::new(), &mut |names, _, text| each(names, text));
}

fn nodes<'a>(node: &'a Node, names: &mut Vec<&'a str>, each: &mut dyn FnMut(&[&str], &Node, &str)) {
    match &node.value {
        Value::String(text) => each(names, node, text),
        Value::Array(items) => {
            for item in items {
                names.push(ITEM);
                nodes(item, names, each);
                names.pop();
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                names.push(name);
                nodes(member, names, each);
                names.pop();
            }
        }
        _ => {}
    }
}

/// What a token is written with: base64 of both kinds, what RFC 6750 section 2.1 adds, and a URL's escapes.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/%".contains(&byte)
}

/// Runs of token characters that are long enough, with a digit or a capital in them, and no numbers. Small letters alone
/// are words: an error code, the name of a member.
fn runs(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let start = at;
        let mut run = Vec::new();
        while let Some((byte, length)) = character(text, at) {
            // Every second byte is nothing in UTF-16.
            if is_token(byte) {
                run.push(byte);
            } else if byte != 0 || run.is_empty() {
                break;
            }
            at += length;
        }
        let number = || std::str::from_utf8(&run).is_ok_and(|run| run.parse::<f64>().is_ok());
        let drawn = run.iter().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        if run.len() >= TOKEN && drawn && !number() {
            found.push(start..at);
        }
        if at == start {
            at += character(text, at).map_or(1, |(_, length)| length);
        }
    }
    found
}

/// The next character, an escape of JSON as what it stands for, and its length in bytes.
fn character(text: &[u8], at: usize) -> Option<(u8, usize)> {
    match (text.get(at)?, text.get(at + 1)) {
        (b'\\', Some(b'u')) => {
            let digits = std::str::from_utf8(text.get(at + 2..at + 6)?).ok()?;
            let code = u16::from_str_radix(digits, 16).ok()?;
            // Beyond ASCII there is no token character, and which one it is does not matter.
            Some((u8::try_from(code).ok().filter(|byte| *byte != 0).unwrap_or(b'"'), 6))
        }
        // Of the short escapes only that of the slash stands for a token character.
        (b'\\', Some(b'/')) => Some((b'/', 2)),
        (b'\\', Some(_)) => Some((b'"', 2)),
        (byte, _) => Some((*byte, 1)),
    }
}

/// Overwrites ranges, escapes with escapes.
fn masked(text: &[u8], ranges: Vec<Range<usize>>) -> Vec<u8> {
    let mut out = text.to_vec();
    for range in ranges {
        let mut at = range.start;
        while at < range.end {
            let length = character(text, at).map_or(1, |(_, length)| length);
            match length {
                6 => out[at..at + 6].copy_from_slice(b"\\u0078"),
                1 if text[at] != 0 => out[at] = b'x',
                _ => {}
            }
            at += length;
        }
    }
    out
}

/// JWTs, by the beginning of their header.
fn signed(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = at + text[at..].iter().take_while(|byte| is_token(**byte) || **byte == b'=').count();
        let run = &text[at..end];
        if let Some(begin) = run.windows(3).position(|three| three == b"eyJ").filter(|begin| {
            let token = &run[*begin..];
            token.len() >= TOKEN && token.contains(&b'.')
        }) {
            found.push(at + begin..end);
        }
        at = end + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_runs(text: &str) -> String {
        String::from_utf8(masked(text.as_bytes(), runs(text.as_bytes()))).unwrap()
    }

    #[test]
    fn runs_go_and_the_syntax_stays() {
        for (text, shown) in [
            (r#"{"a":"0123456789abcdefghij","#, r#"{"a":"xxxxxxxxxxxxxxxxxxxx","#),
            (r#""{\"a\":\"0123456789\/bcdefghij\u0041\"}""#, r#""{\"a\":\"xxxxxxxxxx\/xxxxxxxxx\u0078\"}""#),
            (r#"{"a":"\u003d0123456789abcdefghij"#, r#"{"a":"\u003dxxxxxxxxxxxxxxxxxxxx"#),
            (r#"{"a":"0123456789abcdefghi"}"#, r#"{"a":"0123456789abcdefghi"}"#),
            (r#"{"error":"unsupported_grant_type"}"#, r#"{"error":"unsupported_grant_type"}"#),
            ("[12345678901234567890.5,", "[12345678901234567890.5,"),
            ("a=0123456789abcdefghij&b", "a=xxxxxxxxxxxxxxxxxxxx&b"),
        ] {
            assert_eq!(without_runs(text), shown, "{text}");
        }
        let wide: Vec<u8> = "\"0123456789abcdefghij\"".bytes().flat_map(|byte| [byte, 0]).collect();
        let shown: Vec<u8> = "\"xxxxxxxxxxxxxxxxxxxx\"".bytes().flat_map(|byte| [byte, 0]).collect();
        assert_eq!(masked(&wide, runs(&wide)), shown);
    }

    #[test]
    fn bytes_of_any_kind_do_no_harm() {
        for text in [&b"\\"[..], b"\\u", b"\\u00", b"\\u00g0", b"\xff\\\xff", b"", b"\0\0"] {
            assert_eq!(masked(text, runs(text)), text);
            assert!(signed(text).is_empty());
        }
    }

    #[test]
    fn a_jwt_is_found_in_a_sentence() {
        assert_eq!(
            without_signed("Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln expired"),
            format!("Bearer {REDACTED} expired")
        );
        assert_eq!(without_signed("they are eyJ"), "they are eyJ");
    }

    #[test]
    fn names_of_secrets_in_any_spelling() {
        for name in ["access_token", "accessToken", "X-Refresh-Token", "token", "clientSecret", "Authorization"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["token_type", "expires_in", "scope", "sub", "not-before-policy", "access-control-allow-origin"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
