//! The ID token was issued just now.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Value;
use crate::library::leeway::Leeway;
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect, span};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/issued-at",
    title: "iat of the ID token is about now",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "3.1.3.7"), Clause::must(Spec::Core, "2")],
    needs: crate::login::NEEDS,
    why: "A time in the future is refused by libraries without leeway, an old one by those that want fresh tokens.",
    remedy: "Set both clocks by NTP.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::IssuedAt, "about now", |token, known| {
        let ahead = token.seconds("iat").map(|iat| iat - known.at);
        let message = match (token.claim("iat"), ahead) {
            (None, _) => "iat is missing".to_owned(),
            (Some(node), _) if !matches!(node.value, Value::Number(_)) => format!("iat is {}", node.kind()),
            (Some(_), Some(ahead)) if ahead > 5 => format!("the ID token comes from {} in the future", span(ahead)),
            (Some(_), Some(ahead)) if ahead < -600 => format!("the ID token was issued {} before it came", span(ahead)),
            _ => return None,
        };
        // Who looks and puts up with it today may not tomorrow; who does not look will not mind.
        let looks = case.library().leeway.iat_ahead != Leeway::Unchecked;
        let fragile = looks && ahead.is_some_and(|ahead| ahead > 5);
        let otherwise = if fragile { Effect::Degraded } else { Effect::Untidy };
        Some(Fault {
            member: "iat",
            message,
            expected: "a number of seconds, about now".into(),
            clause: CHECK.clauses[0],
            otherwise,
        })
    })
}
