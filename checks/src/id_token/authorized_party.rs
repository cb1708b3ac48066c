//! The party that the token was issued to is this client.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/authorized-party",
    title: "azp of the ID token, if there, is the client id",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::should(Spec::Core, "3.1.3.7"), Clause::must(Spec::Core, "2")],
    needs: crate::login::NEEDS,
    why: "Several libraries refuse a token that says it was issued to somebody else.",
    remedy: "Let the provider leave azp out, or put the client id of the application into it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::Party, "absent or the client id", |token, known| {
        let client = known.client_id?;
        let several = token.audience_count() > 1;
        let message = match token.claim("azp") {
            None if several => "there are several audiences and no azp",
            Some(_) if token.text("azp") != Some(client) => "azp is not the client id",
            _ => return None,
        };
        Some(Fault {
            member: "azp",
            message: message.into(),
            expected: client.into(),
            clause: CHECK.clauses[0],
            otherwise: Effect::Untidy,
        })
    })
}
