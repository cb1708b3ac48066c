//! The device flow starts, and its answer has what the application needs.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::{Node, Value};
use crate::evidence::{Endpoint, Slot, SlotKind};
use crate::probe::endpoints::DEVICE_UNKNOWN;
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/device-flow",
    title: "the device flow starts for this client",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Rfc(8628), "3.2"),
        Clause::local("what this application needs of the answer"),
        Clause::local("time for a person"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Device)],
    why: "The command line shows a code and waits; when the grant is not allowed for the client, or the answer lacks something, it ends at once.",
    remedy: "Allow the device authorization grant for this client at the provider.",
    formerly: &[],
    judge,
};

/// Fewer seconds are not enough to take up another device, log in and confirm.
const SHORT: f64 = 120.0;

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.part.flow != Flow::Device {
        return Ok(Verdict::not_applicable("this part of the application uses no device flow"));
    }
    if case.metadata()?.string("device_authorization_endpoint").is_none() {
        return Err(Gap::Unusable(Slot::Discovery, "discovery/required-members"));
    }
    let slot = Slot::Probe(Endpoint::Device, case.profile.file.id.clone());
    let exchange = case.exchange(&slot)?;
    let place = |spot| Place { slot: slot.clone(), spot };
    let response = exchange.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))?;
    if response.status == 429 || response.status >= 500 {
        return Err(Gap::Undecided(format!(
            "the device authorization endpoint answers with status {}",
            response.status
        )));
    }
    let document = crate::evidence::json::read(&response.body).ok();
    let root = document.as_ref().map(|d| &d.root);
    let error = root.and_then(|r| r.get("error")).and_then(|e| e.as_str());
    if response.status != 200 || error.is_some() {
        let finding =
            Finding::new("the device authorization endpoint refuses the client", place(Spot::Status), CHECK.clauses[0])
                .expected("200 with a device code")
                .actual(format!("status {}, {}{}", response.status, error.unwrap_or("no OAuth error"), said(root)));
        let sends = case.profile.file.device.as_ref().map(|device| device.sends.join(", ")).unwrap_or_default();
        let finding = if said(root).to_lowercase().contains("code_challenge") {
            finding.remedy("Do not require PKCE for this client: the provider then demands it of the device flow as well, in which nobody sends it (Keycloak: Advanced → Proof Key for Code Exchange Code Challenge Method). Where the application sends PKCE, it is checked all the same.")
        } else if sends.is_empty() {
            finding
        } else {
            let title = &case.profile.file.title;
            finding.remedy(format!("{} {title} sends {sends} as well, which it has to tolerate.", CHECK.remedy))
        };
        return Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Device)));
    }
    let needs = case.profile.file.device.as_ref();
    let mut findings = Vec::new();
    let required = |member: &str| needs.is_some_and(|needs| needs.requires.iter().any(|name| name == member));
    for member in ["device_code", "user_code", "verification_uri", "expires_in"] {
        if !required(member) && root.is_none_or(|r| r.get(member).is_none()) {
            let finding = Finding::new(
                format!("the device authorization response lacks {member}"),
                place(Spot::Body(String::new(), None)),
                CHECK.clauses[0],
            )
            .expected(member)
            .actual("absent");
            // Without an end of its own the wait is still one; who cannot do without is told below.
            let effect = if member == "expires_in" { Effect::Degraded } else { Effect::LoginFails };
            findings.push(finding.means(effect, Step::Device));
        }
    }
    for member in needs.iter().flat_map(|needs| &needs.requires) {
        if root.is_none_or(|r| r.get(member).is_none()) {
            let finding = Finding::new(
                format!("the device authorization response lacks {member}, which this application needs"),
                place(Spot::Body(String::new(), None)),
                CHECK.clauses[1],
            )
            .expected(member)
            .actual("absent")
            .symptom(needs.and_then(|n| n.symptom.clone()));
            findings.push(finding.means(Effect::LoginFails, Step::Device));
        }
    }
    for member in ["expires_in", "interval"] {
        let Some(value) = root.and_then(|r| r.get(member)) else { continue };
        if !matches!(value.value, Value::Number(_)) {
            let finding = Finding::new(
                format!("{member} of the device authorization response is no number"),
                place(Spot::Body(format!("/{member}"), None)),
                CHECK.clauses[0],
            )
            .expected("a number of seconds")
            .actual("another type");
            findings.push(finding.means(Effect::Degraded, Step::Device));
        }
    }
    let life = match root.and_then(|r| r.get("expires_in")).map(|node| &node.value) {
        Some(Value::Number(text)) => text.parse::<f64>().ok(),
        _ => None,
    };
    if let Some(seconds) = life.filter(|seconds| *seconds < SHORT) {
        let finding = Finding::new(
            "the person has hardly time to log in on another device before the code ends",
            place(Spot::Body("/expires_in".into(), None)),
            CHECK.clauses[2],
        )
        .expected(format!("{SHORT} seconds or more"))
        .actual(seconds.to_string())
        .remedy("Lengthen the life of device codes at the provider.");
        findings.push(finding.means(Effect::Degraded, Step::Device));
    }
    if findings.is_empty() && anybody(case) {
        return Err(Gap::Undecided(
            "this provider gives a device code to a client that nobody registered, so this answer does not say whether yours may have one".into(),
        ));
    }
    Ok(Verdict::from(findings, "it starts"))
}

/// What the provider says of its refusal.
fn said(root: Option<&Node>) -> String {
    let text = root.and_then(|root| root.get("error_description")).and_then(Node::as_str);
    text.map(|text| format!(" ({text})")).unwrap_or_default()
}

/// Whether an unknown client gets a code as well. Some products look at the client only when the code is entered.
fn anybody(case: &Case<'_>) -> bool {
    let control = case.facts.evidence.get(&Slot::Probe(Endpoint::Device, DEVICE_UNKNOWN.into()));
    let response = control.and_then(|exchange| exchange.outcome.as_ref().ok());
    response.filter(|r| r.status == 200).is_some_and(|r| {
        crate::evidence::json::read(&r.body).is_ok_and(|document| document.root.get("device_code").is_some())
    })
}
