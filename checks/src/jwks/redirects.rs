//! The key set is where jwks_uri says.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::library::transport::Doc;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/redirects",
    title: "the key set is served without a redirect",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::local("redirects that the client library follows"), Clause::must(Spec::Discovery, "3")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Some libraries follow no redirect when they fetch keys.",
    remedy: "Publish the final URL as jwks_uri.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let keys = &case.library().keys;
    if !keys.verified {
        return Ok(Verdict::not_applicable("the library never fetches the keys"));
    }
    case.jwks()?;
    let exchange = case.exchange(&Slot::Jwks)?;
    let Some(first) = exchange.hops.first() else { return Ok(Verdict::pass("no redirect")) };
    let refusal = case.library().transport.redirects(Doc::Jwks(keys.fetched), exchange);
    let place = Place { slot: Slot::Jwks, spot: Spot::Header("Location".into()) };
    // Whoever is on the way can put in a document of their own, and with it the keys or the endpoints.
    if let Some(hop) = exchange.downgraded() {
        let finding = Finding::new("a redirect leads the key set over plain http", place, CHECK.clauses[1])
            .expected("https all the way")
            .actual(format!("{} to {}", hop.status, hop.location));
        return Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Unsafe)));
    }
    let times = crate::report::count(exchange.hops.len(), "redirect");
    let finding = Finding::new(format!("the key set is reached only after {times}"), place, CHECK.clauses[0])
        .expected("status 200 at once")
        .actual(format!("{} to {}", first.status, first.location));
    Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)))
}
