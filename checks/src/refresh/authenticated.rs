//! A refresh needs the secret of a client that has one.

use crate::after::{ABUSE, about, tried, with_secret};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::login::Login;
use crate::evidence::{LoginStep, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "refresh/authenticated",
    title: "a refresh without the client secret is refused",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "6"), Clause::must(Spec::Rfc(9700), "2.2.2")],
    needs: &[SlotKind::Login(LoginStep::Refreshed), SlotKind::Login(LoginStep::RefreshOpen)],
    why: "A refresh token that works without the secret is enough for a thief: it is good for new tokens as long as it lives.",
    remedy: "Make the client confidential at the provider, so that its token endpoint asks for the secret.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let public =
        |login: &Login<'_>| login.step(LoginStep::Refreshed).is_some() && !with_secret(login, LoginStep::Refreshed);
    if case.logins()?.iter().any(public) {
        return Ok(Verdict::not_applicable("the client has no secret"));
    }
    tried(case, LoginStep::RefreshOpen, (ABUSE, "refused"), |login, response| {
        // Some answer with an error and the status of a success.
        if response.status != 200 || !super::brought(login, LoginStep::RefreshOpen) {
            return Ok(Vec::new());
        }
        let message = "a refresh without client authentication brings tokens";
        let finding = about(login, LoginStep::RefreshOpen, Spot::Status, message, CHECK.clauses[0]);
        let finding = finding.expected("status 401 and invalid_client").actual("200");
        Ok(vec![finding.means(Effect::Unsafe, Step::Token)])
    })
}
