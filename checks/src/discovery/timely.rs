//! The metadata comes in time and in a size that the library reads.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::fetched::{Fetched, LIMITS};
use crate::verdict::{Gap, Severity, Verdict};

/// Larger than this is worth a word even where the library reads more, in bytes: mod_auth_openidc stops there.
const LARGE: usize = 1 << 20;

pub(crate) static CHECK: Check = Check {
    id: "discovery/timely",
    title: "the metadata comes within the time and the size that the library allows",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[LIMITS],
    needs: &[SlotKind::Discovery],
    why: "Libraries give up after half a second to ten seconds, and then people see an error although everything is right.",
    remedy: "Find out what makes the answer slow (cold start, DNS, a proxy that retries), or serve it from a cache.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = Fetched::metadata(case)?;
    let remedy = "Find out what fills it: metadata is a list of endpoints and abilities.";
    Ok(metadata.size(case, (LARGE, remedy)).map_or_else(|| metadata.time(case), Verdict::fail))
}
