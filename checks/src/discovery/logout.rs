//! What the metadata says of logging out fits together.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::json::Value;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

/// The flag, the one that only means something beside it, and the rule.
const PAIRS: [(&str, &str, Clause); 2] = [
    ("frontchannel_logout_supported", "frontchannel_logout_session_supported", Clause::should(Spec::FrontChannel, "3")),
    ("backchannel_logout_supported", "backchannel_logout_session_supported", Clause::should(Spec::BackChannel, "2.1")),
];
const OFFERS: [&str; 4] =
    ["end_session_endpoint", "check_session_iframe", "frontchannel_logout_supported", "backchannel_logout_supported"];

pub(crate) static CHECK: Check = Check {
    id: "discovery/logout",
    title: "what is said of logging out fits together",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[
        Clause::should(Spec::FrontChannel, "3"),
        Clause::should(Spec::BackChannel, "2.1"),
        Clause::must(Spec::RpLogout, "2.1"),
    ],
    needs: &[SlotKind::Discovery],
    why: "Session ids are promised in logout messages that are never sent, so people stay logged in where an administrator believes them logged out.",
    remedy: "Let the provider list the logout flag itself, or leave the one for session ids out.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let on = |name: &str| metadata.present(name).is_some_and(|node| node.value == Value::Bool(true));
    let mut findings = Vec::new();
    for (flag, session, clause) in PAIRS {
        if on(session) && !on(flag) {
            let finding = Finding::new(
                format!("{session} is true, and {flag} is not"),
                case.at_member(metadata, session),
                clause,
            )
            .expected(format!("{flag} true, or neither"))
            .actual(metadata.member(flag).map_or_else(|| "absent".to_owned(), crate::evidence::json::Node::show));
            findings.push(finding.means(Effect::Untidy, Step::Logout));
        }
    }
    let offers: Vec<&str> = OFFERS.into_iter().filter(|name| on(name) || metadata.string(name).is_some()).collect();
    if findings.is_empty() && offers.is_empty() {
        return Ok(Verdict::not_applicable("the provider offers no logout by protocol, which is its right"));
    }
    Ok(Verdict::from(findings, offers.join(", ")))
}
