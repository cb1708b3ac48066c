//! The access token is meant for this application.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Which, aspect};
use crate::spec::{Clause, Spec};
use crate::verdict::{Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "access-token/audience",
    title: "aud of the access token is one that the application takes",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::local("the audience that this application is set up for"), Clause::must(Spec::Rfc(9068), "4")],
    needs: crate::login::NEEDS,
    why: "Many providers put themselves or nothing into aud of an access token; an application that looks refuses it.",
    remedy: "Register the audience at the provider, or set the application to the audience that the provider sends.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Access, Aspect::Audience, "as wanted", |token, known| {
        let _ = (token, known);
        None
    })
}
