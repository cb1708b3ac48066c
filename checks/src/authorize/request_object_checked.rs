//! What a request object says is looked at as closely as what stands in the address.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::objects::{Fate, fate, signed_only, supported, what};
use crate::probe::{CONTROL_URI, params};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/request-object-checked",
    title: "request objects are not believed unseen",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Core, "3.1.2.1"),
        Clause::must(Spec::Rfc(9101), "6.2"),
        Clause::must(Spec::Rfc(9101), "5"),
        Clause::must(Spec::Discovery, "3"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "A redirect URI that is looked at in one place and used from another one brings the code to whoever made the link.",
    remedy: "Switch request objects off at the provider, or for this client, since the application sends none; and report it to the maker of the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Asked::thorough(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let metadata = case.metadata()?;
    if !supported(metadata) {
        return Ok(Verdict::not_applicable("the metadata says that there are none"));
    }
    // What must not be read: why, what the harm is, and against which clause.
    let never = "it is refused";
    let probes = [
        (what::FOREIGN_INSIDE, "", Effect::Unsafe, 0, never),
        (what::FOREIGN_BESIDE, "", Effect::Unsafe, 0, never),
        (
            what::FORGED,
            "the provider reads a request object whose signature fits no key",
            Effect::Degraded,
            1,
            "invalid_request_object",
        ),
        (
            what::CLIENT,
            "the provider reads a request object that is for another client",
            Effect::Degraded,
            2,
            "invalid_request_object",
        ),
        (
            what::UNSIGNED,
            "the provider reads an unsigned request object, and its metadata does not list none among the algorithms",
            Effect::Untidy,
            3,
            "invalid_request_object",
        ),
    ];
    let (mut findings, mut unclear, mut read) = (Vec::new(), None, false);
    for (what, message, effect, clause, expected) in probes {
        let place = asked.place_of(what);
        let seen = asked.oracle.seen(case.facts.evidence, &params::name(what, &asked.uri));
        let clause = CHECK.clauses[clause];
        match fate(case.facts.evidence, &place.slot, &asked.uri, seen) {
            Fate::Foreign(delivered) => {
                let at = if what == what::FOREIGN_BESIDE { "beside" } else { "inside" };
                let effect = if delivered.welcome() { Effect::Unsafe } else { Effect::Degraded };
                let message = format!(
                    "the provider goes to a redirect URI that stands {at} a request object and is not registered"
                );
                let finding = Finding::new(message, place, clause)
                    .expected("an error page")
                    .actual(format!("a redirect to {CONTROL_URI}"));
                findings.push(finding.means(effect, Step::Authorization));
            }
            Fate::Read => {
                read = true;
                // A redirect URI that is not used does no harm, and an unsigned object is a matter of the metadata.
                if !message.is_empty() && (what != what::UNSIGNED || signed_only(metadata)) {
                    let finding = Finding::new(message, place, clause)
                        .expected(expected)
                        .actual("an answer with the state that is inside of it");
                    findings.push(finding.means(effect, Step::Authorization));
                }
            }
            Fate::PassedOver | Fate::Refused(_) => {}
            Fate::Unclear(why) => unclear = Some(why),
        }
    }
    match unclear {
        Some(why) if findings.is_empty() => Err(Gap::Undecided(why)),
        _ => Ok(Verdict::from(
            findings,
            if read {
                "an unsigned one is read, and its redirect URI is compared"
            } else {
                "none is believed unsigned"
            },
        )),
    }
}
