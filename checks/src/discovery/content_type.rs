//! The metadata says that it is JSON.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::library::transport::Doc;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/content-type",
    title: "the metadata is served as JSON",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "4.2")],
    needs: &[SlotKind::Discovery],
    why: "Strict libraries refuse a document of another content type although its text is right; static file servers send text/plain or octet-stream.",
    remedy: "Let the server or the reverse proxy send Content-Type: application/json for this path.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let response = case.response(&Slot::Discovery, "discovery/reachable")?;
    case.discovery()?;
    let refusal = case.library().transport.content_type(Doc::Metadata, response);
    let seen = response.header("content-type").unwrap_or("no Content-Type header");
    let media = response.media_type();
    if refusal.is_none() && matches!(media.as_deref(), Some("application/json")) {
        return Ok(Verdict::pass(seen));
    }
    let place = Place { slot: Slot::Discovery, spot: Spot::Header("Content-Type".into()) };
    let finding = Finding::new("the metadata is served with another content type than JSON", place, CHECK.clauses[0])
        .expected("application/json")
        .actual(seen);
    Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)))
}
