//! What an application makes of the people who logged in: user name, e-mail address, groups, rights.
//!
//! It follows from the profile alone. A `[[person]]` entry says what becomes of a claim, a claim that none of them names
//! speaks for itself, and a mapping file of the administrator takes the place of both where the application has one. It
//! says what *would* become of somebody: whether the login succeeds at all is what the checks say.

use crate::case::Facts;
use crate::claims::{PLACES, at};
use crate::evidence::login::Login;
use crate::lint::keystone::{self, Failure, Mapped};
use crate::probe::implicit;
use crate::profile::{Becomes, Claim, ClaimPlace, Mapping, Profile, SameName};
use crate::verdict::Gap;
use serde_json::Value;

/// One person in one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who logged in, as the login is called.
    pub persona: String,
    /// What they are there, in the order of the profile.
    pub rows: Vec<Row>,
    /// The others who logged in and have the same name there.
    pub same_as: Vec<String>,
}

/// One thing that somebody is, or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `user name`, `e-mail`, `groups`, `rights` …
    pub is: String,
    /// Whether it came to anything.
    pub word: Word,
    /// What it is: one value, or one for each group. Of a refused one, what was refused.
    pub values: Vec<String>,
    /// Why not, what was left out, or what else to know.
    pub note: Option<String>,
    /// The claim that it is made of.
    pub claim: Option<String>,
}

/// Whether something came of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// This is what the application has.
    Given,
    /// The claim is not there.
    Missing,
    /// The application cannot use what is there.
    Refused,
    /// It cannot be told.
    Unknown,
}

impl Word {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Word::Given => "given",
            Word::Missing => "missing",
            Word::Refused => "refused",
            Word::Unknown => "unknown",
        }
    }
}

/// Everybody who logged in, as this application sees them.
pub fn all(profile: &Profile, facts: &Facts<'_>) -> Vec<Person> {
    let person = |login: &Login<'_>| Person {
        persona: login.persona.to_owned(),
        rows: rows(profile, login),
        same_as: Vec::new(),
    };
    // Another flow brings other claims.
    let own = |login: &&Login<'_>| login.callback.is_none() || login.front == implicit(profile);
    let mut people: Vec<Person> =
        facts.logins.iter().filter(own).map(person).filter(|person| !person.rows.is_empty()).collect();
    namesakes(profile, &mut people);
    people
}

fn rows(profile: &Profile, login: &Login<'_>) -> Vec<Row> {
    if let Some(outcome) = by_mapping(profile, login) {
        let mut rows = mapped(outcome);
        rows.extend(profile.becomes().filter_map(said));
        return rows;
    }
    let (mut rows, mut named) = (Vec::new(), Vec::new());
    let declared: Vec<&Becomes> = profile.becomes().collect();
    named.extend(declared.iter().flat_map(|becomes| becomes.claims.iter()));
    for claim in profile.file.claims.iter().filter(|claim| !named.contains(&&claim.name)) {
        if let Some(is) = speaks_for_itself(claim) {
            rows.push(of_claim(is, claim, login));
        }
    }
    for becomes in declared {
        rows.extend(said(becomes).or_else(|| of_claims(becomes, profile, login)));
    }
    rows.sort_by_key(|row| rank(&row.is));
    rows
}

/// Names first, rights last; a stable sort keeps the rest in the order of the profile.
fn rank(is: &str) -> usize {
    ["user name", "user id", "full name", "e-mail", "groups"].iter().position(|known| *known == is).unwrap_or(5)
}

/// What a claim becomes when no `[[person]]` entry names it.
fn speaks_for_itself(claim: &Claim) -> Option<&'static str> {
    match claim.name.as_str() {
        _ if claim.username => Some("user name"),
        "email" => Some("e-mail"),
        "name" => Some("full name"),
        "groups" | "roles" => Some("groups"),
        _ => None,
    }
}

/// What holds whatever the claims say.
fn said(becomes: &Becomes) -> Option<Row> {
    let text = becomes.text.clone()?;
    Some(Row { is: becomes.is.clone(), word: Word::Given, values: vec![text], note: None, claim: None })
}

fn of_claim(is: &str, claim: &Claim, login: &Login<'_>) -> Row {
    let row = |word, values, note| Row { is: is.to_owned(), word, values, note, claim: Some(claim.name.clone()) };
    let node = match at(login, claim.read_from, &claim.name) {
        Err(gap) => return row(Word::Unknown, Vec::new(), Some(gap.to_string())),
        Ok(None) => return row(Word::Missing, Vec::new(), Some(missing(claim, login))),
        Ok(Some(node)) => node,
    };
    let value = node.plain();
    let values = texts(&value, claim.suffix.as_deref());
    if let Some(why) = claim.refuses(&value) {
        let means = claim.wrong.as_ref().map(|wrong| format!(": {wrong}")).unwrap_or_default();
        return row(Word::Refused, values, Some(format!("{why}{means}")));
    }
    // Nobody is called nothing, whatever the application makes of it.
    if claim.username && values.iter().all(|value| value.trim().is_empty()) {
        return row(Word::Refused, values, Some("it is empty".into()));
    }
    row(Word::Given, values, None)
}

/// What happens without it, and where it is instead.
fn missing(claim: &Claim, login: &Login<'_>) -> String {
    let there = |place| at(login, place, &claim.name).is_ok_and(|node| node.is_some());
    let elsewhere: Vec<&str> = PLACES.iter().filter(|(place, _)| there(*place)).map(|(_, noun)| *noun).collect();
    match elsewhere.as_slice() {
        [] => claim.without.clone(),
        found => format!("{} (it is in {}, which is not read)", claim.without, found.join(" and ")),
    }
}

fn of_claims(becomes: &Becomes, profile: &Profile, login: &Login<'_>) -> Option<Row> {
    let mut last = None;
    for name in becomes.claims.iter().filter(|name| !name.is_empty()) {
        let claim = profile.claim_of(becomes, name);
        let row = of_claim(&becomes.is, &claim, login);
        if row.word != Word::Missing {
            return Some(kept(row, becomes, claim.suffix.as_deref()));
        }
        // What the profile says about one that is missing is about the last resort.
        last = Some(row);
    }
    last
}

/// Leaves out the values that the application leaves out.
fn kept(mut row: Row, becomes: &Becomes, suffix: Option<&str>) -> Row {
    let Some(pattern) = becomes.keeps.as_ref().filter(|_| row.word == Word::Given) else { return row };
    let Ok(whole) = regex_lite::Regex::new(&format!("^(?:{pattern})$")) else { return row };
    let bare = |value: &str| value.strip_suffix(suffix.unwrap_or_default()).unwrap_or(value).to_owned();
    let (kept, out): (Vec<String>, Vec<String>) = row.values.into_iter().partition(|v| whole.is_match(&bare(v)));
    let out: Vec<String> = out.iter().map(|value| format!("{:?}", bare(value))).collect();
    row.note = (!out.is_empty()).then(|| format!("left out: {}", out.join(", ")));
    Row { values: kept, ..row }
}

/// The value as texts, one for each element, with what the application puts behind it.
fn texts(value: &Value, suffix: Option<&str>) -> Vec<String> {
    let one = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{text}{}", suffix.unwrap_or_default())
    };
    value.as_array().map_or_else(|| vec![one(value)], |items| items.iter().map(one).collect())
}

/// What the administrator's mapping makes of the claims that arrive; `None` where there is none.
pub(crate) fn by_mapping(profile: &Profile, login: &Login<'_>) -> Option<Result<Mapped, Failure>> {
    let mapping = profile.choices.mapping.as_ref().filter(|_| profile.file.mapping == Some(Mapping::Keystone))?;
    let Some(rules) = mapping.get("rules").unwrap_or(mapping).as_array() else {
        return Some(Err(Failure::Open("the mapping file has no list of rules".into())));
    };
    let claims = arriving(mapped_claim(profile).read_from, login);
    Some(keystone::map(rules, &keystone::assertion(rules, &claims)))
}

/// The claim of which the profile says that a mapping makes the user's name: its place is that of all claims.
pub(crate) fn mapped_claim(profile: &Profile) -> Claim {
    let claim = profile.file.claims.iter().find(|claim| claim.username).cloned();
    claim.unwrap_or_else(|| Claim { read_from: ClaimPlace::IdTokenOrUserinfo, ..Claim::of("sub") })
}

/// Whether everything that a mapping could read was there to be read.
pub(crate) fn arrived(profile: &Profile, login: &Login<'_>) -> Result<(), Gap> {
    let places: &[ClaimPlace] = match mapped_claim(profile).read_from {
        ClaimPlace::IdTokenOrUserinfo => &[ClaimPlace::IdToken, ClaimPlace::Userinfo],
        ClaimPlace::IdToken => &[ClaimPlace::IdToken],
        ClaimPlace::AccessToken => &[ClaimPlace::AccessToken],
        ClaimPlace::Userinfo => &[ClaimPlace::Userinfo],
    };
    places.iter().try_for_each(|place| at(login, *place, "sub").map(|_| ()))
}

fn mapped(mapped: Result<Mapped, Failure>) -> Vec<Row> {
    let row = |is: &str, word, values, note| Row { is: is.into(), word, values, note, claim: None };
    let mapped = match mapped {
        Ok(mapped) => mapped,
        Err(failure) => {
            let word = if matches!(failure, Failure::Open(_)) { Word::Unknown } else { Word::Refused };
            return vec![row("user name", word, Vec::new(), Some(failure.to_string()))];
        }
    };
    let name = mapped.user.as_ref().and_then(|user| user.get("name").or_else(|| user.get("id"))?.as_str());
    let user = match name {
        Some(name) => row("user name", Word::Given, vec![name.to_owned()], None),
        None => {
            let why = "no rule makes a user, so the web server's REMOTE_USER is the name";
            row("user name", Word::Unknown, Vec::new(), Some(why.into()))
        }
    };
    let text = |name: &str| mapped.user.as_ref()?.get(name)?.as_str().map(str::to_owned);
    let email = text("email").map(|email| row("e-mail", Word::Given, vec![email], None));
    let names = mapped.group_names.iter().map(|(name, domain)| format!("{name} (domain {})", domain_name(domain)));
    let groups: Vec<String> = names.chain(mapped.group_ids.iter().map(|id| format!("id {id}"))).collect();
    let note = groups.is_empty().then(|| "the mapping puts them into no group, so they have no rights".to_owned());
    let groups = row("groups", Word::Given, groups, note);
    std::iter::once(user).chain(email).chain([groups]).collect()
}

fn domain_name(json: &str) -> String {
    let domain: Option<Value> = serde_json::from_str(json).ok();
    let name = domain.as_ref().and_then(|domain| domain.get("name").or_else(|| domain.get("id"))?.as_str());
    name.map_or_else(|| json.to_owned(), str::to_owned)
}

/// All claims that the application has from one place; what stands in the ID token wins over userinfo.
fn arriving(place: ClaimPlace, login: &Login<'_>) -> serde_json::Map<String, Value> {
    let userinfo = || login.person.as_ref().and_then(|person| person.claims()).map(crate::evidence::json::Node::plain);
    let of = |plain: Option<Value>| match plain {
        Some(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let id_token = || login.id_token().ok().map(|(_, jws)| jws.claims.root.plain());
    match place {
        ClaimPlace::IdToken => of(id_token()),
        ClaimPlace::AccessToken => of(login.access_token().ok().map(|(_, jws)| jws.claims.root.plain())),
        ClaimPlace::Userinfo => of(userinfo()),
        ClaimPlace::IdTokenOrUserinfo => {
            let mut all = of(userinfo());
            all.extend(of(id_token()));
            all
        }
    }
}

/// The row by which the application tells this person from others.
pub(crate) fn name(rows: &[Row]) -> Option<&Row> {
    let named = |is: &str| rows.iter().find(|row| row.is == is);
    named("user id").or_else(|| named("user name"))
}

/// The claim that a name is made of; where a mapping makes it, the claim that is mapped.
pub(crate) fn claim_of_name(profile: &Profile, row: &Row) -> Option<Claim> {
    let Some(name) = &row.claim else { return profile.file.claims.iter().find(|claim| claim.username).cloned() };
    let becomes = profile.becomes().find(|becomes| becomes.is == row.is && becomes.claims.contains(name));
    let becomes = becomes.map(|becomes| profile.claim_of(becomes, name));
    becomes.or_else(|| profile.file.claims.iter().find(|claim| claim.name == *name).cloned())
}

/// Notes who has the same name as somebody else, and what comes of it.
fn namesakes(profile: &Profile, people: &mut [Person]) {
    let key = |person: &Person| {
        let row = name(&person.rows).filter(|row| row.word == Word::Given && !row.values.is_empty())?;
        let folds = claim_of_name(profile, row).is_some_and(|claim| claim.folds_case);
        let one = |value: &String| if folds { value.to_lowercase() } else { value.clone() };
        Some(row.values.iter().map(one).collect::<Vec<_>>())
    };
    let keys: Vec<_> = people.iter().map(|person| (person.persona.clone(), key(person))).collect();
    for person in people {
        let mine = key(person);
        let twin = |(other, theirs): &&(String, _)| *other != person.persona && mine.is_some() && *theirs == mine;
        person.same_as = keys.iter().filter(twin).map(|(other, _)| other.clone()).collect();
        let Some(is) = name(&person.rows).filter(|_| !person.same_as.is_empty()).cloned() else { continue };
        let comes = match claim_of_name(profile, &is).map(|claim| claim.same_name).unwrap_or_default() {
            SameName::OneAccount => "so they share one account there",
            SameName::Refused => "and only the first of them gets in",
            SameName::Apart => "which is allowed there",
        };
        let verb = if person.same_as.len() == 1 { "has" } else { "have" };
        let note = format!("{} {verb} the same, {comes}", person.same_as.join(" and "));
        for row in person.rows.iter_mut().filter(|row| row.is == is.is) {
            row.note = Some(row.note.take().map_or(note.clone(), |known| format!("{known}; {note}")));
        }
    }
}
