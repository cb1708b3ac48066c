//! The client secret is the secret, and not the hash of it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::token::{self, slot};
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/secret-itself",
    title: "the client secret is no hash",
    severity: Severity::Error,
    tier: Tier::Secret,
    clauses: &[Clause::local("providers that keep only a hash of the secret")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Token)],
    why: "Some providers are configured with a hash of the secret; pasted into the application, it is a wrong secret.",
    remedy: "Put the secret itself into the application. Where it is lost, make a new one and give the provider its hash.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.profile.public() {
        return Ok(Verdict::not_applicable("the application has no secret"));
    }
    if !case.target.has_secret {
        return Ok(Verdict::not_applicable("no secret was given"));
    }
    if !case.target.secret_shape.hashed {
        return Ok(Verdict::pass("it does not look like one"));
    }
    case.metadata()?;
    case.note_probe(Endpoint::Token);
    let word = crate::plan::method_word(crate::plan::secret_method(case.target, case.profile, case.facts));
    if token::secret_taken(case.facts.evidence, word) {
        return Ok(Verdict::pass("it looks like one, and the provider takes it"));
    }
    let given = format!("given:{word}");
    let refused = token::answer(case.facts.evidence, &given).is_ok_and(|answer| answer.client_refused());
    let (message, effect) = if refused {
        ("the client secret is the hash of one, and the provider refuses it", Effect::LoginFails)
    } else {
        ("the client secret looks like the hash of one", Effect::Degraded)
    };
    let place = Place { slot: slot(&given), spot: Spot::Status };
    // Nothing of the secret is shown.
    let finding = Finding::new(message, place, CHECK.clauses[0])
        .expected("the secret itself")
        .actual("a text that begins as the hash of a password does")
        .side(Side::Application);
    Ok(Verdict::fail(finding.means(effect, Step::Token)))
}
