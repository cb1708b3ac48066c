//! The lists of the metadata hold values.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::metadata::{KNOWN, Kind, Metadata};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

/// Lists that have a check of their own, which says what is wrong with an entry that is not empty.
const OWN: [&str; 7] = [
    "response_types_supported",
    "response_modes_supported",
    "grant_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "code_challenge_methods_supported",
];
/// Lists of which another check says everything.
const ELSEWHERE: [&str; 3] = ["scopes_supported", "ui_locales_supported", "claims_locales_supported"];
/// Lists whose values may hold anything.
const FREE: [&str; 3] = ["acr_values_supported", "authorization_details_types_supported", "claims_supported"];

pub(crate) static CHECK: Check = Check {
    id: "discovery/list-items",
    title: "every entry of a list is one value",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::must(Spec::Rfc(8414), "2")],
    needs: &[SlotKind::Discovery],
    why: "Values that a template joined into one string, or left empty, match nothing that an application could ask for.",
    remedy: "Let the provider write each value as a string of its own, and leave empty ones out.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let findings = case.facts.costly.list_items.get_or_init(|| all(metadata));
    Ok(Verdict::from(findings.clone(), "every entry is one value"))
}

fn all(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lists = KNOWN.iter().filter(|(name, kind)| *kind == Kind::Strings && !ELSEWHERE.contains(name));
    for (name, _) in lists {
        let Ok(Some(listed)) = super::listed(metadata, name) else { continue };
        for (index, value) in listed.iter().enumerate() {
            let what = match *value {
                "" => "an empty string",
                _ if OWN.contains(name) || FREE.contains(name) => continue,
                text if text.trim() != text => "a value with white space around it",
                text if text.contains([' ', ',', ';']) => "several values in one string",
                _ => continue,
            };
            let finding =
                Finding::new(format!("{name} holds {what}"), super::at_item(metadata, name, index), CHECK.clauses[0])
                    .expected("one value")
                    .actual(format!("{value:?}"));
            findings.push(finding.means(Effect::Untidy, Step::Discovery));
        }
    }
    findings
}
