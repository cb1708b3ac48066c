//! The endpoints are on the port of the issuer.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/endpoint-ports",
    title: "the endpoints are on the port of the issuer",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::local("the application and the browser reach every endpoint")],
    needs: &[SlotKind::Discovery],
    why: "A provider behind a proxy often publishes its own port: the metadata works, and then the browser is sent to a door that the firewall keeps shut.",
    remedy: "Tell the provider its public address (its external, root or base URL), port included, and let the proxy pass Host or X-Forwarded-Port on.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let issuer = metadata.string("issuer").unwrap_or(&case.target.typed);
    let Ok(home) = url::Url::parse(issuer) else { return Ok(Verdict::not_applicable("the issuer is no URL")) };
    let usual = home.port().is_none();
    let mut findings = Vec::new();
    for (name, text) in metadata.endpoints() {
        let Some(url) = metadata.url(name) else { continue };
        // Another host or another scheme has a check of its own.
        let near = url.host_str() == home.host_str() && url.scheme() == home.scheme();
        if !near || url.port_or_known_default() == home.port_or_known_default() {
            continue;
        }
        let used = super::used_at(case, name);
        let effect = if usual && used.is_some() { Effect::Degraded } else { Effect::Untidy };
        let port =
            |url: &url::Url| url.port_or_known_default().map_or_else(|| "none".to_owned(), |port| port.to_string());
        let finding = Finding::new(
            format!("{name} is on port {} of the issuer's host", port(url)),
            case.at_member(metadata, name),
            CHECK.clauses[0],
        )
        .expected(format!("port {}", port(&home)))
        .actual(text);
        findings.push(finding.means(effect, used.unwrap_or(Step::Discovery)));
    }
    Ok(Verdict::from(findings, "all on the port of the issuer, or on a host of their own"))
}
