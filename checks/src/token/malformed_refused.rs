//! A token request of a wrong form is refused.

use super::Strict;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::token::strict;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/malformed-refused",
    title: "a token request of a wrong form is refused",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "3.2"),
        Clause::must(Spec::Rfc(6749), "5.2"),
        Clause::must(Spec::Rfc(6749), "3.2.1"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Token)],
    why: "What comes by GET stands in the logs of everything on the way; and of a parameter that comes twice, two programs may read two different values.",
    remedy: "Nothing that the application can change, and it sends its requests in the right form; report it to the maker of the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Strict::of(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let (mut findings, mut refused, mut unclear) = (Vec::new(), Vec::new(), None);
    for (what, words, clause, expected) in [
        (strict::GET, "by GET", 0, "status 405, or invalid_request"),
        (strict::TWICE, "with two codes", 1, "invalid_request"),
        (strict::NAMELESS, "without a client id", 2, "invalid_request, or invalid_client"),
    ] {
        let answer = match asked.answer(case, what) {
            // Not of every client.
            None => continue,
            Some(Ok(answer)) => answer,
            Some(Err(why)) => {
                unclear = Some(why);
                continue;
            }
        };
        if asked.known.same(&answer) {
            let message = format!("the token endpoint takes a request {words}");
            let finding = Finding::new(message, asked.place(what), CHECK.clauses[clause])
                .expected(expected)
                .actual(format!("{}, as to a sound request", answer.words()));
            findings.push(finding.means(Effect::Untidy, Step::Token));
        } else {
            refused.push(format!("{words}: {}", answer.words()));
        }
    }
    match unclear {
        Some(why) if findings.is_empty() => Err(Gap::Undecided(why)),
        None if findings.is_empty() && refused.is_empty() => Err(Gap::Undecided("the probes were not sent".into())),
        _ => Ok(Verdict::from(findings, refused.join("; "))),
    }
}
