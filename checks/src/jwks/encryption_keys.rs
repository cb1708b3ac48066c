//! Keys for encryption use an encryption that holds.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::jwks::{Jwks, Key};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/encryption-keys",
    title: "no key is for an encryption that is known to leak",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[Clause::should(Spec::Rfc(8725), "3.2")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "RSA with PKCS #1 v1.5 padding has leaked plain texts again and again, whenever a server told good padding from bad.",
    remedy: "Let the provider use RSA-OAEP or ECDH-ES for what is encrypted to it, or drop the key.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    let for_encryption =
        |key: &&Key| key.usage() == Some("enc") || key.alg().is_some_and(crate::evidence::jwks::is_encryption);
    let keys: Vec<&Key> = jwks.keys.iter().filter(for_encryption).collect();
    if keys.is_empty() {
        return Ok(Verdict::not_applicable("no key is for encryption"));
    }
    Ok(Verdict::from(findings(case, jwks), crate::report::count(keys.len(), "key")))
}

fn findings(case: &Case<'_>, jwks: &Jwks) -> Vec<Finding> {
    let leaky = jwks.keys.iter().filter(|key| key.alg() == Some("RSA1_5"));
    let finding = |key: &Key| {
        Finding::new(format!("{} is for RSA1_5", key.name()), super::at_key(key, "alg"), CHECK.clauses[0])
            .expected("RSA-OAEP-256 or ECDH-ES")
            .actual("RSA1_5")
            .means(Effect::Untidy, case.library().keys.used)
    };
    leaky.map(finding).collect()
}
