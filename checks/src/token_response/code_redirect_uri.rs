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
    needs: &[
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::SessionTokens(Question::OtherUri)),
        SlotKind::Login(LoginStep::SessionTokens(Question::NoUri)),
    ],
    why: "Without it a code that was caught at one address can be used at another, unless PKCE stands in the way.",
    remedy: "Update the provider, or report it to its makers: it must compare the two.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let other = ask(case, Question::OtherUri, "with another redirect URI than it was asked for", Effect::Degraded)?;
    if matches!(other, Verdict::Fail(_)) {
        return Ok(other);
    }
    // The next version of OAuth leaves the comparison to PKCE, and a code that was caught needs a URI to be caught at.
    match ask(case, Question::NoUri, "without the redirect URI that it was asked for with", Effect::Untidy)? {
        fail @ Verdict::Fail(_) => Ok(fail),
        _ => Ok(other),
    }
}

fn ask(case: &Case<'_>, question: Question, how: &str, effect: Effect) -> Result<Verdict, Gap> {
    let step = LoginStep::SessionTokens(question);
    asked(case, step, (ABUSE, "refused"), |login, response| {
        login.grant()?;
        if response.status != 200 {
            return Ok(Vec::new());
        }
        let finding = about(login, step, Spot::Status, format!("a code is redeemed {how}"), CHECK.clauses[0]);
        let finding = finding.expected("status 400 and invalid_grant").actual("200");
        Ok(vec![finding.means(effect, Step::Token)])
    })
}
