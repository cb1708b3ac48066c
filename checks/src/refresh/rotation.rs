//! The refresh token of a client without a secret is good once.

use crate::after::{ABUSE, about, answer, tried, with_secret};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::login::Login;
use crate::evidence::{LoginStep, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "refresh/rotation",
    title: "a stolen refresh token of a public client is noticed",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(9700), "2.2.2"), Clause::must(Spec::Rfc(9700), "4.14.2")],
    needs: &[
        SlotKind::Login(LoginStep::Refreshed),
        SlotKind::Login(LoginStep::RefreshTwice),
        SlotKind::Login(LoginStep::RefreshLast),
    ],
    why: "Nothing but the token itself is needed to refresh. Where it may be used again and again, nobody notices a thief who does.",
    remedy: "Turn on the rotation of refresh tokens for this client at the provider, and let the reuse of an old one end the session.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let secret = |login: &Login<'_>| with_secret(login, LoginStep::Refreshed);
    if case.logins()?.iter().any(secret) {
        return Ok(Verdict::not_applicable("the client has a secret, and no refresh works without it"));
    }
    tried(case, LoginStep::RefreshTwice, (ABUSE, "used once"), |login, twice| {
        let finding = |step, message, clause| {
            let finding = about(login, step, Spot::Status, message, clause);
            finding.expected("status 400 and invalid_grant").actual("200").means(Effect::Degraded, Step::Token)
        };
        if twice.status == 200 && super::brought(login, LoginStep::RefreshTwice) {
            let message = "a refresh token that was used already brings tokens again";
            return Ok(vec![finding(LoginStep::RefreshTwice, message, CHECK.clauses[0])]);
        }
        let last = login.step(LoginStep::RefreshLast).map(answer).transpose()?;
        Ok(match last {
            Some(last) if last.status == 200 && super::brought(login, LoginStep::RefreshLast) => {
                let message = "the refresh token goes on working although the one before it was used twice";
                vec![finding(LoginStep::RefreshLast, message, CHECK.clauses[1])]
            }
            _ => Vec::new(),
        })
    })
}
