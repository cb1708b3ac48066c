//! The provider names itself in its answer where it says that it does.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Value;
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::authorize_slot;
use crate::probe::oracle::{names, reply};
use crate::probe::reply::Reply;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/issuer-returned",
    title: "the authorization response carries iss where the metadata says so",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(9207), "2.3"), Clause::must(Spec::Rfc(9207), "2.4")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "A client that read the promise in the metadata refuses answers without iss, or with another one.",
    remedy: "Let the provider send iss with every authorization response, errors included, or take the promise out of the metadata.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let promised =
        metadata.member("authorization_response_iss_parameter_supported").is_some_and(|n| n.value == Value::Bool(true));
    let (first, _) = case.oracle()?;
    let name = names::expected(&first);
    let Some(Reply::AtRedirect(delivered)) = reply(case.facts.evidence, &name) else {
        if !promised {
            return Ok(Verdict::not_applicable("the provider does not promise it"));
        }
        return Err(Gap::Undecided("nothing came back to the redirect URI".into()));
    };
    let issuer = metadata.string("issuer").unwrap_or_default();
    let place = Place { slot: authorize_slot(&name), spot: Spot::Header("Location".into()) };
    let finding = |message: &str, actual: &str, clause| {
        Finding::new(message, place.clone(), clause).expected(issuer).actual(actual)
    };
    match (&delivered.iss, promised) {
        (Some(iss), _) if iss == issuer => Ok(Verdict::pass(iss.clone())),
        (Some(iss), _) => {
            let finding =
                finding("the authorization response names another issuer than the metadata", iss, CHECK.clauses[1]);
            Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)))
        }
        (None, true) => {
            let finding = finding(
                "the metadata promises iss in the authorization response, and it is not there",
                "absent",
                CHECK.clauses[0],
            );
            Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)))
        }
        (None, false) => Ok(Verdict::not_applicable("the provider does not promise it")),
    }
}
