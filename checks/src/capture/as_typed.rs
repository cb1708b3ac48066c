//! The application uses the client id that was typed.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "capture/as-typed",
    title: "the application uses the client id that was typed here",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::local("what the running application sends")],
    needs: &[SlotKind::App],
    why: "The settings that count are those in the application; what was typed here may be right while they are wrong.",
    remedy: "Correct the client id in the application, or type the one that it uses.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let shown = match super::shown(case) {
        Ok(shown) => shown,
        Err(verdict) => return Ok(verdict),
    };
    let client = case.target.client_id.clone().unwrap_or_default();
    let mut findings = Vec::new();
    // An application with several providers shows several; one of them is meant.
    if shown.iter().all(|one| one.client_id != client) {
        let one = &shown[0];
        let place = Place { slot: one.slot.clone(), spot: one.spot.clone() };
        let finding = Finding::new("the application sends another client id than was typed", place, CHECK.clauses[0])
            .expected(client)
            .actual(&one.client_id)
            .side(Side::Application);
        findings.push(finding.means(Effect::LoginFails, Step::Authorization));
    }
    Ok(Verdict::from(findings, format!("client {}", shown[0].client_id)))
}
