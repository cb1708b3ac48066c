//! The provider says that it protects the code with PKCE and S256.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::profile::Pkce;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBER: &str = "code_challenge_methods_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/pkce",
    title: "PKCE with S256 is offered",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Rfc(9700), "2.1.1"),
        Clause::must(Spec::Rfc(8414), "2"),
        Clause::must(Spec::Rfc(7636), "4.2"),
    ],
    needs: &[SlotKind::Discovery],
    why: "Without PKCE a stolen authorization code is a stolen session; some applications send it only where the metadata lists it.",
    remedy: "Let the provider support PKCE and list S256 in code_challenge_methods_supported.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    if case.part.pkce == Pkce::Never {
        return Ok(Verdict::not_applicable("the application sends no PKCE"));
    }
    let listed = metadata.strings(MEMBER);
    // Silence is legal, and several products that support PKCE are silent; a list without S256 is a word against it.
    let effect = match (&listed, case.part.pkce) {
        (None, _) | (_, Pkce::Unknown) => Effect::Untidy,
        (Some(_), _) => Effect::Degraded,
    };
    if listed.as_ref().is_some_and(|methods| methods.contains(&"S256")) {
        return Ok(Verdict::pass("S256"));
    }
    let (message, actual) = match &listed {
        None => {
            let misspelt = super::member_names::lookalike(case, MEMBER);
            let actual = misspelt.map_or_else(|| "absent".to_owned(), |other| format!("absent; there is {other}"));
            ("the metadata does not say that PKCE is supported", actual)
        }
        Some(methods) => ("S256 is not among the code challenge methods", methods.join(", ")),
    };
    let finding =
        Finding::new(message, case.at_member(metadata, MEMBER), CHECK.clauses[0]).expected("S256").actual(actual);
    Ok(Verdict::fail(finding.means(effect, Step::Authorization)))
}
