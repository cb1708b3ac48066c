//! Each claim is where the application reads it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::login::each;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "claims/present-where-read",
    title: "every claim that the application reads is where it reads it",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::local("a claim that this application reads"), Clause::must(Spec::Core, "5.4")],
    needs: crate::login::NEEDS,
    why: "A claim in userinfo is no help to an application that reads the ID token, and the other way round: people log in without a name, without groups, or not at all.",
    remedy: "Let the provider put the claim into the token or answer that this application reads.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let wanted = &case.profile.claims_read();
    if wanted.is_empty() {
        return Ok(Verdict::not_applicable("the profile names no claim"));
    }
    each(case, "all there", |login| {
        let (mut findings, mut gap) = (Vec::new(), None);
        for claim in wanted.iter().filter(|claim| claim.matters()) {
            match super::read(case, login, claim) {
                Ok(Some(_)) => continue,
                Ok(None) => {}
                // What cannot be told of one claim hides nothing about the others.
                Err(why) => {
                    gap = Some(why);
                    continue;
                }
            }
            let elsewhere: Vec<&str> = super::PLACES
                .iter()
                .filter(|(place, _)| super::at(login, *place, &claim.name).is_ok_and(|node| node.is_some()))
                .map(|(_, noun)| *noun)
                .collect();
            let (place, noun) = super::place(login, claim);
            let message = match elsewhere.as_slice() {
                [] => format!("{} is missing", claim.name),
                found => format!(
                    "{} is in {}, and {} reads {noun}",
                    claim.name,
                    found.join(" and "),
                    case.profile.file.title
                ),
            };
            let effect = if claim.required { Effect::LoginFails } else { Effect::Degraded };
            let mut finding = Finding::new(format!("{message}: {}", claim.without), place, CHECK.clauses[0])
                .expected(format!("{} in {noun}", claim.name))
                .actual("absent")
                .means(effect, Step::Application);
            if let Some(scope) = claim.scope.as_ref().filter(|_| elsewhere.is_empty()) {
                finding = finding.remedy(format!(
                    "Ask for the scope {scope} and allow it for this client, or map {} into {noun} at the provider.",
                    claim.name
                ));
            }
            findings.push(finding);
        }
        gap.filter(|_| findings.is_empty()).map_or(Ok(findings), Err)
    })
}
