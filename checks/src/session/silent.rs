//! A silent request goes by the session of the person.

use crate::after::{Landed, THOROUGH, about, answer, asked, auth_time, claim};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "session/silent",
    title: "a silent request speaks of the person who logged in",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "3.1.2.1"), Clause::must(Spec::Core, "2")],
    needs: &[
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::Session(Question::Silent)),
        SlotKind::Login(LoginStep::SessionTokens(Question::Silent)),
    ],
    why: "Applications renew a login without asking. A page in place of an answer hangs in an invisible frame, and another person would take over the session.",
    remedy: "Let the provider answer prompt=none at the redirect URI in every case, from the session of the person.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let step = LoginStep::Session(Question::Silent);
    let why = match case.logins()?.iter().find_map(|login| login.step(step)).map(answer).transpose()?.map(Landed::of) {
        Some(Landed::Error(error)) => {
            return Ok(Verdict::not_applicable(format!(
                "the provider answers a silent request with {error}: it keeps no session that this tool could use"
            )));
        }
        _ => THOROUGH,
    };
    asked(case, step, (why, "the same person and the same login"), |login, response| {
        let finding = |step, spot, message: &str, expected: String, actual: String, clause| {
            about(login, step, spot, message, clause).expected(expected).actual(actual)
        };
        match Landed::of(response) {
            Landed::Code => {}
            landed @ Landed::Form => {
                let message = "a silent request shows a page";
                let finding = finding(
                    step,
                    Spot::Status,
                    message,
                    "a code, or an error".into(),
                    landed.words(),
                    CHECK.clauses[0],
                );
                return Ok(vec![finding.means(Effect::Untidy, Step::Authorization)]);
            }
            landed => return Err(Gap::Undecided(format!("it ends at {}", landed.words()))),
        }
        let first = login.grant()?;
        let step = LoginStep::SessionTokens(Question::Silent);
        let again = login.grant_of(step, None).ok_or_else(|| Gap::Undecided("its code brought no tokens".into()))?;
        let mut findings = Vec::new();
        let show = |node: Option<&Node>| node.map_or("absent".to_owned(), Node::show);
        let (before, after) = (claim(first, "sub"), claim(&again, "sub"));
        if after.is_some() && before.map(Node::plain) != after.map(Node::plain) {
            let message = "a silent request speaks of another person";
            let spot = Spot::Body("/id_token/sub".into(), None);
            let finding = finding(step, spot, message, show(before), show(after), CHECK.clauses[0]);
            findings.push(finding.means(Effect::Unsafe, Step::IdToken));
        }
        if let (Some(before), Some(after)) = (auth_time(first), auth_time(&again))
            // A second is lost by rounding.
            && before.abs_diff(after) > 1
        {
            let message = "auth_time of a silent request is not that of the login";
            let spot = Spot::Body("/id_token/auth_time".into(), None);
            let finding = finding(step, spot, message, before.to_string(), after.to_string(), CHECK.clauses[1]);
            findings.push(finding.means(Effect::Untidy, Step::IdToken));
        }
        Ok(findings)
    })
}
