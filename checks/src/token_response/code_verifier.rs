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
    let step = LoginStep::SessionTokens(Question::OtherVerifier);
    asked(case, step, (ABUSE, "refused"), |login, response| {
        login.grant()?;
        if response.status != 200 {
            return Ok(Vec::new());
        }
        let message = "a code is redeemed with a verifier that does not fit its challenge";
        let finding = about(login, step, Spot::Status, message, CHECK.clauses[0]);
        let finding = finding.expected("status 400 and invalid_grant").actual("200");
        Ok(vec![
            finding.means(
                if with_secret(login, LoginStep::Tokens) { Effect::Degraded } else { Effect::Unsafe },
                Step::Token,
            ),
        ])
    })
}
