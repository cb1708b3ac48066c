//! After a logout people come back to the application.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, Response, SlotKind};
use crate::probe::endpoints::{logout_slot, post_logout_uris, sent_to};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/logout-returns",
    title: "a logout leads back to the application",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::RpLogout, "3.1"),
        Clause::local("where this application wants people to come back to"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::EndSession)],
    why: "People who log out end at an error page of the provider, and many believe that they are still logged in.",
    remedy: "Register the application's address as a post-logout redirect URI of the client, exactly as it sends it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let wanted = post_logout_uris(case.target, case.profile);
    if wanted.is_empty() {
        return Ok(Verdict::not_applicable("the application names no address to come back to after a logout"));
    }
    if case.metadata()?.string("end_session_endpoint").is_none() {
        return Ok(Verdict::not_applicable("the provider has no end_session_endpoint"));
    }
    if let Some(gap) = super::logout_reachable::gap(case) {
        return Err(gap);
    }
    let answer = |name: &str| -> Result<&Response, Gap> {
        case.exchange(&logout_slot(name))?.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))
    };
    let control = answer("foreign-client")?;
    // Without a session the answer shows the registration only where the provider looks at it before anything else.
    let control_refused = (400..500).contains(&control.status);
    let mut findings = Vec::new();
    for uri in &wanted {
        let name = format!("wanted:{uri}");
        let response = answer(&name)?;
        let there = sent_to(response).is_some_and(|to| to.as_str().starts_with(uri.trim_end_matches('/')));
        let refused = (400..500).contains(&response.status);
        match (there, refused, control_refused) {
            (true, ..) | (false, false, true) => {}
            (false, true, true) if unregistered(response) && same(response, control) => {
                let finding = Finding::new(
                    "the provider refuses the address to which the application wants people to come back after a logout",
                    Place { slot: logout_slot(&name), spot: Spot::Status },
                    CHECK.clauses[0],
                )
                .expected(format!("a redirect to {uri}, or a page that asks for the logout"))
                .actual(format!("status {}, as for an address that nobody registered", response.status));
                findings.push(finding.means(Effect::Degraded, Step::Logout));
            }
            _ => {
                return Err(Gap::Undecided(
                    "this provider answers alike for every address when nobody is logged in; a logout after a login tells".into(),
                ));
            }
        }
    }
    Ok(Verdict::from(findings, format!("{} is taken", wanted.join(", "))))
}

/// Whether the refusal speaks of the address, and not of a hint that is missing.
fn unregistered(response: &Response) -> bool {
    let text = String::from_utf8_lossy(&response.body).to_ascii_lowercase();
    let hint = text.contains("id_token_hint") || text.contains("id token hint");
    !hint && (text.contains("redirect") || text.contains("invalid_request"))
}

fn same(a: &Response, b: &Response) -> bool {
    a.status == b.status && a.media_type() == b.media_type()
}
