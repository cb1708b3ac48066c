//! Every key can be told from the others by its id.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::jwks::Jwks;
use crate::library::keys::Concern;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/key-ids",
    title: "every key has an id of its own",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Core, "10.1"), Clause::should(Spec::Rfc(7517), "4.5")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "A library finds the key of a token by its id. Without one, or with two of the same, it refuses, or tries the wrong key.",
    remedy: "Let the provider give every key a kid that no other key has, and put it into the header of its tokens.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    super::keys_verdict(case, jwks, Concern::KeyIds, defects(case, jwks))
}

fn defects(case: &Case<'_>, jwks: &Jwks) -> Vec<(Finding, Effect)> {
    let mut found = Vec::new();
    let several = jwks.keys.len() > 1;
    for key in &jwks.keys {
        let odd = key.node.get("kid").filter(|n| n.as_str().is_none());
        let twin =
            jwks.keys.iter().find(|other| other.index < key.index && key.kid().is_some() && other.kid() == key.kid());
        let (message, clause, effect) = if let Some(node) = odd {
            (format!("the kid of {} is {}", key.name(), node.kind()), CHECK.clauses[1], Effect::Untidy)
        } else if let Some(twin) = twin {
            // Different types may share an id (RFC 7517 section 4.5), and libraries that look at the type cope.
            let same = twin.kty() == key.kty();
            (
                format!("{} stands more than once", key.name()),
                CHECK.clauses[1],
                if same { Effect::Degraded } else { Effect::Untidy },
            )
        } else if key.kid().is_none_or(str::is_empty) {
            (
                format!("{} has no kid", key.name()),
                CHECK.clauses[usize::from(!several)],
                if several { Effect::Degraded } else { Effect::Untidy },
            )
        } else {
            continue;
        };
        let seen = key.node.get("kid").map_or("absent".to_owned(), crate::evidence::json::Node::show);
        found.push((
            Finding::new(message, super::at_key(key, "kid"), clause).expected("a kid of its own").actual(seen),
            effect,
        ));
    }
    super::weigh_unverified(case, found)
}
