//! The revocation endpoint takes the client, and asks it for its secret when it has one.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, Response, SlotKind};
use crate::plan::{method_word, secret_method};
use crate::probe::endpoints::revocation_slot;
use crate::probe::token::secret_taken;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/revocation",
    title: "the client can revoke its tokens",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(7009), "2.2"), Clause::must(Spec::Rfc(7009), "2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Token), SlotKind::Probe(Endpoint::Revocation)],
    why: "A logout leaves tokens behind that still work, or anybody who found a token can end somebody's session.",
    remedy: "Let the revocation endpoint take the client as the token endpoint does.",
    formerly: &[],
    judge,
};

/// What a revocation came to.
enum Told {
    /// Done, or nothing to do, which is the same to the client.
    Done,
    /// The client is not let in.
    Refused(String),
    /// The dead token is called an error, which it is not.
    Complained(String),
}

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.metadata()?.string("revocation_endpoint").is_none() {
        return Ok(Verdict::not_applicable("the provider has no revocation endpoint"));
    }
    case.note_probe(Endpoint::Token);
    let public = case.profile.public();
    if !public && !case.target.authenticates() {
        return Ok(Verdict::not_applicable("without the client's secret or key it is not asked"));
    }
    let told = |name: &str| -> Result<Told, Gap> {
        let exchange = case.exchange(&revocation_slot(name))?;
        tell(exchange.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))?)
    };
    let (own, method) = if public {
        ("public", "")
    } else {
        ("given", method_word(secret_method(case.target, case.profile, case.facts)))
    };
    let uses = case.profile.file.browser.as_ref().is_some_and(|b| b.cors.iter().any(|one| one == "revocation"));
    let matters = if uses { Effect::Degraded } else { Effect::Untidy };
    let fail = |slot: &str, message: &str, clause, expected: &str, actual: String, effect| {
        let place = Place { slot: revocation_slot(slot), spot: Spot::Status };
        Finding::new(message, place, clause).expected(expected).actual(actual).means(effect, Step::Logout)
    };
    let mut findings = Vec::new();
    match told(own)? {
        Told::Done => {}
        Told::Complained(what) => findings.push(fail(
            own,
            "the revocation endpoint calls it an error that a token is not known",
            CHECK.clauses[0],
            "200",
            what,
            Effect::Untidy,
        )),
        Told::Refused(_) if public => return Err(Gap::Unusable(revocation_slot(own), "token/public-client-accepted")),
        Told::Refused(_) if !secret_taken(case.facts.evidence, method) => {
            return Err(Gap::Unusable(revocation_slot(own), "token/secret-accepted"));
        }
        Told::Refused(what) => findings.push(fail(
            own,
            "the revocation endpoint refuses the client that the token endpoint takes",
            CHECK.clauses[1],
            "200",
            what,
            matters,
        )),
    }
    if !public && matches!(told("anonymous")?, Told::Done) {
        findings.push(fail(
            "anonymous",
            "the revocation endpoint does not ask a client for its secret, unless the client is registered as a public one",
            CHECK.clauses[1],
            "401",
            "200".to_owned(),
            Effect::Untidy,
        ));
    }
    Ok(Verdict::from(findings, "a token that nobody issued is revoked without complaint"))
}

fn tell(response: &Response) -> Result<Told, Gap> {
    let body = crate::evidence::json::read(&response.body).ok();
    let error = body.as_ref().and_then(|d| d.root.get("error")).and_then(|e| e.as_str());
    let words = || format!("status {}, {}", response.status, error.unwrap_or("no OAuth error"));
    match (response.status, error) {
        (429 | 500.., _) => {
            Err(Gap::Undecided(format!("the revocation endpoint answers with status {}", response.status)))
        }
        (200..300, None) => Ok(Told::Done),
        (401 | 403, _) | (_, Some("invalid_client" | "unauthorized_client" | "invalid_request")) => {
            Ok(Told::Refused(words()))
        }
        (_, Some(_)) | (404 | 405, _) => Ok(Told::Complained(words())),
        _ => Err(Gap::Undecided(format!("the revocation endpoint answers with {}", words()))),
    }
}
