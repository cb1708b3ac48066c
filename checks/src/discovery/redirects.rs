//! The metadata is where the issuer says, without a detour that the library does not take.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::library::transport::Doc;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/redirects",
    title: "the metadata is served without a redirect",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "4.2"), Clause::must(Spec::Discovery, "7.1")],
    needs: &[SlotKind::Discovery],
    why: "Some libraries follow no redirect at all, some stop after ten, some refuse to leave https.",
    remedy: "Serve the document at the well-known URL itself: give applications the final URL as issuer, or let the reverse proxy rewrite instead of redirecting.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let exchange = case.exchange(&Slot::Discovery)?;
    let response = case.response(&Slot::Discovery, "discovery/reachable")?;
    let Some(first) = exchange.hops.first() else { return Ok(Verdict::pass("no redirect")) };
    let refusal = case.library().transport.redirects(Doc::Metadata, exchange);
    let place = Place { slot: Slot::Discovery, spot: Spot::Header("Location".into()) };
    // Whoever is on the way can put in a document of their own, and with it the keys or the endpoints.
    if let Some(hop) = exchange.downgraded() {
        let finding = Finding::new("a redirect leads the metadata over plain http", place, CHECK.clauses[1])
            .expected("https all the way")
            .actual(format!("{} to {}", hop.status, hop.location));
        return Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Unsafe)));
    }
    let times = crate::report::count(exchange.hops.len(), "redirect");
    let finding = Finding::new(format!("the metadata is reached only after {times}"), place, CHECK.clauses[0])
        .expected("status 200 at once")
        .actual(format!("{} to {}; the document came from {}", first.status, first.location, response.url));
    Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)))
}
