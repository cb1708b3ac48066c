//! Only the registered redirect URI itself is accepted on its host.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::authorize_slot;
use crate::probe::mutations::Gain;
use crate::probe::oracle::{Seen, names};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "redirect/exact",
    title: "redirect URIs are compared exactly",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(9700), "2.1"), Clause::must(Spec::Core, "3.1.2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "Where another path or query of the same host is accepted, any open redirect of the application hands out codes.",
    remedy: "Register the exact redirect URI and no pattern; keep wildcards out of the list.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let tried = super::tried(case)?;
    if let Some(why) = &tried.alike {
        return Err(Gap::Undecided(why.clone()));
    }
    if let Seen::Unclear(why) = &tried.control {
        return Err(Gap::Undecided(why.clone()));
    }
    if super::taken(&tried.control) {
        return Err(Gap::Unusable(authorize_slot(names::CONTROL), "redirect/foreign-host-refused"));
    }
    let own: Vec<_> = tried.mutations.iter().filter(|(m, _, _)| m.gain < Gain::Subdomain).collect();
    if own.is_empty() {
        return Ok(Verdict::not_applicable("none of the redirect URIs has a host of which variants could be tried"));
    }
    let accepted: Vec<_> = own.iter().filter(|(_, _, seen)| super::taken(seen)).collect();
    let Some((worst, name, _)) = accepted.iter().max_by_key(|(m, _, _)| m.gain) else {
        let unclear = own.iter().find_map(|(_, _, seen)| match seen {
            Seen::Unclear(why) => Some(why.clone()),
            _ => None,
        });
        return match unclear {
            Some(why) => Err(Gap::Undecided(why)),
            None => {
                let back = match super::fallbacks(case, &tried) {
                    0 => String::new(),
                    count => format!("; for {count} of them it goes to the registered redirect URI instead"),
                };
                let variants = crate::report::count(own.len(), "variant");
                Ok(Verdict::pass(format!("{}, after {variants}{back}", tried.rule)))
            }
        };
    };
    let names: Vec<&str> = accepted.iter().map(|(m, _, _)| m.name).collect();
    let effect = match worst.gain {
        Gain::Spelling => Effect::Untidy,
        _ => Effect::Degraded,
    };
    let place =
        Place { slot: authorize_slot(&super::sent(&tried.oracle, name)), spot: Spot::Header("Location".into()) };
    let finding = Finding::new(
        format!("the provider does not compare redirect URIs exactly; it matches by {}", tried.rule),
        place,
        CHECK.clauses[0],
    )
    .expected("only the registered redirect URI")
    .actual(format!("accepted: {} ({})", worst.uri, names.join(", ")));
    Ok(Verdict::fail(finding.means(effect, Step::Authorization)))
}
