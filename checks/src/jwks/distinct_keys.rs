//! Every key is another key.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::jwks::{Jwks, Key};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/distinct-keys",
    title: "no key stands in the set under two ids",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[Clause::should(Spec::Core, "10.1.1"), Clause::must(Spec::Rfc(8725), "3.1")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "A new id on an old key looks like a change of keys and is none; one key for several algorithms weakens all of them.",
    remedy: "Make a new key for every id, and one key for every algorithm.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    Ok(Verdict::from(findings(case, jwks), crate::report::count(jwks.keys.len(), "key")))
}

fn findings(case: &Case<'_>, jwks: &Jwks) -> Vec<Finding> {
    let mut found = Vec::new();
    for key in &jwks.keys {
        // Two entries of one id, or without any, are the business of the check of ids.
        let twin = |other: &&Key| {
            other.index < key.index
                && other.kid().is_some()
                && key.kid().is_some()
                && other.kid() != key.kid()
                && same(other, key)
        };
        let Some(twin) = jwks.keys.iter().find(twin) else { continue };
        let (what, clause) = match (twin.alg(), key.alg()) {
            (Some(a), Some(b)) if a != b => {
                (format!("{} and {} are one key for {a} and {b}", twin.name(), key.name()), CHECK.clauses[1])
            }
            _ => (format!("{} and {} are the same key", twin.name(), key.name()), CHECK.clauses[0]),
        };
        let finding = Finding::new(what, super::at_key(key, "kid"), clause)
            .expected("a key of its own for every kid")
            .actual(twin.name());
        found.push(finding.means(Effect::Untidy, case.library().keys.used));
    }
    found
}

/// Whether two entries hold the same public key.
fn same(a: &Key, b: &Key) -> bool {
    let members: &[&str] = match a.kty() {
        Some("RSA") => &["n", "e"],
        Some("EC") => &["x", "y"],
        Some("OKP") => &["x"],
        _ => return false,
    };
    let number = |key: &Key, member: &&str| key.bytes(member).map(|bytes| crate::evidence::numbers::number(&bytes));
    a.kty() == b.kty()
        && a.curve() == b.curve()
        && members.iter().all(|m| number(a, m).is_some() && number(a, m) == number(b, m))
}
