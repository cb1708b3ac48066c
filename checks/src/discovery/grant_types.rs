//! The provider offers the grants that the application uses.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBER: &str = "grant_types_supported";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

pub(crate) static CHECK: Check = Check {
    id: "discovery/grant-types",
    title: "the grants that the application uses are offered",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::should(Spec::Discovery, "3"), Clause::must(Spec::Rfc(8628), "3.4")],
    needs: &[SlotKind::Discovery],
    why: "A token endpoint that keeps to its own list answers unsupported_grant_type: no login, no device code, or a session that ends with the first access token.",
    remedy: "Switch the grant on at the provider (and for this client), or let it list what it does.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let Some(listed) = super::listed(metadata, MEMBER)? else {
        return Ok(Verdict::pass("no list, which means authorization_code and implicit"));
    };
    let seen = if listed.is_empty() { "an empty list".to_owned() } else { listed.join(", ") };
    let device = case.library().members.used_at("device_authorization_endpoint").is_some()
        && metadata.string("device_authorization_endpoint").is_some();
    // Where the scope for it is not offered either, the check of scopes says so.
    let granted = metadata.strings("scopes_supported").is_none_or(|scopes| scopes.contains(&"offline_access"));
    let offline = granted && case.profile.file.scopes.iter().any(|scope| scope == "offline_access");
    let front = case.part.flow == Flow::Implicit;
    // Products publish a fixed list, and some serve a device code without naming it: having the endpoint says more.
    let wanted = [
        (super::code_flow(case) && !front, "authorization_code", Effect::Degraded, Step::Token, CHECK.clauses[0]),
        (front, "implicit", Effect::Degraded, Step::Authorization, CHECK.clauses[0]),
        (device, DEVICE, Effect::Untidy, Step::Device, CHECK.clauses[1]),
        (offline, "refresh_token", Effect::Untidy, Step::Token, CHECK.clauses[0]),
    ];
    let mut findings = Vec::new();
    for (used, grant, effect, step, clause) in wanted {
        if used && !listed.contains(&grant) {
            let message = format!("the grant {grant} is not listed");
            let finding = Finding::new(message, case.at_member(metadata, MEMBER), clause).expected(grant).actual(&seen);
            findings.push(finding.means(effect, step));
        }
    }
    Ok(Verdict::from(findings, &seen))
}
