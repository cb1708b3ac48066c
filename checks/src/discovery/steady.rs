//! Asked again, the provider says the same.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::{self, Document, Node};
use crate::evidence::jwks::Jwks;
use crate::evidence::{Endpoint, Slot, SlotKind};
use crate::probe::endpoints::{again_slot, keys_again_slot};
use crate::spec::{Clause, Spec};
use crate::target::Depth;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};
use std::collections::BTreeSet;

pub(crate) static CHECK: Check = Check {
    id: "discovery/steady",
    title: "asked again, the provider says the same",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Discovery, "4.3"), Clause::must(Spec::Core, "10.1")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks, SlotKind::Probe(Endpoint::Metadata)],
    why: "Behind a load balancer one node may have another name or other keys than the next, and then logins fail now and again.",
    remedy: "Give every node behind the load balancer the same external address and the same keys, and let it ask no node that is not ready.",
    formerly: &[],
    judge,
};

/// Members on which a login depends.
const MEMBERS: [&str; 5] = ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"];

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.target.depth < Depth::Standard {
        return Ok(Verdict::not_applicable("asked again with --depth standard"));
    }
    let metadata = case.metadata()?;
    case.note_probe(Endpoint::Metadata);
    if case.facts.evidence.get(&again_slot()).is_none() {
        return Ok(Verdict::not_applicable("it was not asked again"));
    }
    let mut findings = Vec::new();
    match again(case, &again_slot())? {
        Err(why) => findings.push(finding(
            again_slot(),
            Spot::Status,
            "the metadata cannot be had every time",
            "the metadata",
            why,
            0,
        )),
        Ok(document) => {
            let text = |node: Option<&Node>| node.map_or("absent".to_owned(), Node::show);
            let differs = MEMBERS.into_iter().find(|name| text(metadata.member(name)) != text(document.root.get(name)));
            if let Some(name) = differs {
                let spot = Spot::Body(format!("/{name}"), None);
                let message = format!("{name} is another one when the metadata is asked for again");
                let (first, second) = (text(metadata.member(name)), text(document.root.get(name)));
                findings.push(finding(again_slot(), spot, &message, &first, second, 0));
            }
        }
    }
    if let (Ok(first), Some(_)) = (case.jwks(), case.facts.evidence.get(&keys_again_slot())) {
        match again(case, &keys_again_slot())?.map(Jwks::of) {
            Err(why) | Ok(Err(why)) => findings.push(finding(
                keys_again_slot(),
                Spot::Status,
                "the key set cannot be had every time",
                "the key set",
                why,
                1,
            )),
            Ok(Ok(second)) if ids(first) != ids(&second) => {
                let spot = Spot::Body("/keys".into(), None);
                let message = "the key set has other keys when it is asked for again";
                findings.push(finding(keys_again_slot(), spot, message, &words(first), words(&second), 1));
            }
            Ok(Ok(_)) => {}
        }
    }
    Ok(Verdict::from(findings, "the same members and the same keys"))
}

fn finding(slot: Slot, spot: Spot, message: &str, expected: &str, actual: String, clause: usize) -> Finding {
    let finding = Finding::new(message, Place { slot, spot }, CHECK.clauses[clause]);
    finding.expected(expected).actual(actual).means(Effect::Degraded, Step::Discovery)
}

/// The document that came the second time, or what came in its place.
fn again(case: &Case<'_>, slot: &Slot) -> Result<Result<Document, String>, Gap> {
    let exchange = case.exchange(slot)?;
    let response = match &exchange.outcome {
        Ok(response) if response.status == 200 => response,
        Ok(response) => return Ok(Err(format!("status {}", response.status))),
        Err(error) => return Ok(Err(error.to_string())),
    };
    Ok(json::read(&response.body).map_err(|error| error.to_string()))
}

/// What tells keys apart for those who look one up.
fn ids(set: &Jwks) -> BTreeSet<String> {
    let text = |key: &crate::evidence::jwks::Key, name: &str| key.node.get(name).map(Node::show).unwrap_or_default();
    set.keys.iter().map(|key| ["kid", "kty", "n", "x"].map(|name| text(key, name)).join(" ")).collect()
}

fn words(set: &Jwks) -> String {
    let kids: Vec<String> =
        set.keys.iter().map(|key| key.node.get("kid").map_or("no kid".into(), Node::show)).collect();
    if kids.is_empty() { "no key".into() } else { kids.join(", ") }
}
