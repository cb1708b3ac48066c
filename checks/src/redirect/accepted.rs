//! Every redirect URI that the application sends is registered.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::authorize_slot;
use crate::probe::oracle::Oracle;
use crate::probe::oracle::{Seen, names};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "redirect/accepted",
    title: "every redirect URI of the application is accepted",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Core, "3.1.2.1"), Clause::must(Spec::Rfc(9700), "2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "The provider compares the text: a missing slash, port or path, and people see its error page instead of a login.",
    remedy: "Register the redirect URI at the provider exactly as the application sends it: scheme, host, port, path and slash.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let (_, oracle) = case.oracle()?;
    if let Oracle::AllRefused(_, false) = oracle {
        return Err(Gap::Unusable(authorize_slot(names::UNKNOWN), "client/known"));
    }
    let control = oracle.seen(case.facts.evidence, names::CONTROL);
    let mut findings = Vec::new();
    let mut unclear = None;
    let mut good = Vec::new();
    for (uri, redirect) in crate::probe::redirect_uris(case.target, case.profile) {
        // A redirect URI of another part is judged with that part.
        if redirect.part.is_some()
            && redirect.part != case.part.id
            && case.profile.parts.iter().any(|p| p.id == redirect.part)
        {
            continue;
        }
        let name = names::expected(&uri);
        match oracle.seen(case.facts.evidence, &name) {
            // An error at the redirect URI shows that it is registered, unless a foreign one gets the very same.
            Seen::ErrorThere(here) if matches!(&control, Seen::ErrorThere(there) if there.error == here.error) => {
                let error = here.error.unwrap_or_else(|| "an error".into());
                unclear = Some(format!("the provider sends {error} to this redirect URI and to a foreign one alike"));
            }
            Seen::Accepted(_) | Seen::AcceptedByLanding | Seen::ErrorThere(_) => good.push(uri),
            Seen::Refused(shape) => {
                let place =
                    Place { slot: authorize_slot(&super::sent(&oracle, &name)), spot: Spot::Header("Location".into()) };
                let finding = Finding::new(
                    format!("the provider does not accept the redirect URI {uri}"),
                    place,
                    CHECK.clauses[0],
                )
                .expected(format!("a login, or an error at {uri}"))
                .actual(shape.words());
                findings.push(finding.means(Effect::LoginFails, Step::Authorization));
            }
            Seen::Unclear(why) => unclear = Some(why),
        }
    }
    match unclear {
        Some(why) if findings.is_empty() => Err(Gap::Undecided(why)),
        _ => Ok(Verdict::from(findings, good.join(", "))),
    }
}
