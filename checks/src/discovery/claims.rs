//! The provider offers the claims that the application reads.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::profile::Claim;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBER: &str = "claims_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/claims",
    title: "the claims that the application reads are offered",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::should(Spec::Discovery, "3"), Clause::local("the claims that this application reads")],
    needs: &[SlotKind::Discovery],
    why: "An application that misses its user name, e-mail or groups refuses the person, or lets them in without any rights.",
    remedy: "Map the claim at the provider (property mapping, claims policy, protocol mapper), or tell the application to use another one.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let wanted = &case.profile.file.claims;
    if wanted.is_empty() {
        return Ok(Verdict::not_applicable("the profile names no claims"));
    }
    let Some(offered) = metadata.strings(MEMBER) else {
        return Ok(Verdict::not_applicable("the provider lists no claims, which is its right (only a login can tell)"));
    };
    let mut findings = Vec::new();
    // Some claims are only looked at when they are there.
    let missed = |c: &&Claim| c.name != "sub" && c.matters() && !offered.contains(&c.name.as_str());
    for claim in wanted.iter().filter(missed) {
        let finding = Finding::new(
            format!("the claim {} is not listed; {}", claim.name, claim.without),
            case.at_member(metadata, MEMBER),
            CHECK.clauses[1],
        )
        .expected(&claim.name)
        .actual(listed(&offered));
        let effect = if claim.required { Effect::Degraded } else { Effect::Untidy };
        findings.push(finding.means(effect, Step::Application));
    }
    let names: Vec<&str> = wanted.iter().map(|c| c.name.as_str()).collect();
    Ok(Verdict::from(findings, names.join(", ")))
}

fn listed(offered: &[&str]) -> String {
    if offered.iter().all(|claim| claim.is_empty()) { "an empty list".to_owned() } else { offered.join(", ") }
}
