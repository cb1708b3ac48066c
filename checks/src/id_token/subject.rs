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
            (_, Some(sub)) if sub.trim().is_empty() => ("sub is blank".to_owned(), Effect::Unsafe),
            (_, Some(sub)) if Some(sub) == known.client_id => {
                ("sub is the client id, and nobody who logs in".to_owned(), Effect::Unsafe)
            }
            (_, Some(sub)) if unfilled(sub) => {
                ("sub looks like a template that nobody filled in".to_owned(), Effect::Degraded)
            }
            (_, Some(sub)) if sub.len() > 255 || !sub.is_ascii() => {
                ("sub is longer than 255 characters or not ASCII".to_owned(), Effect::Untidy)
            }
            _ => return None,
        };
        Some(Fault {
            member: "sub",
            message,
            expected: "a string that is this person's alone".into(),
            clause: CHECK.clauses[0],
            otherwise,
        })
    })
}

/// Whether a value is what a template or a script leaves where it knows no value. Nobody is called so, and everybody
/// would be.
fn unfilled(sub: &str) -> bool {
    let between = |open, close| sub.find(open).is_some_and(|at| sub[at..].contains(close));
    between("${", "}") || between("{{", "}}") || matches!(sub, "undefined" | "[object Object]")
}

#[cfg(test)]
mod tests {
    use super::unfilled;

    #[test]
    fn a_template_is_told_from_a_name() {
        assert!(unfilled("${user.id}") && unfilled("{{ user.id }}") && unfilled("undefined"));
        assert!(!unfilled("{alice}") && !unfilled("a$b") && !unfilled("7d4e0b6e-undefined") && !unfilled("}}{{"));
    }
}
