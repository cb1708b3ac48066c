//! The provider says how it identifies people.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBER: &str = "subject_types_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/subject-types",
    title: "a known subject type is offered",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::must(Spec::Core, "8")],
    needs: &[SlotKind::Discovery],
    why: "The subject type says whether `sub` is the same at every application; a list that names neither of the two known types says nothing.",
    remedy: "Let the provider list public, pairwise or both in subject_types_supported.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let Some(listed) = super::listed(metadata, MEMBER)? else {
        return Err(Gap::Unusable(Slot::Discovery, "discovery/required-members"));
    };
    if listed.iter().any(|name| matches!(*name, "public" | "pairwise")) {
        return Ok(Verdict::pass(listed.join(", ")));
    }
    let seen = if listed.is_empty() { "an empty list".to_owned() } else { listed.join(", ") };
    let finding = Finding::new("no known subject type is listed", case.at_member(metadata, MEMBER), CHECK.clauses[0])
        .expected("public or pairwise")
        .actual(seen);
    Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Discovery)))
}
