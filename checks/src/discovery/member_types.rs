//! Every known member has the JSON type that its specification gives it.

use super::required_members::REQUIRED;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::json::Value;
use crate::evidence::metadata::{KNOWN, Kind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/member-types",
    title: "every known member has its JSON type",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::must(Spec::Rfc(8414), "2")],
    needs: &[SlotKind::Discovery],
    why: "Typed languages read the whole document into a structure: one list that is a string, one flag in quotes, and all of it is refused.",
    remedy: "Let the provider publish the member with its proper type, or leave it out.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let rules = &case.library().members;
    let mut findings = Vec::new();
    for (name, kind) in KNOWN.iter().filter(|(name, _)| *name != "issuer" && !REQUIRED.contains(name)) {
        let Some(node) = metadata.member(name) else { continue };
        let empty_url = *kind == Kind::Url && node.as_str().is_some() && metadata.url(name).is_none();
        if kind.fits(node) && !empty_url {
            continue;
        }
        let refusal = rules.refusal(metadata, name, *kind);
        // Absence in disguise is the business of discovery/required-members where the library needs the member.
        let disguised = matches!(&node.value, Value::Null) || node.as_str() == Some("");
        if disguised && refusal.is_some() && rules.uses.contains_key(*name) {
            continue;
        }
        let finding = Finding::new(
            format!("{name} is {}", if empty_url { "no absolute URL".to_owned() } else { node.kind_inside() }),
            case.at_member(metadata, name),
            CHECK.clauses[0],
        )
        .expected(kind.word())
        .actual(node.show())
        .means(Effect::Untidy, Step::Discovery);
        findings.push(case.weigh(finding, refusal.as_ref(), Effect::Untidy));
    }
    Ok(Verdict::from(findings, "all as the specifications say"))
}
