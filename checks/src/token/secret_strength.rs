//! The client secret cannot be guessed.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::token::slot;
use crate::spec::{Clause, Spec};
use crate::target::Strength;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/secret-strength",
    title: "the client secret is long enough",
    severity: Severity::Warning,
    tier: Tier::Secret,
    clauses: &[Clause::must(Spec::Rfc(6749), "10.10")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Token)],
    why: "The token endpoint answers everybody who asks, and a short secret is found by trying.",
    remedy: "Give the client a new secret, at the provider and in the application: forty letters and digits out of a random generator.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.profile.public() {
        return Ok(Verdict::not_applicable("the application has no secret"));
    }
    case.metadata()?;
    if !case.target.has_secret {
        return Ok(Verdict::not_applicable("no secret was given"));
    }
    if case.target.secret_shape.hashed {
        return Ok(Verdict::not_applicable("what was given looks like a hash, which says nothing about the secret"));
    }
    case.note_probe(Endpoint::Token);
    if super::secret_refused(case) {
        return Ok(Verdict::not_applicable("the provider refuses what was given, so it is not its secret"));
    }
    let (message, effect) = match case.target.secret_shape.strength {
        Strength::Enough => {
            return Ok(Verdict::pass(
                "its length and its characters allow for 128 bits; whether it is random is not seen",
            ));
        }
        Strength::Short => ("the client secret is so short that it has less than 128 bits", Effect::Untidy),
        Strength::Weak => {
            ("the client secret is so short, or so uniform, that it has less than 64 bits", Effect::Degraded)
        }
    };
    let word = crate::plan::method_word(crate::plan::secret_method(case.target, case.profile, case.facts));
    let place = Place { slot: slot(&format!("given:{word}")), spot: Spot::Connection };
    // Nothing of the secret is shown.
    let finding = Finding::new(message, place, CHECK.clauses[0])
        .expected("128 bits at least, as 22 random letters and digits have")
        .actual("less, even if every character were random")
        .side(Side::Application);
    Ok(Verdict::fail(finding.means(effect, Step::Token)))
}
