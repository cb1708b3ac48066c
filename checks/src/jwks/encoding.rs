//! The key set is not compressed unless a client asks for it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::library::transport::Doc;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/encoding",
    title: "the key set is compressed only for clients that ask for it",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(9110), "12.5.3")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Libraries that ask for no compression do not undo it; to them the document is binary noise.",
    remedy: "Let the reverse proxy honour Accept-Encoding, or switch compression off for this path.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let keys = &case.library().keys;
    if !keys.verified {
        return Ok(Verdict::not_applicable("the library never fetches the keys"));
    }
    let response = case.response(&Slot::Jwks, "jwks/reachable")?;
    if response.encoded_len.is_none() {
        return Ok(Verdict::pass("not compressed, as asked"));
    }
    let refusal = case.library().transport.compression(Doc::Jwks(keys.fetched), response);
    let seen = response.header("content-encoding").unwrap_or("compressed");
    let place = Place { slot: Slot::Jwks, spot: Spot::Header("Content-Encoding".into()) };
    let finding =
        Finding::new("the key set is compressed although the client did not ask for it", place, CHECK.clauses[0])
            .expected("no Content-Encoding when the request has no Accept-Encoding")
            .actual(seen);
    Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)))
}
