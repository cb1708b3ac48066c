//! A logout leads back to the registered address, and to no variant of it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::endpoints::{back_to, logout_slot, longer, post_logout_uris};
use crate::spec::{Clause, Spec};
use crate::target::Depth;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/logout-exact",
    title: "a logout leads to no variant of the registered address",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::RpLogout, "3.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::EndSession)],
    why: "Whoever sends people a link to the logout can put parameters of their own into the address at which the application gets them back.",
    remedy: "Register the address as a whole, and without a wildcard at its end.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.target.depth < Depth::Thorough {
        return Ok(Verdict::not_applicable("tried with --depth thorough"));
    }
    let wanted = post_logout_uris(case.target, case.profile);
    if wanted.is_empty() {
        return Ok(Verdict::not_applicable("the application names no address to come back to after a logout"));
    }
    if case.metadata()?.string("end_session_endpoint").is_none() {
        return Ok(Verdict::not_applicable("the provider has no end_session_endpoint"));
    }
    case.note_probe(Endpoint::EndSession);
    if let Some(gap) = super::logout_reachable::gap(case) {
        return Err(gap);
    }
    let (mut findings, mut tried, mut unclear) = (Vec::new(), 0, None);
    for uri in &wanted {
        // Whoever does not come back at once shows nothing of the rule.
        if !back_to(case.facts.evidence, &format!("wanted:{uri}"), uri) {
            continue;
        }
        let name = format!("longer:{uri}");
        let exchange = case.exchange(&logout_slot(&name))?;
        let response = match &exchange.outcome {
            Ok(response) if response.status != 429 && response.status < 500 => response,
            Ok(response) => {
                unclear = Some(format!("the logout endpoint answers with status {}", response.status));
                continue;
            }
            Err(error) => {
                unclear = Some(error.to_string());
                continue;
            }
        };
        tried += 1;
        if back_to(case.facts.evidence, &name, &longer(uri)) {
            let place = Place { slot: logout_slot(&name), spot: Spot::Header("Location".into()) };
            let finding =
                Finding::new("a logout leads to the registered address with a query added", place, CHECK.clauses[0])
                    .expected("a page of the provider")
                    .actual(format!("status {}, to {}", response.status, longer(uri)));
            findings.push(finding.means(Effect::Untidy, Step::Logout));
        }
    }
    match unclear {
        Some(why) if findings.is_empty() => Err(Gap::Undecided(why)),
        _ if tried == 0 => {
            Ok(Verdict::not_applicable("a logout of nobody does not come back at once, so nothing of the rule is seen"))
        }
        _ => Ok(Verdict::from(findings, "not with a query added")),
    }
}
