//! There is a page where people can enter the code of their device.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, Slot, SlotKind};
use crate::probe::endpoints::{device_page_slot, verification_uri};
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/device-page",
    title: "the page for the code of the device answers",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(8628), "3.3")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Device)],
    why: "The command line shows an address, and the person who opens it finds nothing there.",
    remedy: "Switch the device flow on at the provider, its page included, and let the proxy pass that path.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.part.flow != Flow::Device {
        return Ok(Verdict::not_applicable("this part of the application uses no device flow"));
    }
    if case.metadata()?.string("device_authorization_endpoint").is_none() {
        return Err(Gap::Unusable(Slot::Discovery, "discovery/required-members"));
    }
    let started = Slot::Probe(Endpoint::Device, case.profile.file.id.clone());
    let uri = case.exchange(&started)?.outcome.as_ref().ok().filter(|r| r.status == 200).and_then(verification_uri);
    let Some(uri) = uri else { return Err(Gap::Unusable(started, "endpoints/device-flow")) };
    let slot = device_page_slot(case.profile);
    let place = |spot| Place { slot: slot.clone(), spot };
    let fail = |spot, actual: String| {
        let finding =
            Finding::new("there is no page where the device flow sends people", place(spot), CHECK.clauses[0])
                .expected(format!("a page at {uri}"))
                .actual(actual);
        Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Device)))
    };
    match &case.exchange(&slot)?.outcome {
        Ok(response) => match response.status {
            404 | 405 | 410 => fail(Spot::Status, format!("status {}", response.status)),
            429 | 500.. => Err(Gap::Undecided(format!("{uri} answers with status {}", response.status))),
            status => Ok(Verdict::pass(format!(
                "{uri} answers with status {status}; whether somebody who is logged in finds a form there, only a login can tell"
            ))),
        },
        Err(error) => Err(Gap::Undecided(format!("{uri}: {error}"))),
    }
}
