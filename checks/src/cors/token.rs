//! The application's pages may read the token response across origins.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{CorsTarget, Slot, SlotKind};
use crate::library::{Refusal, Rule};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "cors/token",
    title: "the application's pages may read the token response",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Fetch, "HTTP CORS protocol"),
        Clause::local("this application asks the token endpoint from the browser"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Cors],
    why: "The person logs in, comes back, and the page cannot read the tokens: it shows an error or starts again.",
    remedy: "Allow the application's origin for this client at the provider (allowed origins, web origins).",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !case.library().browser {
        return Ok(Verdict::not_applicable("this part of the application does not run in a browser"));
    }
    if case.metadata()?.string("token_endpoint").is_none() {
        return Err(Gap::Unusable(Slot::Discovery, "discovery/required-members"));
    }
    if case.target.app_origin().is_none() {
        return Err(Gap::Undecided("--app-url tells which origin to ask for".into()));
    }
    let slot = Slot::Cors(CorsTarget::Token);
    let exchange = case.exchange(&slot)?;
    let response = exchange.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))?;
    let (origin, allowed) = super::allowed(exchange);
    if matches!(allowed.as_slice(), [one] if one == "*" || *one == origin) {
        return Ok(Verdict::pass(format!("Access-Control-Allow-Origin: {}", allowed[0])));
    }
    if response.status == 429 || response.status >= 500 {
        return Err(Gap::Undecided(format!("the token endpoint answers with status {}", response.status)));
    }
    // Headers on errors only, or on successes only, are both seen in the wild: the error that a probe can get is no
    // proof for the success that the application needs, unless the client itself was accepted.
    let body = crate::evidence::json::read(&response.body).ok();
    let accepted = body.as_ref().and_then(|d| d.root.get("error")).and_then(|e| e.as_str()) == Some("invalid_grant");
    if !accepted {
        return Err(Gap::Undecided(
            "the token endpoint did not get as far as the code, so its headers say nothing about a real answer".into(),
        ));
    }
    let place = Place { slot, spot: Spot::Header("Access-Control-Allow-Origin".into()) };
    let seen = if allowed.is_empty() { "no such header".to_owned() } else { allowed.join(", ") };
    let finding =
        Finding::new("the browser will not let the application read the token response", place, CHECK.clauses[0])
            .expected(format!("* or {origin}"))
            .actual(seen);
    let refusal = Refusal::at(Step::Token, Rule::Cors, "it asks the token endpoint in the browser");
    Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::LoginFails)))
}
