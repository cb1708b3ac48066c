//! The coordinates of a key belong to its curve.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::jwks::{Jwks, Key};
use crate::evidence::{SlotKind, numbers};
use crate::library::keys::Concern;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/curve-points",
    title: "the coordinates of every key belong to its curve",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Rfc(7518), "6.2.1.2"),
        Clause::must(Spec::Rfc(7518), "6.2.1"),
        Clause::must(Spec::Rfc(8037), "2"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "A coordinate that lost its leading zero makes a key that some libraries read and others refuse, for one key in 128; a point off the curve verifies nothing.",
    remedy: "Let the provider write x and y in the full length of the curve, and make a new key if the point is not on it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    let curved = jwks.keys.iter().filter(|key| key.curve().and_then(numbers::coordinate_len).is_some()).count();
    if curved == 0 {
        return Ok(Verdict::not_applicable("there is no key on a known curve"));
    }
    super::keys_verdict(case, jwks, Concern::Points, super::weigh_unverified(case, defects(jwks)))
}

fn defects(jwks: &Jwks) -> Vec<(Finding, Effect)> {
    let mut found = Vec::new();
    for key in &jwks.keys {
        let Some((curve, length)) = key.curve().and_then(|curve| Some((curve, numbers::coordinate_len(curve)?))) else {
            continue;
        };
        let members: &[&str] = match key.kty() {
            Some("EC") => &["x", "y"],
            Some("OKP") => &["x"],
            _ => continue,
        };
        let bytes: Vec<(&str, Vec<u8>)> =
            members.iter().filter_map(|m| Some((*m, key.bytes(m).filter(|b| !b.is_empty())?))).collect();
        // What is missing or cannot be read is the business of the check of forms.
        if bytes.len() < members.len() {
            continue;
        }
        let effect = if key.can_sign() { Effect::Degraded } else { Effect::Untidy };
        if let Some((member, odd)) = bytes.iter().find(|(_, bytes)| bytes.len() != length) {
            let clause = CHECK.clauses[if key.kty() == Some("OKP") { 2 } else { 0 }];
            let message =
                format!("{member} of {} has {} bytes, and a coordinate of {curve} has {length}", key.name(), odd.len());
            found.push((
                at(key, member, message, clause)
                    .expected(format!("{length} bytes"))
                    .actual(format!("{} bytes", odd.len())),
                effect,
            ));
        } else if let [(_, x), (_, y)] = bytes.as_slice()
            && numbers::on_curve(curve, x, y) == Some(false)
        {
            let message = format!("the point of {} is not on {curve}", key.name());
            found.push((
                at(key, "x", message, CHECK.clauses[1])
                    .expected(format!("a point of {curve}"))
                    .actual("a point elsewhere"),
                effect,
            ));
        }
    }
    found
}

fn at(key: &Key, member: &str, message: String, clause: Clause) -> Finding {
    Finding::new(message, super::at_key(key, member), clause)
}
