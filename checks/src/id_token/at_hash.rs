//! The ID token belongs to the access token beside it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/at-hash",
    title: "at_hash of the ID token, if there, is that of the access token",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Core, "3.1.3.6"),
        Clause::must(Spec::Core, "3.1.3.8"),
        Clause::must(Spec::Core, "3.2.2.10"),
    ],
    needs: crate::login::NEEDS,
    why: "A hash that does not fit says that the access token is another one; libraries that look refuse it.",
    remedy: "This is a defect of the provider, or of what rewrites its answers on the way.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::AtHash, "absent or right", |token, known| {
        let beside = known.access_token.is_some() || known.access_token_removed;
        if token.claim("at_hash").is_none() && beside && case.part.flow == Flow::Implicit {
            return Some(Fault {
                member: "at_hash",
                message: "at_hash is missing, although an access token came through the browser".into(),
                expected: "the hash of the access token".into(),
                clause: CHECK.clauses[2],
                otherwise: Effect::Degraded,
            });
        }
        let hash = token.text("at_hash")?;
        let right = crate::evidence::jws::half_hash(token.alg()?, known.access_token?)?;
        (right != hash).then(|| Fault {
            member: "at_hash",
            message: "at_hash is not that of the access token".into(),
            expected: right,
            clause: CHECK.clauses[0],
            otherwise: Effect::Degraded,
        })
    })
}
