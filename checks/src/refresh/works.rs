//! An application that was given a refresh token can use it.

use crate::after::{ABUSE, about, tried};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "refresh/works",
    title: "a refresh token brings new tokens",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "6"), Clause::must(Spec::Core, "12.1")],
    needs: &[SlotKind::Login(LoginStep::Tokens), SlotKind::Login(LoginStep::Refreshed)],
    why: "The application refreshes when its access token ends. A refusal logs people out in the middle of their work.",
    remedy: "Allow the grant refresh_token for this client at the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    tried(case, LoginStep::Refreshed, (ABUSE, "it does"), |login, response| {
        if response.status == 200 {
            return Ok(Vec::new());
        }
        let needed = case.part.scopes.iter().any(|scope| scope == "offline_access");
        let effect = if needed { Effect::Degraded } else { Effect::Untidy };
        let message = "a refresh with the token that was given is refused";
        let finding = about(login, LoginStep::Refreshed, Spot::Status, message, CHECK.clauses[0]);
        Ok(vec![finding.expected("200").actual(response.status.to_string()).means(effect, Step::Token)])
    })
}
