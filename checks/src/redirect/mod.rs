//! The redirect URIs of the client: those of the application are accepted, those of an attacker are not.

group![accepted, foreign_host_refused, exact, no_error_bounce, required, single];

use crate::case::Case;
use crate::probe::mutations::{self, Mutation};
use crate::probe::oracle::{Oracle, Seen, names, rule};
use crate::verdict::Gap;

/// The mutations of the application's web redirect URI with what became of them, and the rule that follows.
struct Tried {
    oracle: Oracle,
    control: Seen,
    mutations: Vec<(Mutation, String, Seen)>,
    rule: &'static str,
}

fn taken(seen: &Seen) -> bool {
    matches!(seen, Seen::Accepted(_) | Seen::AcceptedByLanding)
}

/// The first redirect URI and the oracle, when variants of a request can be tried at all.
fn questionable(case: &Case<'_>) -> Result<(String, Oracle), Gap> {
    let (first, oracle) = case.oracle()?;
    match &oracle {
        Oracle::Blind(why) => Err(Gap::Undecided(why.clone())),
        Oracle::AllRefused(_, false) => {
            Err(Gap::Unusable(crate::probe::authorize_slot(names::CONTROL), "client/known"))
        }
        // Nothing but the expected request and its controls was sent: the matching rule is that of another address.
        Oracle::AllRefused(_, true) => {
            Err(Gap::Unusable(crate::probe::authorize_slot(&names::expected(&first)), "redirect/accepted"))
        }
        _ => Ok((first, oracle)),
    }
}

fn tried(case: &Case<'_>) -> Result<Tried, Gap> {
    let (_, oracle) = questionable(case)?;
    let evidence = case.facts.evidence;
    let uris = crate::probe::redirect_uris(case.target, case.profile);
    let varied = crate::probe::varied(&uris).unwrap_or_default();
    let control = oracle.seen(evidence, names::CONTROL);
    let list: Vec<_> = mutations::of(varied, case.target.depth)
        .into_iter()
        .map(|mutation| {
            let name = names::mutation(varied, mutation.name);
            let seen = oracle.seen(evidence, &name);
            (mutation, name, seen)
        })
        .collect();
    let accepted: Vec<&str> = list.iter().filter(|(_, _, seen)| taken(seen)).map(|(m, _, _)| m.name).collect();
    let rule = rule(taken(&control), &accepted);
    Ok(Tried { oracle, control, mutations: list, rule })
}

/// How often the provider went to the registered redirect URI although another was sent. Nobody gains by it, so it counts
/// as a refusal, but it hides a wrong address from the administrator.
fn fallbacks(case: &Case<'_>, tried: &Tried) -> usize {
    let uris = crate::probe::redirect_uris(case.target, case.profile);
    let gone = |name: &str| {
        let exchange = case.facts.evidence.get(&crate::probe::authorize_slot(&sent(&tried.oracle, name)));
        exchange.is_some_and(|e| uris.iter().any(|(uri, _)| crate::probe::reply::delivered_to(e, uri).is_some()))
    };
    tried.mutations.iter().filter(|(_, name, seen)| matches!(seen, Seen::Refused(_)) && gone(name)).count()
}

/// The name under which a probe was sent, for the place of a finding.
fn sent(oracle: &Oracle, name: &str) -> String {
    if oracle.plain() { names::plain(name) } else { name.to_owned() }
}
