//! The key set is a JWK set that every parser reads alike.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::library::transport::Doc;
use crate::library::{Refusal, Rule};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/json",
    title: "the key set is a clean JWK set",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Rfc(7517), "5"),
        Clause::must(Spec::Rfc(8259), "2"),
        Clause::must(Spec::Rfc(8259), "8.1"),
        Clause::should(Spec::Rfc(8259), "8.2"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "A web page or a bare array in place of the set leaves the library without any key.",
    remedy: "The document must be a JSON object with an array named keys.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let keys = &case.library().keys;
    let place = |at| Place { slot: Slot::Jwks, spot: Spot::Body(String::new(), at) };
    let jwks = match (case.jwks(), &case.facts.jwks_error) {
        (Ok(jwks), _) => jwks,
        (Err(gap), _) if gap.blamed_on() != Some(CHECK.id) => return Err(gap),
        (Err(_), Some(error)) => {
            let step = if error.readable { keys.shape.unwrap_or(keys.fetched) } else { keys.fetched };
            let finding = Finding::new(error.text.clone(), place(None), CHECK.clauses[0])
                .expected("an object with an array named keys")
                .actual(error.text.clone());
            let refusal = keys.verified.then(|| Refusal::at(step, Rule::JwksNotJson, "it finds no keys in this"));
            return Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)));
        }
        (Err(gap), None) => return Err(gap),
    };
    let document = &jwks.document;
    let odd = [
        (document.byte_order_mark.then_some(0), "the key set starts with a byte order mark", CHECK.clauses[2]),
        (document.trailing, "something stands after the key set", CHECK.clauses[1]),
        (document.not_utf8, "the key set is not UTF-8", CHECK.clauses[2]),
        (document.half_pair, "a string of the key set holds half of a surrogate pair", CHECK.clauses[3]),
        (document.not_finite, "the key set holds a number that JSON does not have", CHECK.clauses[1]),
        (document.duplicates.first().map(|d| d.1), "a member of the key set stands more than once", CHECK.clauses[1]),
    ];
    let library = case.library();
    let reader = library.json.refuses(document);
    let reader = reader.map(|(_, because)| Refusal::at(keys.fetched, Rule::JwksNotJson, because));
    let refusal = library.transport.oddities(Doc::Jwks(keys.fetched), document).or(reader).filter(|_| keys.verified);
    let mut findings = Vec::new();
    for (at, message, clause) in odd {
        if let Some(at) = at {
            let finding = Finding::new(message, place(Some(at)), clause)
                .expected("a plain JSON object in UTF-8")
                .actual(format!("byte {at}"));
            findings.push(case.weigh(finding, refusal.as_ref(), Effect::Untidy));
        }
    }
    Ok(Verdict::from(findings, crate::report::count(jwks.keys.len(), "key")))
}
