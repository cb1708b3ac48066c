//! The ID token is meant for this client.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Value;
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/audience",
    title: "aud of the ID token is the client id",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "3.1.3.7"), Clause::must(Spec::Core, "2")],
    needs: crate::login::NEEDS,
    why: "A token for another client is a token that somebody else can replay here; some libraries refuse further audiences as well.",
    remedy: "Give the application the client id that the provider puts into aud, and take other audiences out of the ID token.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::Audience, "the client id", |token, known| {
        let client = known.client_id?;
        let audiences = token.audiences();
        let shape = matches!(token.claim("aud").map(|node| &node.value), Some(Value::String(_) | Value::Array(_)));
        let (message, otherwise) = match token.claim("aud") {
            None => ("aud is missing".to_owned(), Effect::Unsafe),
            Some(node) if !shape => (format!("aud is {}", node.kind()), Effect::Unsafe),
            Some(_) if !audiences.contains(&client) => ("aud does not hold the client id".to_owned(), Effect::Unsafe),
            // Who is meant by something that is no string is anybody's guess.
            Some(node) if token.audience_count() > audiences.len() => {
                (format!("aud is {}", node.kind_inside()), Effect::Untidy)
            }
            Some(_) if audiences.iter().any(|audience| *audience != client) => {
                ("aud holds more than the client id".to_owned(), Effect::Untidy)
            }
            Some(_) => return None,
        };
        Some(Fault { member: "aud", message, expected: client.into(), clause: CHECK.clauses[0], otherwise })
    })
}
