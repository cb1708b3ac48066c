//! The provider's keys: can they be had, can they be read, and does the library find the one that signs.
//!
//! Each check answers for one concern ([`Concern`]), and asks the library's rules with everything else switched off,
//! so that one defect fails one check.

use crate::case::Case;
use crate::evidence::Slot;
use crate::evidence::jwks::{Jwks, Key};
use crate::library::keys::{Concern, Lost};
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Spot, Verdict};

group![
    reachable,
    redirects,
    content_type,
    encoding,
    timely,
    json,
    key_for_algorithm,
    key_ids,
    rsa_size,
    public_only,
    key_form,
    certificates,
    key_usage,
    usage_consistent,
    distinct_keys,
    encryption_keys,
    rsa_numbers,
    curve_points,
    known_keys,
];

/// The place of a member of a key; the key itself when the name is empty.
fn at_key(key: &Key, member: &str) -> Place {
    let node = key.node.get(member);
    let pointer =
        if member.is_empty() { format!("/keys/{}", key.index) } else { format!("/keys/{}/{member}", key.index) };
    Place { slot: Slot::Jwks, spot: Spot::Body(pointer, Some(node.unwrap_or(&key.node).span.start)) }
}

/// What a concern costs this library.
fn lost(case: &Case<'_>, jwks: &Jwks, concern: Concern) -> Lost {
    let rules = case.library();
    let listed = case.metadata().ok().and_then(|m| m.strings("id_token_signing_alg_values_supported"));
    rules.keys.lost(&rules.algorithms, listed.as_deref(), jwks, concern)
}

/// For a library that never verifies a signature, defects of keys that only hinder verification are untidy.
fn weigh_unverified(case: &Case<'_>, found: Vec<(Finding, Effect)>) -> Vec<(Finding, Effect)> {
    let verified = case.library().keys.verified;
    found.into_iter().map(|(f, effect)| (f, if verified { effect } else { Effect::Untidy })).collect()
}

/// Turns the defects of one concern into a verdict: the first one carries what the library does about them.
fn keys_verdict(case: &Case<'_>, jwks: &Jwks, concern: Concern, found: Vec<(Finding, Effect)>) -> Result<Verdict, Gap> {
    let lost = lost(case, jwks, concern);
    let step = case.library().keys.used;
    let mut findings = Vec::new();
    for (finding, effect) in found {
        let finding = finding.means(effect, step);
        findings.push(match &lost {
            Lost::All(refusal) if findings.is_empty() => case.weigh(finding, Some(refusal), effect),
            Lost::Some(refusal) if findings.is_empty() => {
                let message =
                    format!("{}; {}: {} in some of its tokens", finding.message, case.library().title, refusal.because);
                Finding { message, ..finding.means(effect.max(Effect::Degraded), refusal.step) }
            }
            _ => finding,
        });
    }
    // A library may refuse what no specification minds, such as a key of another type before the right one.
    if let (Lost::All(refusal), true) = (&lost, findings.is_empty()) {
        let place = Place { slot: Slot::Jwks, spot: Spot::Body("/keys".into(), None) };
        let clause = Clause::local("what the client library demands of a key set");
        let seen: Vec<String> = jwks.keys.iter().map(Key::name).collect();
        let finding = Finding::new("the set is in order, but not for this library", place, clause)
            .expected("a set that the library can use")
            .actual(seen.join(", "));
        findings.push(case.weigh(finding, Some(refusal), Effect::Untidy));
    }
    Ok(Verdict::from(findings, crate::report::count(jwks.keys.len(), "key")))
}
