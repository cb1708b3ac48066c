//! The provider offers the flow that the application uses.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::probe::implicit_type;
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};
use std::collections::BTreeSet;

const MEMBER: &str = "response_types_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/response-types",
    title: "the flow of the application is offered",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::local("this application uses this flow")],
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
    let front = case.part.flow == Flow::Implicit;
    let wanted = if front { implicit_type(case.profile) } else { "code" };
    // The order of the words means nothing (RFC 6749 section 3.1.1).
    let words = |kind: &str| kind.split(' ').map(str::to_owned).collect::<BTreeSet<String>>();
    if listed.iter().any(|kind| words(kind) == words(wanted)) {
        return Ok(Verdict::pass(listed.join(", ")));
    }
    let (message, actual, clause) = if listed.is_empty() {
        ("no response type is offered", "an empty list".to_owned(), CHECK.clauses[0])
    } else {
        let flow =
            if front { "the implicit flow is not offered" } else { "the authorization code flow is not offered" };
        (flow, listed.join(", "), CHECK.clauses[1])
    };
    // No library was seen to look at the list, so the provider has the last word.
    let mut finding = Finding::new(message, case.at_member(metadata, MEMBER), clause).expected(wanted).actual(actual);
    if front {
        finding = finding
            .remedy(format!("Switch the implicit flow on at the provider, or let it list {wanted} in {MEMBER}."));
    }
    Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)))
}
