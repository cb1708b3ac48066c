//! The claims have the types that the specification gives them.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/typed-claims",
    title: "the standard claims of the ID token have the right JSON types",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "5.1"), Clause::must(Spec::Core, "2")],
    needs: crate::login::NEEDS,
    why: "A typed library refuses the whole token for one claim of the wrong type, and says so in words about parsing.",
    remedy: "Correct the mapper of the claim at the provider: a boolean without quotes, a time as a number, an address as an object.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::Types, "as specified", |token, known| {
        let (claim, kind) = super::mistyped(&token.claims.root)?;
        let _ = known;
        Some(Fault {
            member: claim,
            message: format!("{claim} is {}", token.claim(claim).map_or_else(String::new, Node::kind_inside)),
            expected: kind.word().into(),
            clause: CHECK.clauses[0],
            otherwise: Effect::Untidy,
        })
    })
}
