//! Members are called what libraries call them.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::metadata::{KNOWN, Metadata, kind_of};
use crate::profile::Pkce;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};
use std::collections::BTreeMap;

pub(crate) static CHECK: Check = Check {
    id: "discovery/member-names",
    title: "no member is a misspelling of a known one",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::must(Spec::Rfc(8414), "2")],
    needs: &[SlotKind::Discovery],
    why: "Libraries ignore members that they do not know, so a misspelt one is missing, and nobody says so.",
    remedy: "Correct the name in the provider's configuration or in the file that is served in its place.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    // What one part of the application misses need not be said again for another one.
    let parts = &case.profile.parts;
    let mut findings = Vec::new();
    for (missing, kind) in KNOWN {
        let Some(found) = lookalike(case, missing) else { continue };
        // What somebody misses is said by the checks of required members and of PKCE, with this very hint.
        let missed = *missing == "code_challenge_methods_supported"
            && parts.iter().any(|part| part.pkce != Pkce::Never)
            || *missing == "issuer"
            || super::required_members::REQUIRED.contains(missing)
            || parts.iter().any(|part| part.library.members.refusal(metadata, missing, *kind).is_some());
        if missed {
            continue;
        }
        let finding = Finding::new(
            format!("{found} looks like a misspelling of {missing}"),
            case.at_member(metadata, found),
            CHECK.clauses[0],
        )
        .expected(*missing)
        .actual(found);
        findings.push(finding.means(Effect::Untidy, Step::Discovery));
    }
    Ok(Verdict::from(findings, "no near miss among the members"))
}

/// The member that stands in the document where a known one is missing, by the look of its name: the same but for case
/// and separators, or at most two slips away.
///
/// A name that is not in [`KNOWN`] has none.
pub(super) fn lookalike<'a>(case: &Case<'a>, missing: &str) -> Option<&'a str> {
    let metadata = case.facts.metadata.as_ref().ok()?;
    case.facts.costly.lookalikes.get_or_init(|| all(metadata)).get(missing).map(String::as_str)
}

/// Every known member that is missing and has a lookalike.
fn all(metadata: &Metadata) -> BTreeMap<&'static str, String> {
    let unknown = unknown(metadata);
    let missing = KNOWN.iter().map(|(name, _)| *name).filter(|name| metadata.member(name).is_none());
    missing.filter_map(|name| Some((name, like(&unknown, name)?.to_owned()))).collect()
}

/// The members that nobody knows, each with its bare name.
fn unknown(metadata: &Metadata) -> Vec<(&str, String)> {
    let names = metadata.document.root.members().iter().map(|(name, _)| name.as_str());
    names.filter(|name| kind_of(name).is_none()).map(|name| (name, bare(name))).collect()
}

/// The name without case and separators.
fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn like<'m>(unknown: &[(&'m str, String)], missing: &str) -> Option<&'m str> {
    let wanted = bare(missing);
    // Names of very different length are not two slips apart, and measuring the distance costs more than all else here.
    let near = |name: &str| name.len().abs_diff(missing.len()) <= 2 && strsim::osa_distance(name, missing) <= 2;
    unknown.iter().find(|(name, bare)| *bare == wanted || missing.len() >= 10 && near(name)).map(|(name, _)| *name)
}
