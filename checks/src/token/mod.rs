//! The token endpoint, asked with a code that never existed.

group![reachable, secret_accepted, secret_itself, public_client_accepted, error_format, error_codes];

pub(crate) use error_format::ASCII;

use crate::case::Case;
use crate::evidence::{Endpoint, Slot};
use crate::verdict::{Gap, Verdict};

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
