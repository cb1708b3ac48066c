//! The redirect URIs of the client: those of the application are accepted, those of an attacker are not.

group![accepted, foreign_host_refused, exact, no_error_bounce, required, single, pushed];

use crate::case::Case;
use crate::probe::mutations::{self, Mutation};
use crate::probe::oracle::{Oracle, Seen, names, rule};
use crate::probe::reply::{Shape, place};
use crate::verdict::Gap;

/// The mutations of the application's web redirect URI with what became of them, and the rule that follows.
struct Tried {
    oracle: Oracle,
    control: Seen,
    mutations: Vec<(Mutation, String, Seen)>,
    rule: &'static str,
    /// Why nothing of this tells what is accepted.
    alike: Option<String>,
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
    let (first, oracle) = questionable(case)?;
    let evidence = case.facts.evidence;
    let uris = crate::probe::redirect_uris(case.target, case.profile);
    let varied = crate::probe::varied(&uris).unwrap_or_default();
    let control = oracle.seen(evidence, names::CONTROL);
    // A request that is refused at its own redirect URI is no proof of anything that the foreign one gets as well.
    let spoilt = match oracle.seen(evidence, &names::expected(&first)) {
        Seen::ErrorThere(delivered) => Some(delivered.error),
        _ => None,
    };
    let place = |name: &str| evidence.get(&crate::probe::authorize_slot(name)).and_then(place);
    // Some providers answer at the registered redirect URI, whatever was sent.
    let replaces = place(names::CONTROL).is_some_and(|to| to.starts_with(&first));
    let alike = spoilt
        .as_ref()
        .filter(|error| replaces || matches!(&control, Seen::ErrorThere(delivered) if delivered.error == **error));
    let alike = alike.map(|error| {
        let error = error.as_deref().unwrap_or("an error");
        format!("the provider answers {error} to the redirect URI of the application and to a foreign one alike")
    });
    let list: Vec<_> = mutations::of(varied, case.target.depth)
        .into_iter()
        .map(|mutation| {
            let name = names::mutation(varied, mutation.name);
            let seen = match oracle.seen(evidence, &name) {
                Seen::Accepted(_) | Seen::ErrorThere(_)
                    if replaces && replaced(place(&name), varied, &mutation.uri) =>
                {
                    Seen::Refused(Shape { status: 302, location: Some(varied.to_owned()), error: None })
                }
                // It gets as far as the right one.
                Seen::ErrorThere(delivered) if spoilt.as_ref() == Some(&delivered.error) => Seen::Accepted(delivered),
                seen => seen,
            };
            (mutation, name, seen)
        })
        .collect();
    let accepted: Vec<&str> = list.iter().filter(|(_, _, seen)| taken(seen)).map(|(m, _, _)| m.name).collect();
    let rule = rule(taken(&control), &accepted);
    Ok(Tried { oracle, control, mutations: list, rule, alike })
}

/// Whether an answer went to the registered redirect URI instead of the one that was sent.
fn replaced(place: Option<String>, registered: &str, sent: &str) -> bool {
    place.is_some_and(|to| to.starts_with(registered) && !to.starts_with(sent))
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
