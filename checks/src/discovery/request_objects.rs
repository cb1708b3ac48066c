//! The provider takes an authorization request that is not signed.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::json::Value;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const REQUIRED: &str = "require_signed_request_object";

pub(crate) static CHECK: Check = Check {
    id: "discovery/request-objects",
    title: "a request need not be signed",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Rfc(9101), "10.5"),
        Clause::local("this application signs no authorization requests"),
    ],
    needs: &[SlotKind::Discovery],
    why: "A provider that wants signed request objects refuses the plain parameters that applications send.",
    remedy: "Switch the requirement for signed request objects off at the provider, or for this client.",
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
    let flag = |name: &str, absent: bool| metadata.present(name).map_or(absent, |node| node.value == Value::Bool(true));
    if flag(REQUIRED, false) {
        let message = "the provider wants signed request objects, which the application does not send";
        let finding = Finding::new(message, case.at_member(metadata, REQUIRED), CHECK.clauses[0])
            .expected("false, or absent")
            .actual("true");
        return Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)));
    }
    // Absent, `request_uri` counts as supported (OpenID Connect Discovery 1.0 section 3).
    let offered = [
        ("request", flag("request_parameter_supported", false)),
        ("request_uri", flag("request_uri_parameter_supported", true)),
    ];
    let names: Vec<&str> = offered.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    Ok(Verdict::pass(if names.is_empty() {
        "not offered".to_owned()
    } else {
        format!("{} offered, not required", names.join(" and "))
    }))
}
