//! A request without a response type, or with one that nobody knows, gets the error for it.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::oracle::Seen;
use crate::probe::params::{self, what};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/response-type",
    title: "a missing or unknown response type is refused",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "3.1.1"), Clause::must(Spec::Rfc(6749), "4.1.2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "Who asks for a login in a way that the provider does not know must hear of that, and not get something else.",
    remedy: "Nothing that the application can change, and it names its response type; report it to the maker of the provider.",
    formerly: &[],
    judge,
};

/// What the error may be called: the parameter is missing, or its value is not known.
const DUE: [&str; 2] = ["unsupported_response_type", "invalid_request"];

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Asked::thorough(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let (mut findings, mut refused, mut unclear) = (Vec::new(), Vec::new(), None);
    for (what, words) in [(what::NO_TYPE, "without a response type"), (what::UNKNOWN_TYPE, "with a made-up one")] {
        let mut found = |message: String, clause, actual: String| {
            let finding = Finding::new(message, asked.place_of(what), clause).expected(DUE.join(" or ")).actual(actual);
            findings.push(finding.means(Effect::Untidy, Step::Authorization));
        };
        let other = format!("the provider has another error for a request {words}");
        match asked.oracle.seen(case.facts.evidence, &params::name(what, &asked.uri)) {
            Seen::Accepted(delivered) if delivered.granted => {
                found(format!("the provider answers a request {words}"), CHECK.clauses[0], "a code".into());
            }
            Seen::Accepted(delivered) => {
                let error = delivered.error.unwrap_or_default();
                unclear = Some(format!("a request {words} gets {error}; it may be refused behind the login"));
            }
            Seen::AcceptedByLanding => {
                unclear = Some(format!("a request {words} gets as far as the login; it may be refused behind it"));
            }
            Seen::ErrorThere(delivered) => match delivered.error {
                Some(error) if DUE.contains(&error.as_str()) => {
                    refused.push(format!("{words}: {error} at the redirect URI, without a click"));
                }
                error => found(other, CHECK.clauses[1], error.unwrap_or_else(|| "an error without a name".into())),
            },
            // On a page of the provider, whose words are for people.
            Seen::Refused(shape) if shape.error.as_deref().is_none_or(|error| DUE.contains(&error)) => {
                refused.push(format!("{words}: {}", shape.words()));
            }
            Seen::Refused(shape) => found(other, CHECK.clauses[1], shape.words()),
            Seen::Unclear(why) => unclear = Some(why),
        }
    }
    match unclear {
        Some(why) if findings.is_empty() => Err(Gap::Undecided(why)),
        _ => Ok(Verdict::from(findings, refused.join("; "))),
    }
}
