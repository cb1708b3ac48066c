//! A code can be used once.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, SlotKind};
use crate::login::{each, response};
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/code-once",
    title: "a code that was used already is refused",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "4.1.2"), Clause::must(Spec::Rfc(6749), "5.2")],
    needs: &[SlotKind::Login(LoginStep::Tokens), SlotKind::Login(LoginStep::Replay)],
    why: "A code stands in logs, in the history of browsers and in referrers. When it works twice, whoever reads it there becomes the person.",
    remedy: "Update the provider, or report it to its makers: a code may not be used more than once.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let logins = case.logins()?;
    if case.part.flow == Flow::Device {
        return Ok(Verdict::not_applicable("this part of the application logs in by the device flow"));
    }
    if logins.iter().all(|login| login.replay.is_none()) {
        return Ok(Verdict::not_applicable("it was not tried, since that ends the tokens; --abuse tries it"));
    }
    each(case, "refused", |login| {
        if login.replay.is_none() {
            return Ok(Vec::new());
        }
        // Of a code that never worked the second refusal says nothing.
        login.grant()?;
        let (_, response) = response(login, LoginStep::Replay, "token-response/status")?;
        let place = Place { slot: login.slot(LoginStep::Replay), spot: Spot::Status };
        match response.status {
            // RFC 6749 section 5.2: 400, or 401 from those who look at the client again.
            400..=401 => Ok(Vec::new()),
            200..=299 => {
                let finding = Finding::new("a code can be used twice", place, CHECK.clauses[0])
                    .expected("status 400 and invalid_grant")
                    .actual(format!("status {}", response.status));
                Ok(vec![finding.means(Effect::Unsafe, Step::Token)])
            }
            status => {
                Err(Gap::Undecided(format!("the used code was answered with status {status}, which says nothing")))
            }
        }
    })
}
