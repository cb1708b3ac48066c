//! The metadata is not compressed unless a client asks for it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::library::transport::Doc;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/encoding",
    title: "the metadata is compressed only for clients that ask for it",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(9110), "12.5.3"), Clause::must(Spec::Rfc(9110), "8.4")],
    needs: &[SlotKind::Discovery],
    why: "Libraries that ask for no compression do not undo it; to them the document is binary noise.",
    remedy: "Let the reverse proxy honour Accept-Encoding, or switch compression off for this path.",
    formerly: &[],
    judge,
};

fn is_plain(named: &str) -> bool {
    named.trim().is_empty() || named.trim().eq_ignore_ascii_case("identity")
}

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let response = case.response(&Slot::Discovery, "discovery/reachable")?;
    if response.encoded_len.is_none() {
        let Some(named) = response.header("content-encoding").filter(|named| !is_plain(named)) else {
            return Ok(Verdict::pass("not compressed, as asked"));
        };
        let place = Place { slot: Slot::Discovery, spot: Spot::Header("Content-Encoding".into()) };
        let finding = Finding::new("Content-Encoding names something that is no encoding", place, CHECK.clauses[1])
            .expected("no Content-Encoding")
            .actual(named)
            .remedy("Take the header away; the character set belongs into Content-Type.");
        return Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Discovery)));
    }
    let refusal = case.library().transport.compression(Doc::Metadata, response);
    let seen = response.header("content-encoding").unwrap_or("compressed");
    let place = Place { slot: Slot::Discovery, spot: Spot::Header("Content-Encoding".into()) };
    let finding =
        Finding::new("the metadata is compressed although the client did not ask for it", place, CHECK.clauses[0])
            .expected("no Content-Encoding when the request has no Accept-Encoding")
            .actual(seen);
    Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)))
}
