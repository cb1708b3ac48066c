//! The provider offers the flow that the application uses.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBER: &str = "response_types_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/response-types",
    title: "the authorization code flow is offered",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::local("this application uses the authorization code flow")],
    needs: &[SlotKind::Discovery],
    why: "A provider that keeps to its own list answers the login with unsupported_response_type.",
    remedy: "Switch the authorization code flow on at the provider, or let it list code in response_types_supported.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    if !super::code_flow(case) {
        return Ok(Verdict::not_applicable(
            "this part of the application sends no browser to the authorization endpoint",
        ));
    }
    let Some(listed) = super::listed(metadata, MEMBER)? else {
        return Err(Gap::Unusable(Slot::Discovery, "discovery/required-members"));
    };
    if listed.contains(&"code") {
        return Ok(Verdict::pass(listed.join(", ")));
    }
    let (message, actual, clause) = if listed.is_empty() {
        ("no response type is offered", "an empty list".to_owned(), CHECK.clauses[0])
    } else {
        ("the authorization code flow is not offered", listed.join(", "), CHECK.clauses[1])
    };
    // No library was seen to look at the list, so the provider has the last word.
    let finding = Finding::new(message, case.at_member(metadata, MEMBER), clause).expected("code").actual(actual);
    Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)))
}
