//! Refresh tokens: what they bring, and what a thief of one could do.

group![works, response, id_token, id_token_valid, authenticated, rotation,];

use crate::case::Case;
use crate::evidence::LoginStep;
use crate::evidence::login::{Grant, Login};
use crate::evidence::{Response, json::Node};

/// The tokens of a refresh, when the answer is a success that can be read.
fn refreshed(case: &Case<'_>, login: &Login<'_>) -> Option<Grant> {
    login.grant_of(LoginStep::Refreshed, case.jwks().ok())
}

/// Whether an answer to a refresh brings an access token, which is what a refresh is for.
fn brings_token(grant: Option<&Grant>) -> bool {
    let token = grant.and_then(|grant| grant.present("access_token")).and_then(Node::as_str);
    token.is_some_and(|token| !token.is_empty())
}

/// Whether the answer of a step brings an access token.
fn brought(login: &Login<'_>, step: LoginStep) -> bool {
    brings_token(login.grant_of(step, None).as_ref())
}

/// Whether the status is that of a success.
fn taken(response: &Response) -> bool {
    (200..300).contains(&response.status)
}
