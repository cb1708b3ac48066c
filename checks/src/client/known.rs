//! The provider knows the client.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::authorize_slot;
use crate::probe::oracle::Oracle;
use crate::probe::oracle::names;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "client/known",
    title: "the provider knows the client id",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "2.2"), Clause::must(Spec::Core, "3.1.2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "A client id with a typing error, of another tenant or of a deleted client, and nobody gets beyond an error page.",
    remedy: "Compare the client id in the application with the one at the provider, and see that the client is enabled there.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let (first, oracle) = case.oracle()?;
    let client = case.target.client_id.as_deref().unwrap_or_default();
    match oracle {
        oracle if oracle.knows_client() => {
            Ok(Verdict::pass(format!("{client} is answered otherwise than an unknown client")))
        }
        // Logins work with any client id there. What is unsafe about it is told by where codes go.
        Oracle::Anyone => {
            let place = Place { slot: authorize_slot(names::UNKNOWN), spot: Spot::Header("Location".into()) };
            let message = "the provider hands a code to a client that nobody registered";
            let finding = Finding::new(message, place, CHECK.clauses[0])
                .expected("an error page of the provider")
                .actual(format!("a code at {first}"))
                .remedy("Do not use this provider for anything but tests; where it knows clients, let it refuse the others.");
            Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Authorization)))
        }
        Oracle::AllRefused(shape, _) => {
            let place = Place { slot: authorize_slot(&names::expected(&first)), spot: Spot::Status };
            let finding = Finding::new("the provider refuses the request before any login, just as it refuses an unknown client", place, CHECK.clauses[0])
                .expected(format!("a login, or an error at {first}"))
                .actual(shape.words())
                .remedy(format!("See that the client id {client} is right and enabled at the provider, and that {first} is registered for it byte for byte."));
            Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Authorization)))
        }
        Oracle::Blind(why) => Err(Gap::Undecided(why)),
        _ => Err(Gap::Undecided("the probes that decide were not all answered".into())),
    }
}
