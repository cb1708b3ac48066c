//! `oidcheck explain`: everything that is known about one check, one profile or one client library.

mod library;

use crate::cli::ExplainArgs;
use crate::docs::{Block, Page, check_page};
use crate::render::and;
use crate::{Error, output};
use oidcheck_checks::profile::{Claim, ClaimPlace, Pkce, Profile};
use oidcheck_checks::{CHECKS, check, data};

/// Nothing is called that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no check, profile or library {id:?}; {help}")]
pub struct UnknownId {
    /// What was asked for.
    pub id: String,
    /// What to do.
    pub help: String,
}

/// Prints the explanation.
///
/// # Errors
/// Nothing is called that, or standard output cannot be written to.
pub fn run(args: &ExplainArgs) -> Result<u8, Error> {
    let text = explain(&args.id)
        .map_err(|e| Error::usage(format!("there is no check, profile or library {:?}", e.id), e.help))?;
    output::stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(0)
}

/// The explanation as plain text.
///
/// # Errors
/// [`UnknownId`], with the nearest id that exists.
pub fn explain(id: &str) -> Result<String, UnknownId> {
    if let Some(check) = check(id) {
        return Ok(check_page(check).plain());
    }
    if let Some(library) = id.strip_prefix("library:").and_then(|id| oidcheck_checks::library::all().get(id)) {
        return Ok(library::page(library).plain());
    }
    if let Some(profile) = Profile::by_id(id) {
        return Ok(profile_page(&profile).plain());
    }
    Err(unknown(id))
}

fn unknown(id: &str) -> UnknownId {
    let mut known: Vec<String> = CHECKS.iter().map(|check| check.id.to_owned()).collect();
    known.extend(Profile::ids());
    // Somebody who leaves out the group or the prefix means the one that ends so.
    let ends = |known: &&String| known.rsplit(['/', ':']).next() == Some(id);
    let near =
        known.iter().find(ends).map(String::as_str).or_else(|| data::nearest(id, known.iter().map(String::as_str)));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`oidcheck list checks` and `oidcheck list profiles` show what there is".into(),
    };
    UnknownId { id: id.to_owned(), help }
}

fn profile_page(profile: &Profile) -> Page {
    let file = &profile.file;
    let mut facts = Vec::new();
    if !file.versions.is_empty() {
        facts.push(("versions", file.versions.clone()));
    }
    if !file.scopes.is_empty() {
        facts.push(("scopes", file.scopes.join(" ")));
    }
    let lead = file.title.clone();
    let page = Page { title: file.id.clone(), lead, facts, sections: Vec::new() };
    let about = if file.about.trim().is_empty() { Vec::new() } else { vec![Block::Prose(file.about.trim().into())] };
    let claims = file.claims.iter().map(|claim| Block::Item(claim_sentence(claim))).collect();
    let mut rest = Vec::new();
    if file.same_host_only {
        rest.push(Block::Item("Its pages may only talk to the issuer's own host (content security policy).".into()));
    }
    for rule in &file.severities {
        let because = rule.because.trim_end_matches('.');
        rest.push(Block::Item(format!("{} is {} here: {because}.", rule.check, with_article(rule.level.word()))));
    }
    let remedies = file.remedies.iter().map(|(check, text)| Block::Item(format!("{check}: {}", text.trim()))).collect();
    let sources = file.sources.iter().map(|source| Block::Item(format!("{} ({})", source.url, source.read))).collect();
    page.section("about", about)
        .section("how it logs people in", parts(profile))
        .section("claims", claims)
        .section("what else it needs", rest)
        .section("what to change, in its own words", remedies)
        .section("sources", sources)
}

fn with_article(noun: &str) -> String {
    format!("{} {noun}", if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

/// The parts, each with its library and with what that does about the commonest reason of a failure.
fn parts(profile: &Profile) -> Vec<Block> {
    let mut blocks = Vec::new();
    for part in &profile.parts {
        let library = &part.library;
        let who = part.id.as_ref().map_or_else(|| "It is built".to_owned(), |id| format!("{id}: built"));
        let text = format!(
            "{who} on {}. {} {} oidcheck explain library:{} has the rest.",
            library.title,
            library::comparison(&library.issuer),
            pkce(part.pkce),
            library.id
        );
        blocks.push(Block::Item(text));
    }
    let changes = profile.file.parts.iter().filter(|part| !part.library_changes.is_empty());
    let mut changed: Vec<(String, &_)> =
        changes.map(|part| (format!(" for {}", part.id), &part.library_changes)).collect();
    if !profile.file.library_changes.is_empty() {
        changed.push((String::new(), &profile.file.library_changes));
    }
    for (part, table) in changed {
        let names: Vec<&str> = table.keys().map(String::as_str).collect();
        blocks.push(Block::Item(format!("The application changes what the library does{part} about {}.", and(&names))));
    }
    blocks
}

fn pkce(pkce: Pkce) -> &'static str {
    match pkce {
        Pkce::Always => "It sends PKCE with S256 every time.",
        Pkce::IfAdvertised => "It sends PKCE when the provider lists S256.",
        Pkce::Never => "It never sends PKCE.",
        Pkce::Unknown => "Whether it sends PKCE is not known.",
    }
}

fn claim_sentence(claim: &Claim) -> String {
    let place = match claim.read_from {
        ClaimPlace::IdToken => "the ID token only",
        ClaimPlace::AccessToken => "the access token, which has to be a JWT",
        ClaimPlace::Userinfo => "the userinfo response",
        ClaimPlace::IdTokenOrUserinfo => "the ID token, then the userinfo response",
    };
    let need = if claim.required { "required" } else { "optional" };
    let scope = claim.scope.as_ref().map(|scope| format!("; scope {scope} usually brings it")).unwrap_or_default();
    format!("{} ({need}): read from {place}{scope}. Without it {}.", claim.name, claim.without.trim_end_matches('.'))
}
