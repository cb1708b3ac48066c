//! The introspection endpoint tells strangers nothing.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::endpoints::introspection_slot;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/introspection-closed",
    title: "introspection is refused to strangers",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(7662), "2.1"), Clause::must(Spec::Rfc(7662), "2.3")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Introspection)],
    why: "Whoever finds a token, or guesses one, could have it described: whose it is, for what, and for how long.",
    remedy: "Let the introspection endpoint ask for client credentials, or keep it from the internet when the product cannot.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.metadata()?.string("introspection_endpoint").is_none() {
        return Ok(Verdict::not_applicable("the provider has no introspection endpoint"));
    }
    let slot = introspection_slot();
    let response = case.exchange(&slot)?.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))?;
    let body = crate::evidence::json::read(&response.body).ok();
    let error = body.as_ref().and_then(|d| d.root.get("error")).and_then(|e| e.as_str());
    let described = body.as_ref().is_some_and(|d| d.root.get("active").is_some());
    match response.status {
        400 | 401 | 403 => Ok(Verdict::pass(format!("refused with status {}", response.status))),
        200 if error.is_some() => Ok(Verdict::pass(format!("refused with {}", error.unwrap_or_default()))),
        200 if described => {
            // Some products answer so to wrong credentials whatever the token is, so nothing is said about real ones.
            let finding = Finding::new(
                "the introspection endpoint answers somebody who shows no credentials; whether it would describe a real token is not tried",
                Place { slot, spot: Spot::Status },
                CHECK.clauses[0],
            )
            .expected("401")
            .actual("200 with `active`");
            Ok(Verdict::fail(finding.means(Effect::Untidy, Step::AccessToken)))
        }
        404 | 405 => {
            let finding = Finding::new(
                "there is no introspection endpoint where the metadata says",
                Place { slot, spot: Spot::Status },
                CHECK.clauses[1],
            )
            .expected("401")
            .actual(response.status.to_string());
            Ok(Verdict::fail(finding.means(Effect::Untidy, Step::AccessToken)))
        }
        status => Err(Gap::Undecided(format!("the introspection endpoint answers with status {status}"))),
    }
}
