//! The access token is meant for this application.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::profile::Audience;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

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
    let rules = case.profile.file.access_token.as_ref();
    let configured = rules.filter(|rules| rules.audience == Some(Audience::Configured));
    let client = case.target.client_id.as_deref().unwrap_or("{client-id}");
    // A placeholder that is still there is a setting that nobody gave.
    let wanted = configured
        .and_then(|rules| rules.audience_value.as_deref())
        .map(|value| value.replace("{client-id}", client))
        .filter(|value| !value.contains('{'));
    aspect(case, Which::Access, Aspect::Audience, "as wanted", |token, _| {
        let wanted = wanted.as_deref()?;
        (!token.audiences().contains(&wanted)).then(|| Fault {
            member: "aud",
            message: "aud of the access token is not what the application is set to".into(),
            expected: wanted.into(),
            clause: CHECK.clauses[0],
            otherwise: Effect::LoginFails,
        })
    })
}
