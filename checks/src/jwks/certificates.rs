//! Certificates in x5c belong to their keys.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::jwks::Jwks;
use crate::library::keys::Concern;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/certificates",
    title: "certificates beside keys are valid and belong to them",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(7517), "4.7")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Some libraries refuse a key, or the whole set, for its certificate; some take the certificate instead of the key.",
    remedy: "Let the provider leave x5c out, or make the certificate anew from the signing key.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    super::keys_verdict(case, jwks, Concern::Certificates, defects(case, jwks))
}

fn defects(case: &Case<'_>, jwks: &Jwks) -> Vec<(Finding, Effect)> {
    use crate::library::keys::{Base64, Defect, defects};
    let mut found = Vec::new();
    for key in &jwks.keys {
        let broken = defects(key, Base64::Any).find(|d| matches!(d, Defect::BrokenX5c | Defect::ForeignX5c));
        let expired = key.leaf.as_ref().filter(|c| c.not_after < case.now.as_second());
        let (what, clause) = match (broken, expired) {
            (Some(defect), _) => (defect.words().to_owned(), CHECK.clauses[0]),
            (None, Some(certificate)) => (
                format!("the certificate in x5c expired on {}", crate::hosts::day(certificate.not_after)),
                Clause::should(Spec::Rfc(7517), "4.7"),
            ),
            (None, None) => continue,
        };
        let finding = Finding::new(format!("{}: {what}", key.name()), super::at_key(key, "x5c"), clause)
            .expected("a valid certificate of this key")
            .actual(what);
        found.push((finding, Effect::Untidy));
    }
    // A library may mind a certificate that is right in itself, such as one beside a key that is not RSA.
    if found.is_empty() {
        let kty = jwks.keys.iter().find(|k| k.certificates().is_some() && k.kty() != Some("RSA"));
        let refused = kty
            .filter(|_| matches!(super::lost(case, jwks, Concern::Certificates), crate::library::keys::Lost::All(_)));
        found.extend(refused.map(|key| {
            (
                Finding::new(format!("{} carries x5c", key.name()), super::at_key(key, "x5c"), CHECK.clauses[0])
                    .expected("no x5c")
                    .actual("x5c"),
                Effect::Untidy,
            )
        }));
    }
    super::weigh_unverified(case, found)
}
