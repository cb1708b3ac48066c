//! What the application itself shows without a login, compared with what was typed, with its profile, and with what the
//! provider makes of it.

group![login_starts, as_typed, provider, redirect_uri, scopes, flow, accepted];

use crate::case::Case;
use crate::evidence::Request;
use crate::probe::capture::{Shown, begin, missing_setting, walk};
use crate::verdict::{Place, Verdict};

/// What the application showed; else why there is nothing to compare.
fn shown(case: &Case<'_>) -> Result<Vec<Shown>, Verdict> {
    if begin(case.target, case.profile).is_empty() {
        return Err(Verdict::not_applicable(match missing_setting(case.profile) {
            Some(key) if case.target.app_url.is_some() => {
                format!("with --set {key}=… the application itself can be asked")
            }
            _ => "the application shows nothing without a login, or --app-url is missing".to_owned(),
        }));
    }
    let shown = walk(case.target, case.profile, case.facts.evidence).shown;
    // Noted as read. Often the application is not there yet when its login is prepared, and then there is none.
    let shown: Vec<Shown> = shown.into_iter().filter(|shown| case.exchange(&shown.slot).is_ok()).collect();
    if shown.is_empty() {
        return Err(Verdict::not_applicable("the application did not show an authorization request from here"));
    }
    Ok(shown)
}

/// The authorization requests among them, for a part of the application that sends people to the provider.
fn requests(case: &Case<'_>) -> Result<Vec<(Place, Request)>, Verdict> {
    if !crate::probe::sends_people(case.part) {
        return Err(Verdict::not_applicable("this part of the application sends nobody to the authorization endpoint"));
    }
    let place = |shown: &Shown| Place { slot: shown.slot.clone(), spot: shown.spot.clone() };
    let all = shown(case)?.into_iter().filter_map(|shown| Some((place(&shown), shown.request?)));
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        return Err(Verdict::not_applicable("the application shows settings, and no authorization request"));
    }
    Ok(all)
}
