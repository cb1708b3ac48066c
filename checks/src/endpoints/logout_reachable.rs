//! The logout endpoint of the metadata is there.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::endpoints::{LogoutEndpoint, logout_endpoint, logout_slot, post_logout_uris};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/logout-reachable",
    title: "the logout endpoint answers",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::RpLogout, "2"), Clause::must(Spec::RpLogout, "2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::EndSession)],
    why: "An application that logs people out sends them there. They end at an error page and stay logged in at the provider.",
    remedy: "Make end_session_endpoint the address at which the provider logs people out, and let the reverse proxy pass it; or take it out of the metadata.",
    formerly: &[],
    judge,
};

/// What is told by others, when nothing is there.
pub(super) fn gap(case: &Case<'_>) -> Option<Gap> {
    let dead = logout_endpoint(case.facts.evidence) != LogoutEndpoint::Answers;
    dead.then(|| Gap::Unusable(logout_slot("foreign"), CHECK.id))
}

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.metadata()?.string("end_session_endpoint").is_none() {
        return Ok(Verdict::not_applicable("the provider has no end_session_endpoint"));
    }
    let slot = logout_slot("foreign");
    let response = case.exchange(&slot)?.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))?;
    let used = !post_logout_uris(case.target, case.profile).is_empty();
    let effect = if used { Effect::Degraded } else { Effect::Untidy };
    let (message, clause, status) = match logout_endpoint(case.facts.evidence) {
        LogoutEndpoint::Answers => {
            return match response.status {
                status @ (429 | 500..) => {
                    Err(Gap::Undecided(format!("the logout endpoint answers with status {status}")))
                }
                status => Ok(Verdict::pass(format!("status {status} for somebody who is not logged in"))),
            };
        }
        LogoutEndpoint::Missing(status @ 405) => ("the logout endpoint does not take GET", 0, status),
        LogoutEndpoint::Missing(status) => ("there is no logout endpoint where the metadata says", 1, status),
        LogoutEndpoint::Fails(status) => {
            ("the logout endpoint fails, whatever somebody who is not logged in asks it", 0, status)
        }
    };
    let finding = Finding::new(message, Place { slot, spot: Spot::Status }, CHECK.clauses[clause])
        .expected("a page of the provider, a redirect, or a refusal that gives a reason")
        .actual(format!("status {status} for each of {}", crate::report::count(asked(case), "request")));
    Ok(Verdict::fail(finding.means(effect, Step::Logout)))
}

fn asked(case: &Case<'_>) -> usize {
    use crate::evidence::Slot;
    case.facts.evidence.iter().filter(|(slot, _)| matches!(slot, Slot::Probe(Endpoint::EndSession, _))).count()
}
