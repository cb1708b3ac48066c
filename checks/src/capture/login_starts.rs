//! The application can begin a login: where it fetches metadata for that, it reaches and trusts the provider.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::probe::capture::{begin, walk};
use crate::profile::Life;
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "capture/login-starts",
    title: "the application can begin a login",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::local("what the running application answers")],
    needs: &[SlotKind::App],
    why: "The provider may be fine as seen from here, while the machine of the application cannot reach it or does not trust its certificate.",
    remedy: "Look into the application's log: from its machine, fetch the metadata of the issuer that is set there (name resolution, firewall, certificate), and compare the issuer letter for letter.",
    formerly: &[],
    judge,
};

/// So many characters of an error are shown.
const SHOWN: usize = 200;

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let starts: Vec<_> = begin(case.target, case.profile).into_iter().map(|(slot, _)| slot).collect();
    let walk = walk(case.target, case.profile, case.facts.evidence);
    if let Some(shown) = walk.shown.iter().find(|shown| shown.request.is_some()) {
        case.exchange(&shown.slot)?;
        let fetched = case.profile.file.reads_metadata == Some(Life::EveryLogin);
        return Ok(Verdict::pass(if fetched {
            "it does, and has fetched the metadata for it: it reaches the provider and trusts it"
        } else {
            "it does"
        }));
    }
    for (slot, exchange) in &walk.ends {
        case.exchange(slot)?;
        let Ok(response) = &exchange.outcome else { continue };
        let empty = response.status == 200 && response.body.is_empty() && starts.contains(slot);
        if response.status == 500 || empty {
            let text: String = String::from_utf8_lossy(&response.body).chars().take(SHOWN).collect();
            let place = Place { slot: slot.clone(), spot: Spot::Status };
            let finding = Finding::new("the application fails to begin a login", place, CHECK.clauses[0])
                .expected("its authorization request")
                .actual(format!("status {}, {}", response.status, if empty { "an empty body" } else { text.trim() }))
                .side(Side::Application);
            return Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Discovery)));
        }
    }
    match super::shown(case) {
        Ok(_) => Ok(Verdict::not_applicable("the application shows settings, and no authorization request")),
        Err(verdict) => Ok(verdict),
    }
}
