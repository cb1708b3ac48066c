//! The application sends the redirect URI that its address makes one expect.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::oracle::{Seen, names};
use crate::probe::redirect_uris;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Side, Step, Verdict};
use url::Url;

pub(crate) static CHECK: Check = Check {
    id: "capture/redirect-uri",
    title: "the application sends the redirect URI that is expected",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::local("what the running application sends"), Clause::must(Spec::Rfc(9700), "2.1")],
    needs: &[SlotKind::Discovery, SlotKind::App, SlotKind::Probe(Endpoint::Authorize)],
    why: "The provider compares what the application sends with what is registered, letter for letter.",
    remedy: "Register the redirect URI that the application sends, or give the application its public address.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let requests = match super::requests(case) {
        Ok(requests) => requests,
        Err(verdict) => return Ok(verdict),
    };
    let expected: Vec<String> = redirect_uris(case.target, case.profile).into_iter().map(|(uri, _)| uri).collect();
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    for (place, request) in requests {
        // Left out, it is that of the registration, or of the request that was pushed.
        let Some(sent) = request.query("redirect_uri") else { continue };
        if expected.contains(&sent) {
            seen.push(sent);
            continue;
        }
        let (what, remedy) = difference(&sent, expected.first().map_or("", String::as_str));
        let (_, oracle) = case.oracle()?;
        let (effect, taken) = match oracle.seen(case.facts.evidence, &names::expected(&sent)) {
            Seen::Refused(_) => (Effect::LoginFails, "the provider refuses it"),
            Seen::Accepted(_) | Seen::AcceptedByLanding => (Effect::Degraded, "the provider takes it"),
            Seen::ErrorThere(_) | Seen::Unclear(_) => {
                (Effect::Degraded, "what the provider makes of it could not be seen")
            }
        };
        let message = format!("the redirect URI of the application has {what} than is expected; {taken}");
        let mut finding = Finding::new(message, place, CHECK.clauses[0])
            .expected(expected.join(" or "))
            .actual(sent)
            .side(Side::Application);
        finding.remedy = remedy.map(str::to_owned);
        findings.push(finding.means(effect, Step::Authorization));
    }
    Ok(Verdict::from(findings, if seen.is_empty() { "it sends none".to_owned() } else { seen.join(", ") }))
}

/// Where two addresses differ first, and what makes an application believe so.
fn difference(sent: &str, expected: &str) -> (&'static str, Option<&'static str>) {
    let (Ok(a), Ok(b)) = (Url::parse(sent), Url::parse(expected)) else { return ("another form", None) };
    if a.host_str() != b.host_str() {
        return (
            "another host",
            Some(
                "Let the proxy hand on the Host header (or X-Forwarded-Host), or set the public address in the application; or open it as --app-url says.",
            ),
        );
    }
    if a.scheme() != b.scheme() {
        return (
            "another scheme",
            Some(
                "The application does not know that it is reached over https: let the proxy send X-Forwarded-Proto, and let the application trust the proxy.",
            ),
        );
    }
    if a.port_or_known_default() != b.port_or_known_default() {
        return (
            "another port",
            Some("Let the proxy hand on the port in the Host header, or register the port that the application sends."),
        );
    }
    if a.path().trim_end_matches('/') == b.path().trim_end_matches('/') && a.query() == b.query() {
        return (
            "another spelling, such as a slash at its end,",
            Some("Register it exactly as the application sends it."),
        );
    }
    ("another path", None)
}
