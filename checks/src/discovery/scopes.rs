//! The provider offers the scopes that the application asks for.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBER: &str = "scopes_supported";

/// The scopes of OpenID Connect Core 1.0 section 5.4.
const STANDARD: [&str; 4] = ["profile", "email", "address", "phone"];

pub(crate) static CHECK: Check = Check {
    id: "discovery/scopes",
    title: "the scopes that the application asks for are offered",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::local("the scopes that this application asks for")],
    needs: &[SlotKind::Discovery],
    why: "A scope that is not granted takes its claims with it: no name, no e-mail, no groups. Some providers refuse the whole request.",
    remedy: "Add the scope to the provider (a scope mapping, a client scope), or take it out of the application where its claims are not needed.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let Some(offered) = metadata.strings(MEMBER) else {
        return Ok(Verdict::not_applicable("the provider lists no scopes, which is its right (only a login can tell)"));
    };
    // A list in one string is the business of discovery/scopes-syntax.
    let offered: Vec<&str> = offered.into_iter().flat_map(str::split_ascii_whitespace).collect();
    let mut findings = Vec::new();
    for scope in case.profile.file.scopes.iter().filter(|s| !offered.contains(&s.as_str())) {
        let brings = || case.profile.file.claims.iter().filter(|claim| claim.scope.as_ref() == Some(scope));
        let names: Vec<&str> = brings().map(|claim| claim.name.as_str()).collect();
        let message = match names.as_slice() {
            [] => format!("the scope {scope} is not listed"),
            claims => format!("the scope {scope}, which brings {}, is not listed", claims.join(", ")),
        };
        let clause = CHECK.clauses[usize::from(scope != "openid")];
        let finding =
            Finding::new(message, case.at_member(metadata, MEMBER), clause).expected(scope).actual(offered.join(" "));
        // A provider may support a scope without listing it, so this can never be certain. Many do so with those that
        // the specification itself defines, and there it counts only where the application cannot do without a claim.
        let usual = STANDARD.contains(&scope.as_str()) && !brings().any(|claim| claim.required);
        let effect = if usual { Effect::Untidy } else { Effect::Degraded };
        findings.push(finding.means(effect, Step::Authorization));
    }
    Ok(Verdict::from(findings, case.profile.file.scopes.join(" ")))
}
