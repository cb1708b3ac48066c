//! RSA keys are long enough.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::jwks::Jwks;
use crate::library::keys::Concern;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/rsa-size",
    title: "RSA keys have 2048 bits or more",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(7518), "3.3")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Shorter keys can be broken, and strict libraries refuse them.",
    remedy: "Make a new RSA key of 2048 bits or more and retire the short one.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    super::keys_verdict(case, jwks, Concern::Size, defects(case, jwks))
}

fn defects(case: &Case<'_>, jwks: &Jwks) -> Vec<(Finding, Effect)> {
    let short = jwks.keys.iter().filter_map(|key| Some((key, key.rsa_bits.filter(|bits| *bits < 2048)?)));
    let found = short.map(|(key, bits)| {
        let finding =
            Finding::new(format!("{} has {bits} bits", key.name()), super::at_key(key, "n"), CHECK.clauses[0]);
        (
            finding.expected("2048 bits or more").actual(format!("{bits} bits")),
            if key.can_sign() { Effect::Unsafe } else { Effect::Degraded },
        )
    });
    super::weigh_unverified(case, found.collect())
}
