//! The answer to a refresh is a token response.

use crate::after::{ABUSE, about, tried};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::{Node, Value};
use crate::evidence::jws::seconds;
use crate::evidence::login::{Grant, Login};
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "refresh/response",
    title: "the answer to a refresh is a whole token response that nobody keeps",
    severity: Severity::Notice,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "6"), Clause::must(Spec::Rfc(6749), "5.1")],
    needs: &[
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::SessionTokens(Question::Again)),
        SlotKind::Login(LoginStep::Refreshed),
    ],
    why: "It holds new tokens: a cache that keeps it keeps them, and a library that cannot read a member of it ends the session.",
    remedy: "Let the token endpoint answer a refresh as it answers a code: JSON with access_token, token_type and expires_in, the scopes that were granted, and Cache-Control: no-store.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    tried(case, LoginStep::Refreshed, (ABUSE, "it is"), |login, response| {
        let grant = super::refreshed(case, login);
        let (Some(grant), true) = (&grant, super::taken(response) && super::brings_token(grant.as_ref())) else {
            return Err(Gap::Unusable(login.slot(LoginStep::Refreshed), "refresh/works"));
        };
        let mut findings = Vec::new();
        let mut say = |spot, message: String, expected: &str, actual: String, clause: usize| {
            let finding = about(login, LoginStep::Refreshed, spot, message, CHECK.clauses[clause]);
            findings.push(finding.expected(expected).actual(actual).means(Effect::Untidy, Step::Token));
        };
        let values = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cache-control"));
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        if !values.iter().any(|value| value.to_ascii_lowercase().contains("no-store")) {
            let seen = if values.is_empty() { "no header".to_owned() } else { values.join(", ") };
            let spot = Spot::Header("Cache-Control".into());
            say(spot, "the answer to a refresh may be cached".into(), "no-store", seen, 1);
        }
        if grant.form {
            let seen = "a form".to_owned();
            say(
                Spot::Body(String::new(), None),
                "the answer to a refresh is not JSON".into(),
                "a JSON object",
                seen,
                1,
            );
        }
        for (name, message, expected, seen) in members(grant) {
            say(Spot::Body(format!("/{name}"), None), message, expected, seen, 1);
        }
        if let Some((message, expected, seen)) = scopes(login, grant) {
            say(Spot::Body("/scope".into(), None), message, &expected, seen, 0);
        }
        Ok(findings)
    })
}

/// What is wrong with the members of the answer: name, message, what was expected and what was seen.
fn members(grant: &Grant) -> Vec<(&'static str, String, &'static str, String)> {
    let mut wrong = Vec::new();
    let root = &grant.document.root;
    match root.get("token_type") {
        Some(node) if node.as_str().is_some_and(|kind| !kind.is_empty()) => {}
        node => {
            let seen = node.map_or("absent", Node::kind).to_owned();
            wrong.push(("token_type", "the answer to a refresh has no token_type".to_owned(), "a string", seen));
        }
    }
    // Without one the old one goes on; what stands there in its place is no token.
    if let Some(node) = root.get("refresh_token").filter(|node| node.as_str().is_none_or(str::is_empty)) {
        let kind = if node.as_str().is_some() { "an empty string" } else { node.kind() };
        let message = format!("the new refresh token is {kind}");
        wrong.push(("refresh_token", message, "a refresh token, or no such member", kind.to_owned()));
    }
    if let Some(node) = root.get("expires_in") {
        // In a form everything is a string.
        let number = grant.form || matches!(node.value, Value::Number(_));
        let message = match seconds(node) {
            Some(seconds) if seconds <= 0 => format!("the access token of a refresh lives for {seconds} s"),
            Some(_) if number => return wrong,
            _ => format!("expires_in of a refresh is {}", node.kind()),
        };
        wrong.push(("expires_in", message, "a positive number of seconds", node.show()));
    }
    wrong
}

/// The scopes that got lost between the first answer and the one to the refresh, which asks for none.
fn scopes(login: &Login<'_>, new: &Grant) -> Option<(String, String, String)> {
    let of = |grant: &Grant| grant.present("scope").and_then(Node::as_str).map(str::to_owned);
    let fresh = login.grant_of(LoginStep::SessionTokens(Question::Again), None);
    let before = fresh.as_ref().or(login.grant().ok()).and_then(of)?;
    let after = of(new)?;
    let left: Vec<&str> = after.split_whitespace().collect();
    let lost: Vec<&str> = before.split_whitespace().filter(|scope| !left.contains(scope)).collect();
    let message = || format!("after a refresh the access token has lost {}", lost.join(", "));
    (!lost.is_empty()).then(|| (message(), before.clone(), after.clone()))
}
