//! The metadata comes in time and in a size that the library reads.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::library::transport::Doc;
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Verdict};

/// Slower than this is worth a word even where the library waits longer, in milliseconds.
const SLOW_MS: u64 = 2_000;

/// Larger than this is worth a word even where the library reads more, in bytes: mod_auth_openidc stops there.
const LARGE: usize = 1 << 20;

pub(crate) static CHECK: Check = Check {
    id: "discovery/timely",
    title: "the metadata comes within the time and the size that the library allows",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::local("time and size limits of the client library")],
    needs: &[SlotKind::Discovery],
    why: "Libraries give up after half a second to ten seconds, and then people see an error although everything is right.",
    remedy: "Find out what makes the answer slow (cold start, DNS, a proxy that retries), or serve it from a cache.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let exchange = case.exchange(&Slot::Discovery)?;
    let response = case.response(&Slot::Discovery, "discovery/reachable")?;
    let rules = &case.library().transport;
    if let Some(refusal) = rules.size(Doc::Metadata, response) {
        let place = Place { slot: Slot::Discovery, spot: Spot::Body(String::new(), None) };
        let finding = Finding::new("the metadata is larger than the library reads", place, CHECK.clauses[0])
            .expected("a few kilobytes")
            .actual(format!("{} bytes", response.body.len()));
        return Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::Untidy)));
    }
    if response.body.len() > LARGE && response.cut_at.is_none() {
        let place = Place { slot: Slot::Discovery, spot: Spot::Body(String::new(), None) };
        let finding = Finding::new("the metadata is larger than some libraries read", place, CHECK.clauses[0])
            .expected("a few kilobytes")
            .actual(format!("{} bytes", response.body.len()))
            .remedy("Find out what fills it: metadata is a list of endpoints and abilities.");
        return Ok(Verdict::fail(case.weigh(finding, None, Effect::Untidy)));
    }
    let refusal = rules.time(Doc::Metadata, exchange);
    if refusal.is_none() && exchange.elapsed_ms <= SLOW_MS {
        return Ok(Verdict::pass(format!("{} ms", exchange.elapsed_ms)));
    }
    let place = Place { slot: Slot::Discovery, spot: Spot::Time };
    let finding = Finding::new("the metadata comes slowly", place, CHECK.clauses[0])
        .expected(format!("at most {SLOW_MS} ms"))
        .actual(format!("{} ms from here", exchange.elapsed_ms))
        .side(Side::Network);
    Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)))
}
