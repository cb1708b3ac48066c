//! The ID token is issued by the issuer of the metadata.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/issuer",
    title: "iss of the ID token is the issuer, byte for byte",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "3.1.3.7"), Clause::must(Spec::Core, "2")],
    needs: crate::login::NEEDS,
    why: "A token of another issuer may name anybody; libraries compare the text, so a final slash counts.",
    remedy: "Make the provider put into the token what it publishes as issuer: host, scheme, path and final slash alike.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::Issuer, "as published", |token, known| {
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
