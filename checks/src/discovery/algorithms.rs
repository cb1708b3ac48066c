//! What the provider advertises for ID tokens is something that the library takes.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::metadata::Kind;
use crate::library::keys::{Concern, Lost};
use crate::library::{Refusal, Rule};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

const MEMBER: &str = "id_token_signing_alg_values_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/algorithms",
    title: "an advertised ID token algorithm is one that the library takes",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Discovery, "3"),
        Clause::must(Spec::Core, "15.1"),
        Clause::must(Spec::Rfc(8725), "3.1"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "The library refuses a token whose algorithm it does not know or was not told of, after the person has typed the password.",
    remedy: "Give the provider an RSA signing key and let it sign ID tokens with RS256, which everybody takes.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let listed =
        metadata.present(MEMBER).filter(|node| Kind::Strings.fits(node)).and_then(|_| metadata.strings(MEMBER));
    let Some(listed) = listed else {
        return Err(Gap::Unusable(crate::evidence::Slot::Discovery, "discovery/required-members"));
    };
    let rules = case.library();
    let seen = if listed.is_empty() { "an empty list".to_owned() } else { listed.join(", ") };
    let finding = |message: &str, clause| {
        Finding::new(message, case.at_member(metadata, MEMBER), clause)
            .expected("RS256 among them")
            .actual(seen.clone())
    };
    let takes = |alg: &str| rules.algorithms.takes(alg, Some(&listed));
    // A provider that lists nothing signs with RS256 if with anything.
    let any = if listed.is_empty() { takes("RS256") } else { listed.iter().any(|alg| takes(alg)) };
    if !any {
        let refusal = Refusal::at(rules.keys.used, Rule::Algorithm, format!("it takes {}", accepted(case)));
        let message = "none of the advertised algorithms is one that the library takes";
        // The keys are what a provider signs with; a list that contradicts them is wrong, and costs nobody a login.
        let keyed = case.jwks().is_ok_and(|jwks| {
            !jwks.signers().is_empty()
                && matches!(rules.keys.lost(&rules.algorithms, Some(&listed), jwks, Concern::Presence), Lost::Nothing)
        });
        let refusal = (!keyed).then_some(&refusal);
        return Ok(Verdict::fail(case.weigh(finding(message, CHECK.clauses[0]), refusal, Effect::Degraded)));
    }
    let mut findings = Vec::new();
    if !listed.contains(&"RS256") {
        findings.push(finding("RS256 is not advertised", CHECK.clauses[1]).means(Effect::Untidy, rules.keys.used));
    }
    if listed.contains(&"none") {
        let unsigned = finding("unsigned ID tokens are advertised (none)", CHECK.clauses[2]).expected("no none");
        let believes = rules.keys.verified && takes("none");
        let effect = if believes { Effect::Degraded } else { Effect::Untidy };
        findings.push(unsigned.means(effect, rules.keys.used));
    }
    Ok(Verdict::from(findings, seen))
}

fn accepted(case: &Case<'_>) -> String {
    let list = &case.library().algorithms.accepts;
    if list.is_empty() { "none of them".into() } else { list.join(", ") }
}
