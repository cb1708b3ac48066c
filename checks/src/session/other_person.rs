//! A request that names somebody else gets no tokens for them.

use crate::after::{Landed, THOROUGH, about, asked, claim, has_session};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::{Node, Value};
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::probe::session::NOBODY;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "session/other-person",
    title: "a request that names another person gets no tokens of another person",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "3.1.2.2"), Clause::must(Spec::Core, "5.5.1")],
    needs: &[
        SlotKind::Discovery,
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::Session(Question::Silent)),
        SlotKind::Login(LoginStep::Session(Question::OtherSubject)),
        SlotKind::Login(LoginStep::SessionTokens(Question::OtherSubject)),
        SlotKind::Login(LoginStep::Session(Question::OtherHint)),
        SlotKind::Login(LoginStep::SessionTokens(Question::OtherHint)),
    ],
    why: "Requests come from the browser, so whoever is logged in writes them. A provider that believes a name in one lets everybody be anybody.",
    remedy: "Update the provider at once, or report it to its makers: who somebody is must come from their login alone.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let knows = case.metadata()?.member("claims_parameter_supported").is_some_and(|n| n.value == Value::Bool(true));
    let named = ask(case, Question::OtherSubject, "whose claims parameter asks for another person", knows)?;
    match named {
        Verdict::Fail(_) => Ok(named),
        _ => ask(case, Question::OtherHint, "with an unsigned hint about another person", false),
    }
}

/// What came of one of the two. Where `minds`, tokens of the person who is logged in are wrong too.
fn ask(case: &Case<'_>, question: Question, words: &str, minds: bool) -> Result<Verdict, Gap> {
    asked(
        case,
        LoginStep::Session(question),
        (THOROUGH, "no tokens, or those of who is logged in"),
        |login, response| {
            if !has_session(login) || Landed::of(response) != Landed::Code {
                return Ok(Vec::new());
            }
            let step = LoginStep::SessionTokens(question);
            let again =
                login.grant_of(step, None).ok_or_else(|| Gap::Undecided("its code brought no tokens".into()))?;
            let subject = claim(&again, "sub").and_then(Node::as_str);
            let finding = |message: String, clause, effect| {
                let place = Spot::Body("/id_token/sub".into(), None);
                let finding: Finding = about(login, step, place, message, CHECK.clauses[clause]);
                vec![finding.means(effect, Step::IdToken)]
            };
            Ok(match subject {
                Some(NOBODY) => finding(format!("a request {words} gets tokens of that person"), 0, Effect::Unsafe),
                Some(_) if minds => {
                    finding(format!("a request {words} gets tokens of the one who is logged in"), 1, Effect::Untidy)
                }
                _ => Vec::new(),
            })
        },
    )
}
