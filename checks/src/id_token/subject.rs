//! The ID token names the person.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/subject",
    title: "sub of the ID token is a string of up to 255 ASCII characters",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "2")],
    needs: crate::login::NEEDS,
    why: "The subject is who the person is to the application; without a usable one nobody can be recognised at the next login.",
    remedy: "Let the provider put a stable string into sub.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::Subject, "a string", |token, known| {
        let node = token.claim("sub");
        let (message, otherwise) = match (node, token.text("sub")) {
            (None, _) => ("sub is missing".to_owned(), Effect::Degraded),
            (Some(node), None) => (format!("sub is {}", node.kind()), Effect::Degraded),
            (_, Some("")) => ("sub is empty".to_owned(), Effect::Unsafe),
            (_, Some(sub)) if sub.len() > 255 || !sub.is_ascii() => {
                ("sub is longer than 255 characters or not ASCII".to_owned(), Effect::Untidy)
            }
            _ => return None,
        };
        let _ = known;
        Some(Fault { member: "sub", message, expected: "a string".into(), clause: CHECK.clauses[0], otherwise })
    })
}
