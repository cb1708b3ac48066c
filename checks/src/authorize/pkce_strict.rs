//! The PKCE that the application sends cannot be weakened.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::params::{self, Told, what};
use crate::spec::{Clause, Spec};
use crate::target::Depth;
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/pkce-strict",
    title: "PKCE cannot be left out by a public client, nor weakened",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(9700), "2.1.1"), Clause::should(Spec::Rfc(9700), "2.1.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "An attacker who starts a login in somebody's name may leave the challenge out, or send it in the clear, when the provider takes that.",
    remedy: "Require PKCE with the method S256 for this client at the provider, where it has a setting for it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Asked::of(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let metadata = case.metadata()?;
    if params::sends_challenge(case.part, metadata) != Some(true) {
        return Ok(Verdict::not_applicable("the application sends no PKCE, so there is nothing to weaken"));
    }
    if case.target.depth < Depth::Standard {
        return Ok(Verdict::not_applicable("tried from --depth standard on"));
    }
    if let Told::Refused(_) = asked.plainest {
        return Err(asked.other_reason(case));
    }
    match asked.told(case, what::UNKNOWN_METHOD) {
        Told::Welcome => {
            return Err(Gap::Undecided(
                "a method that does not exist is let through: this provider looks at PKCE only after the login, or never".into(),
            ));
        }
        Told::Unclear(why) => return Err(Gap::Undecided(why)),
        Told::Refused(_) => {}
    }
    let mut findings = Vec::new();
    let mut weak = |what: &str, message: &str, expected: &str, clause| {
        let finding =
            Finding::new(message, asked.place_of(what), clause).expected(expected).actual("it is let through");
        findings.push(finding.means(Effect::Untidy, Step::Authorization));
    };
    let (plain, absent) = (asked.told(case, what::PLAIN), asked.told(case, what::NO_PKCE));
    if plain == Told::Welcome {
        weak(what::PLAIN, "the provider takes the PKCE method plain", "only S256", CHECK.clauses[1]);
    }
    if absent == Told::Welcome && case.profile.public() {
        let message = "the provider takes a request of this public client without PKCE";
        weak(what::NO_PKCE, message, "invalid_request", CHECK.clauses[0]);
    }
    let unclear = [plain, absent].into_iter().find_map(|told| match told {
        Told::Unclear(why) => Some(why),
        _ => None,
    });
    match unclear {
        Some(why) if findings.is_empty() => Err(Gap::Undecided(why)),
        _ => Ok(Verdict::from(findings, if case.profile.public() { "S256 only, and required" } else { "S256 only" })),
    }
}
