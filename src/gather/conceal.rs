//! Takes the secrets of a whole run out of what was seen, once, between the last request and the first verdict. What is
//! judged is what is recorded, so a replay says the same as the run.
//!
//! [`super::redact`] comes before and works on one answer alone; here everything is known that was sent and that came.

mod answers;

use super::known::{Known, Masks, REDACTED};
use answers::Kind;
use oidcheck_checks::evidence::{Endpoint, Evidence, Exchange, LoginStep, Response, Slot, TransportError};
use std::borrow::Cow;
use std::ops::Range;

/// What stands in the place of a user name and a password in a URL.
const HIDDEN: &[u8] = b"***";

/// The evidence without secrets. `open` is what looks like one and is none: the client id, the issuer, the addresses of
/// the application, the names of the people who logged in.
pub fn conceal(evidence: &mut Evidence, known: &Known, open: &[String]) {
    for (slot, exchange) in evidence.iter() {
        learn(slot, exchange, known);
    }
    let hiding = Hiding::of(evidence, known, open);
    let slots: Vec<Slot> = evidence.iter().map(|(slot, _)| slot.clone()).collect();
    for slot in slots {
        if let Some(exchange) = evidence.get_mut(&slot) {
            hiding.exchange(&slot, exchange);
        }
    }
}

/// Notes the tokens of an answer to a request that may bring some.
pub(super) fn learn_answer(exchange: &Exchange, known: &Known) {
    let request = &exchange.request;
    let form = request.form.as_deref().unwrap_or_default();
    let grant = form.contains("grant_type=");
    let token = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if let (true, Ok(response)) = (grant || token || form.contains("token="), &exchange.outcome) {
        learn_response(response, if grant { Kind::Grant } else { Kind::Document }, known);
    }
}

fn learn(slot: &Slot, exchange: &Exchange, known: &Known) {
    for text in [Some(exchange.request.url.as_str()), exchange.request.form.as_deref()].into_iter().flatten() {
        passwords(text.as_bytes(), known);
    }
    for hop in &exchange.hops {
        passwords(hop.location.as_bytes(), known);
    }
    let Ok(response) = &exchange.outcome else { return };
    passwords(&response.body, known);
    if let (Slot::Login(..), Some(kind)) = (slot, kind(slot, response)) {
        learn_response(response, kind, known);
        if kind == Kind::Page {
            // With an authorization response tokens come as a form.
            answers::learn(&response.body, Kind::Document, known);
        }
    }
}

fn learn_response(response: &Response, kind: Kind, known: &Known) {
    answers::learn(&response.body, kind, known);
    for (_, value) in response.headers.iter().filter(|(name, _)| answers::is_secret(name)) {
        known.learn(value.rsplit(' ').next().unwrap_or_default());
    }
}

/// Notes the passwords of the URLs in a text, as they are written and as they are meant.
fn passwords(text: &[u8], known: &Known) {
    for range in credentials(text) {
        let text = String::from_utf8_lossy(&text[range]);
        let Some((_, password)) = text.split_once(':') else { continue };
        known.add(password);
        let whole = format!("p={}", password.replace('+', "%2B"));
        for (_, password) in url::form_urlencoded::parse(whole.as_bytes()) {
            known.add(&password);
        }
    }
}

/// What the answer of a slot is, where anything may have come in it.
fn kind(slot: &Slot, response: &Response) -> Option<Kind> {
    use LoginStep::{
        Application, Callback, ForgedLogout, Logout, Password, RefreshAfter, RefreshLast, RefreshOpen, RefreshRevoked,
        RefreshTwice, Refreshed, Replay, RevokeAccess, RevokeRefresh, Session, SessionTokens, Tokens, Userinfo,
        UserinfoAfter, UserinfoBody, UserinfoByIdToken, UserinfoByRefreshToken, UserinfoEnded, UserinfoPost,
        UserinfoRevoked,
    };
    Some(match slot {
        Slot::Login(step, _) => match step {
            Tokens | SessionTokens(_) | Replay | RefreshAfter | Refreshed | RefreshOpen | RefreshTwice
            | RefreshLast | RefreshRevoked => Kind::Grant,
            Userinfo
            | UserinfoPost
            | UserinfoBody
            | UserinfoByIdToken
            | UserinfoByRefreshToken
            | UserinfoAfter
            | UserinfoEnded
            | UserinfoRevoked
            | RevokeRefresh
            | RevokeAccess => Kind::Document,
            Callback | Password | Session(_) | Logout | ForgedLogout | Application => Kind::Page,
        },
        // Without a login nothing brings tokens, unless the provider gives them to anybody.
        Slot::Probe(endpoint, _) if response.status < 300 => match endpoint {
            Endpoint::Token => Kind::Unasked,
            Endpoint::Device | Endpoint::Userinfo | Endpoint::Introspection if !answers::is_page(&response.body) => {
                Kind::Document
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// Whether anybody gets this answer: nothing secret was sent for it.
fn public(slot: &Slot, exchange: &Exchange) -> bool {
    !matches!(slot, Slot::Login(..)) && exchange.request.auth.is_none()
}

/// Everything that is to be hidden.
pub struct Hiding {
    masks: Masks,
}

impl std::fmt::Debug for Hiding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secrets>")
    }
}

impl Hiding {
    /// What a run knows by now.
    pub fn of(evidence: &Evidence, known: &Known, open: &[String]) -> Hiding {
        let answers = evidence.iter().filter(|(slot, exchange)| public(slot, exchange));
        let bodies = answers.filter_map(|(_, exchange)| exchange.outcome.as_ref().ok());
        // A body may be long, and is copied only where something in it has to go.
        let bodies: Vec<Cow<'_, [u8]>> = bodies.map(|response| without_credentials(&response.body)).collect();
        Hiding { masks: known.masks(open, bodies.iter().map(|body| &**body)) }
    }

    /// A text without what is known to be secret.
    pub fn text(&self, text: &str) -> String {
        let bytes = without_credentials(text.as_bytes());
        self.masks.hide(&String::from_utf8_lossy(&bytes))
    }

    fn bytes(&self, text: &[u8]) -> Vec<u8> {
        self.masks.hide_bytes(&without_credentials(text))
    }

    fn exchange(&self, slot: &Slot, shown: &mut Exchange) {
        let request = &mut shown.request;
        request.url = self.text(&request.url);
        request.form = request.form.as_deref().map(|form| self.text(form));
        for (_, value) in &mut request.headers {
            *value = self.text(value);
        }
        for hop in &mut shown.hops {
            (hop.url, hop.location) = (self.text(&hop.url), self.text(&hop.location));
        }
        match &mut shown.outcome {
            Err(error) => self.error(error),
            Ok(response) => {
                let kind = kind(slot, response);
                response.url = self.text(&response.url);
                for (name, value) in &mut response.headers {
                    *value = self.header(kind, name, value);
                }
                match kind {
                    Some(kind) => response.body = answers::conceal(&response.body, kind, self),
                    None if self.masks.any() || !credentials(&response.body).is_empty() => {
                        response.body = self.bytes(&response.body);
                    }
                    None => {}
                }
            }
        }
    }

    /// The value of a header. Where tokens come, they may come in headers of the provider's own.
    fn header(&self, kind: Option<Kind>, name: &str, value: &str) -> String {
        let value = self.text(value);
        if matches!(kind, None | Some(Kind::Page)) {
            return value;
        }
        let name = name.to_ascii_lowercase();
        if name == "set-cookie" {
            return super::redact::cookie(&value);
        }
        if answers::is_secret(&name) || name.starts_with("x-") && answers::is_run(&value) {
            return REDACTED.to_owned();
        }
        answers::without_signed(&value)
    }

    fn error(&self, error: &mut TransportError) {
        match error {
            TransportError::BadUrl(text)
            | TransportError::Dns(text)
            | TransportError::Refused(text)
            | TransportError::Connection(text)
            | TransportError::Tls(text)
            | TransportError::Redirects(text)
            | TransportError::Protocol(text)
            | TransportError::Encoding(text)
            | TransportError::Stopped(text) => *text = self.text(text),
            TransportError::Timeout(_) | TransportError::Deadline(_) => {}
        }
    }
}

/// Where a URL of the text names a user with a password, as it stands or as JSON escapes it.
fn credentials(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(colon) = text[at..].iter().position(|byte| *byte == b':') {
        at += colon + 1;
        let slashes = [&b"//"[..], b"\\/\\/"].into_iter().find(|slashes| text[at..].starts_with(slashes));
        let Some(slashes) = slashes else { continue };
        let start = at + slashes.len();
        let ends = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_control() || b"/?#\\\"'<>".contains(byte);
        let length = text[start..].iter().position(ends).unwrap_or(text.len() - start);
        let authority = &text[start..start + length];
        if let Some(sign) = authority.iter().rposition(|byte| *byte == b'@')
            && authority[..sign].contains(&b':')
        {
            found.push(start..start + sign);
        }
        at = start;
    }
    found
}

fn without_credentials(text: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Cow::Borrowed(text);
    for range in credentials(text).into_iter().rev() {
        out.to_mut().splice(range, HIDDEN.iter().copied());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_keeps_its_host_and_loses_its_password() {
        for (text, shown) in [
            (r#"{"a":"https://u:p@op.test/b@c","b":1}"#, r#"{"a":"https://***@op.test/b@c","b":1}"#),
            (r#"{"a":"https:\/\/u:p@w@op.test\/b"}"#, r#"{"a":"https:\/\/***@op.test\/b"}"#),
            ("https://op.test:8443/b?mail=a@b https://u@op.test", "https://op.test:8443/b?mail=a@b https://u@op.test"),
            ("https://", "https://"),
            ("a://b:c@d://e:f@", "a://***@d://***@"),
        ] {
            assert_eq!(String::from_utf8_lossy(&without_credentials(text.as_bytes())), shown);
        }
    }
}
