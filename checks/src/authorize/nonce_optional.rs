//! A request of the code flow needs no nonce.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::params::{self, Told, what};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/nonce-optional",
    title: "a request without a nonce is accepted",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Core, "3.1.2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "The nonce is optional in the code flow, and many applications send none; a provider that insists on it locks them out.",
    remedy: "Do not require a nonce of this client at the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Asked::of(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    if !params::sends_no_nonce(case.part) {
        return Ok(Verdict::not_applicable("the application is not known to leave the nonce out"));
    }
    match (&asked.application, asked.told(case, what::NO_NONCE)) {
        (Told::Welcome, _) => Ok(Verdict::pass("a request without a nonce is let through")),
        (Told::Refused(_), Told::Refused(words)) if asked.plainest == Told::Welcome => {
            let finding = Finding::new(
                "the provider refuses a request without a nonce, and the application sends none",
                asked.place_of(what::NO_NONCE),
                CHECK.clauses[0],
            )
            .expected("a login")
            .actual(words);
            Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Authorization)))
        }
        (Told::Refused(_), _) => Err(asked.other_reason(case)),
        (Told::Unclear(why), _) => Err(Gap::Undecided(why.clone())),
    }
}
