//! What a run knows to be secret, and how it is found again wherever somebody repeats it.
//!
//! Requests never hold a secret in evidence, but a provider may: an error that names the password which was wrong, a
//! userinfo response with the access token in it. So whatever is sent or received as a secret is noted here, and taken
//! out of everything that was seen before anybody judges or writes it down (see [`super::conceal`]).
//!
//! Not everything can be. A value of fewer than six characters stands in any text by chance, and so do plain words,
//! which some people take for passwords: those are left alone where the provider says them to anybody who asks, or
//! where they are part of what is no secret, such as the client id, an address or a user name. Without that rule the
//! client secret `secret` would make `client_secret_basic` unreadable, and a sound provider would look broken.

use oidcheck_checks::evidence::Request;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Shorter values cannot be told from the text around them.
const SHORTEST: usize = 6;
/// From here on a value with a digit or a capital in it stands nowhere by chance.
const TELLING: usize = 16;
/// What is taken for a token by its look alone has as many characters: with fewer there are no 128 bits in it.
pub(super) const TOKEN: usize = oidcheck_checks::evidence::login::UNGUESSABLE;
/// What stands in the place of a secret.
pub(super) const REDACTED: &str = "REDACTED";

/// Parameters of requests whose values are secrets.
const SENT: [&str; 9] = [
    "code",
    "code_verifier",
    "refresh_token",
    "access_token",
    "id_token_hint",
    "token",
    "device_code",
    "client_secret",
    "client_assertion",
];

/// The secrets of a run, from whatever part of it, each with whether it is only taken for one by its look. Clones share
/// them.
#[derive(Clone, Default)]
pub struct Known(Arc<Mutex<BTreeMap<String, bool>>>);

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secrets>")
    }
}

impl Known {
    /// Notes a secret that was given to this run, or that it made up itself.
    pub fn add(&self, secret: &str) {
        self.note(secret, false);
    }

    fn note(&self, secret: &str, by_look: bool) {
        let secret = secret.trim();
        if secret.len() >= SHORTEST
            && let Ok(mut known) = self.0.lock()
        {
            known.entry(secret.to_owned()).and_modify(|only| *only &= by_look).or_insert(by_look);
        }
    }

    /// Notes what a provider gave. Small letters alone are a word and no token, whatever the member is called.
    pub(super) fn learn(&self, value: &str) {
        if drawn(value.trim()) {
            self.add(value);
        }
    }

    /// Notes what stands where tokens may be and looks like one.
    pub(super) fn suspect(&self, value: &str) {
        self.note(value, true);
    }

    /// Notes the secrets of a request that goes out.
    pub(super) fn learn_request(&self, request: &Request) {
        let form = request.form.as_deref().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(form.as_bytes()) {
            if SENT.contains(&&*name) {
                self.learn(&value);
            }
        }
        let query = request.url.split_once('?').map_or("", |(_, query)| query);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            // Pages of providers have a code for other things too, and those are short.
            if SENT.contains(&&*name) && value.len() >= TOKEN {
                self.learn(&value);
            }
        }
        for (name, value) in &request.headers {
            if name.eq_ignore_ascii_case("authorization") {
                self.learn(value.rsplit(' ').next().unwrap_or_default());
            }
        }
    }

    /// What is to be looked for. `open` is what is no secret, `public` what the provider says to anybody.
    pub(super) fn masks<'a>(&self, open: &[String], public: impl Iterator<Item = &'a [u8]> + Clone) -> Masks {
        let stands = |text: &[u8], secret: &str| text.windows(secret.len()).any(|part| part == secret.as_bytes());
        let known = self.0.lock().map(|known| known.clone()).unwrap_or_default();
        let secrets = known.into_iter().filter(|(secret, by_look)| {
            let common = *by_look || secret.len() < TELLING || !drawn(secret);
            let told = open.iter().any(|text| stands(text.as_bytes(), secret));
            !told && (!common || !public.clone().any(|text| stands(text, secret)))
        });
        Masks::of(secrets.map(|(secret, _)| secret).collect())
    }
}

/// Whether a text looks as if it was drawn and not written: there is a digit or a capital in it.
fn drawn(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// Secrets to be looked for, by their first byte.
pub(super) struct Masks {
    by_first: Vec<Vec<Vec<u8>>>,
    any: bool,
}

impl Masks {
    fn of(mut secrets: Vec<String>) -> Masks {
        // The longest first, or what a longer one has more would stay.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let mut by_first = vec![Vec::new(); 256];
        let any = !secrets.is_empty();
        for secret in secrets {
            if let Some(first) = secret.bytes().next() {
                by_first[usize::from(first)].push(secret.into_bytes());
            }
        }
        Masks { by_first, any }
    }

    /// Whether there is anything to look for.
    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// The text without the secrets, however they are spelt in it.
    pub(super) fn hide(&self, text: &str) -> String {
        let bytes = self.hide_bytes(text.as_bytes());
        String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// The same of a body.
    pub(super) fn hide_bytes(&self, text: &[u8]) -> Vec<u8> {
        if !self.any {
            return text.to_vec();
        }
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        while at < text.len() {
            match self.found(text, at) {
                Some(length) => {
                    out.extend_from_slice(REDACTED.as_bytes());
                    at += length;
                }
                None => {
                    out.push(text[at]);
                    at += 1;
                }
            }
        }
        out
    }

    /// How long the secret is that begins here, as it is spelt.
    fn found(&self, text: &[u8], at: usize) -> Option<usize> {
        let of = |first: u8| self.by_first[usize::from(first)].iter().find_map(|secret| spelt(text, at, secret));
        of(text[at]).or_else(|| {
            let (stands, _) = unit(text, at, Spelling::Both)?;
            of(stands.first())
        })
    }
}

/// How many bytes spell the secret from here on: as it is, or each character as a URL, a form, JSON or a page writes it.
fn spelt(text: &[u8], at: usize, secret: &[u8]) -> Option<usize> {
    if secret.iter().all(u8::is_ascii_digit) {
        // Digits inside of a longer number are another number. What a URL encodes before them ends in one too.
        let before = at.checked_sub(1).is_some_and(|before| text[before].is_ascii_digit());
        let encoded = at >= 3 && text[at - 3] == b'%';
        let after = text.get(at + secret.len()).is_some_and(u8::is_ascii_digit);
        if before && !encoded || after {
            return None;
        }
    }
    if text[at..].starts_with(secret) {
        return Some(secret.len());
    }
    [Spelling::Document, Spelling::Url, Spelling::Both].into_iter().find_map(|how| spelt_so(text, at, secret, how))
}

fn spelt_so(text: &[u8], at: usize, secret: &[u8], how: Spelling) -> Option<usize> {
    let (mut here, mut rest) = (at, secret);
    while let Some(first) = rest.first() {
        let escape = unit(text, here, how).and_then(|(stands, length)| Some((stands.strip(rest)?, length)));
        (rest, here) = match escape {
            Some((rest, length)) => (rest, here + length),
            None if text.get(here) == Some(first) => (&rest[1..], here + 1),
            None => return None,
        };
    }
    Some(here - at)
}

/// Which escapes count. A secret may itself hold what looks like one of the others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// Those of JSON and of pages.
    Document,
    /// Those of URLs and forms.
    Url,
    /// A URL inside of a document.
    Both,
}

/// What an escape stands for: a byte, or a character of JSON.
#[derive(Clone, Copy)]
enum Stands {
    For(u8),
    ForAll(char),
}

impl Stands {
    fn first(self) -> u8 {
        match self {
            Stands::For(byte) => byte,
            Stands::ForAll(character) => {
                let mut bytes = [0; 4];
                character.encode_utf8(&mut bytes);
                bytes[0]
            }
        }
    }

    /// The bytes after it, when they begin with it.
    fn strip(self, bytes: &[u8]) -> Option<&[u8]> {
        match self {
            Stands::For(byte) => bytes.strip_prefix(&[byte]),
            Stands::ForAll(character) => bytes.strip_prefix(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// What an escape stands for, and how long it is.
fn unit(text: &[u8], at: usize, how: Spelling) -> Option<(Stands, usize)> {
    let hex = |from: usize, to: usize| {
        let digits = std::str::from_utf8(text.get(from..to)?).ok()?;
        u16::from_str_radix(digits, 16).ok()
    };
    let byte = |from: usize| Some(Stands::For(u8::try_from(hex(from, from + 2)?).ok()?));
    match text.get(at)? {
        b'%' | b'+' if how == Spelling::Document => None,
        b'\\' | b'&' if how == Spelling::Url => None,
        b'%' => Some((byte(at + 1)?, 3)),
        b'+' => Some((Stands::For(b' '), 1)),
        b'\\' if text.get(at + 1) == Some(&b'u') => {
            let one = hex(at + 2, at + 6)?;
            // What UTF-16 writes as two goes as two.
            let two = hex(at + 8, at + 12).filter(|_| text[at + 6..].starts_with(b"\\u"));
            let units = [Some(one), two.filter(|_| (0xd800..0xdc00).contains(&one))];
            let character = char::decode_utf16(units.into_iter().flatten()).next()?.ok()?;
            Some((Stands::ForAll(character), 6 * character.len_utf16()))
        }
        b'\\' => Some((Stands::For(*text.get(at + 1)?), 2)),
        b'&' => [(&b"&amp;"[..], b'&'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&quot;", b'"'), (b"&#39;", b'\'')]
            .into_iter()
            .find(|(entity, _)| text[at..].starts_with(entity))
            .map(|(entity, byte)| (Stands::For(byte), entity.len())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(secrets: &[&str], text: &str) -> String {
        let known = Known::default();
        secrets.iter().for_each(|secret| known.add(secret));
        known.masks(&["https://op.test/realm1".into()], std::iter::once(&b"client_secret_basic"[..])).hide(text)
    }

    #[test]
    fn a_secret_is_found_however_it_is_spelt() {
        let secret = "p🔑ä \"s/s\\&w+%25d";
        let json = serde_json::to_string(secret).unwrap();
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let strict = oidcheck_checks::evidence::encode_pairs(&[("p", secret)]);
        let page = secret.replace('&', "&amp;").replace('"', "&quot;");
        let php =
            json.replace('/', "\\/").replace('&', "\\u0026").replace('ä', "\\u00e4").replace('🔑', "\\ud83d\\udd11");
        for text in [secret, &json, &form, &strict, &strict.to_ascii_lowercase(), &page, &php] {
            let shown = hidden(&[secret], &format!("<{text}>"));
            assert!(shown.contains(REDACTED) && shown.len() < REDACTED.len() + 8, "{text}: {shown}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for (secret, text) in [
            ("abcde", "abcde"),
            ("secret", "client_secret_basic"),
            ("realm1", "https://op.test/realm1/token"),
            ("123456", "1712345678"),
            ("123456", "0123456789"),
        ] {
            assert_eq!(hidden(&[secret], text), text, "{secret}");
        }
        assert_eq!(hidden(&["123456"], "otp=123456&x=%20123456"), "otp=REDACTED&x=%20REDACTED");
        // One that no text holds by chance goes, whoever says it.
        assert_eq!(hidden(&["longer-Than-16-of-them"], "longer-Than-16-of-them"), REDACTED);
        assert_eq!(hidden(&["abcdef", "abcdefgh"], "abcdefgh abcdef"), "REDACTED REDACTED");
    }

    #[test]
    fn a_word_is_no_token() {
        let known = Known::default();
        known.learn("access_token");
        known.learn("abc123");
        assert_eq!(known.masks(&[], std::iter::empty()).hide("access_token=abc123"), "access_token=REDACTED");
    }
}
