//! A logout of somebody leads back to the application.

use crate::after::{LOGOUT, about, asked, parameter};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, SlotKind};
use crate::probe::endpoints::post_logout_uris;
use crate::probe::session::LOGOUT_STATE;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "session/logout-returns",
    title: "a logout with a hint leads back to the application, with its state",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::RpLogout, "2"), Clause::must(Spec::RpLogout, "3")],
    needs: &[SlotKind::Login(LoginStep::Logout)],
    why: "People who log out end at a page of the provider, and the application does not learn that they are gone.",
    remedy: "Register the address of the application as a post-logout redirect URI of the client, exactly as it sends it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let wanted = post_logout_uris(case.target, case.profile);
    if wanted.is_empty() {
        return Ok(Verdict::not_applicable("the application names no address to come back to after a logout"));
    }
    asked(case, LoginStep::Logout, (LOGOUT, "it does"), |login, response| {
        let location = response.header("location").unwrap_or_default();
        let there = wanted.iter().any(|uri| location.split(['?', '#']).next() == uri.split(['?', '#']).next());
        if !there && String::from_utf8_lossy(&response.body).contains("<form") {
            return Err(Gap::Undecided("the logout stops at a page with a form that was not understood".into()));
        }
        let state = parameter(location, "state");
        let (message, expected, actual, clause) = match there {
            false => {
                let seen = if location.is_empty() {
                    format!("a page with status {}", response.status)
                } else {
                    "a redirect elsewhere".into()
                };
                ("a logout does not lead back to the application", wanted.join(" or "), seen, 1)
            }
            true if state.as_deref() == Some(LOGOUT_STATE) => return Ok(Vec::new()),
            true => {
                let seen = state.map_or("absent".to_owned(), |state| state);
                ("a logout does not bring state back", LOGOUT_STATE.to_owned(), seen, 0)
            }
        };
        let effect = if clause == 1 { Effect::Degraded } else { Effect::Untidy };
        let finding = about(login, LoginStep::Logout, Spot::Header("Location".into()), message, CHECK.clauses[clause]);
        Ok(vec![finding.expected(expected).actual(actual).means(effect, Step::Logout)])
    })
}
