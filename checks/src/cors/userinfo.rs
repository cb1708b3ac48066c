//! The application's pages may read userinfo across origins.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{CorsTarget, Endpoint, Exchange, Slot, SlotKind};
use crate::library::{Refusal, Rule};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "cors/userinfo",
    title: "the application's pages may read userinfo",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Fetch, "CORS-preflight fetch"),
        Clause::local("this application asks the userinfo endpoint from the browser"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Cors, SlotKind::Probe(Endpoint::Userinfo)],
    why: "The person logs in, and the page cannot learn who it is: the browser keeps the answer from it.",
    remedy: "Allow the application's origin for this client at the provider (allowed origins, web origins), with the header Authorization.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if let Some(verdict) = super::silent(case, "userinfo", "userinfo_endpoint")? {
        return Ok(verdict);
    }
    let preflight = Slot::Probe(Endpoint::Userinfo, "preflight".into());
    let asked = case.exchange(&preflight)?;
    let answer = asked.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))?;
    let slot = Slot::Cors(CorsTarget::Userinfo);
    let exchange = case.exchange(&slot)?;
    if answer.status == 429 || answer.status >= 500 {
        return Err(Gap::Undecided(format!("the userinfo endpoint answers a preflight with status {}", answer.status)));
    }
    // The browser sends the token only after this answer, so what it lacks is certain. What it grants proves nothing:
    // several products grant it to everybody.
    if let Some(seen) = refused(asked) {
        let place = Place { slot: preflight, spot: Spot::Header("Access-Control-Allow-Origin".into()) };
        let finding =
            Finding::new("the browser will not send the token to the userinfo endpoint", place, CHECK.clauses[0])
                .expected("2xx, the origin allowed, and Authorization in Access-Control-Allow-Headers")
                .actual(seen);
        let refusal = Refusal::at(Step::Userinfo, Rule::Cors, "it asks the userinfo endpoint in the browser");
        return Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::LoginFails)));
    }
    exchange.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))?;
    match super::allows(exchange) {
        Ok(header) => Ok(Verdict::pass(header)),
        Err(_) => Err(Gap::Undecided(
            "the refusal without a token does not allow the origin; some products do so only for a valid token, which only a login shows".into(),
        )),
    }
}

/// What is missing from the answer to a preflight (Fetch, CORS-preflight fetch).
fn refused(exchange: &Exchange) -> Option<String> {
    let response = exchange.outcome.as_ref().ok()?;
    if !(200..300).contains(&response.status) {
        return Some(format!("status {}", response.status));
    }
    if let Err(seen) = super::allows(exchange) {
        return Some(seen);
    }
    // The star does not stand for Authorization.
    let named = |value: &str| value.split(',').any(|name| name.trim().eq_ignore_ascii_case("authorization"));
    let headers = response.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("access-control-allow-headers"));
    let values: Vec<&str> = headers.map(|(_, value)| value.as_str()).collect();
    (!values.iter().any(|value| named(value))).then(|| {
        format!("Access-Control-Allow-Headers: {}", if values.is_empty() { "absent".into() } else { values.join(", ") })
    })
}
