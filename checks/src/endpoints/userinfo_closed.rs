//! The userinfo endpoint tells nothing to somebody without a token, or with one that nobody issued.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, Response, SlotKind};
use crate::probe::endpoints::userinfo_names::{ANONYMOUS, INVENTED};
use crate::probe::endpoints::{refused, userinfo_slot};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/userinfo-closed",
    title: "userinfo is refused without a token that the provider issued",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Core, "5.3.3"),
        Clause::must(Spec::Rfc(6750), "3"),
        Clause::should(Spec::Rfc(6750), "3.1"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Userinfo)],
    why: "Whoever asks, with no token or with any text in its place, would get somebody else's claims, or the endpoint is not what the metadata says it is.",
    remedy: "Let the provider itself answer at the userinfo endpoint; a proxy in front of it may be serving something else.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.metadata()?.string("userinfo_endpoint").is_none() {
        return Ok(Verdict::not_applicable("the provider has no userinfo endpoint"));
    }
    let without = anonymous(case)?;
    // Who answers without any token is not asked with an invented one, and older recordings have no such question.
    let asked = case.facts.evidence.get(&userinfo_slot(INVENTED)).is_some();
    if !(asked && refused(case.facts.evidence, ANONYMOUS)) {
        return Ok(without);
    }
    match (invented(case), without) {
        (Ok(Some(finding)), Verdict::Fail(mut findings)) => {
            // The same answer to both is told once; that anybody gets in comes first.
            match finding.effect {
                Effect::Untidy => {}
                _ => findings.insert(0, finding),
            }
            Ok(Verdict::Fail(findings))
        }
        (Ok(Some(finding)), _) => Ok(Verdict::fail(finding)),
        (Err(gap), Verdict::Pass(_)) => Err(gap),
        (Ok(None), Verdict::Pass(note)) => Ok(Verdict::pass(format!("{note}, and the same to an invented token"))),
        (_, without) => Ok(without),
    }
}

fn answer<'a>(case: &Case<'a>, name: &str) -> Result<&'a Response, Gap> {
    case.exchange(&userinfo_slot(name))?.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))
}

fn tells(response: &Response) -> bool {
    crate::evidence::json::read(&response.body).is_ok_and(|d| d.root.get("sub").is_some())
}

/// What is wrong with the answer to a token that nobody issued.
fn invented(case: &Case<'_>) -> Result<Option<Finding>, Gap> {
    let response = answer(case, INVENTED)?;
    let place = Place { slot: userinfo_slot(INVENTED), spot: Spot::Status };
    let (message, seen, effect) = match response.status {
        401 => return Ok(None),
        200 if tells(response) => (
            "the userinfo endpoint takes any text for a token, and hands out claims",
            "200 with a subject".to_owned(),
            Effect::Unsafe,
        ),
        429 | 500.. => {
            let why =
                format!("the userinfo endpoint answers a token that nobody issued with status {}", response.status);
            return Err(Gap::Undecided(why));
        }
        status => (
            "the userinfo endpoint does not say that a token is invalid in the way that a client understands",
            format!("status {status}"),
            Effect::Untidy,
        ),
    };
    let remedy = match effect {
        Effect::Unsafe => {
            "Let the userinfo endpoint look up, or verify, each access token before it answers; update the provider, or report it to its makers."
        }
        _ => {
            "Let the userinfo endpoint answer a token that it does not know with 401 and WWW-Authenticate: Bearer error=\"invalid_token\"."
        }
    };
    let finding = Finding::new(message, place, CHECK.clauses[2]).expected("401").actual(seen).remedy(remedy);
    Ok(Some(finding.means(effect, Step::Userinfo)))
}

/// What somebody without a token is told.
fn anonymous(case: &Case<'_>) -> Result<Verdict, Gap> {
    let slot = userinfo_slot(ANONYMOUS);
    let response = answer(case, ANONYMOUS)?;
    let place = |spot| Place { slot: slot.clone(), spot };
    let challenge = response.header("www-authenticate");
    let claims = tells(response);
    match response.status {
        200 if claims => {
            let finding = Finding::new(
                "the userinfo endpoint hands out claims without a token",
                place(Spot::Status),
                CHECK.clauses[0],
            )
            .expected("401")
            .actual("200 with a subject");
            Ok(Verdict::fail(finding.means(Effect::Unsafe, Step::Userinfo)))
        }
        401 if challenge.is_some() => Ok(Verdict::pass("401 with a challenge")),
        400 | 401 | 403 => {
            let finding = Finding::new(
                "the userinfo endpoint refuses without the challenge that a client could read",
                place(Spot::Header("WWW-Authenticate".into())),
                CHECK.clauses[1],
            )
            .expected("401 with WWW-Authenticate: Bearer")
            .actual(format!("status {}, {}", response.status, challenge.unwrap_or("no challenge")));
            Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Userinfo)))
        }
        429 | 500.. => Err(Gap::Undecided(format!("the userinfo endpoint answers with status {}", response.status))),
        404 | 405 => {
            let finding = Finding::new(
                "there is no userinfo endpoint where the metadata says",
                place(Spot::Status),
                CHECK.clauses[0],
            )
            .expected("401")
            .actual(response.status.to_string());
            let used = case.library().members.used_at("userinfo_endpoint").is_some();
            // Some servers hide endpoints from strangers, so only a login could make this certain.
            Ok(Verdict::fail(finding.means(if used { Effect::Degraded } else { Effect::Untidy }, Step::Userinfo)))
        }
        status => {
            let finding = Finding::new(
                "the userinfo endpoint does not refuse somebody without a token",
                place(Spot::Status),
                CHECK.clauses[0],
            )
            .expected("401")
            .actual(status.to_string());
            Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Userinfo)))
        }
    }
}
