//! The metadata is where the issuer says, without a detour that the library does not take.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::fetched::Fetched;
use crate::spec::{Clause, Spec};
use crate::verdict::{Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/redirects",
    title: "the metadata is served without a redirect",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "4.2"), Clause::must(Spec::Discovery, "7.1")],
    needs: &[SlotKind::Discovery],
    why: "Some libraries follow no redirect at all, some stop after ten, some refuse to leave https.",
    remedy: "Serve the document at the well-known URL itself: give applications the final URL as issuer, or let the reverse proxy rewrite instead of redirecting.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    Ok(Fetched::metadata(case)?.redirects(case, CHECK.clauses[1], CHECK.clauses[0]))
}
