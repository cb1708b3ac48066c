//! A request without a redirect URI is refused.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::authorize_slot;
use crate::probe::oracle::Seen;
use crate::probe::params::{name, what};
use crate::probe::reply::delivered_to;
use crate::spec::{Clause, Spec};
use crate::target::Depth;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "redirect/required",
    title: "a request without a redirect URI is refused",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Core, "3.1.2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "A provider that chooses for the application may choose another address than the one that started the login.",
    remedy: "Nothing that the application sends is concerned; report it to the maker of the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.target.depth < Depth::Standard {
        return Ok(Verdict::not_applicable("tried from --depth standard on"));
    }
    let (first, oracle) = super::questionable(case)?;
    let mut unclear = None;
    for (what, words) in [(what::NO_URI, "no redirect URI"), (what::EMPTY_URI, "an empty redirect URI")] {
        let name = name(what, &first);
        let sent = super::sent(&oracle, &name);
        let gone = case.facts.evidence.get(&authorize_slot(&sent)).and_then(|e| delivered_to(e, &first));
        let seen = oracle.seen(case.facts.evidence, &name);
        let lets_through = gone.as_ref().is_some_and(crate::probe::reply::Delivered::welcome)
            || matches!(seen, Seen::Accepted(_) | Seen::AcceptedByLanding);
        if lets_through {
            let place = Place { slot: authorize_slot(&sent), spot: Spot::Header("Location".into()) };
            let finding = Finding::new(format!("the provider takes a request with {words}"), place, CHECK.clauses[0])
                .expected("an error page of the provider")
                .actual("the request is let through");
            return Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Authorization)));
        }
        match seen {
            Seen::Refused(shape) if shape.refusal() => {}
            Seen::Unclear(why) => unclear = Some(why),
            _ => unclear = Some(format!("the answer to {words} is neither a login nor plainly a refusal")),
        }
    }
    match unclear {
        Some(why) => Err(Gap::Undecided(why)),
        None => Ok(Verdict::pass("refused, absent and empty")),
    }
}
