//! The answer comes back in a form that the application reads.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBER: &str = "response_modes_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/response-modes",
    title: "the code can come back in the query of the redirect URI",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::should(Spec::Discovery, "3"), Clause::local("this application reads the code from the query")],
    needs: &[SlotKind::Discovery],
    why: "Applications read the code from the query of the redirect URI; a provider that only posts a form, or only uses the fragment, sends it where nobody looks.",
    remedy: "Let the provider support the response mode query, which is the default of the code flow, and list it.",
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
        return Ok(Verdict::pass("no list, which means query and fragment"));
    };
    if listed.contains(&"query") {
        return Ok(Verdict::pass(listed.join(", ")));
    }
    let seen = if listed.is_empty() { "an empty list".to_owned() } else { listed.join(", ") };
    let finding =
        Finding::new("the response mode query is not listed", case.at_member(metadata, MEMBER), CHECK.clauses[1])
            .expected("query")
            .actual(seen);
    // No library looks at the list, and query is what the code flow uses whatever it says.
    Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Authorization)))
}
