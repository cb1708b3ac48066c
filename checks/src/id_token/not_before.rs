//! The ID token is valid already.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Value;
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect, span};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/not-before",
    title: "nbf of the ID token, if there, is past",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(7519), "4.1.5")],
    needs: crate::login::NEEDS,
    why: "A token that is not valid yet is refused by libraries that look, for as long as the clocks differ.",
    remedy: "Set both clocks by NTP, or let the provider leave nbf out.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::NotBefore, "absent or past", |token, known| {
        let ahead = token.seconds("nbf").map(|nbf| nbf - known.at);
        let message = match (token.claim("nbf"), ahead) {
            (None, _) => return None,
            (Some(node), _) if !matches!(node.value, Value::Number(_)) => format!("nbf is {}", node.kind()),
            (Some(_), Some(ahead)) if ahead > 0 => format!("the ID token is not valid for another {}", span(ahead)),
            _ => return None,
        };
        Some(Fault {
            member: "nbf",
            message,
            expected: "absent, or a number of seconds in the past".into(),
            clause: CHECK.clauses[0],
            otherwise: Effect::Degraded,
        })
    })
}
