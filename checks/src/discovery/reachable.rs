//! The metadata can be had at the URL that the application asks.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind, TransportError, json};
use crate::library::transport::Doc;
use crate::library::{Refusal, Rule};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};
use crate::wall;

pub(crate) static CHECK: Check = Check {
    id: "discovery/reachable",
    title: "the metadata can be fetched from the issuer's well-known URL",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "4.2")],
    needs: &[SlotKind::Discovery, SlotKind::DiscoveryAt],
    why: "Every library starts here. When this request fails, the login button is missing or dead, whatever else is right.",
    remedy: "Ask the URL with curl from the host of the application: the issuer's path, the reverse proxy and the \
             firewall are what usually stands in the way.",
    formerly: &[],
    judge,
};

/// The path of an issuer is what people forget or mistype.
const NOT_THERE: &str = "Look the issuer up there and compare its path letter by letter: the metadata is neither at what was typed nor above it. \
                         Keycloak has /realms/<realm>, authentik /application/o/<slug>/, others have none.";

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let exchange = case.exchange(&Slot::Discovery)?;
    let url = &exchange.request.url;
    let response = match &exchange.outcome {
        Ok(response) => response,
        Err(TransportError::Redirects(why)) => {
            let place = Place { slot: Slot::Discovery, spot: Spot::Connection };
            let finding = Finding::new(format!("{url} redirects and never arrives"), place, CHECK.clauses[0])
                .expected("status 200 with a JSON document")
                .actual(why)
                .remedy("Follow the redirects with curl -sIL: a reverse proxy that turns http into https, or adds or takes a slash, against what the provider behind it does is what usually makes them.");
            let refusal = Refusal::at(Step::Discovery, Rule::Redirect, "it needs the document before anything else");
            return Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::LoginFails)));
        }
        Err(TransportError::Encoding(why)) => {
            let place = Place { slot: Slot::Discovery, spot: Spot::Header("Content-Encoding".into()) };
            let finding = Finding::new(format!("the answer of {url} cannot be unpacked"), place, CHECK.clauses[0])
                .expected("a JSON document that is not compressed, since nobody asked for that")
                .actual(why)
                .remedy("Let the reverse proxy honour Accept-Encoding, or switch compression off for this path.");
            let refusal = Refusal::at(Step::Discovery, Rule::Unreachable, "it needs the document before anything else");
            return Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::LoginFails)));
        }
        Err(error) => {
            let place = Place { slot: Slot::Discovery, spot: Spot::Connection };
            let finding = Finding::new(format!("{url} gives no answer"), place, CHECK.clauses[0])
                .expected("status 200 with a JSON document")
                .actual(error.to_string())
                .side(Side::Network);
            let refusal = Refusal::at(Step::Discovery, Rule::Unreachable, "it needs the document before anything else");
            return Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::LoginFails)));
        }
    };
    let transport = &case.library().transport;
    if response.status != 200 {
        let place = Place { slot: Slot::Discovery, spot: Spot::Status };
        let mut finding =
            Finding::new(format!("{} answers with status {}", response.url, response.status), place, CHECK.clauses[0])
                .expected("200")
                .actual(response.status.to_string());
        if let Some(nearby) = super::url_typed::nearby(case) {
            finding.message = format!("{}, and the metadata is at {}", finding.message, nearby.url);
            finding = finding.side(nearby.side).remedy(nearby.remedy);
        } else if let Some(what) = wall::in_front_of(exchange, response) {
            finding = finding.side(Side::Network).remedy(wall::remedy(&what));
        } else if response.status == 404 {
            finding = finding.remedy(NOT_THERE);
        }
        // Who does not look at the status still needs a document.
        let nothing = || {
            let none = !json::read(&response.body).is_ok_and(|document| !document.root.members().is_empty());
            none.then(|| Refusal::at(Step::Discovery, Rule::Status, "it finds no JSON document there"))
        };
        let refusal = transport.status(Doc::Metadata, response).or_else(nothing);
        return Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy)));
    }
    if let Some(limit) = response.cut_at {
        let place = Place { slot: Slot::Discovery, spot: Spot::Body(String::new(), None) };
        let finding = Finding::new(
            format!("the document is longer than {limit} bytes; reading stopped there"),
            place,
            CHECK.clauses[0],
        )
        .expected("a few kilobytes")
        .actual(format!("more than {limit} bytes"));
        let refusal = Refusal::at(Step::Discovery, Rule::SizeLimit, "no library was seen to get through so much");
        return Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::LoginFails)));
    }
    Ok(Verdict::pass(format!("{} in {} ms", response.url, exchange.elapsed_ms)))
}
