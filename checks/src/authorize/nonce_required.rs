//! An ID token that comes through the browser needs a nonce.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::oracle::Seen;
use crate::probe::params::{self, Told, front_channel, what};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/nonce-required",
    title: "no ID token comes through the browser without a nonce",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Core, "3.2.2.1"), Clause::must(Spec::Core, "3.3.2.11")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "Without a nonce somebody can hand the application an ID token that was issued in another login.",
    remedy: "Switch the implicit and the hybrid flow off for this client where the application uses the code flow.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Asked::thorough(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let Some(kind) = front_channel(case.metadata()?) else {
        return Ok(Verdict::not_applicable("the metadata lists no such response type"));
    };
    match asked.told(case, what::FRONT) {
        Told::Welcome => {}
        Told::Refused(words) => {
            return Ok(Verdict::not_applicable(format!("this client may not use the response type {kind} ({words})")));
        }
        Told::Unclear(why) => return Err(Gap::Undecided(why)),
    }
    match asked.oracle.seen(case.facts.evidence, &params::name(what::FRONT_NO_NONCE, &asked.uri)) {
        Seen::ErrorThere(delivered) => Ok(Verdict::pass(format!(
            "{kind} without a nonce gets {}",
            delivered.error.unwrap_or_else(|| "an error without a name".into())
        ))),
        Seen::Refused(shape) => Ok(Verdict::pass(format!("{kind} without a nonce gets {}", shape.words()))),
        Seen::Accepted(delivered) if delivered.granted => {
            let finding = Finding::new(
                "the provider sends an ID token through the browser for a request without a nonce",
                asked.place_of(what::FRONT_NO_NONCE),
                CHECK.clauses[usize::from(kind.contains("code"))],
            )
            .expected("invalid_request")
            .actual(format!("an answer to response_type={kind}"));
            Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)))
        }
        Seen::Accepted(_) | Seen::AcceptedByLanding => Err(Gap::Undecided(format!(
            "a request for {kind} without a nonce gets as far as the login; it may be refused behind it"
        ))),
        Seen::Unclear(why) => Err(Gap::Undecided(why)),
    }
}
