//! A code is redeemed with the verifier that fits its challenge.

use crate::after::{ABUSE, about, asked, with_secret};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::probe::params::lists_s256;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/code-verifier",
    title: "a code is bound to its PKCE verifier",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(7636), "4.6")],
    needs: &[
        SlotKind::Discovery,
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::SessionTokens(Question::OtherVerifier)),
        SlotKind::Login(LoginStep::SessionTokens(Question::NoVerifier)),
    ],
    why: "PKCE protects a stolen code only where the provider compares; a provider that takes any verifier looks safe and is not.",
    remedy: "Update the provider, or report it to its makers: it must compare the two.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if lists_s256(case.metadata()?) != Some(true) {
        return Ok(Verdict::not_applicable("the metadata does not say that the provider knows PKCE with S256"));
    }
    let other = ask(case, Question::OtherVerifier, "with a verifier that does not fit its challenge")?;
    if matches!(other, Verdict::Fail(_)) {
        return Ok(other);
    }
    match ask(case, Question::NoVerifier, "without a verifier although it was asked for with a challenge")? {
        fail @ Verdict::Fail(_) => Ok(fail),
        _ => Ok(other),
    }
}

fn ask(case: &Case<'_>, question: Question, how: &str) -> Result<Verdict, Gap> {
    let step = LoginStep::SessionTokens(question);
    asked(case, step, (ABUSE, "refused"), |login, response| {
        login.grant()?;
        if response.status != 200 {
            return Ok(Vec::new());
        }
        let secret = with_secret(login, LoginStep::Tokens);
        let finding = about(login, step, Spot::Status, format!("a code is redeemed {how}"), CHECK.clauses[0]);
        let finding = finding.expected("status 400 and invalid_grant").actual("200");
        Ok(vec![finding.means(if secret { Effect::Degraded } else { Effect::Unsafe }, Step::Token)])
    })
}
