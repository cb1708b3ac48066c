//! The token endpoint words its errors as RFC 6749 says.

use crate::case::Case;
use crate::check::{Check, Tier, reached};
use crate::evidence::{Endpoint, Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/error-format",
    title: "token errors are in the form of RFC 6749",
    severity: Severity::Warning,
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
    let mut probes =
        case.facts.evidence.iter().filter(|(slot, _)| matches!(slot, Slot::Probe(Endpoint::Token, _))).peekable();
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
        let error = document.as_ref().and_then(|d| d.root.get("error")).and_then(|e| e.as_str());
        if error.is_none() && findings.is_empty() {
            let finding = Finding::new(
                "the token endpoint answers an error without the member error in JSON",
                place(Spot::Body(String::new(), None)),
                CHECK.clauses[0],
            )
            .expected("a JSON object with error")
            .actual(format!(
                "status {}, {}",
                response.status,
                response.media_type().unwrap_or_else(|| "no content type".into())
            ));
            findings.push(finding.means(Effect::Untidy, Step::Token));
        }
        let stored = response.header("cache-control").is_some_and(|v| v.to_ascii_lowercase().contains("no-store"));
        if error.is_some() && !stored && findings.is_empty() {
            let finding = Finding::new(
                "the token endpoint does not forbid caching",
                place(Spot::Header("Cache-Control".into())),
                CHECK.clauses[1],
            )
            .expected("no-store")
            .actual(response.header("cache-control").unwrap_or("absent"));
            findings.push(finding.means(Effect::Untidy, Step::Token));
        }
    }
    if seen == 0 {
        return Err(Gap::Undecided("the token endpoint was not asked, or gave no usable answer".into()));
    }
    Ok(Verdict::from(findings, format!("{} looked at", crate::report::count(seen, "answer"))))
}
