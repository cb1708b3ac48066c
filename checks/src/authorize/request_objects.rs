//! Request objects are refused where the metadata says that there are none.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::objects::{INSIDE, unsupported, what};
use crate::probe::oracle::Seen;
use crate::probe::params;
use crate::probe::state_of;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/request-objects",
    title: "request objects that are not supported are refused",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Core, "6.1"), Clause::must(Spec::Core, "6.2"), Clause::must(Spec::Core, "3.1.2.6")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "Who puts a request into a signed object must not believe that it was looked at when it was passed over.",
    remedy: "Nothing that the application can change, and it sends none; report it to the maker of the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Asked::thorough(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let unsupported = unsupported(case.metadata()?);
    if unsupported.is_empty() {
        return Ok(Verdict::not_applicable("the metadata says that they are supported"));
    }
    let (mut findings, mut refused, mut unclear) = (Vec::new(), Vec::new(), None);
    for (parameter, what) in unsupported {
        let due = format!("{parameter}_not_supported");
        let clause = CHECK.clauses[usize::from(what == what::REQUEST_URI)];
        let mut found = |message: String, actual: String| {
            let finding = Finding::new(message, asked.place_of(what), clause).expected(due.clone()).actual(actual);
            findings.push(finding.means(Effect::Untidy, Step::Authorization));
        };
        match asked.oracle.seen(case.facts.evidence, &params::name(what, &asked.uri)) {
            Seen::ErrorThere(delivered) if delivered.error.as_deref() == Some(&due) => refused.push(parameter),
            Seen::ErrorThere(delivered) => {
                let error = delivered.error.unwrap_or_else(|| "an error without a name".into());
                found(format!("the provider refuses the parameter {parameter} with another error than its own"), error);
            }
            // Refused on a page of the provider, whose words are for people.
            Seen::Refused(shape) if shape.error.as_deref().is_none_or(|error| error == due) => refused.push(parameter),
            Seen::Refused(shape) => {
                found(
                    format!("the provider refuses the parameter {parameter} with another error than its own"),
                    shape.words(),
                );
            }
            Seen::Accepted(delivered) => {
                let read = delivered.state.as_deref() == Some(&state_of(INSIDE));
                let does = if read { "reads" } else { "passes over" };
                found(
                    format!("the provider {does} the parameter {parameter}, which its metadata says is not supported"),
                    delivered.error.unwrap_or_else(|| "a code".into()),
                );
            }
            // It may be looked at behind the login.
            Seen::AcceptedByLanding => {
                unclear =
                    Some(format!("a request with {parameter} gets as far as the login; it may be refused behind it"));
            }
            Seen::Unclear(why) => unclear = Some(why),
        }
    }
    match unclear {
        Some(why) if findings.is_empty() => Err(Gap::Undecided(why)),
        _ => Ok(Verdict::from(findings, format!("{} refused", refused.join(" and ")))),
    }
}
