//! The key set can be fetched.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::library::transport::Doc;
use crate::library::{Refusal, Rule};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Verdict};
use crate::wall;

pub(crate) static CHECK: Check = Check {
    id: "jwks/reachable",
    title: "the key set can be fetched",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::must(Spec::Core, "10.1")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Without the keys no token can be verified: people log in at the provider and are thrown out by the application.",
    remedy: "Ask the URL with curl from the host of the application; it must give the key set without any session.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    if metadata.string("jwks_uri").is_none() {
        return Err(Gap::Unusable(Slot::Discovery, "discovery/required-members"));
    }
    let exchange = case.exchange(&Slot::Jwks)?;
    let keys = &case.library().keys;
    let place = |spot| Place { slot: Slot::Jwks, spot };
    let response = match &exchange.outcome {
        Ok(response) => response,
        Err(error) => {
            let finding = Finding::new(
                format!("{} gives no answer", exchange.request.url),
                place(Spot::Connection),
                CHECK.clauses[0],
            )
            .expected("status 200 with a JWK set")
            .actual(error.to_string())
            .side(Side::Network);
            let plain = exchange.request.url.starts_with("http:") && case.target.typed.starts_with("https:");
            let finding = if plain {
                finding
                    .side(Side::Provider)
                    .remedy("Let the provider publish its https address; discovery/https-endpoints says how.")
            } else {
                finding
            };
            let refusal = keys.verified.then(|| Refusal::at(keys.fetched, Rule::JwksStatus, "it verifies signatures"));
            return Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)));
        }
    };
    let refusal = case.library().transport.status(Doc::Jwks(keys.fetched), response).filter(|_| keys.verified);
    if response.status != 200 || refusal.is_some() {
        let mut finding = Finding::new(
            format!("{} answers with status {}", response.url, response.status),
            place(Spot::Status),
            CHECK.clauses[0],
        )
        .expected("200")
        .actual(response.status.to_string());
        if let Some(what) = wall::in_front_of(exchange, response) {
            finding = finding.side(Side::Network).remedy(wall::remedy(&what));
        }
        return Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)));
    }
    if let Some(limit) = response.cut_at {
        let finding = Finding::new(
            format!("the key set is longer than {limit} bytes; reading stopped there"),
            place(Spot::Body(String::new(), None)),
            CHECK.clauses[0],
        )
        .expected("a few kilobytes")
        .actual(format!("more than {limit} bytes"));
        let refusal = keys
            .verified
            .then(|| Refusal::at(keys.fetched, Rule::JwksSizeLimit, "no library was seen to get through so much"));
        return Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)));
    }
    Ok(Verdict::pass(format!("{} in {} ms", response.url, exchange.elapsed_ms)))
}
