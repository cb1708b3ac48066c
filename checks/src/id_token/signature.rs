//! A published key made the signature.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::login::Which;
use crate::spec::{Clause, Spec};
use crate::verdict::{Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/signature",
    title: "the signature of the ID token verifies with a published key",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Core, "3.1.3.7"),
        Clause::must(Spec::Core, "10.1"),
        Clause::must(Spec::Rfc(7515), "5.2"),
    ],
    needs: crate::login::NEEDS,
    why: "A signature that does not verify is either a forged token or a key set that is not the provider's; libraries that look refuse both.",
    remedy: "Check that jwks_uri serves the keys of this very provider, without a cache in between, and that the signing key is among them.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    crate::login::signature(case, Which::Id, &CHECK.clauses[..2])
}
