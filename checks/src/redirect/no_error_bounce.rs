//! Errors are not delivered to redirect URIs that nobody registered.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::authorize_slot;
use crate::probe::mutations::Gain;
use crate::probe::oracle::{Seen, names};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "redirect/no-error-bounce",
    title: "errors are not delivered to unregistered redirect URIs",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "4.1.2.1"), Clause::must(Spec::Rfc(9700), "4.11.2")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "The provider's trusted address becomes a way to send people anywhere: an open redirector, good for phishing.",
    remedy: "Let the provider show its own error page whenever the client or the redirect URI is not registered.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let tried = super::tried(case)?;
    if super::taken(&tried.control) {
        return Err(Gap::Unusable(authorize_slot(names::CONTROL), "redirect/foreign-host-refused"));
    }
    let control = (names::CONTROL.to_owned(), crate::probe::CONTROL_URI.to_owned(), &tried.control);
    let foreign = tried
        .mutations
        .iter()
        .filter(|(m, _, _)| m.gain == Gain::ForeignHost)
        .map(|(m, name, seen)| (name.clone(), m.uri.clone(), seen));
    let mut known = 0;
    // Nobody registered that client, so no redirect URI is registered for it.
    let (first, _) = case.oracle()?;
    let unknown = case.facts.evidence.get(&authorize_slot(names::UNKNOWN));
    let bounced = unknown.and_then(|e| crate::probe::reply::delivered_to(e, &first));
    // A code is no error: client/known tells it.
    if let Some(delivered) = bounced.filter(|delivered| !delivered.granted) {
        let error = delivered.error.unwrap_or_else(|| "no error code".into());
        let place = Place { slot: authorize_slot(names::UNKNOWN), spot: Spot::Header("Location".into()) };
        let message = "the provider redirects an error for a client that nobody registered";
        let finding = Finding::new(message, place, CHECK.clauses[0])
            .expected("an error page of the provider")
            .actual(format!("a redirect to {first} with {error}"));
        return Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)));
    }
    for (name, uri, seen) in std::iter::once(control).chain(foreign) {
        match seen {
            Seen::ErrorThere(delivered) => {
                let error = delivered.error.clone().unwrap_or_else(|| "no error code".into());
                let place = Place {
                    slot: authorize_slot(&super::sent(&tried.oracle, &name)),
                    spot: Spot::Header("Location".into()),
                };
                let finding = Finding::new(
                    "the provider redirects an error to a redirect URI that is not registered",
                    place,
                    CHECK.clauses[0],
                )
                .expected("an error page of the provider")
                .actual(format!("a redirect to {uri} with {error}"));
                return Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)));
            }
            Seen::Unclear(_) => {}
            _ => known += 1,
        }
    }
    if known == 0 {
        return Err(Gap::Undecided("no probe with a foreign redirect URI was answered usably".into()));
    }
    Ok(Verdict::pass("errors about foreign redirect URIs stay at the provider"))
}
