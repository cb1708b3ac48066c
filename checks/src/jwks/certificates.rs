//! Certificates in x5c belong to their keys.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::json::Node;
use crate::evidence::jwks::Jwks;
use crate::library::keys::Concern;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/certificates",
    title: "certificates beside keys are valid and belong to them",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(7517), "4.7"), Clause::must(Spec::Rfc(7517), "4.8")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Some libraries refuse a key, or the whole set, for its certificate; some take the certificate instead of the key.",
    remedy: "Let the provider leave x5c and x5t out, or make the certificate anew from the signing key.",
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
        for member in key.mistyped.iter().filter(|member| member.starts_with("x5")) {
            let (kind, list) = (key.node.get(member).map_or_else(String::new, Node::kind_inside), *member == "x5c");
            let message = format!("{member} of {} is {kind}", key.name());
            let clause = CHECK.clauses[usize::from(member.starts_with("x5t"))];
            let finding = Finding::new(message, super::at_key(key, member), clause)
                .expected(if list { "an array of strings" } else { "a string" })
                .actual(kind);
            found.push((finding, Effect::Untidy));
        }
        let broken =
            defects(key, Base64::Any).find(|d| matches!(d, Defect::EmptyX5c | Defect::BrokenX5c | Defect::ForeignX5c));
        let thumbprint =
            defects(key, Base64::Any).find(|d| matches!(d, Defect::Thumbprint | Defect::ForeignThumbprint));
        if let Some(defect) = thumbprint.filter(|_| broken.is_none()) {
            let member = if key.node.get("x5t").is_some() { "x5t" } else { "x5t#S256" };
            let (what, expected) = (defect.words(), "base64url of the digest of the certificate in x5c");
            let finding = Finding::new(format!("{}: {what}", key.name()), super::at_key(key, member), CHECK.clauses[1])
                .expected(expected)
                .actual(key.node.get(member).map_or_else(String::new, Node::show));
            found.push((finding, Effect::Untidy));
        }
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
