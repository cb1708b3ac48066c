//! A request with optional parameters, or with one that nobody knows, is taken like any other.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::params::{OPTIONAL, Told, UNKNOWN_PARAMETER, what};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/extra-parameters",
    title: "optional and unknown parameters do no harm",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Core, "15.1"),
        Clause::must(Spec::Rfc(6749), "3.1"),
        Clause::should(Spec::Core, "5.5"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "Applications send hints such as ui_locales and login_hint, and parameters of other products; a provider that stops at them locks people out after the next update of the application.",
    remedy: "Let the provider, or the firewall before it, pass over parameters that it does not use.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Asked::thorough(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let optional: Vec<&str> = OPTIONAL.iter().map(|(name, _)| *name).collect();
    let sets = [
        (what::OPTIONAL, format!("one of {}", optional.join(", ")), CHECK.clauses[0]),
        (what::UNKNOWN, format!("a parameter that it does not know ({UNKNOWN_PARAMETER})"), CHECK.clauses[1]),
        (what::CLAIMS, "the parameter claims, with a claim that is essential".to_owned(), CHECK.clauses[2]),
    ];
    let mut findings = Vec::new();
    for (what, words, clause) in sets {
        match asked.told(case, what) {
            Told::Welcome => {}
            Told::Refused(seen) => {
                let message = format!("the provider refuses a good request for {words}");
                let finding = Finding::new(message, asked.place_of(what), clause).expected("a login").actual(seen);
                findings.push(finding.means(Effect::Degraded, Step::Authorization));
            }
            Told::Unclear(why) if findings.is_empty() => return Err(Gap::Undecided(why)),
            Told::Unclear(_) => {}
        }
    }
    Ok(Verdict::from(findings, "all taken"))
}
