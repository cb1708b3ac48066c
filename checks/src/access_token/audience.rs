//! The access token is meant for this application.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Which, aspect, configured};
use crate::profile::Flow;
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

const BY_CODE: &str = "the token came by a code, and this part logs in by a device code, for which a provider may leave the audience out; --login device shows it";

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let verdict = aspect(case, Which::Access, Aspect::Audience, "as wanted", |token, known| {
        let _ = (token, known);
        None
    })?;
    // What asks for an audience is asked elsewhere in the device flow, where some providers do not look at it.
    let asks = configured(case, Which::Access, Aspect::Audience)
        .filter(|wanted| case.target.client_id.as_ref() != Some(wanted));
    let by_code = case.logins()?.iter().all(|login| login.callback.is_some());
    match verdict {
        Verdict::Pass(_) if case.part.flow == Flow::Device && asks.is_some() && by_code => {
            Err(Gap::Undecided(BY_CODE.into()))
        }
        verdict => Ok(verdict),
    }
}
