//! Who is logged in is asked again when the application wants that.

use crate::after::{Landed, THOROUGH, about, asked, auth_time, sends};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "session/prompt-login",
    title: "prompt=login asks for the password again",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "3.1.2.1")],
    needs: &[
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::Session(Question::Prompt)),
        SlotKind::Login(LoginStep::SessionTokens(Question::Prompt)),
    ],
    why: "An application asks for it before something delicate, or so that nobody goes on with the session of somebody who forgot to log out.",
    remedy: "Let the provider honour prompt=login for this client, or do not rely on it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let step = LoginStep::Session(Question::Prompt);
    asked(case, step, (THOROUGH, "it does"), |login, response| {
        match Landed::of(response) {
            Landed::Form | Landed::Error(_) => return Ok(Vec::new()),
            Landed::Code => {}
            landed => return Err(Gap::Undecided(format!("it ends at {}, and a script may ask there", landed.words()))),
        }
        let again = login.grant_of(LoginStep::SessionTokens(Question::Prompt), None);
        let newer = again.as_ref().and_then(auth_time).zip(login.grant().ok().and_then(auth_time));
        // Something that nobody sees, such as a ticket of the operating system, may have identified the person again.
        if newer.is_some_and(|(after, before)| after > before + 1) {
            return Ok(Vec::new());
        }
        let effect = if sends(case, "prompt") { Effect::Degraded } else { Effect::Untidy };
        let message = "prompt=login is answered from the session, without a question";
        let finding = about(login, step, Spot::Header("Location".into()), message, CHECK.clauses[0]);
        let finding = finding.expected("a login form, or an error").actual(Landed::Code.words());
        Ok(vec![finding.means(effect, Step::Authorization)])
    })
}
