//! A check without an issuer: the application at `--app-url` tells where its provider is.

use super::check::gather_blocking;
use crate::gather::Options;
use crate::render::text::clean;
use crate::{Error, output};
use oidcheck_checks::evidence::Evidence;
use oidcheck_checks::plan::Plan;
use oidcheck_checks::probe::capture::{Found, begin, missing_setting, provider};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::target::Target;

const HELP: &str = "give the issuer, for example: oidcheck check https://auth.example.com";

/// Whether there is an application that can be asked.
///
/// # Errors
/// What is missing on the command line.
pub(super) fn can_be_asked(target: &Target, profiles: &[Profile]) -> Result<(), Error> {
    if target.app_url.is_none() {
        return Err(Error::usage(
            "there is neither an issuer nor an application to ask for it",
            format!("{HELP}, or --app-url"),
        ));
    }
    if profiles.iter().any(|profile| !begin(target, profile).is_empty()) {
        return Ok(());
    }
    if let Some(key) = profiles.iter().find_map(missing_setting) {
        let help = format!("add --set {key}=…, or {HELP}");
        return Err(Error::usage(
            format!("without an issuer the application is asked for it, and that needs --set {key}"),
            help,
        ));
    }
    let names: Vec<&str> = profiles.iter().map(|profile| profile.file.title.as_str()).collect();
    let help = format!("{HELP}, or a --profile of an application that shows it (`oidcheck explain xen-orchestra`)");
    Err(Error::usage(format!("{} shows nobody without a login where its provider is", names.join(", ")), help))
}

/// Asks the application for its provider, puts it into the target, and gives what was seen.
///
/// # Errors
/// Why the provider is not known.
pub(super) fn find(target: &mut Target, profiles: &[Profile], options: &Options) -> Result<Evidence, Error> {
    let evidence = gather_blocking(&Plan { target, profiles }, options)?;
    let Found { typed, at, client_id } = provider(target, profiles, &evidence).map_err(|why| Error::Undecided {
        message: format!("the application does not tell where its provider is: {}", clean(&why)),
        help: Some(HELP.to_owned()),
    })?;
    let app = target.app_url.clone().unwrap_or_default();
    let found = at.map(|at| format!(", whose metadata is at {at}")).unwrap_or_default();
    output::note(&clean(&format!("note: no issuer was given; {app} uses {typed}{found}")));
    target.typed = typed;
    if target.client_id.is_none() && !client_id.is_empty() {
        output::note(&clean(&format!("note: no client id was given; {app} uses {client_id}")));
        target.client_id = Some(client_id);
    }
    Ok(evidence)
}
