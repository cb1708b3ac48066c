//! The token endpoint says with the right code and status what is wrong.

use crate::case::Case;
use crate::check::{Check, Tier, reached};
use crate::evidence::{Endpoint, Slot, SlotKind};
use crate::probe::token::{self, slot};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/error-codes",
    title: "token errors have the code and the status of RFC 6749",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "5.2")],
    needs: &[SlotKind::Probe(Endpoint::Token)],
    why: "Libraries and people act on the code: invalid_client sends them to the secret, invalid_grant to another login.",
    remedy: "Nothing that the application can change; report it to the maker of the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    case.note_probe(Endpoint::Token);
    super::there(case)?;
    let names: Vec<&str> = case
        .facts
        .evidence
        .iter()
        .filter_map(|(slot, _)| match slot {
            // What is no token request by its method is answered as the server pleases.
            Slot::Probe(Endpoint::Token, name) => Some(name.as_str()).filter(|name| !token::by_method(name)),
            _ => None,
        })
        .collect();
    // A confidential client is asked for with its secret, or not at all.
    if names.is_empty() && !case.profile.public() && reached(case.target, case.profile) < Tier::Secret {
        return Ok(Verdict::not_applicable("without the client secret nothing is asked of the token endpoint"));
    }
    let mut seen = 0;
    for name in names {
        let Ok(answer) = token::answer(case.facts.evidence, name) else { continue };
        let Some(error) = answer.error.as_deref().filter(|_| answer.status < 500) else { continue };
        seen += 1;
        // What was made up is wrong for certain, so this is what the code for it is.
        let wrong_proof = name.starts_with("invented:");
        let message = if wrong_proof && answer.client_refused() && error != "invalid_client" {
            format!("the token endpoint says {error} to a wrong {}", case.target.proof())
        } else if answer.status == 401 && error != "invalid_client" {
            format!("the token endpoint says {error} with status 401")
        } else if !matches!(answer.status, 400 | 401) {
            format!("the token endpoint says {error} with status {}", answer.status)
        } else {
            continue;
        };
        let place = Place { slot: slot(name), spot: Spot::Status };
        let expected = if answer.client_refused() { "invalid_client with status 401 or 400" } else { "status 400" };
        let finding = Finding::new(message, place, CHECK.clauses[0]).expected(expected).actual(answer.words());
        return Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Token)));
    }
    if seen == 0 {
        return Err(Gap::Undecided("the token endpoint was not asked, or gave no OAuth error".into()));
    }
    Ok(Verdict::pass(format!("{} looked at", crate::report::count(seen, "answer"))))
}
