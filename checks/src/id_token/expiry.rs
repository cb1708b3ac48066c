//! The ID token has not expired when it comes.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Value;
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect, span};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/expiry",
    title: "exp of the ID token is a time in the future",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "3.1.3.7"), Clause::must(Spec::Core, "2")],
    needs: crate::login::NEEDS,
    why: "A token that has expired on arrival is refused, mostly because one of the two clocks is wrong.",
    remedy: "Set both clocks by NTP, and let the ID token live for some minutes at least.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::Expiry, "in the future", |token, known| {
        let late = token.seconds("exp").map(|exp| known.at - exp);
        let message = match (token.claim("exp"), late) {
            (None, _) => "exp is missing".to_owned(),
            (Some(node), _) if !matches!(node.value, Value::Number(_)) => format!("exp is {}", node.kind()),
            (Some(_), Some(late)) if late > 0 => format!("the ID token expired {} before it came", span(late)),
            _ => return None,
        };
        let otherwise = if late.is_some_and(|late| late > 0) { Effect::Degraded } else { Effect::Untidy };
        Some(Fault {
            member: "exp",
            message,
            expected: "a number of seconds, in the future".into(),
            clause: CHECK.clauses[0],
            otherwise,
        })
    })
}
