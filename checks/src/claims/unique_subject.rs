//! No two people come under one subject.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::login::Login;
use crate::login::Which;
use crate::profile::{ClaimPlace, SameName};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "claims/unique-subject",
    title: "everybody who logs in has a sub of their own",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "2"), Clause::must(Spec::Core, "5.7")],
    needs: crate::login::NEEDS,
    why: "The subject is who somebody is. Where everybody has the same one, everybody is the first person who logged in, with all that they may do.",
    remedy: "Let the provider put an identifier into sub that each person has alone and keeps; a mapper with a fixed text or a template that is not filled in is a usual reason.",
    formerly: &[],
    judge,
};

/// Claims of which two people have two values, and one person one.
const TELLING: [&str; 2] = ["preferred_username", "email"];

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let logins = case.logins()?;
    if logins.len() < 2 {
        return Ok(Verdict::not_applicable(super::ONE_PERSON));
    }
    let read = case.profile.claims_read();
    let by_access = |claim: &crate::profile::Claim| claim.name == "sub" && claim.read_from == ClaimPlace::AccessToken;
    let place = match read.iter().any(by_access) && Which::Access.rules(case).is_some() {
        true => ClaimPlace::AccessToken,
        false => ClaimPlace::IdTokenOrUserinfo,
    };
    // Who goes by another claim, and does not read the subject at all, tells them apart all the same.
    let other = read.iter().find(|claim| claim.username && claim.same_name == SameName::OneAccount);
    let other = other.filter(|_| read.iter().all(|claim| claim.name != "sub"));
    let effect = if other.is_some() { Effect::Degraded } else { Effect::Unsafe };
    let title = &case.profile.file.title;
    let (mut findings, mut unclear) = (Vec::new(), None);
    let known = logins.iter().map(|login| Ok((login, subject(login, place)?))).collect::<Result<Vec<_>, Gap>>()?;
    for (index, (one, sub)) in known.iter().enumerate() {
        let same: Vec<&Login<'_>> = known.iter().filter(|(_, other)| other == sub).map(|(login, _)| *login).collect();
        // Each subject is looked at once.
        if same.len() < 2 || known[..index].iter().any(|(_, other)| other == sub) {
            continue;
        }
        let names = same.iter().map(|login| login.persona).collect::<Vec<_>>().join(" and ");
        let apart = same.iter().find_map(|other| differs(one, other));
        let Some((claim, mine, theirs)) = apart else {
            unclear = Some(format!(
                "{names} have the same sub, and nothing tells them apart: either they are one person, or the provider gives everybody one sub; log in as two people with two user names"
            ));
            continue;
        };
        let message = match other {
            Some(other) => format!("{names} have one sub, and only {} tells them apart", other.name),
            None => format!("{names} have one sub, so they are one user to {title}"),
        };
        let spot = if place == ClaimPlace::AccessToken { "/access_token/sub" } else { "/id_token/sub" };
        let finding = Finding::new(message, one.at_tokens(spot), CHECK.clauses[0])
            .expected(format!("another sub for each {claim}"))
            .actual(format!("{sub} for {mine} and for {theirs}"));
        findings.push(finding.means(effect, Step::Application));
    }
    match unclear {
        Some(why) if findings.is_empty() => Err(Gap::Undecided(why)),
        _ => Ok(Verdict::from(findings, format!("{} people, each with a sub of their own", logins.len()))),
    }
}

fn subject(login: &Login<'_>, place: ClaimPlace) -> Result<String, Gap> {
    let missing = match place {
        ClaimPlace::AccessToken => "claims/present-where-read",
        _ => "id-token/subject",
    };
    let node = super::at(login, place, "sub")?;
    node.map(Node::show).ok_or_else(|| Gap::Unusable(login.tokens_slot(), missing))
}

/// A claim that shows that these are two people, with both values.
fn differs(one: &Login<'_>, other: &Login<'_>) -> Option<(&'static str, String, String)> {
    TELLING.iter().find_map(|name| {
        let value = |login: &Login<'_>, place| {
            super::at(login, place, name).ok().flatten().and_then(Node::as_str).map(str::to_owned)
        };
        [ClaimPlace::IdToken, ClaimPlace::Userinfo].into_iter().find_map(|place| {
            let (mine, theirs) = (value(one, place)?, value(other, place)?);
            let apart = mine.trim().to_lowercase() != theirs.trim().to_lowercase();
            (apart && !mine.trim().is_empty() && !theirs.trim().is_empty()).then_some((*name, mine, theirs))
        })
    })
}

/// Whether two people are seen to have one subject.
pub(super) fn shared(logins: &[Login<'_>]) -> bool {
    let sub = |login| subject(login, ClaimPlace::IdTokenOrUserinfo).ok();
    logins.iter().enumerate().any(|(index, one)| {
        logins[index + 1..]
            .iter()
            .any(|other| sub(one).is_some() && sub(one) == sub(other) && differs(one, other).is_some())
    })
}
