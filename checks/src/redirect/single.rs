//! A second redirect URI in a request gains nothing.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::CONTROL_URI;
use crate::probe::authorize_slot;
use crate::probe::oracle::{Seen, names};
use crate::probe::params::{name, what};
use crate::probe::reply::{Delivered, delivered_to};
use crate::spec::{Clause, Spec};
use crate::target::Depth;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "redirect/single",
    title: "a request with two redirect URIs is refused",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "3.1"), Clause::must(Spec::Rfc(9700), "2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "Where one of the two is compared and the other is used, the code goes to an attacker's host.",
    remedy: "Report it to the maker of the provider, or of the proxy in front of it that merges parameters.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.target.depth < Depth::Standard {
        return Ok(Verdict::not_applicable("tried from --depth standard on"));
    }
    let (first, oracle) = super::questionable(case)?;
    if super::taken(&oracle.seen(case.facts.evidence, names::CONTROL)) {
        return Err(Gap::Unusable(authorize_slot(names::CONTROL), "redirect/foreign-host-refused"));
    }
    let mut taken = Vec::new();
    let mut unclear = None;
    for (what, words) in [(what::GOOD_FIRST, "first"), (what::GOOD_LAST, "last")] {
        let name = name(what, &first);
        let slot = authorize_slot(&super::sent(&oracle, &name));
        let place = Place { slot: slot.clone(), spot: Spot::Header("Location".into()) };
        let to = |uri: &str| case.facts.evidence.get(&slot).and_then(|exchange| delivered_to(exchange, uri));
        if let Some(delivered) = to(CONTROL_URI) {
            let effect = if delivered.welcome() { Effect::Unsafe } else { Effect::Degraded };
            let message = format!(
                "the provider goes to a redirect URI that is not registered when the registered one stands {words} beside it"
            );
            let finding = Finding::new(message, place, CHECK.clauses[1])
                .expected("invalid_request, or an error page")
                .actual(format!("a redirect to {CONTROL_URI}"));
            return Ok(Verdict::fail(finding.means(effect, Step::Authorization)));
        }
        let seen = oracle.seen(case.facts.evidence, &name);
        match (to(&first), seen) {
            (Some(delivered), _) if Delivered::welcome(&delivered) => taken.push((place, words)),
            (Some(_), _) => {}
            (None, seen) if super::taken(&seen) => taken.push((place, words)),
            (None, Seen::Refused(shape)) if shape.refusal() => {}
            (None, Seen::Unclear(why)) => unclear = Some(why),
            (None, _) => unclear = Some("the answer is neither a login nor plainly a refusal".into()),
        }
    }
    if let Some(why) = unclear {
        return Err(Gap::Undecided(why));
    }
    // Behind a login page it is not seen which of the two is used.
    if taken.len() == 2 && oracle.plain() {
        return Err(Gap::Undecided(
            "two redirect URIs lead to a login in either order; which one is used shows only after it".into(),
        ));
    }
    let Some((place, words)) = taken.into_iter().next() else { return Ok(Verdict::pass("refused in either order")) };
    let finding = Finding::new("the provider takes a request with two redirect URIs", place, CHECK.clauses[0])
        .expected("invalid_request")
        .actual(format!("let through with the registered one {words}; the other is not used"));
    Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Authorization)))
}
