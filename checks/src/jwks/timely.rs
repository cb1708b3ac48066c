//! The key set comes in time and in a size that the library reads.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::library::transport::Doc;
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Verdict};

/// Slower than this is worth a word even where the library waits longer, in milliseconds.
const SLOW_MS: u64 = 2_000;

/// Larger than this is worth a word even where the library reads more, in bytes: Nimbus JOSE stops there.
const LARGE: usize = 51_200;

pub(crate) static CHECK: Check = Check {
    id: "jwks/timely",
    title: "the key set comes within the time and the size that the library allows",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::local("time and size limits of the client library")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Libraries give up after half a second to ten seconds, and then people see an error although everything is right.",
    remedy: "Serve the key set from a cache and keep it small; where the library lets you, raise its limits.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let keys = &case.library().keys;
    if !keys.verified {
        return Ok(Verdict::not_applicable("the library never fetches the keys"));
    }
    let exchange = case.exchange(&Slot::Jwks)?;
    let response = case.response(&Slot::Jwks, "jwks/reachable")?;
    let rules = &case.library().transport;
    if let Some(refusal) = rules.size(Doc::Jwks(keys.fetched), response) {
        let place = Place { slot: Slot::Jwks, spot: Spot::Body(String::new(), None) };
        let finding = Finding::new("the key set is larger than the library reads", place, CHECK.clauses[0])
            .expected("a few kilobytes")
            .actual(format!("{} bytes", response.body.len()));
        return Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::Untidy)));
    }
    if response.body.len() > LARGE && response.cut_at.is_none() {
        let place = Place { slot: Slot::Jwks, spot: Spot::Body(String::new(), None) };
        let finding = Finding::new("the key set is larger than some libraries read", place, CHECK.clauses[0])
            .expected("a few kilobytes")
            .actual(format!("{} bytes", response.body.len()))
            .remedy("Let the provider drop the keys that no valid token was signed with.");
        return Ok(Verdict::fail(case.weigh(finding, None, Effect::Untidy)));
    }
    let refusal = rules.time(Doc::Jwks(keys.fetched), exchange);
    if refusal.is_none() && exchange.elapsed_ms <= SLOW_MS {
        return Ok(Verdict::pass(format!("{} ms", exchange.elapsed_ms)));
    }
    let place = Place { slot: Slot::Jwks, spot: Spot::Time };
    let finding = Finding::new("the key set comes slowly", place, CHECK.clauses[0])
        .expected(format!("at most {SLOW_MS} ms"))
        .actual(format!("{} ms from here", exchange.elapsed_ms))
        .side(Side::Network);
    Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)))
}
