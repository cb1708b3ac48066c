//! The application's pages may read the metadata across origins.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{CorsTarget, Slot, SlotKind};
use crate::library::{Refusal, Rule};
use crate::plan::PLACEHOLDER_ORIGIN;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "cors/browser",
    title: "the application's pages may read the metadata",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Fetch, "HTTP CORS protocol"),
        Clause::local("this application fetches the metadata in the browser"),
    ],
    needs: &[SlotKind::Cors],
    why: "An application that runs in the browser sees nothing without Access-Control-Allow-Origin, while curl shows that all is well.",
    remedy: "Allow the application's origin at the provider (allowed origins, web origins), or let the proxy add Access-Control-Allow-Origin to the metadata.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !case.library().browser {
        return Ok(Verdict::not_applicable("this part of the application does not run in a browser"));
    }
    let slot = Slot::Cors(CorsTarget::Discovery);
    let exchange = case.exchange(&slot)?;
    let response = case.response(&slot, "discovery/reachable")?;
    let (origin, allowed) = super::allowed(exchange);
    if matches!(allowed.as_slice(), [one] if one == "*" || *one == origin) {
        return Ok(Verdict::pass(format!("Access-Control-Allow-Origin: {}", allowed[0])));
    }
    if !(200..300).contains(&response.status) {
        return Err(Gap::Unusable(slot, "discovery/reachable"));
    }
    if origin == PLACEHOLDER_ORIGIN {
        return Err(Gap::Undecided(
            "the provider does not allow every origin; --app-url tells which one to ask for".into(),
        ));
    }
    let place = Place { slot, spot: Spot::Header("Access-Control-Allow-Origin".into()) };
    let seen = match allowed.as_slice() {
        [] => "no such header".to_owned(),
        values => values.join(", "),
    };
    let message = if allowed.len() > 1 {
        "the header stands more than once, which browsers refuse"
    } else {
        "the browser will not let the application read the metadata"
    };
    let finding = Finding::new(message, place, CHECK.clauses[0]).expected(format!("* or {origin}")).actual(seen);
    let refusal = Refusal::at(Step::Discovery, Rule::Cors, "it fetches the metadata in the browser");
    Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::LoginFails)))
}
