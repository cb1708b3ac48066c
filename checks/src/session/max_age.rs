//! The age of a login counts, and the ID token says when it was.

use crate::after::{Landed, THOROUGH, about, answer, auth_time, has_session, sends};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::login::Login;
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::login::each;
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "session/max-age",
    title: "max_age is honoured, and auth_time comes with it",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "3.1.2.1"), Clause::must(Spec::Core, "2")],
    needs: &[
        SlotKind::Login(LoginStep::Callback),
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::Session(Question::ShortAge)),
        SlotKind::Login(LoginStep::SessionTokens(Question::ShortAge)),
        SlotKind::Login(LoginStep::Session(Question::LongAge)),
        SlotKind::Login(LoginStep::SessionTokens(Question::LongAge)),
    ],
    why: "An application that limits the age of a login has to learn it; where it does not, it refuses everybody or lets an old session pass.",
    remedy: "Let the provider honour max_age, and put auth_time into the ID token when it is sent.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.part.flow == Flow::Device {
        return Ok(Verdict::not_applicable("this part of the application logs in by the device flow"));
    }
    let own = sends(case, "max_age");
    let weight = if own { Effect::Degraded } else { Effect::Untidy };
    let asked = |login: &Login<'_>| login.step(LoginStep::Session(Question::LongAge)).is_some();
    if !own && !case.logins()?.iter().any(asked) {
        return Ok(Verdict::not_applicable(THOROUGH));
    }
    each(case, "it is", |login| {
        let mut findings = Vec::new();
        // A time that cannot be says nothing about the age of a login.
        if let Ok((_, token)) = login.id_token()
            && crate::id_token::impossible_auth_time(case, login, token).is_some()
        {
            return Err(Gap::Unusable(login.tokens_slot(), "id-token/auth-time"));
        }
        let mut say = |step, spot, message: &str, expected: &str, actual: String, clause: usize, effect| {
            let finding = about(login, step, spot, message, CHECK.clauses[clause]);
            findings.push(finding.expected(expected).actual(actual).means(effect, Step::Authorization));
        };
        let time = || Spot::Body("/id_token/auth_time".into(), None);
        let silent = "max_age was sent, and the ID token has no auth_time";
        if own && login.sent("max_age").is_some() && auth_time(login.grant()?).is_none() {
            say(LoginStep::Tokens, time(), silent, "a number", "absent".into(), 1, weight);
        }
        for question in [Question::LongAge, Question::ShortAge] {
            let (step, tokens) = (LoginStep::Session(question), LoginStep::SessionTokens(question));
            let Some(exchange) = login.step(step) else { continue };
            let landed = Landed::of(answer(exchange)?);
            let again = login.grant_of(tokens, None).filter(|grant| grant.id_token.is_some());
            match (question, landed) {
                (Question::LongAge, landed @ Landed::Form) if has_session(login) => {
                    let message = "a login that is a few seconds old is too old for a max_age of hours";
                    say(step, Spot::Status, message, "a code at once", landed.words(), 0, Effect::Untidy);
                }
                (_, Landed::Code) => match again.as_ref().map(auth_time) {
                    Some(None) if !own => say(tokens, time(), silent, "a number", "absent".into(), 1, weight),
                    Some(Some(after)) if question == Question::ShortAge => {
                        let before = login.grant().ok().and_then(auth_time);
                        if before.is_some_and(|before| after <= before + 1) {
                            let message = "a login that is older than max_age is taken, without a question";
                            say(
                                step,
                                Spot::Status,
                                message,
                                "a login form, or an error",
                                Landed::Code.words(),
                                0,
                                weight,
                            );
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(findings)
    })
}
