//! The token endpoint, asked with a code that never existed.

group![
    reachable,
    secret_accepted,
    secret_itself,
    secret_strength,
    secret_required,
    public_client_accepted,
    extra_parameters,
    malformed_refused,
    error_format,
    error_codes
];

pub(crate) use error_format::ASCII;

use crate::case::Case;
use crate::check::{Tier, reached};
use crate::evidence::{Endpoint, Slot};
use crate::probe::token::{self, Answer, Known};
use crate::target::Depth;
use crate::verdict::{Gap, Place, Spot, Verdict};

/// The secret was seen to be wrong before any login, so a login only shows it once more.
pub(crate) fn secret_refused(case: &Case<'_>) -> bool {
    matches!((secret_accepted::CHECK.judge)(case), Ok(Verdict::Fail(_)))
}

/// Nothing is read from an endpoint that is not there.
fn there(case: &Case<'_>) -> Result<(), Gap> {
    let slots = || case.facts.evidence.iter().map(|(slot, _)| slot);
    match (reachable::CHECK.judge)(case) {
        Ok(Verdict::Fail(_)) => {
            let first = slots().find(|slot| matches!(slot, Slot::Probe(Endpoint::Token, _))).cloned();
            Err(Gap::Unusable(first.unwrap_or(Slot::Discovery), reachable::CHECK.id))
        }
        _ => Ok(()),
    }
}

/// What the checks start from that only the thorough set has questions for.
struct Strict {
    /// The two answers by which the endpoint tells the client from others.
    known: Known,
    /// The word for the method of the client; none for a public one.
    word: Option<&'static str>,
}

impl Strict {
    /// `Err` holds the verdict where nothing is to be asked.
    fn of(case: &Case<'_>) -> Result<Strict, Result<Verdict, Gap>> {
        if case.target.depth < Depth::Thorough {
            return Err(Ok(Verdict::not_applicable("tried with --depth thorough")));
        }
        let public = case.profile.public();
        // A confidential client is asked for with its secret, or not at all.
        if !public && reached(case.target, case.profile) < Tier::Secret {
            return Err(Ok(Verdict::not_applicable(
                "without the client secret nothing is asked of the token endpoint",
            )));
        }
        case.metadata().map_err(Err)?;
        case.note_probe(Endpoint::Token);
        there(case).map_err(Err)?;
        let method = (!public).then(|| crate::plan::secret_method(case.target, case.profile, case.facts));
        let word = method.map(crate::plan::method_word);
        let known = Known::of(case.facts.evidence, word).map_err(|why| Err(Gap::Undecided(why)))?;
        Ok(Strict { known, word })
    }

    /// The answer to a question; `None` when it was not asked.
    fn answer(&self, case: &Case<'_>, what: &str) -> Option<Result<Answer, String>> {
        case.facts.evidence.get(&self.place(what).slot)?;
        Some(token::answer(case.facts.evidence, &token::strict_name(what, self.word)))
    }

    fn place(&self, what: &str) -> Place {
        Place { slot: token::strict_slot(what, self.word), spot: Spot::Status }
    }
}
