//! The key set is where jwks_uri says.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::fetched::Fetched;
use crate::spec::{Clause, Spec};
use crate::verdict::{Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/redirects",
    title: "the key set is served without a redirect",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::local("redirects that the client library follows"), Clause::must(Spec::Discovery, "3")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Some libraries follow no redirect when they fetch keys.",
    remedy: "Publish the final URL as jwks_uri.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let keys = match Fetched::keys(case)? {
        Ok(keys) => keys,
        Err(verdict) => return Ok(verdict),
    };
    case.jwks()?;
    Ok(keys.redirects(case, CHECK.clauses[1], CHECK.clauses[0]))
}
