//! A parameter that the token endpoint does not know does no harm.

use super::Strict;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::token::{UNKNOWN_PARAMETER, strict};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/extra-parameters",
    title: "the token endpoint passes over what it does not know",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "3.2")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Token)],
    why: "Libraries send parameters of other products and of later specifications; a provider that stops at them locks people out after the next update of the application.",
    remedy: "Let the provider, or the firewall before it, pass over parameters that it does not use.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Strict::of(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let answer = match asked.answer(case, strict::UNKNOWN) {
        None => return Err(Gap::Undecided("the probe was not sent".into())),
        Some(answer) => answer.map_err(Gap::Undecided)?,
    };
    if asked.known.same(&answer) {
        return Ok(Verdict::pass(format!("{}, with and without {UNKNOWN_PARAMETER}", answer.words())));
    }
    let message = format!("the token endpoint refuses a parameter that it does not know ({UNKNOWN_PARAMETER})");
    let finding = Finding::new(message, asked.place(strict::UNKNOWN), CHECK.clauses[0])
        .expected(asked.known.right.words())
        .actual(answer.words());
    Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Token)))
}
