//! An application that was given a refresh token can use it.

use crate::after::{ABUSE, about, tried};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::{LoginStep, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "refresh/works",
    title: "a refresh token brings new tokens",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "6"),
        Clause::must(Spec::Core, "12.1"),
        Clause::must(Spec::Rfc(6749), "5.1"),
    ],
    needs: &[SlotKind::Login(LoginStep::Tokens), SlotKind::Login(LoginStep::Refreshed)],
    why: "The application refreshes when its access token ends. A refusal logs people out in the middle of their work.",
    remedy: "Allow the grant refresh_token for this client at the provider, and let it answer with a new access token.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    tried(case, LoginStep::Refreshed, (ABUSE, "it does"), |login, response| {
        let grant = super::refreshed(case, login);
        let taken = super::taken(response);
        if taken && super::brings_token(grant.as_ref()) {
            return Ok(Vec::new());
        }
        let needed = case.part.scopes.iter().any(|scope| scope == "offline_access");
        let effect = if needed { Effect::Degraded } else { Effect::Untidy };
        if !taken {
            let message = "a refresh with the token that was given is refused";
            let finding = about(login, LoginStep::Refreshed, Spot::Status, message, CHECK.clauses[0]);
            return Ok(vec![finding.expected("200").actual(response.status.to_string()).means(effect, Step::Token)]);
        }
        let error = grant.as_ref().and_then(|grant| grant.present("error")).and_then(Node::as_str);
        let (message, seen) = match (error, &grant) {
            (Some(error), _) => (
                "a refresh with the token that was given is refused, with the status of a success",
                format!("status {} and the error {error}", response.status),
            ),
            (None, Some(grant)) => {
                let member = grant.document.root.get("access_token");
                let seen = match member.map(|node| (node, node.as_str())) {
                    None => "absent".to_owned(),
                    Some((_, Some(""))) => "an empty string".to_owned(),
                    Some((node, _)) => node.kind().to_owned(),
                };
                ("a refresh with the token that was given brings no access token", seen)
            }
            (None, None) => (
                "a refresh with the token that was given brings no access token",
                format!("status {} and no JSON", response.status),
            ),
        };
        let spot = Spot::Body("/access_token".into(), None);
        let finding = about(login, LoginStep::Refreshed, spot, message, CHECK.clauses[2]);
        Ok(vec![finding.expected("200 and a new access token").actual(seen).means(effect, Step::Token)])
    })
}
