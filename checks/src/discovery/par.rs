//! The provider takes an authorization request that comes by the browser.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::json::Value;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const ENDPOINT: &str = "pushed_authorization_request_endpoint";
const REQUIRED: &str = "require_pushed_authorization_requests";

pub(crate) static CHECK: Check = Check {
    id: "discovery/par",
    title: "a request need not be pushed first",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(9126), "5"), Clause::local("this application sends its request by the browser")],
    needs: &[SlotKind::Discovery],
    why: "A provider that wants every authorization request pushed over the back channel refuses the plain one that applications send.",
    remedy: "Switch the requirement for pushed authorization requests off at the provider, or for this client.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    if !super::code_flow(case) {
        return Ok(Verdict::not_applicable(
            "this part of the application sends no browser to the authorization endpoint",
        ));
    }
    let required = metadata.present(REQUIRED).is_some_and(|node| node.value == Value::Bool(true));
    if !required {
        let offered = metadata.string(ENDPOINT).is_some();
        return Ok(Verdict::pass(if offered { "offered, not required" } else { "not offered, so not required" }));
    }
    let message = match metadata.string(ENDPOINT) {
        Some(_) => "the provider wants every authorization request pushed first, which the application does not do",
        None => "the provider wants every authorization request pushed first, and names no endpoint for it",
    };
    let finding = Finding::new(message, case.at_member(metadata, REQUIRED), CHECK.clauses[0])
        .expected("false, or absent")
        .actual("true");
    Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Authorization)))
}
