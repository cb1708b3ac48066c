//! The logout endpoint sends no stranger to a foreign address.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::endpoints::{foreign, logout_slot, sent_to};
use crate::probe::{CONTROL_URI, FOREIGN};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/no-logout-bounce",
    title: "a logout sends no stranger to a foreign address",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::RpLogout, "3"), Clause::must(Spec::RpLogout, "2")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::EndSession)],
    why: "The provider's trusted address becomes a way to send people anywhere: an open redirector, good for phishing.",
    remedy: "Register the addresses that people come back to after a logout exactly, without wildcards, and let the provider refuse all others.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.metadata()?.string("end_session_endpoint").is_none() {
        return Ok(Verdict::not_applicable("the provider has no end_session_endpoint"));
    }
    if let Some(gap) = super::logout_reachable::gap(case) {
        return Err(gap);
    }
    let mut seen = Vec::new();
    let mut asks = false;
    for name in ["foreign", "foreign-client"] {
        let slot = logout_slot(name);
        let response = case.exchange(&slot)?.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))?;
        let to = sent_to(response);
        let page = String::from_utf8_lossy(&response.body).to_ascii_lowercase();
        let carries = response.status == 200 && page.contains(FOREIGN);
        if to.as_ref().is_some_and(foreign) || carries && page.contains("http-equiv=\"refresh\"") {
            let finding = Finding::new(
                "the provider redirects a logout of nobody to an address that is not registered",
                Place { slot, spot: Spot::Header("Location".into()) },
                CHECK.clauses[if name == "foreign" { 1 } else { 0 }],
            )
            .expected("a page of the provider")
            .actual(format!("a redirect to {CONTROL_URI}"));
            return Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Logout)));
        }
        asks |= carries;
        seen.push(match (response.status, to) {
            (429 | 500.., _) => {
                return Err(Gap::Undecided(format!("the logout endpoint answers with status {}", response.status)));
            }
            (status @ 400..500, _) => format!("refused with status {status}"),
            // A login may come first. What it does with the address afterwards, nobody who is not logged in can see.
            (status, Some(to)) => format!("status {status}, to {}", to.path()),
            (status, None) => format!("a page with status {status}"),
        });
    }
    if asks {
        return Err(Gap::Undecided(
            "the provider shows a page that holds the foreign address; whether it leads there is not tried".into(),
        ));
    }
    Ok(Verdict::pass(format!("alone: {}; with the client id: {}", seen[0], seen[1])))
}
