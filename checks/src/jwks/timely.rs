//! The key set comes in time and in a size that the library reads.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::fetched::{Fetched, LIMITS};
use crate::verdict::{Gap, Severity, Verdict};

/// Larger than this is worth a word even where the library reads more, in bytes: Nimbus JOSE stops there.
const LARGE: usize = 51_200;

pub(crate) static CHECK: Check = Check {
    id: "jwks/timely",
    title: "the key set comes within the time and the size that the library allows",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[LIMITS],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Libraries give up after half a second to ten seconds, and then people see an error although everything is right.",
    remedy: "Serve the key set from a cache and keep it small; where the library lets you, raise its limits.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let keys = match Fetched::keys(case)? {
        Ok(keys) => keys,
        Err(verdict) => return Ok(verdict),
    };
    let remedy = "Let the provider drop the keys that no valid token was signed with.";
    Ok(keys.size(case, (LARGE, remedy)).map_or_else(|| keys.time(case), Verdict::fail))
}
