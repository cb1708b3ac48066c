//! The token endpoint answers where the metadata says that it is.

use crate::case::Case;
use crate::check::{Check, Tier, reached};
use crate::evidence::{Endpoint, Exchange, Slot, SlotKind, TransportError};
use crate::library::{Refusal, Rule};
use crate::probe::reply::delivered;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/reachable",
    title: "the token endpoint answers, and does not redirect",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "3.2"),
        Clause::must(Spec::Rfc(6749), "5.2"),
        Clause::must(Spec::Rfc(9110), "15.4"),
    ],
    needs: &[SlotKind::Probe(Endpoint::Token)],
    why: "The application asks there after the person has logged in; without an answer, the login ends in an error.",
    remedy: "Ask the address from the application's own host, and make token_endpoint the address at which the provider itself answers: scheme, host, port and path, with no login page of a proxy in front of it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    case.note_probe(Endpoint::Token);
    let probes: Vec<(&Slot, &Exchange)> =
        case.facts.evidence.iter().filter(|(slot, _)| matches!(slot, Slot::Probe(Endpoint::Token, _))).collect();
    let Some((slot, first)) = probes.first() else {
        // A confidential client is asked for with its secret, or not at all.
        if !case.profile.public() && reached(case.target, case.profile) < Tier::Secret {
            return Ok(Verdict::not_applicable("without the client secret nothing is asked of the token endpoint"));
        }
        return Err(Gap::Undecided("the token endpoint was not asked".into()));
    };
    let finding = |message: String, spot, clause| {
        Finding::new(message, Place { slot: (*slot).clone(), spot }, clause).means(Effect::LoginFails, Step::Token)
    };
    // What happens once may be chance; every request has to fare alike.
    if let Some(error) = probes.iter().map(|(_, e)| e.outcome.as_ref().err()).collect::<Option<Vec<_>>>() {
        // This run itself gave up, or did not ask.
        if let TransportError::Deadline(_) | TransportError::BadUrl(_) = error[0] {
            return Err(Gap::Undecided(error[0].to_string()));
        }
        let message = format!("the token endpoint does not answer: {}", error[0]);
        return Ok(Verdict::fail(finding(message, Spot::Connection, CHECK.clauses[0])));
    }
    let redirects: Option<Vec<(u16, &str)>> = probes.iter().map(|(_, exchange)| redirect(exchange)).collect();
    let Some(redirects) = redirects else {
        return Ok(Verdict::pass(format!("{} answered", crate::report::count(probes.len(), "request"))));
    };
    let (status, to) = redirects[0];
    // Whoever words errors by a redirect may answer a true code otherwise.
    if redirects.iter().any(|(_, to)| delivered(to).error.is_some()) {
        return Err(Gap::Undecided(format!(
            "the token endpoint answers every invented code with a redirect ({status})"
        )));
    }
    let rules = &case.library().tokens.response;
    let found = finding(
        format!("the token endpoint redirects ({status})"),
        Spot::Header("Location".into()),
        CHECK.clauses[if matches!(status, 307 | 308) { 2 } else { 1 }],
    )
    .expected("an OAuth error about the invented code, with status 400 or 401")
    // A query may hold anything.
    .actual(format!("{status} to {}", to.split(['?', '#']).next().unwrap_or_default()));
    let refusal = match (status, &first.outcome) {
        (307 | 308, _) if rules.reposts => None,
        (307 | 308, _) => Some(Refusal::at(
            Step::Token,
            Rule::TokenRedirect,
            format!("it does not post the code again after a {status}"),
        )),
        (_, Ok(response)) => rules.status(first, response),
        _ => None,
    };
    Ok(Verdict::fail(case.weigh(found, refusal.as_ref(), Effect::Degraded)))
}

/// The status and the target of a redirect.
fn redirect(exchange: &Exchange) -> Option<(u16, &str)> {
    let response = exchange.outcome.as_ref().ok()?;
    let status = Some(response.status).filter(|status| matches!(status, 301 | 302 | 303 | 307 | 308))?;
    Some((status, response.header("location")?))
}
