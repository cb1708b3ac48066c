//! The dead-code oracle: an invented authorization code tells whether the token endpoint knows the client.

use super::{CONTROL_URI, UNKNOWN_CLIENT};
use crate::evidence::json;
use crate::evidence::{AuthMethod, Endpoint, Evidence, Exchange, Request, SecretChoice, Slot, encode_pairs};
use crate::profile::ClientAuth;

/// A code that no provider ever issued. Letters, digits and dashes only.
const DEAD: &str = "oidcheck-dead-0123456789abcdef";
/// What a client assertion is (RFC 7523 section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// A verifier that fits [`super::Authorization`]'s challenge (RFC 7636 appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The slot of a token probe.
pub fn slot(name: &str) -> Slot {
    Slot::Probe(Endpoint::Token, name.to_owned())
}

/// A token request with a dead code.
pub fn dead_code(
    endpoint: &str,
    client_id: &str,
    redirect_uri: &str,
    auth: Option<(AuthMethod, SecretChoice)>,
) -> Request {
    authenticated(endpoint, client_id, &pairs(redirect_uri), auth)
}

/// A token request with a dead refresh token, for providers that look at the redirect URI before the secret.
pub fn dead_refresh(endpoint: &str, client_id: &str, auth: Option<(AuthMethod, SecretChoice)>) -> Request {
    authenticated(endpoint, client_id, &[("grant_type", "refresh_token"), ("refresh_token", DEAD)], auth)
}

/// The control: the same dead code from a client that nobody registered. It never carries the real secret.
pub fn unknown_client(endpoint: &str, redirect_uri: &str, method: Option<AuthMethod>) -> Request {
    dead_code(endpoint, UNKNOWN_CLIENT, redirect_uri, method.map(|m| (m, SecretChoice::Invented)))
}

/// A parameter that no token endpoint has.
pub const UNKNOWN_PARAMETER: &str = "oidcheck_unknown";

/// What the thorough set asks, once the given secret was seen to be taken and a wrong one not; a public client in the
/// same way. The words are part of slot names.
pub mod strict {
    /// No secret at all.
    pub const NO_SECRET: &str = "no-secret";
    /// The empty secret.
    pub const EMPTY: &str = "empty";
    /// A JWT that is not signed in place of the secret.
    pub const UNSIGNED: &str = "unsigned-assertion";
    /// By GET.
    pub const GET: &str = "get";
    /// The code twice.
    pub const TWICE: &str = "two-codes";
    /// A parameter that nobody knows.
    pub const UNKNOWN: &str = "unknown-parameter";
    /// A public client that does not say who it is.
    pub const NAMELESS: &str = "no-client-id";
}

/// The dead code with a JWT that is not signed in place of a secret (RFC 7523 section 2.2).
pub fn unsigned_assertion(endpoint: &str, client_id: &str, redirect_uri: &str) -> Request {
    use base64::Engine;
    let encode = |text: &str| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text);
    // Far in the future, since this knows no clock.
    let claims = serde_json::json!({
        "iss": client_id, "sub": client_id, "aud": endpoint, "jti": "oidcheck-assertion", "exp": 4_102_444_800_u64,
    });
    let assertion = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(&claims.to_string()));
    let proof =
        [("client_id", client_id), ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
    let request = Request::new("POST", endpoint).header("Accept", "application/json");
    request.form(&[pairs(redirect_uri).as_slice(), &proof].concat())
}

/// The dead code with more in the form, or with less.
pub fn with_extra(
    endpoint: &str,
    client_id: &str,
    redirect_uri: &str,
    auth: Option<(AuthMethod, SecretChoice)>,
    extra: (&str, &str),
) -> Request {
    let pairs = [pairs(redirect_uri).as_slice(), &[extra]].concat();
    authenticated(endpoint, client_id, &pairs, auth)
}

/// The dead code a second time, with another value.
pub const SECOND_CODE: (&str, &str) = ("code", "oidcheck-dead-too-0123456789abcdef");

/// The dead code from nobody.
pub fn nameless(endpoint: &str, redirect_uri: &str) -> Request {
    Request::new("POST", endpoint).header("Accept", "application/json").form(&pairs(redirect_uri))
}

/// The dead code by GET; the secret is in the header or nowhere.
pub fn by_get(
    endpoint: &str,
    client_id: &str,
    redirect_uri: &str,
    auth: Option<(AuthMethod, SecretChoice)>,
) -> Request {
    let mut pairs = pairs(redirect_uri).to_vec();
    if auth.is_none() {
        pairs.push(("client_id", client_id));
    }
    let join = if endpoint.contains('?') { '&' } else { '?' };
    let url = format!("{endpoint}{join}{}", encode_pairs(&pairs));
    let request = Request::new("GET", url).header("Accept", "application/json");
    match auth {
        Some((method, secret)) => request.auth(method, client_id, secret),
        None => request,
    }
}

fn pairs(redirect_uri: &str) -> [(&str, &str); 4] {
    [("grant_type", "authorization_code"), ("code", DEAD), ("redirect_uri", redirect_uri), ("code_verifier", VERIFIER)]
}

fn authenticated(
    endpoint: &str,
    client_id: &str,
    pairs: &[(&str, &str)],
    auth: Option<(AuthMethod, SecretChoice)>,
) -> Request {
    debug_assert_ne!(pairs.iter().find(|(n, _)| *n == "redirect_uri").map(|p| p.1), Some(CONTROL_URI));
    let request = Request::new("POST", endpoint).header("Accept", "application/json");
    match auth {
        // A public client says only who it is.
        None => request.form(&[pairs, &[("client_id", client_id)]].concat()),
        Some((method, secret)) => request.form(pairs).auth(method, client_id, secret),
    }
}

/// The form in which an application sends its secret; `None` for a public client.
pub fn method_of(auth: ClientAuth) -> Option<AuthMethod> {
    match auth {
        ClientAuth::ClientSecretBasic | ClientAuth::BasicEmpty => Some(AuthMethod::BasicEncoded),
        ClientAuth::ClientSecretPost => Some(AuthMethod::Post),
        ClientAuth::None | ClientAuth::PrivateKeyJwt => None,
    }
}

/// What a token endpoint said to a dead code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `error`, when the body is JSON and has one.
    pub error: Option<String>,
    /// `error_description`.
    pub description: Option<String>,
}

impl Answer {
    /// The client was accepted, and only the code is wrong (RFC 6749 section 5.2).
    pub fn client_accepted(&self) -> bool {
        self.error.as_deref() == Some("invalid_grant")
    }

    /// The client was refused. Some products say `unauthorized_client` for a wrong secret.
    pub fn client_refused(&self) -> bool {
        matches!(self.error.as_deref(), Some("invalid_client" | "unauthorized_client")) || self.status == 401
    }

    /// The client got past its authentication where a wrong secret (`wrong`) does not. The error in the way of it may be
    /// of the provider's own making, such as `invalid_code`.
    pub fn client_past(&self, wrong: &Answer) -> bool {
        let further = self.error.is_some() && self.status < 500 && !self.client_refused() && wrong.client_refused();
        further || self.client_accepted() && !wrong.client_accepted()
    }

    /// In a person's words.
    pub fn words(&self) -> String {
        let error = self.error.as_deref().unwrap_or("no OAuth error");
        match &self.description {
            Some(text) => format!("status {}, {error}: {text}", self.status),
            None => format!("status {}, {error}", self.status),
        }
    }
}

/// The token endpoint took the given secret and no wrong one, so the provider knows the client.
pub fn secret_taken(evidence: &Evidence, word: &str) -> bool {
    let told = |what: &str| answer(evidence, &format!("{what}:{word}")).ok();
    [("given", "invented"), ("given-refresh", "invented-refresh")].iter().any(|(given, invented)| {
        told(given).zip(told(invented)).is_some_and(|(given, invented)| given.client_past(&invented))
    })
}

/// The slot of a question of [`strict`].
pub fn strict_slot(what: &str, word: Option<&str>) -> Slot {
    slot(&strict_name(what, word))
}

/// Its name.
pub fn strict_name(what: &str, word: Option<&str>) -> String {
    format!("{what}:{}", word.unwrap_or("public"))
}

/// Whether a probe of that name is sent by another method than POST.
pub fn by_method(name: &str) -> bool {
    name.split(':').next() == Some(strict::GET)
}

/// How the client is known at the token endpoint, where it is seen to tell it from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What the dead code of the right client gets.
    pub right: Answer,
    /// What it gets from a wrong one: with a wrong secret, or, of a public client, from another one.
    pub wrong: Answer,
}

impl Known {
    /// Reads the two answers. `word` is that of the method, and `None` for a public client.
    ///
    /// # Errors
    /// In words: not sent, no usable answer, or both alike.
    pub fn of(evidence: &Evidence, word: Option<&str>) -> Result<Known, String> {
        let names = match word {
            Some(word) => (format!("given:{word}"), format!("invented:{word}")),
            None => ("public".to_owned(), "public-unknown".to_owned()),
        };
        let known = Known { right: answer(evidence, &names.0)?, wrong: answer(evidence, &names.1)? };
        let told = known.right.client_past(&known.wrong) && known.right.error.as_deref() != Some("invalid_request");
        let alike =
            || format!("the token endpoint does not tell this client from another one ({})", known.right.words());
        if told { Ok(known) } else { Err(alike()) }
    }

    /// Whether an answer is that of the right client.
    pub fn same(&self, answer: &Answer) -> bool {
        answer.error == self.right.error && answer.status == self.right.status
    }
}

/// Reads the answer to a token probe. `Err` says why it says nothing.
///
/// # Errors
/// In words: not sent, no answer, too many requests, a server error.
pub fn answer(evidence: &Evidence, name: &str) -> Result<Answer, String> {
    let exchange = evidence.get(&slot(name)).ok_or("the probe was not sent")?;
    read(exchange)
}

fn read(exchange: &Exchange) -> Result<Answer, String> {
    let response = exchange.outcome.as_ref().map_err(ToString::to_string)?;
    let document = json::read(&response.body).ok();
    let text =
        |name: &str| document.as_ref().and_then(|d| d.root.get(name)).and_then(|n| n.as_str()).map(str::to_owned);
    let answer = Answer { status: response.status, error: text("error"), description: text("error_description") };
    match response.status {
        429 => Err("the token endpoint asks for patience (429)".into()),
        500.. if answer.error.is_none() => Err(format!("the token endpoint fails (status {})", response.status)),
        _ => Ok(answer),
    }
}
