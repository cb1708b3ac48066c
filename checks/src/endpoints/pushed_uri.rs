//! The address of a pushed request cannot be guessed.

use super::nothing_pushed;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::login::UNGUESSABLE;
use crate::evidence::{Endpoint, SlotKind, json};
use crate::probe::endpoints::{Pushed, pushed_names, pushed_slot, read_pushed};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/pushed-uri",
    title: "the address of a pushed request is too long to be guessed",
    severity: Severity::Warning,
    tier: Tier::Secret,
    clauses: &[Clause::must(Spec::Rfc(9126), "2.2"), Clause::must(Spec::Rfc(9126), "7.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Par)],
    why: "Whoever guesses it can begin a login with a request that somebody else pushed.",
    remedy: "Let the provider make that address of at least 128 random bits.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if let Some(why) = nothing_pushed(case)? {
        return Ok(Verdict::not_applicable(why));
    }
    let slot = pushed_slot(pushed_names::EXPECTED);
    let exchange = case.exchange(&slot)?;
    match read_pushed(case.facts.evidence, pushed_names::EXPECTED) {
        Pushed::Kept => {}
        Pushed::Refused(why) | Pushed::Unclear(why) => return Err(Gap::Undecided(why)),
    }
    let document = exchange.outcome.as_ref().ok().and_then(|response| json::read(&response.body).ok());
    let uri = document.as_ref().and_then(|d| d.root.get("request_uri")?.as_str()).unwrap_or_default();
    // What stands before the last colon or slash is the same for all of them.
    let own = uri.rsplit([':', '/']).next().unwrap_or_default();
    let count = own.chars().count();
    if count >= UNGUESSABLE {
        return Ok(Verdict::pass(format!("{count} characters of its own")));
    }
    let place = Place { slot, spot: Spot::Body("/request_uri".into(), None) };
    let finding =
        Finding::new("the address of a pushed request is short enough to be guessed", place, CHECK.clauses[0])
            .expected("128 random bits: 22 characters of base64url, or more")
            .actual(format!("{count} characters of its own"));
    Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)))
}
