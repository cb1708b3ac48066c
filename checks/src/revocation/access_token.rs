//! An access token that the application gives back is void.

use super::{UNTRIED, refused, worked};
use crate::after::{about, answer, asked};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::login::Login;
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "revocation/access-token",
    title: "an access token that the application gives back is void",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::should(Spec::Rfc(7009), "2"), Clause::must(Spec::Rfc(7009), "2.1")],
    needs: &[
        SlotKind::Login(LoginStep::Userinfo),
        SlotKind::Login(LoginStep::SessionTokens(Question::Revoked)),
        SlotKind::Login(LoginStep::UserinfoEnded),
        SlotKind::Login(LoginStep::RevokeAccess),
        SlotKind::Login(LoginStep::UserinfoRevoked),
    ],
    why: "The application believes that nobody can use the token any more, and whoever has it still can.",
    remedy: "Let the provider look at each use whether a token was revoked, or keep the life of access tokens short.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    // Sound only where userinfo took the token before.
    let ended = |login: &Login<'_>| {
        let response = login.step(LoginStep::UserinfoEnded).and_then(|exchange| exchange.outcome.as_ref().ok());
        worked(login) && response.is_some_and(|response| matches!(response.status, 400 | 401 | 403))
    };
    let logins = case.logins()?;
    let by_code = !matches!(case.part.flow, Flow::Device | Flow::Implicit);
    if by_code && !logins.is_empty() && logins.iter().all(ended) {
        return Ok(Verdict::pass("it ended with its refresh token"));
    }
    asked(case, LoginStep::RevokeAccess, (UNTRIED, "it is"), |login, revoked| {
        if !(200..300).contains(&revoked.status) {
            return Ok(vec![refused(login, LoginStep::RevokeAccess, revoked, "access", CHECK.clauses[0])?]);
        }
        let Some(exchange) = login.step(LoginStep::UserinfoRevoked).filter(|_| worked(login)) else {
            return Err(Gap::Undecided("there is no userinfo that takes the token, so nobody can see it".into()));
        };
        if answer(exchange)?.status != 200 {
            return Ok(Vec::new());
        }
        let message = "an access token still works although the provider said that it was revoked";
        let finding = about(login, LoginStep::UserinfoRevoked, Spot::Status, message, CHECK.clauses[1]);
        Ok(vec![finding.expected("status 401").actual("200").means(Effect::Untidy, Step::Logout)])
    })
}
