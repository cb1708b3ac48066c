//! A pushed request is looked at as one that comes by the browser.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::endpoints::nothing_pushed;
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::endpoints::{Pushed, pushed_names, pushed_slot, read_pushed};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "redirect/pushed",
    title: "a stranger cannot push a request with a foreign redirect URI",
    severity: Severity::Warning,
    tier: Tier::Secret,
    clauses: &[Clause::must(Spec::Rfc(9126), "2.1"), Clause::may(Spec::Rfc(9126), "2.4")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize), SlotKind::Probe(Endpoint::Par)],
    why: "Whoever can push a request with a redirect URI of their own gets the code of everybody who follows the link to it.",
    remedy: "Let the provider compare the redirect URI of a pushed request with those of the client, too.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if let Some(why) = nothing_pushed(case)? {
        return Ok(Verdict::not_applicable(why));
    }
    case.note_probe(Endpoint::Authorize);
    case.note_probe(Endpoint::Par);
    let read = |name: &str| read_pushed(case.facts.evidence, name);
    match read(pushed_names::EXPECTED) {
        Pushed::Kept => {}
        Pushed::Refused(why) => {
            return Err(Gap::Undecided(format!(
                "a pushed request with the redirect URI of the application is refused, too ({why})"
            )));
        }
        Pushed::Unclear(why) => return Err(Gap::Undecided(why)),
    }
    match read(pushed_names::FOREIGN) {
        Pushed::Refused(why) => return Ok(Verdict::pass(why)),
        Pushed::Unclear(why) => return Err(Gap::Undecided(why)),
        Pushed::Kept => {}
    }
    match read(pushed_names::FOREIGN_INVENTED) {
        Pushed::Kept => {
            let place = Place { slot: pushed_slot(pushed_names::FOREIGN_INVENTED), spot: Spot::Status };
            // Whether the browser's request that follows would still be refused is not tried.
            let message = "the provider keeps a pushed request with a foreign redirect URI and a wrong secret, so anybody can push one";
            let finding = Finding::new(message, place, CHECK.clauses[0])
                .expected("status 401 with invalid_client, or 400 for the redirect URI")
                .actual(format!("kept: {}", crate::probe::CONTROL_URI));
            Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)))
        }
        Pushed::Refused(why) => Ok(Verdict::pass(format!(
            "kept for the client that shows its secret, as RFC 9126 section 2.4 allows; with a wrong one {why}"
        ))),
        Pushed::Unclear(why) => Err(Gap::Undecided(format!(
            "a foreign redirect URI is taken in a pushed request; whether that needs the right secret is not known ({why})"
        ))),
    }
}
