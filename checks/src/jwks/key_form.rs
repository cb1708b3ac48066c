//! Every entry of the set can be read.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::json::Node;
use crate::evidence::jwks::Jwks;
use crate::library::keys::Concern;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/key-form",
    title: "every entry of the set is a readable public key",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Rfc(7517), "4"),
        Clause::must(Spec::Rfc(7518), "6"),
        Clause::should(Spec::Rfc(7517), "5"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Many libraries refuse the whole set for one entry that they cannot read, although another key signs.",
    remedy: "Take the entry out of the set, or let the provider write it as RFC 7518 says (base64url without padding, all members).",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    super::keys_verdict(case, jwks, Concern::Form, defects(case, jwks))
}

fn defects(case: &Case<'_>, jwks: &Jwks) -> Vec<(Finding, Effect)> {
    use crate::library::keys::{Base64, Defect, defects};
    let mut found = Vec::new();
    for (index, kind) in jwks.strangers() {
        let place = crate::verdict::Place {
            slot: crate::evidence::Slot::Jwks,
            spot: crate::verdict::Spot::Body(format!("/keys/{index}"), None),
        };
        found.push((
            Finding::new(format!("entry {index} of the set is {kind}"), place, CHECK.clauses[0])
                .expected("an object")
                .actual(kind),
            Effect::Untidy,
        ));
    }
    for key in &jwks.keys {
        for defect in defects(key, Base64::Clean) {
            // An unknown type or curve is allowed, and SHOULD be ignored (RFC 7517 section 5): only a refusal makes it worth a word.
            let clause = match defect {
                Defect::Incomplete => CHECK.clauses[1],
                // Decimal digits are often no base64 either.
                Defect::Spelling if key.defects.contains(&Defect::Digits) => continue,
                Defect::Spelling | Defect::LineBreaks | Defect::Digits => CHECK.clauses[1],
                Defect::UnknownCurve | Defect::UnknownType => CHECK.clauses[2],
                _ => continue,
            };
            // A number where text belongs is easier to see than what it lacks.
            let odd = key.mistyped.iter().find(|member| ["n", "e", "crv", "x", "y"].contains(member));
            let odd = odd.filter(|_| defect == Defect::Incomplete);
            let kind = |member| key.node.get(member).map_or("absent", Node::kind);
            let (what, member) = match odd {
                Some(member) => (format!("{member} is {}", kind(member)), *member),
                None if defect == Defect::Digits => (defect.words().to_owned(), "n"),
                None => (defect.words().to_owned(), ""),
            };
            let finding = Finding::new(format!("{}: {what}", key.name()), super::at_key(key, member), clause)
                .expected("a key as RFC 7518 section 6 describes it")
                .actual(what);
            found.push((finding, Effect::Untidy));
        }
    }
    super::weigh_unverified(case, found)
}
