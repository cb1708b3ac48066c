//! The order of parameters and scopes does not count.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::params::{Told, what};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/any-order",
    title: "parameters and scopes may come in any order",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "3.3")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "Another version of the application, or of its library, may write the same request in another order.",
    remedy: "Report it to the maker of the provider; until then keep openid the first of the scopes.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Asked::thorough(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    // The request of the application is the control.
    match &asked.application {
        Told::Refused(_) => return Err(asked.other_reason(case)),
        Told::Unclear(why) => return Err(Gap::Undecided(why.clone())),
        Told::Welcome => {}
    }
    match asked.told(case, what::REVERSED) {
        Told::Welcome => Ok(Verdict::pass("let through in the opposite order, too")),
        Told::Unclear(why) => Err(Gap::Undecided(why)),
        Told::Refused(words) => {
            let finding = Finding::new(
                "the provider refuses the request of the application when its parameters and scopes come in the opposite order",
                asked.place_of(what::REVERSED),
                CHECK.clauses[0],
            )
            .expected("a login")
            .actual(words);
            Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Authorization)))
        }
    }
}
