//! The userinfo response, for applications that ask for it.

group![reachable, json, subject, typed_claims, signed, signed_claims, aggregated, post, access_token_only,];

use crate::case::Case;
use crate::evidence::json::Node;
use crate::evidence::login::Login;
use crate::evidence::{Exchange, LoginStep, Slot};
use crate::probe::implicit_type;
use crate::profile::{ClaimPlace, Flow};
use crate::verdict::{Effect, Gap, Verdict};

/// Whether the application asks for userinfo: its library does, or it reads a claim there. One that can do without asks
/// only where there is something to ask.
fn asked(case: &Case<'_>) -> bool {
    if case.part.flow == Flow::Implicit && !implicit_type(case.profile).split(' ').any(|word| word == "token") {
        // No access token comes to ask with.
        return false;
    }
    let rules = &case.library().tokens.userinfo;
    let read = |place| matches!(place, ClaimPlace::Userinfo | ClaimPlace::IdTokenOrUserinfo);
    let none = case.metadata().is_ok_and(|m| m.present("userinfo_endpoint").is_none_or(|node| node.is_null()));
    case.library().members.used_at("userinfo_endpoint").is_some()
        || rules.asked_if_advertised && !none
        || case.profile.file.claims.iter().any(|claim| read(claim.read_from)) && !(rules.optional && none)
}

/// What goes wrong costs nothing but the claims, where the library does without them.
fn softened(case: &Case<'_>, verdict: Result<Verdict, Gap>) -> Result<Verdict, Gap> {
    match verdict {
        Ok(Verdict::Fail(mut findings)) if case.library().tokens.userinfo.optional => {
            findings.iter_mut().for_each(|finding| finding.effect = finding.effect.min(Effect::Degraded));
            Ok(Verdict::Fail(findings))
        }
        other => other,
    }
}

/// The userinfo exchange of a login.
fn exchange<'a>(case: &Case<'_>, login: &Login<'a>) -> Result<&'a Exchange, Gap> {
    login.userinfo.ok_or_else(|| {
        let slot = login.slot(LoginStep::Userinfo);
        match case.metadata() {
            // A value of another type is member-types' affair.
            Ok(metadata) if metadata.string("userinfo_endpoint").is_none() => {
                let odd =
                    metadata.member("userinfo_endpoint").is_some_and(|node| !node.is_null() && node.as_str().is_none());
                let check = if odd { "discovery/member-types" } else { "discovery/required-members" };
                Gap::Unusable(Slot::Discovery, check)
            }
            _ if login.grant.is_none() => Gap::Unusable(slot, login.blamed("token-response/status")),
            _ => Gap::NotGathered(slot, "nobody asked for it".into()),
        }
    })
}

/// The claims of a login's userinfo.
fn claims<'l>(login: &'l Login<'_>) -> Result<&'l Node, Gap> {
    let slot = || login.slot(LoginStep::Userinfo);
    let person = login.person.as_ref().ok_or_else(|| Gap::Unusable(slot(), "userinfo/reachable"))?;
    person.claims().ok_or_else(|| Gap::Unusable(slot(), "userinfo/json"))
}
