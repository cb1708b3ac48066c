//! The dead-code oracle: an invented authorization code tells whether the token endpoint knows the client.

use super::{CONTROL_URI, UNKNOWN_CLIENT};
use crate::evidence::json;
use crate::evidence::{AuthMethod, Endpoint, Evidence, Exchange, Request, SecretChoice, Slot};
use crate::profile::ClientAuth;

/// A code that no provider ever issued. Letters, digits and dashes only.
const DEAD: &str = "oidcheck-dead-0123456789abcdef";
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
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", DEAD),
        ("redirect_uri", redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    authenticated(endpoint, client_id, &pairs, auth)
}

/// A token request with a dead refresh token, for providers that look at the redirect URI before the secret.
pub fn dead_refresh(endpoint: &str, client_id: &str, auth: Option<(AuthMethod, SecretChoice)>) -> Request {
    authenticated(endpoint, client_id, &[("grant_type", "refresh_token"), ("refresh_token", DEAD)], auth)
}

/// The control: the same dead code from a client that nobody registered. It never carries the real secret.
pub fn unknown_client(endpoint: &str, redirect_uri: &str, method: Option<AuthMethod>) -> Request {
    dead_code(endpoint, UNKNOWN_CLIENT, redirect_uri, method.map(|m| (m, SecretChoice::Invented)))
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
