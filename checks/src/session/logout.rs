//! A logout ends the session.

use crate::after::{LOGOUT, Landed, about, answer, asked, has_session};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "session/logout",
    title: "nobody is logged in after a logout",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::RpLogout, "2")],
    needs: &[
        SlotKind::Login(LoginStep::Session(Question::Silent)),
        SlotKind::Login(LoginStep::Logout),
        SlotKind::Login(LoginStep::Session(Question::LoggedOut)),
    ],
    why: "People believe that they have logged out; whoever sits down at the same machine goes on as them.",
    remedy: "Let the provider end its session at its end_session_endpoint.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let step = LoginStep::Session(Question::LoggedOut);
    let tried = case.logins()?.iter().filter(|login| login.step(step).is_some());
    if tried.clone().count() > 0 && !tried.clone().any(|login| has_session(login)) {
        return Ok(Verdict::not_applicable(
            "the provider keeps no session that this tool could use, so none could end",
        ));
    }
    asked(case, step, (LOGOUT, "the session has ended"), |login, response| {
        if !has_session(login) {
            return Ok(Vec::new());
        }
        match Landed::of(response) {
            Landed::Error(_) | Landed::Form => return Ok(Vec::new()),
            Landed::Code => {}
            landed => return Err(Gap::Undecided(format!("a silent request ends at {}", landed.words()))),
        }
        // A logout that came to nothing has its reason, and is not called one that was ignored.
        let end = login.step(LoginStep::Logout).and_then(|exchange| Some((exchange, exchange.outcome.as_ref().ok()?)));
        if let Some((exchange, end)) = end.filter(|(_, end)| matches!(end.status, 404 | 405 | 410 | 500 | 501)) {
            let reason = match end.status {
                404 | 410 if exchange.hops.is_empty() => "there is no logout endpoint where the metadata says",
                405 if exchange.hops.is_empty() => "the logout endpoint does not take GET",
                500 | 501 if exchange.hops.is_empty() => "the logout endpoint fails",
                _ => "the way of the logout ends at an error page",
            };
            let message = format!("people stay logged in after a logout: {reason}");
            let finding = about(login, LoginStep::Logout, Spot::Status, message, CHECK.clauses[0]);
            let finding = finding.expected("the end of the session").actual(format!("status {}", end.status));
            return Ok(vec![finding.means(Effect::Unsafe, Step::Logout)]);
        }
        let logout = login.step(LoginStep::Logout).map(answer).transpose()?;
        let stayed = logout.is_none_or(|logout| matches!(Landed::of(logout), Landed::Form | Landed::Page(_)));
        if stayed && logout.is_some_and(|logout| String::from_utf8_lossy(&logout.body).contains("<form")) {
            return Err(Gap::Undecided("the logout stops at a page with a form that was not understood".into()));
        }
        let finding =
            about(login, step, Spot::Header("Location".into()), "a logout does not end the session", CHECK.clauses[0]);
        let finding = finding.expected("login_required for a silent request").actual(Landed::Code.words());
        Ok(vec![finding.means(Effect::Unsafe, Step::Logout)])
    })
}
