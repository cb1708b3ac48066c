//! A forged hint takes nobody to a foreign address.

use crate::after::{LOGOUT, about, asked};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, SlotKind};
use crate::probe::endpoints::{foreign, sent_to};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "session/forged-hint",
    title: "a logout with a forged hint leads to no foreign address",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::RpLogout, "2"), Clause::must(Spec::RpLogout, "3")],
    needs: &[SlotKind::Login(LoginStep::ForgedLogout)],
    why: "The trusted address of the provider becomes a way to send people anywhere: an open redirector, good for phishing.",
    remedy: "Let the provider verify the hint, and register the addresses that people come back to exactly.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    asked(case, LoginStep::ForgedLogout, (LOGOUT, "it does not"), |login, response| {
        if !sent_to(response).as_ref().is_some_and(foreign) {
            return Ok(Vec::new());
        }
        let message = "a logout with a hint that nobody signed leads to a foreign address";
        let finding = about(login, LoginStep::ForgedLogout, Spot::Header("Location".into()), message, CHECK.clauses[0]);
        let finding = finding.expected("a page of the provider").actual("a redirect to a host that nobody registered");
        Ok(vec![finding.means(Effect::Degraded, Step::Logout)])
    })
}
