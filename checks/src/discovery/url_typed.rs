//! What was typed leads the application to the metadata.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::target::WELL_KNOWN;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/url-typed",
    title: "what was typed leads the application to the metadata",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "4.1"), Clause::local("how the client library forms the discovery URL")],
    needs: &[SlotKind::Discovery],
    why: "People paste the issuer, the discovery URL, or something between; libraries forgive different ones of these.",
    remedy: "Give the application the issuer exactly as the document says it; give it the whole discovery URL only where its own documentation asks for that.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let typed = case.target.typed.as_str();
    case.exchange(&Slot::Discovery)?;
    let place = Place { slot: Slot::Discovery, spot: Spot::Url };
    if let Some(refusal) = case.library().issuer.typed(typed) {
        let finding = Finding::new("the whole discovery URL was typed where the issuer belongs", place, CHECK.clauses[1])
            .expected(case.issuer_meant())
            .actual(typed)
            .side(Side::Application)
            .remedy(format!("Give the application {} as the issuer; a whole discovery URL belongs only where its documentation asks for one.", case.issuer_meant()));
        return Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::Untidy)));
    }
    // Where nothing was found, discovery/reachable and discovery/json tell, and say whether there is metadata nearby.
    case.discovery()?;
    let form = if typed.ends_with(WELL_KNOWN) { "the discovery URL, which this library takes" } else { "an issuer" };
    Ok(Verdict::pass(format!("{typed} is {form}")))
}
