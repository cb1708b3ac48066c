//! A published key made the signature of the access token.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::login::Which;
use crate::spec::{Clause, Spec};
use crate::verdict::{Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "access-token/signature",
    title: "the signature of the access token verifies with a published key",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(9068), "4"), Clause::must(Spec::Rfc(7515), "5.2")],
    needs: crate::login::NEEDS,
    why: "An application that validates the access token refuses it for everybody when the key or the algorithm is not one that it takes.",
    remedy: "Let the provider sign access tokens with a published RSA key and RS256.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if Which::Access.rules(case).is_none() {
        return Ok(Verdict::not_applicable("this application does not look into the access token"));
    }
    crate::login::signature(case, Which::Access, CHECK.clauses)
}
