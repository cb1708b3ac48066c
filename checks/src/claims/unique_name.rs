//! No two people come under one name.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::login::Login;
use crate::people::{self, Person, Row, Word};
use crate::profile::{Claim, ClaimPlace, SameName};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};
use std::collections::BTreeSet;

pub(crate) static CHECK: Check = Check {
    id: "claims/unique-name",
    title: "everybody who logs in has a user name of their own",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "5.7")],
    needs: crate::login::NEEDS,
    why: "Only issuer and subject together tell people apart. An application that goes by another claim gives two people with one value the same account, or turns the second of them away.",
    remedy: "Give each person a value of their own at the provider and let nobody change it, or let the application take sub.",
    formerly: &[],
    judge,
};

/// Somebody whose name is known.
struct Known<'a> {
    login: &'a Login<'a>,
    person: &'a Person,
    row: &'a Row,
    claim: Claim,
    sub: String,
}

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let logins = case.logins()?;
    if logins.len() < 2 {
        return Ok(Verdict::not_applicable(super::ONE_PERSON));
    }
    let people = people::all(case.profile, case.facts);
    if people.iter().all(|person| people::name(&person.rows).is_none()) {
        return Ok(Verdict::not_applicable("the profile does not say what becomes the user name"));
    }
    let (mut known, mut gap) = (Vec::new(), None);
    for (login, person) in logins.iter().filter_map(|l| Some((l, people.iter().find(|p| p.persona == l.persona)?))) {
        match of(case, login, person) {
            Ok(one) => known.push(one),
            Err(why) => gap = Some(why),
        }
    }
    if let Some(one) = known.iter().find(|one| one.claim.same_name == SameName::Apart) {
        let reason = format!("this application does not go by {}, so that many people may have one", one.claim.name);
        return Ok(Verdict::not_applicable(reason));
    }
    let findings: Vec<Finding> = known.iter().filter_map(|one| shared(case, one, &known)).collect();
    if !findings.is_empty() {
        return Ok(Verdict::Fail(findings));
    }
    if let Some(gap) = gap {
        return Err(gap);
    }
    let subs: BTreeSet<&str> = known.iter().map(|one| one.sub.as_str()).collect();
    match subs.len() {
        0 | 1 if super::unique_subject::shared(logins) => {
            Err(Gap::Unusable(logins[0].tokens_slot(), "claims/unique-subject"))
        }
        0 | 1 => Err(Gap::Undecided(
            "everybody who logged in has the same sub, so it was one person; log in as two people".into(),
        )),
        number => Ok(Verdict::pass(format!("{number} people, each with a name of their own"))),
    }
}

/// What is known of somebody, or why there is no name to compare.
fn of<'a>(case: &Case<'_>, login: &'a Login<'a>, person: &'a Person) -> Result<Known<'a>, Gap> {
    let nameless = |why: &str| Gap::Undecided(format!("{} has no user name: {why}", person.persona));
    let row = people::name(&person.rows).ok_or_else(|| nameless("nothing becomes one"))?;
    let note = || nameless(row.note.as_deref().unwrap_or("none is left"));
    let claim = people::claim_of_name(case.profile, row).ok_or_else(note)?;
    let (place, _) = super::place(login, &claim);
    let read = row.claim.as_ref().and_then(|name| case.profile.claims_read().into_iter().find(|c| c.name == *name));
    match (row.word, read) {
        (Word::Given, _) if !row.values.is_empty() => {}
        // Those checks say what is wrong.
        (Word::Missing, Some(_)) => return Err(Gap::Unusable(place.slot, "claims/present-where-read")),
        (Word::Refused, Some(_)) => return Err(Gap::Unusable(place.slot, "claims/types")),
        (Word::Unknown, _) if row.claim.is_some() => {
            super::read(case, login, &claim)?;
            return Err(note());
        }
        _ => return Err(note()),
    }
    let sub = super::at(login, ClaimPlace::IdTokenOrUserinfo, "sub")?.map(Node::plain);
    let missing = || Gap::Unusable(login.tokens_slot(), "id-token/subject");
    let sub = sub.ok_or_else(missing)?.to_string();
    Ok(Known { login, person, row, claim, sub })
}

/// A finding for the first of several people who have one name.
fn shared(case: &Case<'_>, one: &Known<'_>, known: &[Known<'_>]) -> Option<Finding> {
    let same = |other: &&Known<'_>| one.person.same_as.contains(&other.person.persona) && other.sub != one.sub;
    let others: Vec<&Known<'_>> = known.iter().filter(same).collect();
    let first = others.iter().all(|other| one.person.persona < other.person.persona);
    if others.is_empty() || !first {
        return None;
    }
    let all = || std::iter::once(one).chain(others.iter().copied());
    let names: Vec<&str> = all().map(|known| known.person.persona.as_str()).collect();
    let names = names.join(" and ");
    let value = |known: &Known<'_>| known.row.values.join(", ");
    let (title, claim) = (&case.profile.file.title, &one.claim.name);
    let (effect, message) = match one.claim.same_name {
        SameName::Refused => {
            (Effect::LoginFails, format!("{names} have one {claim}, and {title} lets in only the first of them"))
        }
        SameName::OneAccount | SameName::Apart => {
            (Effect::Unsafe, format!("{names} are two people to the provider and one user to {title}"))
        }
    };
    let seen: Vec<String> = all().map(|known| format!("{} for {}", value(known), known.person.persona)).collect();
    let (place, _) = super::place(one.login, &one.claim);
    let finding = Finding::new(message, place, CHECK.clauses[0])
        .expected(format!("another {claim} for each sub"))
        .actual(seen.join(", "));
    Some(finding.means(effect, Step::Application))
}
