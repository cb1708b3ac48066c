//! The userinfo endpoint tells nothing to somebody without a token.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/userinfo-closed",
    title: "userinfo is refused without a token",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Core, "5.3.3"), Clause::must(Spec::Rfc(6750), "3")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Userinfo)],
    why: "Whoever asks would get somebody else's claims, or the endpoint is not what the metadata says it is.",
    remedy: "Let the provider itself answer at the userinfo endpoint; a proxy in front of it may be serving something else.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.metadata()?.string("userinfo_endpoint").is_none() {
        return Ok(Verdict::not_applicable("the provider has no userinfo endpoint"));
    }
    let slot = Slot::Probe(Endpoint::Userinfo, "anonymous".into());
    let exchange = case.exchange(&slot)?;
    let response = exchange.outcome.as_ref().map_err(|e| Gap::Undecided(e.to_string()))?;
    let place = |spot| Place { slot: slot.clone(), spot };
    let challenge = response.header("www-authenticate");
    let claims = crate::evidence::json::read(&response.body).is_ok_and(|d| d.root.get("sub").is_some());
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
