//! Nobody keeps the documents longer than they are true.

use super::{cache_seconds, readable, told};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

const HOUR: u64 = 3_600;
/// Longer than a key set may be kept without anybody noticing a new key.
const KEYS: u64 = 24 * HOUR;
/// The same for the metadata, which changes with upgrades and moves.
const METADATA: u64 = 7 * 24 * HOUR;

pub(crate) static CHECK: Check = Check {
    id: "http/caching",
    title: "no cache keeps the documents for long",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::should(Spec::Core, "10.1.1"), Clause::must(Spec::Rfc(9111), "5.2.2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "After the provider has changed its key, whoever still gets the old set refuses every new token until the copy has expired.",
    remedy: "Let the provider, or the proxy or content delivery network in front of it, send a max-age of an hour or less for the key set.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let (documents, gap) = readable(case);
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    for (slot, _, response) in documents {
        let shared = cache_seconds(response, "s-maxage");
        let Some(lifetime) = shared.or_else(|| cache_seconds(response, "max-age")) else { continue };
        seen.push(format!("{} for {}", slot.noun(), time(lifetime)));
        let (limit, step) = match slot {
            Slot::Jwks => (KEYS, case.library().keys.fetched),
            _ => (METADATA, Step::Discovery),
        };
        if lifetime <= limit {
            continue;
        }
        // An age shows that a cache between us and the provider does keep copies.
        let kept = response.header("age").and_then(|age| age.trim().parse::<u64>().ok()).is_some_and(|age| age > HOUR);
        let effect = if kept { Effect::Degraded } else { Effect::Untidy };
        let place = Place { slot: slot.clone(), spot: Spot::Header("Cache-Control".into()) };
        let message = match kept {
            true => format!("caches may keep the {} for {}, and one does", slot.noun(), time(lifetime)),
            false => format!("caches may keep the {} for {}", slot.noun(), time(lifetime)),
        };
        let finding = Finding::new(message, place, CHECK.clauses[0]).expected(format!("{} at most", time(limit)));
        findings.push(finding.actual(response.header("cache-control").unwrap_or_default()).means(effect, step));
    }
    told(findings, gap, if seen.is_empty() { "no lifetime is given".to_owned() } else { seen.join(", ") })
}

/// Seconds in a person's words.
fn time(seconds: u64) -> String {
    let count = |number: u64, noun| crate::report::count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    match seconds {
        0..120 => count(seconds, "second"),
        120..7_200 => count(seconds / 60, "minute"),
        7_200..172_800 => count(seconds / HOUR, "hour"),
        _ => count(seconds / (24 * HOUR), "day"),
    }
}
