//! A client that has a secret is nobody without it.

use super::Strict;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::token::strict;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/secret-required",
    title: "the client is refused without its secret or key",
    severity: Severity::Error,
    tier: Tier::Secret,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "3.2.1"),
        Clause::must(Spec::Rfc(6749), "2.3.1"),
        Clause::must(Spec::Rfc(7523), "3"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Token)],
    why: "A secret that need not be shown protects nothing: whoever gets hold of a code can use it.",
    remedy: "Make the client confidential at the provider (client authentication on), and let it allow only the method that the application uses.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.profile.public() {
        return Ok(Verdict::not_applicable("the application has no secret"));
    }
    let asked = match Strict::of(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let mut refused = Vec::new();
    for (what, words, clause) in [
        (strict::NO_SECRET, "without any secret", 0),
        (strict::EMPTY, "with an empty secret", 1),
        (strict::UNSIGNED, "with a JWT that nobody signed", 2),
    ] {
        let answer = match asked.answer(case, what) {
            // Asked only where the metadata lists such a method.
            None if what == strict::UNSIGNED || what == strict::EMPTY && case.target.has_key => continue,
            None => return Err(Gap::Undecided("the probe was not sent".into())),
            Some(answer) => answer.map_err(Gap::Undecided)?,
        };
        if asked.known.same(&answer) {
            let message = format!("the token endpoint takes the client {words}");
            let finding = Finding::new(message, asked.place(what), CHECK.clauses[clause])
                .expected(format!(
                    "invalid_client; a wrong {} gives {}",
                    case.target.proof(),
                    asked.known.wrong.words()
                ))
                .actual(format!("{}, as with the right {}", answer.words(), case.target.proof()));
            return Ok(Verdict::fail(finding.means(Effect::Unsafe, Step::Token)));
        }
        refused.push(format!("{words}: {}", answer.words()));
    }
    Ok(Verdict::pass(refused.join("; ")))
}
