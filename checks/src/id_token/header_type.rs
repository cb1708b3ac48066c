//! The header says JWT, or nothing.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/header-type",
    title: "typ in the header of the ID token is JWT or absent",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::should(Spec::Rfc(7519), "5.1"), Clause::should(Spec::Rfc(8725), "3.11")],
    needs: crate::login::NEEDS,
    why: "Some libraries refuse every other type, because it may be another kind of token in disguise.",
    remedy: "Let the provider send typ JWT in ID tokens, or leave it out.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::HeaderType, "JWT or absent", |token, known| {
        let typ = token.header.root.get("typ")?;
        let fine = typ.as_str().is_some_and(|typ| typ.eq_ignore_ascii_case("JWT"));
        let _ = known;
        (!fine).then(|| Fault {
            member: "typ",
            message: "typ in the header is not JWT".into(),
            expected: "JWT, or absent".into(),
            clause: CHECK.clauses[0],
            otherwise: Effect::Untidy,
        })
    })
}
