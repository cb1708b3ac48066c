//! The certificates behind the first one will still be good next week, and so will those of the key set's host.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind, Tls};
use crate::hosts::day;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

/// As for the server's own certificate.
const DAYS: i64 = 7;

pub(crate) static CHECK: Check = Check {
    id: "tls/chain-days-left",
    title: "every other certificate is good for another week",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(5280), "6.1.3"), Clause::local("time to renew")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Renewal looks after the server's own certificate; an intermediate that runs out, or the certificate of another host, takes every login with it all the same.",
    remedy: "Install the current chain of the authority (fullchain.pem), and renew the certificate of every host that the metadata names.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let first = case.exchange(&Slot::Discovery)?.tls.as_ref();
    let keys = case.exchange(&Slot::Jwks).ok().and_then(|exchange| exchange.tls.as_ref());
    let elsewhere = keys.filter(|keys| first.is_none_or(|first| first.chain != keys.chain));
    let distrusted = |tls: &Tls| tls.distrust.is_some();
    if first.is_some_and(distrusted) || elsewhere.is_some_and(distrusted) {
        return Err(Gap::Unusable(Slot::Discovery, "tls/certificate-trusted"));
    }
    let keys_step = case.library().keys.verified.then_some(case.library().keys.fetched);
    // The first certificate of the metadata's host is the business of tls/certificate-days-left.
    let behind = first.map(|_| (Slot::Discovery, Some(Step::Discovery), 1));
    let all = elsewhere.map(|_| (Slot::Jwks, keys_step, 0));
    let mut findings = Vec::new();
    let mut seen = 0;
    for (slot, step, from) in behind.into_iter().chain(all) {
        // A root that is sent along does no harm: clients use their own copy of it.
        let chain = case.chain(&slot).iter().skip(from).flatten();
        for cert in chain.filter(|cert| !cert.self_issued) {
            seen += 1;
            let left = (cert.not_after - case.now.as_second()).div_euclid(86_400);
            let limit = DAYS.min((cert.not_after - cert.not_before).div_euclid(86_400) / 3);
            if left >= limit {
                continue;
            }
            let message = if left < 0 {
                format!(
                    "the certificate {} in the chain expired on {}; clients that find no way around it stop",
                    cert.subject,
                    day(cert.not_after)
                )
            } else {
                let days = crate::report::count(usize::try_from(left).unwrap_or_default(), "day");
                format!("the certificate {} expires in {days}", cert.subject)
            };
            let place = Place { slot: slot.clone(), spot: Spot::Certificate("notAfter") };
            let finding = Finding::new(message, place, CHECK.clauses[0])
                .expected(format!("{limit} days or more"))
                .actual(day(cert.not_after));
            let effect = if step.is_some() { Effect::Degraded } else { Effect::Untidy };
            findings.push(finding.means(effect, step.unwrap_or(Step::Discovery)));
        }
    }
    // A host that has not been seen has not been found good, where the library goes there.
    if findings.is_empty() && keys.is_none() && keys_step.is_some() {
        case.response(&Slot::Jwks, "jwks/reachable")?;
    }
    if first.is_none() && keys.is_none() {
        return Ok(Verdict::not_applicable("plain http, or no connection"));
    }
    Ok(Verdict::from(
        findings,
        if seen == 0 { "no other certificate".to_owned() } else { crate::report::count(seen, "certificate") },
    ))
}
