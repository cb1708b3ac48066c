//! The authorization request is taken by POST, too.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::oracle::{Oracle, reply};
use crate::probe::params::{self, Told, what};
use crate::probe::reply::Reply;
use crate::spec::{Clause, Spec};
use crate::target::Depth;
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/post",
    title: "the authorization endpoint takes POST",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Core, "3.1.2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "An application whose request is too long for an address posts it; the applications known here do not.",
    remedy: "Let the proxy in front of the provider pass POST to the authorization endpoint; else nothing that the application can change.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.target.depth < Depth::Thorough {
        return Ok(Verdict::not_applicable("tried with --depth thorough"));
    }
    let asked = match Asked::of(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    if let Some(why) = case.facts.provider.and_then(|provider| provider.misleading_post.as_ref()) {
        return Err(Gap::Undecided(why.clone()));
    }
    match (&asked.plainest, &asked.oracle) {
        (Told::Refused(_), _) => return Err(asked.other_reason(case)),
        (Told::Unclear(why), _) => return Err(Gap::Undecided(why.clone())),
        (Told::Welcome, Oracle::Silent | Oracle::Anyone) => {}
        _ => {
            return Err(Gap::Undecided(
                "where a POST lands says nothing: it may be the same page for every one".into(),
            ));
        }
    }
    let refused = match reply(case.facts.evidence, &params::name(what::POST, &asked.uri)) {
        Some(Reply::AtRedirect(delivered)) if delivered.welcome() => {
            return Ok(Verdict::pass("answered at the redirect URI, as by GET"));
        }
        Some(Reply::AtRedirect(delivered)) => delivered.error.unwrap_or_else(|| "an error without a name".into()),
        Some(Reply::Elsewhere(shape)) if shape.refusal() => shape.words(),
        Some(Reply::Elsewhere(shape)) => {
            return Err(Gap::Undecided(format!("by POST it lands at another place than by GET ({})", shape.words())));
        }
        // A wall against forged forms says 403 to a POST from nowhere.
        Some(Reply::Nothing(why)) => return Err(Gap::Undecided(format!("no usable answer ({why})"))),
        None => return Err(Gap::Undecided("the probe was not sent".into())),
    };
    let finding = Finding::new(
        "the provider refuses by POST the authorization request that it takes by GET",
        asked.place_of(what::POST),
        CHECK.clauses[0],
    )
    .expected("the same answer as by GET")
    .actual(refused);
    Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Authorization)))
}
