//! Languages are named as everybody names them.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBERS: [&str; 2] = ["ui_locales_supported", "claims_locales_supported"];

pub(crate) static CHECK: Check = Check {
    id: "discovery/locales",
    title: "languages are listed as language tags",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::must(Spec::Rfc(5646), "2.2.9")],
    needs: &[SlotKind::Discovery],
    why: "An application that asks for a language by its tag does not find de_DE or German in the list.",
    remedy: "Let the provider list tags such as de or de-DE, with a hyphen.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let mut findings = Vec::new();
    let mut seen = 0;
    for member in MEMBERS {
        let listed = super::listed(metadata, member)?.unwrap_or_default();
        seen += listed.len();
        for (index, tag) in listed.iter().enumerate().filter(|(_, tag)| !well_formed(tag)) {
            let finding = Finding::new(
                format!("{tag:?} is no language tag"),
                super::at_item(metadata, member, index),
                CHECK.clauses[0],
            )
            .expected(if tag.contains('_') { tag.replace('_', "-") } else { "a tag such as de or de-DE".to_owned() })
            .actual(*tag);
            findings.push(finding.means(Effect::Untidy, Step::Discovery));
        }
    }
    if seen == 0 {
        return Ok(Verdict::not_applicable("the provider lists no languages, which is its right"));
    }
    Ok(Verdict::from(findings, crate::report::count(seen, "language")))
}

/// Whether a tag has the form of RFC 5646 section 2.1. Case does not matter, and whether its parts are registered is
/// not looked at.
fn well_formed(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let first = parts.next().unwrap_or_default();
    let language = (2..=8).contains(&first.len()) && letters(first);
    let private = matches!(first, "x" | "X" | "i" | "I") && tag.len() > 2;
    let rest = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    (language || private) && parts.all(rest)
}
