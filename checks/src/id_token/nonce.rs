//! The nonce comes back as it was sent.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::login::{Fault, Which, aspect};
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/nonce",
    title: "nonce of the ID token is the one that was sent",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Core, "3.1.3.7"),
        Clause::must(Spec::Core, "2"),
        Clause::must(Spec::Core, "3.2.2.11"),
    ],
    needs: crate::login::NEEDS,
    why: "The nonce ties the token to this very login; a library that sent one refuses a token without it, and some refuse one that they did not send.",
    remedy: "Let the provider copy nonce from the authorization request into the ID token, and only from there.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    aspect(case, Which::Id, Aspect::Nonce, "as sent", |token, known| {
        let (sent, came) = (known.nonce, token.claim("nonce"));
        let message = match (sent, came) {
            (None, None) => return None,
            (Some(_), None) => "nonce is missing",
            (Some(sent), Some(_)) if token.text("nonce") == Some(sent) => return None,
            (Some(_), Some(_)) => "nonce is not the one that was sent",
            // Tokens that were handed over say nothing about what was sent.
            (None, Some(_)) => return None,
        };
        Some(Fault {
            member: "nonce",
            message: message.into(),
            expected: sent.unwrap_or("absent").into(),
            clause: CHECK.clauses[if case.part.flow == Flow::Implicit { 2 } else { 0 }],
            otherwise: Effect::Degraded,
        })
    })
}
