//! What a key says of its use does not contradict itself.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::jwks::{Key, is_encryption};
use crate::evidence::{Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/usage-consistent",
    title: "no key contradicts itself about its use",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Rfc(7517), "4.3"),
        Clause::must(Spec::Rfc(7517), "4.4"),
        Clause::must(Spec::Rfc(7518), "3.1"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Libraries look at different ones of use, key_ops and alg: a key that says two things works here and not there.",
    remedy: "Let the provider publish the key with use sig and the alg of its tokens, or without use, key_ops and alg.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    let found: Vec<(&Key, String)> = jwks.keys.iter().filter_map(|key| Some((key, contradiction(key)?))).collect();
    if found.is_empty() {
        return Ok(Verdict::pass(crate::report::count(jwks.keys.len(), "key")));
    }
    // One root cause is one failure: where the check of usage fails, it has said it.
    if matches!(super::key_usage::judge(case)?, Verdict::Fail(_)) {
        return Err(Gap::Unusable(Slot::Jwks, "jwks/key-usage"));
    }
    let finding = |(key, what): (&Key, String)| {
        Finding::new(format!("{}: {what}", key.name()), super::at_key(key, ""), CHECK.clauses[0])
            .expected("use, key_ops, alg and kty that fit each other")
            .actual(what)
            .means(Effect::Untidy, case.library().keys.used)
    };
    Ok(Verdict::Fail(found.into_iter().map(finding).collect()))
}

fn contradiction(key: &Key) -> Option<String> {
    const SIGNING: [&str; 5] = ["RS", "PS", "ES", "HS", "Ed"];
    let signs = |alg: &str| !is_encryption(alg) && SIGNING.iter().any(|start| alg.starts_with(start));
    let by_type = key.algorithms_by_type();
    if let Some(alg) = key.alg().filter(|alg| signs(alg)) {
        if !by_type.is_empty() && !by_type.contains(&alg) {
            let kind = key.curve().or(key.kty()).unwrap_or("this");
            return Some(format!("alg {alg} cannot be served by a key of {kind}"));
        }
        if key.usage() == Some("enc") {
            return Some(format!("use is enc, and alg {alg} signs"));
        }
    }
    if let Some(alg) = key.alg().filter(|alg| is_encryption(alg) && key.usage() == Some("sig")) {
        return Some(format!("use is sig, and alg {alg} encrypts"));
    }
    let operations = key.operations()?;
    let has = |names: &[&str]| operations.iter().any(|operation| names.contains(operation));
    let (signing, encrypting) =
        (has(&["sign", "verify"]), has(&["encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"]));
    match key.usage() {
        Some("sig") if !signing => Some(format!("use is sig, and key_ops is {}", operations.join(", "))),
        Some("enc") if signing && !encrypting => Some(format!("use is enc, and key_ops is {}", operations.join(", "))),
        _ => None,
    }
}
