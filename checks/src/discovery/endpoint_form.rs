//! The endpoints are URLs to which a request can be sent as they stand.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::metadata::kind_of;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/endpoint-form",
    title: "every endpoint is a URL that can be asked as it stands",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "3.1"),
        Clause::must(Spec::Rfc(6749), "3.2"),
        Clause::must(Spec::Rfc(3986), "2"),
        Clause::must(Spec::Rfc(8705), "5"),
    ],
    needs: &[SlotKind::Discovery],
    why: "Parameters that are appended after a fragment never reach the server, and a placeholder or a space that a template left behind leads nowhere.",
    remedy: "Let the provider publish the plain URL: no fragment, no user, no placeholder, nothing around it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let mut findings = Vec::new();
    for (name, url) in metadata.endpoints() {
        // A known member that is no URL at all is the business of the checks of members.
        let Some(what) =
            defect(url, metadata.url(name)).filter(|_| kind_of(name).is_none() || metadata.url(name).is_some())
        else {
            continue;
        };
        let clause = match name {
            "authorization_endpoint" if what.contains("fragment") => CHECK.clauses[0],
            "token_endpoint" if what.contains("fragment") => CHECK.clauses[1],
            _ => CHECK.clauses[2],
        };
        let used = super::used_at(case, name);
        let effect = if used.is_some() { Effect::Degraded } else { Effect::Untidy };
        let finding = Finding::new(format!("{name} {what}"), case.at_member(metadata, name), clause)
            .expected("a plain URL")
            .actual(format!("{url:?}"));
        findings.push(finding.means(effect, used.unwrap_or(Step::Discovery)));
    }
    // A provider on plain http is told of once, by discovery/https-endpoints.
    let plain = case.target.typed.starts_with("http:");
    for (name, node) in metadata.present("mtls_endpoint_aliases").map(|n| n.members()).unwrap_or_default() {
        let what = match node.as_str() {
            Some(url) => defect(url, url::Url::parse(url).ok().as_ref())
                .or_else(|| (!plain && !url.starts_with("https:")).then_some("is not https")),
            None => Some("is no string"),
        };
        let Some(what) = what else { continue };
        let place = case.at_member(metadata, "mtls_endpoint_aliases");
        let finding = Finding::new(format!("{name} for mutual TLS {what}"), place, CHECK.clauses[3])
            .expected("an https URL")
            .actual(node.show());
        findings.push(finding.means(Effect::Untidy, Step::Discovery));
    }
    Ok(Verdict::from(findings, "all plain URLs"))
}

/// What keeps a request from being sent to a URL as it stands.
fn defect(url: &str, parsed: Option<&url::Url>) -> Option<&'static str> {
    if url.trim() != url {
        return Some("has white space around it");
    }
    let Some(parsed) = parsed else { return Some("is no absolute URL") };
    let found = [
        (url.contains(['{', '}']), "still holds a placeholder"),
        (
            url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\'),
            "holds a character that no URL may hold",
        ),
        (!matches!(parsed.scheme(), "https" | "http"), "is no web address"),
        // As a page has it, where a URL has the sign alone: the parameter behind it gets another name.
        (url.contains("&amp;"), "holds &amp; in the place of &"),
        (parsed.fragment().is_some(), "has a fragment"),
        (!parsed.username().is_empty() || parsed.password().is_some(), "names a user"),
    ];
    found.into_iter().find(|(wrong, _)| *wrong).map(|(_, what)| what)
}
