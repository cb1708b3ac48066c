//! The header demands nothing that nobody knows.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/critical",
    title: "the header of the ID token has no critical members",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(7515), "4.1.11")],
    needs: crate::login::NEEDS,
    why: "A library that does not understand a critical member has to refuse the token; one that does not look believes what it should not.",
    remedy: "Let the provider leave crit out of ID tokens.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::Critical, "none", |token, known| {
        token.header.root.get("crit")?;
        let _ = known;
        Some(Fault {
            member: "crit",
            message: "the header demands that its reader understands something unusual".into(),
            expected: "absent".into(),
            clause: CHECK.clauses[0],
            otherwise: Effect::Degraded,
        })
    })
}
