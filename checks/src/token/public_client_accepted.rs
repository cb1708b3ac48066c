//! The provider takes the client without a secret, as the application comes.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::token::{self, slot};
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/public-client-accepted",
    title: "the client is accepted without a secret",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "3.2.1"), Clause::must(Spec::Rfc(6749), "5.2")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize), SlotKind::Probe(Endpoint::Token)],
    why: "An application that cannot keep a secret sends none; a client that is registered as confidential is then refused after the login.",
    remedy: "Make the client public at the provider (client authentication off, method none).",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !case.profile.public() {
        return Ok(Verdict::not_applicable("the application has a secret"));
    }
    case.note_probe(Endpoint::Token);
    super::there(case)?;
    let own = token::answer(case.facts.evidence, "public").map_err(Gap::Undecided)?;
    let unknown = token::answer(case.facts.evidence, "public-unknown").map_err(Gap::Undecided)?;
    // Many endpoints word both refusals alike; that this client is known was then seen at the authorization endpoint.
    let known = case.oracle().is_ok_and(|(_, oracle)| oracle.knows_client());
    if own.error == unknown.error && own.status == unknown.status && !(known && own.client_refused()) {
        return Err(Gap::Undecided(format!(
            "the token endpoint answers this client and an unknown one alike ({})",
            own.words()
        )));
    }
    if own.client_accepted() {
        return Ok(Verdict::pass(format!("an unknown client gets {}", unknown.words())));
    }
    let place = Place { slot: slot("public"), spot: Spot::Status };
    let finding = Finding::new("the token endpoint refuses the client without a secret", place, CHECK.clauses[0])
        .expected("invalid_grant: the client is right, only the invented code is not")
        .actual(own.words())
        .side(Side::Provider);
    if own.error.as_deref() == Some("unauthorized_client") && case.part.flow == Flow::Device {
        // RFC 6749 section 5.2: a grant that this client may not use. It comes with another one.
        Err(Gap::Undecided("the client may not use the code flow, and this part of the application does not".into()))
    } else if own.client_refused() {
        Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Token)))
    } else {
        Err(Gap::Undecided(own.words()))
    }
}
