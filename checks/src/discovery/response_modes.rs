//! The answer comes back in a form that the application reads.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::probe::IMPLICIT_MODE;
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBER: &str = "response_modes_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/response-modes",
    title: "the answer can come back in the way that the application reads",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[
        Clause::should(Spec::Discovery, "3"),
        Clause::local("this application reads the answer there and nowhere else"),
    ],
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
    let extra = case.profile.file.extra_parameters.get("response_mode").map(String::as_str);
    let front = case.part.flow == Flow::Implicit;
    let wanted = if front { extra.unwrap_or(IMPLICIT_MODE) } else { "query" };
    if listed.contains(&wanted) {
        return Ok(Verdict::pass(listed.join(", ")));
    }
    let seen = if listed.is_empty() { "an empty list".to_owned() } else { listed.join(", ") };
    let message = format!("the response mode {wanted} is not listed");
    let finding =
        Finding::new(message, case.at_member(metadata, MEMBER), CHECK.clauses[1]).expected(wanted).actual(seen);
    if front && wanted == IMPLICIT_MODE {
        // It is an extension, and who does not know it answers by the fragment.
        let finding = finding.remedy(
            "Switch the response mode form_post on at the provider; one that has none cannot be used with this flow.",
        );
        return Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)));
    }
    // No library looks at the list, and query is what the code flow uses whatever it says.
    Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Authorization)))
}
