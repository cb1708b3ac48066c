//! What clients sign, they sign.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const ASSERTIONS: [&str; 3] = [
    "token_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
];
const PROOFS: &str = "dpop_signing_alg_values_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/client-algorithms",
    title: "no unsigned assertion of a client is welcome",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Discovery, "3"),
        Clause::must(Spec::Rfc(8414), "2"),
        Clause::must(Spec::Rfc(9449), "4.2"),
    ],
    needs: &[SlotKind::Discovery],
    why: "Where an unsigned assertion passes, anybody is any client that authenticates by one.",
    remedy: "Take none out of the list, and make sure that the provider refuses it; for DPoP take HS256 and its like out too.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    for member in ASSERTIONS.into_iter().chain([PROOFS]) {
        let Some(listed) = super::listed(metadata, member)? else { continue };
        seen.push(member);
        let shared = |alg: &str| member == PROOFS && alg.starts_with("HS");
        for (index, alg) in listed.iter().enumerate().filter(|(_, alg)| **alg == "none" || shared(alg)) {
            let clause = CHECK.clauses[if member == PROOFS { 2 } else { 0 }];
            let finding =
                Finding::new(format!("{member} lists {alg}"), super::at_item(metadata, member, index), clause)
                    .expected(format!("no {alg}"))
                    .actual(listed.join(", "));
            // No target application authenticates by an assertion, so none of them is the client that can be forged.
            findings.push(finding.means(Effect::Untidy, Step::Token));
        }
    }
    if seen.is_empty() {
        return Ok(Verdict::not_applicable("the provider lists no algorithms for assertions of clients"));
    }
    Ok(Verdict::from(findings, seen.join(", ")))
}
