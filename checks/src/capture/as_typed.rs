//! The application sends what was typed, to the provider that was typed.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "capture/as-typed",
    title: "the application sends what was typed here",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::local("what the running application sends")],
    needs: &[SlotKind::Discovery, SlotKind::App],
    why: "The settings that count are those in the application; what was typed here may be right while they are wrong.",
    remedy: "Correct the application: its client id, its public address (proxy headers), or the provider that it was given.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = crate::probe::captures(case.target, case.profile);
    if asked.is_empty() {
        return Ok(Verdict::not_applicable("the application shows nothing without a login, or --app-url is missing"));
    }
    let metadata = case.metadata()?;
    let answers: Vec<_> = asked.iter().filter_map(|(slot, _)| Some((slot, case.exchange(slot).ok()?))).collect();
    let Some((slot, request)) =
        answers.iter().find_map(|(slot, e)| Some(((*slot).clone(), crate::probe::captured(e)?)))
    else {
        // Often the application is not there yet when its login is prepared.
        return Ok(Verdict::not_applicable("the application did not show an authorization request from here"));
    };
    let place = || Place { slot: slot.clone(), spot: Spot::Header("Location".into()) };
    let mut findings = Vec::new();
    let mut differ = |what: &str, expected: String, actual: String, effect: Effect| {
        let finding = Finding::new(
            format!("the application sends another {what} than was typed or follows from it"),
            place(),
            CHECK.clauses[0],
        )
        .expected(expected)
        .actual(actual)
        .side(Side::Application);
        findings.push(finding.means(effect, Step::Authorization));
    };
    let get = |name: &str| request.query(name).unwrap_or_default();
    let client = case.target.client_id.clone().unwrap_or_default();
    if get("client_id") != client {
        differ("client id", client, get("client_id"), Effect::LoginFails);
    }
    let uris: Vec<String> =
        crate::probe::redirect_uris(case.target, case.profile).into_iter().map(|(uri, _)| uri).collect();
    if !uris.contains(&get("redirect_uri")) {
        differ("redirect URI", uris.join(" or "), get("redirect_uri"), Effect::Degraded);
    }
    let endpoint = metadata.string("authorization_endpoint").unwrap_or_default();
    let sent = request.url.split('?').next().unwrap_or_default();
    if sent != endpoint.split('?').next().unwrap_or_default() {
        differ("authorization endpoint", endpoint.to_owned(), sent.to_owned(), Effect::Degraded);
    }
    Ok(Verdict::from(
        findings,
        format!("client {}, redirect URI {}, scope {:?}", get("client_id"), get("redirect_uri"), get("scope")),
    ))
}
