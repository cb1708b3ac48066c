//! A hint about the person who is logged in is understood.

use crate::after::{Landed, THOROUGH, about, asked, claim, has_session};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "session/hint",
    title: "a silent request with an ID token as a hint succeeds",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "3.1.2.1")],
    needs: &[
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::Session(Question::Silent)),
        SlotKind::Login(LoginStep::Session(Question::Hint)),
        SlotKind::Login(LoginStep::SessionTokens(Question::Hint)),
    ],
    why: "Browser libraries renew with a hint about who is meant. Where it is refused, people are asked for the password again.",
    remedy: "Update the provider, or leave the hint out in the application.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let step = LoginStep::Session(Question::Hint);
    asked(case, step, (THOROUGH, "the same person"), |login, response| {
        if !has_session(login) {
            return Ok(Vec::new());
        }
        let landed = Landed::of(response);
        if landed != Landed::Code {
            let message = "a silent request is refused once it names the person who is logged in";
            let finding = about(login, step, Spot::Status, message, CHECK.clauses[0]);
            let finding = finding.expected("a code, as without the hint").actual(landed.words());
            return Ok(vec![finding.means(Effect::Untidy, Step::Authorization)]);
        }
        let step = LoginStep::SessionTokens(Question::Hint);
        let again = login.grant_of(step, None).ok_or_else(|| Gap::Undecided("its code brought no tokens".into()))?;
        let (before, after) = (claim(login.grant()?, "sub"), claim(&again, "sub"));
        if after.is_none() || before.map(Node::plain) == after.map(Node::plain) {
            return Ok(Vec::new());
        }
        let message = "a request with a hint speaks of another person than the hint";
        let finding = about(login, step, Spot::Body("/id_token/sub".into(), None), message, CHECK.clauses[0]);
        let show = |node: Option<&Node>| node.map_or("absent".to_owned(), Node::show);
        Ok(vec![finding.expected(show(before)).actual(show(after)).means(Effect::Unsafe, Step::IdToken)])
    })
}
