//! The userinfo response, for applications that ask for it.

group![reachable, json, subject, typed_claims, signed,];

use crate::case::Case;
use crate::evidence::json::Node;
use crate::evidence::login::Login;
use crate::evidence::{Exchange, LoginStep, Slot};
use crate::profile::ClaimPlace;
use crate::verdict::Gap;

/// Whether the application asks for userinfo: its library does, or it reads a claim there.
fn asked(case: &Case<'_>) -> bool {
    let read = |place| matches!(place, ClaimPlace::Userinfo | ClaimPlace::IdTokenOrUserinfo);
    case.library().members.used_at("userinfo_endpoint").is_some()
        || case.library().tokens.userinfo.asked_if_advertised
        || case.profile.file.claims.iter().any(|claim| read(claim.read_from))
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
            _ if login.grant.is_none() => Gap::Unusable(slot, "token-response/status"),
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
