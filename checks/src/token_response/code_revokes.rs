//! What came of a code that was used twice is void.

use crate::after::{ABUSE, about, answer, asked};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/code-revokes",
    title: "the tokens of a code that was used twice are void",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::should(Spec::Rfc(6749), "4.1.2")],
    needs: &[
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::Userinfo),
        SlotKind::Login(LoginStep::Replay),
        SlotKind::Login(LoginStep::UserinfoAfter),
        SlotKind::Login(LoginStep::RefreshAfter),
    ],
    why: "A code that comes twice was stolen. Who used it first is not known, so that whoever has its tokens must lose them.",
    remedy: "Update the provider, or turn on what it has against the reuse of codes.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    asked(case, LoginStep::Replay, (ABUSE, "they are"), |login, replay| {
        login.grant()?;
        if replay.status < 400 {
            return Err(Gap::Unusable(login.slot(LoginStep::Replay), "token-response/code-once"));
        }
        let mut findings = Vec::new();
        let worked = login.userinfo.and_then(|e| e.outcome.as_ref().ok()).is_some_and(|r| r.status == 200);
        let tokens = [(LoginStep::UserinfoAfter, "access", worked), (LoginStep::RefreshAfter, "refresh", true)];
        for (step, token, worked) in tokens {
            let Some(exchange) = login.step(step).filter(|_| worked) else { continue };
            if answer(exchange)?.status == 200 {
                let message = format!("the {token} token of a code that was used twice still works");
                let finding = about(login, step, Spot::Status, message, CHECK.clauses[0]);
                findings.push(finding.expected("status 400 or 401").actual("200").means(Effect::Degraded, Step::Token));
            }
        }
        Ok(findings)
    })
}
