//! The access token is issued by the issuer of the metadata.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "access-token/issuer",
    title: "iss of the access token is the issuer",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(9068), "4")],
    needs: crate::login::NEEDS,
    why: "An application that validates the access token compares its issuer as text; some providers put another one there than into ID tokens.",
    remedy: "Make the provider use one issuer in metadata, ID token and access token.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Access, Aspect::Issuer, "as published", |token, known| {
        let issuer = known.issuer?;
        (token.text("iss") != Some(issuer)).then(|| Fault {
            member: "iss",
            message: if token.claim("iss").is_none() {
                "iss is missing".into()
            } else {
                "iss is not the issuer of the metadata".into()
            },
            expected: issuer.into(),
            clause: CHECK.clauses[0],
            otherwise: Effect::Unsafe,
        })
    })
}
