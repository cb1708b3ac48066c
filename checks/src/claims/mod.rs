//! What the application reads about a person: there, of the right type, worth trusting.

group![present_where_read, types, email_verified, unique_name, unique_subject,];

use crate::case::Case;
use crate::evidence::LoginStep;
use crate::evidence::json::Node;
use crate::evidence::login::Login;
use crate::profile::{Claim, ClaimPlace};
use crate::verdict::{Gap, Place};

/// Why people are not compared.
pub(crate) const ONE_PERSON: &str =
    "one person logged in; --persona, given once for each of two people, logs in as both";

/// The places where a claim can be, with what people call them.
pub(crate) const PLACES: [(ClaimPlace, &str); 3] = [
    (ClaimPlace::IdToken, "the ID token"),
    (ClaimPlace::AccessToken, "the access token"),
    (ClaimPlace::Userinfo, "userinfo"),
];

/// A claim in one place of a login; `null` counts as absent.
pub(crate) fn at<'l>(login: &'l Login<'_>, place: ClaimPlace, name: &str) -> Result<Option<&'l Node>, Gap> {
    let node = match place {
        ClaimPlace::IdToken => login.id_token()?.1.claim(name),
        ClaimPlace::AccessToken => login.access_token()?.1.claim(name),
        ClaimPlace::Userinfo => match (&login.person, login.userinfo) {
            (Some(person), _) => match person.claims() {
                Some(claims) => claims.get(name),
                None => return Err(Gap::Unusable(login.slot(LoginStep::Userinfo), "userinfo/json")),
            },
            // An answer that is none has a check of its own, and tokens that were handed over came without one.
            (None, Some(_)) => return Err(Gap::Unusable(login.slot(LoginStep::Userinfo), "userinfo/reachable")),
            (None, None) if login.callback.is_none() => {
                let slot = login.slot(LoginStep::Userinfo);
                return Err(Gap::NotGathered(slot, "only tokens were given, no userinfo response".into()));
            }
            // Nobody could ask without an access token.
            (None, None) => {
                login.grant()?;
                None
            }
        },
        ClaimPlace::IdTokenOrUserinfo => match at(login, ClaimPlace::IdToken, name) {
            Ok(None) => return at(login, ClaimPlace::Userinfo, name),
            // Without either there was nothing to look into, and that is no missing claim.
            Err(gap) => return at(login, ClaimPlace::Userinfo, name)?.map(Some).ok_or(gap),
            found => return found,
        },
    };
    Ok(node.filter(|node| !node.is_null()))
}

/// Whether userinfo was asked, and only drops out of what the application knows when it cannot be used.
pub(crate) fn userinfo_dropped(case: &Case<'_>, login: &Login<'_>) -> bool {
    case.library().tokens.userinfo.optional && login.userinfo.is_some() && login.id_token().is_ok()
}

/// A claim where the application reads it. A userinfo response that it cannot use has none, where it does without.
fn read<'l>(case: &Case<'_>, login: &'l Login<'_>, claim: &Claim) -> Result<Option<&'l Node>, Gap> {
    match at(login, claim.read_from, &claim.name) {
        Err(_) if userinfo_dropped(case, login) => Ok(None),
        found => found,
    }
}

/// Where the application reads a claim, for a finding and for people.
pub(crate) fn place(login: &Login<'_>, claim: &Claim) -> (Place, &'static str) {
    let name = &claim.name;
    match claim.read_from {
        ClaimPlace::IdToken => (login.at_tokens(format!("/id_token/{name}")), "the ID token"),
        ClaimPlace::AccessToken => (login.at_tokens(format!("/access_token/{name}")), "the access token"),
        ClaimPlace::Userinfo => (login.at_userinfo(format!("/{name}")), "userinfo"),
        ClaimPlace::IdTokenOrUserinfo => (login.at_tokens(format!("/id_token/{name}")), "the ID token or userinfo"),
    }
}
