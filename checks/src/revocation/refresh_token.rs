//! A refresh token that the application gives back is void.

use super::{UNTRIED, refused, worked};
use crate::after::{about, answer, asked};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "revocation/refresh-token",
    title: "a refresh token that the application gives back is void",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(7009), "2"), Clause::should(Spec::Rfc(7009), "2.1")],
    needs: &[
        SlotKind::Login(LoginStep::Userinfo),
        SlotKind::Login(LoginStep::SessionTokens(Question::Revoked)),
        SlotKind::Login(LoginStep::RevokeRefresh),
        SlotKind::Login(LoginStep::RefreshRevoked),
        SlotKind::Login(LoginStep::UserinfoEnded),
    ],
    why: "An application gives its refresh token back when somebody logs out or loses a device. If it lives on, whoever has it stays logged in.",
    remedy: "Update the provider, or turn on what it has for the revocation of refresh tokens.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    asked(case, LoginStep::RevokeRefresh, (UNTRIED, "it is"), |login, revoked| {
        if !(200..300).contains(&revoked.status) {
            return Ok(vec![refused(login, LoginStep::RevokeRefresh, revoked, "refresh", CHECK.clauses[0])?]);
        }
        let mut findings = Vec::new();
        if let Some(exchange) = login.step(LoginStep::RefreshRevoked)
            && answer(exchange)?.status == 200
        {
            let message = "a refresh token that was revoked still brings tokens";
            let finding = about(login, LoginStep::RefreshRevoked, Spot::Status, message, CHECK.clauses[0]);
            let finding = finding.expected("status 400 and invalid_grant").actual("200");
            findings.push(finding.means(Effect::Degraded, Step::Logout));
        }
        if let Some(exchange) = login.step(LoginStep::UserinfoEnded).filter(|_| findings.is_empty() && worked(login))
            && answer(exchange)?.status == 200
        {
            let message = "an access token goes on working although its refresh token was revoked";
            let finding = about(login, LoginStep::UserinfoEnded, Spot::Status, message, CHECK.clauses[1]);
            findings.push(finding.expected("status 401").actual("200").means(Effect::Untidy, Step::Logout));
        }
        Ok(findings)
    })
}
