//! The signing keys say that they sign.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::json::Node;
use crate::evidence::jwks::{Jwks, Key};
use crate::library::keys::Concern;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/key-usage",
    title: "keys may be used for what they are for",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Rfc(7517), "4.4"),
        Clause::must(Spec::Rfc(7517), "4.2"),
        Clause::must(Spec::Rfc(7517), "4.3"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "A signing key that says it is for encryption, or for another algorithm than the token names, is not used by strict libraries.",
    remedy: "Let the provider publish the signing key with use sig and the alg of its tokens, or without both.",
    formerly: &[],
    judge,
};

/// What the keys say of their use, as this library minds it.
pub(super) fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    super::keys_verdict(case, jwks, Concern::Usage, defects(case, jwks))
}

fn defects(case: &Case<'_>, jwks: &Jwks) -> Vec<(Finding, Effect)> {
    // A list that no key of the set could serve is wrong itself; discovery/algorithms says so once.
    let by_type = |list: &Vec<&str>| {
        jwks.signers().iter().any(|key| key.algorithms_by_type().iter().any(|alg| list.contains(alg)))
    };
    let listed = case.metadata().ok().and_then(|m| m.strings("id_token_signing_alg_values_supported")).filter(by_type);
    let able = jwks.keys.iter().any(crate::evidence::jwks::Key::can_sign);
    let mut found = Vec::new();
    for key in &jwks.keys {
        found.extend(types(key));
        let own = key.alg().filter(|alg| key.algorithms_by_type().contains(alg));
        let unlisted = own.filter(|alg| listed.as_ref().is_some_and(|list| !list.contains(alg)));
        if !able && !key.can_sign() && key.kty() != Some("oct") {
            let seen = [
                key.usage().map(|u| format!("use {u}")),
                key.operations().map(|o| format!("key_ops {}", o.join(", "))),
                key.alg().map(|a| format!("alg {a}")),
            ];
            let seen: Vec<String> = seen.into_iter().flatten().collect();
            let finding = Finding::new(
                format!("no key is for signing; {} says {}", key.name(), seen.join(", ")),
                super::at_key(key, "use"),
                CHECK.clauses[1],
            );
            found.push((finding.expected("use sig").actual(seen.join(", ")), Effect::Degraded));
        } else if let Some(alg) = unlisted.filter(|_| key.can_sign()) {
            let finding = Finding::new(
                format!("{} says alg {alg}, which is not advertised", key.name()),
                super::at_key(key, "alg"),
                CHECK.clauses[0],
            );
            found.push((finding.expected(listed.clone().unwrap_or_default().join(", ")).actual(alg), Effect::Untidy));
        }
    }
    super::weigh_unverified(case, found)
}

/// What is wrong with `use`, `key_ops` and `alg` of one key before it matters what they say.
fn types(key: &Key) -> Vec<(Finding, Effect)> {
    let clause = |member: &str| match member {
        "alg" => CHECK.clauses[0],
        "use" => CHECK.clauses[1],
        _ => CHECK.clauses[2],
    };
    let finding = |member: &str, message: String, expected: &str| {
        let seen = key.node.get(member).map_or_else(String::new, Node::show);
        let place = super::at_key(key, member);
        (Finding::new(message, place, clause(member)).expected(expected).actual(seen), Effect::Untidy)
    };
    let mistyped = key.mistyped.iter().filter(|member| matches!(**member, "use" | "key_ops" | "alg")).map(|member| {
        let kind = key.node.get(member).map_or_else(String::new, Node::kind_inside);
        let expected = if *member == "key_ops" { "an array of strings" } else { "a string" };
        finding(member, format!("{member} of {} is {kind}", key.name()), expected)
    });
    let mut found: Vec<_> = mistyped.collect();
    let operations = key.operations().unwrap_or_default();
    if operations.iter().enumerate().any(|(at, one)| operations[..at].contains(one)) {
        found.push(finding("key_ops", format!("key_ops of {} names an operation twice", key.name()), "each one once"));
    } else if operations.contains(&"sign") && !operations.contains(&"verify") && key.private_members().is_empty() {
        let message = format!("key_ops of {} says sign, which no public key can", key.name());
        found.push(finding("key_ops", message, "verify"));
    }
    found
}
