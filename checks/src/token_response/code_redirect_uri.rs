//! A code is redeemed with the redirect URI for which it was asked.

use crate::after::{ABUSE, about, asked};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/code-redirect-uri",
    title: "a code is bound to its redirect URI",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "4.1.3")],
    needs: &[SlotKind::Login(LoginStep::Tokens), SlotKind::Login(LoginStep::SessionTokens(Question::OtherUri))],
    why: "Without it a code that was caught at one address can be used at another, unless PKCE stands in the way.",
    remedy: "Update the provider, or report it to its makers: it must compare the two.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let step = LoginStep::SessionTokens(Question::OtherUri);
    asked(case, step, (ABUSE, "refused"), |login, response| {
        login.grant()?;
        if response.status != 200 {
            return Ok(Vec::new());
        }
        let message = "a code is redeemed with another redirect URI than it was asked for";
        let finding = about(login, step, Spot::Status, message, CHECK.clauses[0]);
        let finding = finding.expected("status 400 and invalid_grant").actual("200");
        Ok(vec![finding.means(Effect::Degraded, Step::Token)])
    })
}
