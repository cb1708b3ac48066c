//! The token endpoint words its errors as RFC 6749 says.

use crate::case::Case;
use crate::check::{Check, Tier, reached};
use crate::evidence::json::{Document, Node};
use crate::evidence::{Endpoint, Response, Slot, SlotKind};
use crate::probe::reply::odd;
use crate::probe::token;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/error-format",
    title: "token errors are in the form of RFC 6749",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "5.2"), Clause::must(Spec::Rfc(6749), "5.1")],
    needs: &[SlotKind::Probe(Endpoint::Token)],
    why: "Libraries read the error from JSON; a web page in its place hides from everybody why a login failed.",
    remedy: "Let the provider, not the proxy in front of it, answer at the token endpoint.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    case.note_probe(Endpoint::Token);
    super::there(case)?;
    // What is no token request by its method is answered as the server pleases.
    let mut probes = case
        .facts
        .evidence
        .iter()
        .filter(|(slot, _)| matches!(slot, Slot::Probe(Endpoint::Token, name) if !token::by_method(name)))
        .peekable();
    // A confidential client is asked for with its secret, or not at all.
    if probes.peek().is_none() && !case.profile.public() && reached(case.target, case.profile) < Tier::Secret {
        return Ok(Verdict::not_applicable("without the client secret nothing is asked of the token endpoint"));
    }
    let mut seen = 0;
    let mut findings: Vec<Finding> = Vec::new();
    for (slot, exchange) in probes {
        let Ok(response) = &exchange.outcome else { continue };
        if response.status == 429 || response.status >= 500 {
            continue;
        }
        seen += 1;
        let document = crate::evidence::json::read(&response.body).ok();
        let place = |spot| Place { slot: slot.clone(), spot };
        if document.as_ref().is_some_and(|d| d.root.get("access_token").is_some()) {
            let message = "the token endpoint issues tokens for a code that never existed";
            let finding = Finding::new(message, place(Spot::Status), CHECK.clauses[0])
                .expected("invalid_grant")
                .actual(format!("status {}, with an access_token", response.status))
                .remedy("Do not use this provider for anything but tests: whoever reaches it gets tokens.");
            return Ok(Verdict::fail(finding.means(Effect::Unsafe, Step::Token)));
        }
        let kinds = kinds(response, document.as_ref());
        for (message, spot, clause, expected, actual) in kinds {
            // Each kind once, where it was seen first.
            if findings.iter().all(|finding| finding.message != message) {
                let finding = Finding::new(message, place(spot), clause).expected(expected).actual(actual);
                findings.push(finding.means(Effect::Untidy, Step::Token));
            }
        }
    }
    if seen == 0 {
        return Err(Gap::Undecided("the token endpoint was not asked, or gave no usable answer".into()));
    }
    Ok(Verdict::from(findings, format!("{} looked at", crate::report::count(seen, "answer"))))
}

/// What is wrong with an error: in words, where, against which clause, what was expected, and what was there.
type Kind = (&'static str, Spot, Clause, &'static str, String);

fn kinds(response: &Response, document: Option<&Document>) -> Vec<Kind> {
    let body = || Spot::Body(String::new(), None);
    let media = response.media_type();
    let typed = || media.clone().unwrap_or_else(|| "no content type".into());
    let member = |name: &str| document.and_then(|d| d.root.get(name)).and_then(Node::as_str);
    if member("error").is_none() {
        let form = document.is_none() && url::form_urlencoded::parse(&response.body).any(|(name, _)| name == "error");
        let message = if form {
            "the token endpoint words an error as a form"
        } else {
            "the token endpoint answers an error without the member error in JSON"
        };
        let actual = format!("status {}, {}", response.status, typed());
        return vec![(message, body(), CHECK.clauses[0], "a JSON object with error", actual)];
    }
    let mut kinds = Vec::new();
    if media.as_deref() != Some("application/json") {
        let message = "the content type of a token error is not that of JSON";
        let spot = Spot::Header("Content-Type".into());
        kinds.push((message, spot, CHECK.clauses[0], "application/json", typed()));
    }
    if !response.header("cache-control").is_some_and(|v| v.to_ascii_lowercase().contains("no-store")) {
        let message = "the token endpoint does not forbid caching";
        let actual = response.header("cache-control").unwrap_or("absent").to_owned();
        kinds.push((message, Spot::Header("Cache-Control".into()), CHECK.clauses[1], "no-store", actual));
    }
    for (name, message, expected) in [
        ("error", "error of the token endpoint has a character that it must not have", ASCII),
        ("error_description", "error_description has a character that it must not have", ASCII),
        ("error_uri", "error_uri has a character that it must not have", "a URI"),
    ] {
        if let Some(c) = member(name).and_then(|value| odd(name, value)) {
            let spot = Spot::Body(format!("/{name}"), None);
            kinds.push((message, spot, CHECK.clauses[0], expected, format!("U+{:04X}", u32::from(c))));
        }
    }
    kinds
}

/// What the parameters of an error consist of.
pub(crate) const ASCII: &str = "printable ASCII without quotation marks and backslashes";
