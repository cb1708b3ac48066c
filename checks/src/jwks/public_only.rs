//! The key set holds public keys only.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::jwks::Jwks;
use crate::library::keys::Concern;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/public-only",
    title: "no private or symmetric key is published",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(7518), "6.2.2"), Clause::must(Spec::Rfc(7517), "9.2")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Whoever has the private key logs in as anybody, at every application of this provider.",
    remedy: "Treat the key as stolen: make a new one now, publish its public half only, and end all sessions.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    super::keys_verdict(case, jwks, Concern::Privacy, defects(case, jwks))
}

fn defects(_case: &Case<'_>, jwks: &Jwks) -> Vec<(Finding, Effect)> {
    let mut found = Vec::new();
    for key in &jwks.keys {
        let members = key.private_members();
        if let Some(first) = members.first() {
            let message = if key.kty() == Some("oct") {
                format!("{} is a symmetric key", key.name())
            } else {
                format!("{} holds private members", key.name())
            };
            // The values are secrets: only their names are shown.
            let finding =
                Finding::new(message, super::at_key(key, first), CHECK.clauses[usize::from(key.kty() == Some("oct"))]);
            found.push((finding.expected("public members only").actual(members.join(", ")), Effect::Unsafe));
        }
    }
    found
}
