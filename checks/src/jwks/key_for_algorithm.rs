//! There is a key for what the provider says it signs with.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::library::Rule;
use crate::library::keys::{Concern, Lost};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/key-for-algorithm",
    title: "there is a key for an advertised algorithm that the library takes",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::must(Spec::Core, "10.1")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "An empty set, or one without the key that signs, refuses every login after the password was typed.",
    remedy: "Give the provider (or this application at the provider) a signing key; an RSA key serves every library.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let jwks = case.jwks()?;
    let rules = case.library();
    let listed = metadata.strings("id_token_signing_alg_values_supported");
    let listed = listed.as_deref();
    let takes = |alg: &str| rules.algorithms.takes(alg, listed);
    if listed.is_some_and(|list| if list.is_empty() { !takes("RS256") } else { !list.iter().any(|alg| takes(alg)) }) {
        return Ok(Verdict::not_applicable(
            "no advertised algorithm is one that the library takes; discovery/algorithms says so",
        ));
    }
    if listed.is_none() && !takes("RS256") {
        return Err(Gap::Unusable(Slot::Discovery, "discovery/required-members"));
    }
    if !rules.keys.verified && jwks.signers().is_empty() {
        return Ok(Verdict::not_applicable("the library verifies no signature"));
    }
    let keyed = |alg: &str| jwks.signers().iter().any(|key| key.algorithms_by_type().contains(&alg));
    let asymmetric = |alg: &&&str| !alg.starts_with("HS") && **alg != "none";
    let orphans: Vec<&str> =
        listed.unwrap_or_default().iter().filter(asymmetric).copied().filter(|alg| !keyed(alg)).collect();
    let kinds: Vec<String> = jwks.keys.iter().map(crate::evidence::jwks::Key::name).collect();
    let seen = if kinds.is_empty() { "no keys".to_owned() } else { kinds.join(", ") };
    let place = Place { slot: Slot::Jwks, spot: Spot::Body("/keys".into(), None) };
    let finding = |message: String| {
        Finding::new(message, place.clone(), CHECK.clauses[1])
            .expected(listed.filter(|list| !list.is_empty()).unwrap_or(&["RS256"]).join(", "))
            .actual(seen.clone())
    };
    if let Lost::All(refusal) = rules.keys.lost(&rules.algorithms, listed, jwks, Concern::Presence) {
        let message = match (jwks.keys.is_empty(), refusal.rule) {
            (true, _) => "the key set is empty".to_owned(),
            (false, Rule::Algorithm) => {
                "the keys serve only algorithms that are not advertised or not taken".to_owned()
            }
            (false, _) => "no key serves an algorithm that the library takes".to_owned(),
        };
        return Ok(Verdict::fail(case.weigh(finding(message), Some(&refusal), Effect::LoginFails)));
    }
    if !orphans.is_empty() {
        let message = format!(
            "{} advertised without a key for it",
            if orphans.len() == 1 { format!("{} is", orphans[0]) } else { format!("{} are", orphans.join(", ")) }
        );
        return Ok(Verdict::fail(finding(message).means(Effect::Untidy, rules.keys.used)));
    }
    Ok(Verdict::pass(seen))
}
