//! The application's pages may ask for the end of a token across origins.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{CorsTarget, Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "cors/revocation",
    title: "the application's pages may read the answer to a revocation",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Fetch, "HTTP CORS protocol"),
        Clause::local("this application asks the revocation endpoint from the browser"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Cors],
    why: "The logout shows an error in the browser, and the page does not know whether the tokens still work.",
    remedy: "Allow the application's origin for this client at the provider (allowed origins, web origins).",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if let Some(verdict) = super::silent(case, "revocation", "revocation_endpoint")? {
        return Ok(verdict);
    }
    let slot = Slot::Cors(CorsTarget::Revocation);
    let exchange = case.exchange(&slot)?;
    let response = exchange.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))?;
    match super::allows(exchange) {
        Ok(header) => Ok(Verdict::pass(header)),
        // A refusal of the client may come before anything that looks at the origin.
        Err(_) if !(200..300).contains(&response.status) => Err(Gap::Undecided(format!(
            "the revocation endpoint answers with status {}, and the headers of an error say nothing about a success",
            response.status
        ))),
        Err(seen) => {
            let place = Place { slot, spot: Spot::Header("Access-Control-Allow-Origin".into()) };
            let finding = Finding::new(
                "the browser will not let the application read the answer to a revocation",
                place,
                CHECK.clauses[0],
            )
            .expected("the application's origin, or *")
            .actual(seen);
            Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Logout)))
        }
    }
}
