//! No redirect URI on a host that an attacker can own is accepted.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::authorize_slot;
use crate::probe::mutations::Gain;
use crate::probe::oracle::{Seen, names};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "redirect/foreign-host-refused",
    title: "redirect URIs on foreign hosts are refused",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Rfc(9700), "2.1"),
        Clause::must(Spec::Rfc(9700), "4.1.3"),
        Clause::must(Spec::Core, "3.1.2.1"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "An attacker sends people a link to your provider, they log in, and the code goes to the attacker's host.",
    remedy: "Register the exact redirect URI and no pattern; where the provider offers patterns, escape the dots and anchor the host.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let tried = super::tried(case)?;
    let place = |name: &str| Place {
        slot: authorize_slot(&super::sent(&tried.oracle, name)),
        spot: Spot::Header("Location".into()),
    };
    if let Some(why) = &tried.alike {
        return Err(Gap::Undecided(why.clone()));
    }
    if let Seen::Unclear(why) = &tried.control {
        return Err(Gap::Undecided(why.clone()));
    }
    let unsafe_finding = |message: String, name: &str, uri: &str, effect| {
        Finding::new(message, place(name), CHECK.clauses[0])
            .expected("an error page of the provider")
            .actual(format!("accepted: {uri}"))
            .means(effect, Step::Authorization)
    };
    if super::taken(&tried.control) {
        let message = "the provider sends people to any redirect URI, on any host".to_owned();
        return Ok(Verdict::fail(unsafe_finding(message, names::CONTROL, crate::probe::CONTROL_URI, Effect::Unsafe)));
    }
    let foreign = |gain: Gain| tried.mutations.iter().filter(move |(m, _, seen)| m.gain == gain && super::taken(seen));
    let mut findings = Vec::new();
    if let Some((mutation, name, _)) = foreign(Gain::ForeignHost).next() {
        let message = format!(
            "the provider accepts a redirect URI on a foreign host ({}); it matches by {}",
            mutation.name, tried.rule
        );
        findings.push(unsafe_finding(message, name, &mutation.uri, Effect::Unsafe));
    }
    if let Some((mutation, name, _)) = foreign(Gain::Subdomain).next() {
        let message = format!(
            "the provider accepts a redirect URI on another host of the same domain ({}); it matches by {}",
            mutation.name, tried.rule
        );
        findings.push(unsafe_finding(message, name, &mutation.uri, Effect::Degraded));
    }
    let unclear = tried.mutations.iter().find_map(|(m, _, seen)| match seen {
        Seen::Unclear(why) if m.gain >= Gain::Subdomain => Some(why),
        _ => None,
    });
    if let (Some(why), true) = (unclear, findings.is_empty()) {
        return Err(Gap::Undecided(why.clone()));
    }
    let refused =
        tried.mutations.iter().filter(|(m, _, seen)| m.gain >= Gain::Subdomain && !super::taken(seen)).count();
    Ok(Verdict::from(
        findings,
        format!("{} on foreign hosts refused", crate::report::count(refused + 1, "redirect URI")),
    ))
}
