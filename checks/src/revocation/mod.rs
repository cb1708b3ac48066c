//! Revocation: what is left of tokens that the application gave back.

use crate::after::about;
use crate::evidence::json;
use crate::evidence::login::Login;
use crate::evidence::{LoginStep, Response};
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Spot, Step};

group![refresh_token, access_token,];

/// Why it is not decided.
const UNTRIED: &str = "it was not tried, since that ends tokens; --login form --abuse tries it where the provider has a revocation_endpoint and gives such a token";

/// What a revocation endpoint says to a kind of token that it was given.
fn refused(login: &Login<'_>, step: LoginStep, answer: &Response, kind: &str, clause: Clause) -> Result<Finding, Gap> {
    let body = json::read(&answer.body).ok();
    let error = body.as_ref().and_then(|document| document.root.get("error")).and_then(json::Node::as_str);
    if answer.status == 401 || matches!(error, Some("invalid_client" | "unauthorized_client")) {
        return Err(Gap::Unusable(login.slot(step), "endpoints/revocation"));
    }
    let message = format!("the revocation endpoint does not take {kind} tokens");
    let seen = format!("status {}, {}", answer.status, error.unwrap_or("no OAuth error"));
    Ok(about(login, step, Spot::Status, message, clause)
        .expected("200")
        .actual(seen)
        .means(Effect::Untidy, Step::Logout))
}

/// Whether userinfo took the tokens of this person, so that a refusal later means something.
fn worked(login: &Login<'_>) -> bool {
    login.userinfo.and_then(|exchange| exchange.outcome.as_ref().ok()).is_some_and(|response| response.status == 200)
}
