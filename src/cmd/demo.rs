//! `oidcheck demo`: the embedded provider on loopback, checked once healthy and once broken.
//!
//! It is the first thing that a new user runs, so it shows the whole way (TLS with a private authority included) and
//! needs nothing: no provider, no network, no file. It is also how the end-to-end tests switch faults on.

use super::check::gather_blocking;
use super::{input, reports};
use crate::cli::{DemoArgs, JudgingArgs};
use crate::gather::{Options, tls};
use crate::har::Recording;
use crate::{Error, output};
use oidcheck_checks::plan::Plan;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::target::Target;
use std::time::Duration;

/// The faults of the broken half, when none is named: two that stop a login and one that only weakens it.
const SHOWN: [&str; 3] = ["issuer-slash", "jwks-no-kid", "no-pkce"];

/// The application that the demo pretends to run.
const APP_URL: &str = "https://app.example.test";

/// Checks the embedded provider. Without `--fault`: a healthy report, then a broken one, exit code 0. With it: the
/// report of a provider with those faults, and its exit code.
///
/// # Errors
/// A fault or a profile that is not known, or loopback cannot be used.
pub fn run(args: &DemoArgs) -> Result<u8, Error> {
    let profiles = input::profiles(&args.judging.profiles, &args.judging)?;
    if !args.faults.is_empty() {
        return one(&args.faults, &profiles, &args.judging, reports::Outputs::open(&args.reports)?);
    }
    output::stdout(|out| writeln!(out, "A healthy provider:\n"))?;
    one(&[], &profiles, &args.judging, reports::Outputs::open(&args.reports)?)?;
    let shown: Vec<String> = SHOWN.iter().map(|name| (*name).to_owned()).collect();
    output::stdout(|out| writeln!(out, "\nThe same provider with {}:\n", shown.join(", ")))?;
    one(&shown, &profiles, &args.judging, reports::Outputs::open(&args.reports)?)?;
    output::stdout(|out| {
        writeln!(out, "\nNow your own provider:  oidcheck check https://your.provider/issuer --profile APPLICATION")?;
        writeln!(
            out,
            "Applications: `oidcheck list profiles`; other faults: `oidcheck demo --fault NAME`, `oidcheck list faults`."
        )
    })?;
    Ok(0)
}

fn one(faults: &[String], profiles: &[Profile], judging: &JudgingArgs, outputs: reports::Outputs) -> Result<u8, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime =
        runtime.map_err(|source| Error::File { doing: "start", path: "the embedded provider".into(), source })?;
    let start = oidcheck_op::start(oidcheck_op::Options::with_faults(faults));
    let provider =
        runtime.block_on(start).map_err(|e| Error::usage(e.to_string(), "`oidcheck list faults` names them"))?;
    let typed = provider.issuer.clone();
    let target = Target { typed, app_url: Some(APP_URL.into()), client_id: None, ..Target::default() };
    // The authority was made a moment ago and is trusted by this run alone.
    let extra_roots = provider.ca_pem.as_deref().map(|pem| tls::read_pem(pem.as_bytes())).transpose();
    let extra_roots =
        extra_roots.map_err(|why| Error::usage(why, "this should not happen; please report it"))?.unwrap_or_default();
    let options = Options { timeout: Duration::from_secs(5), extra_roots, ..Options::default() };
    let plan = Plan { target: &target, profiles };
    let started = jiff::Timestamp::now();
    let evidence = gather_blocking(&plan, &options)?;
    runtime.block_on(provider.stop());
    let recording = Recording { target, profiles: judging.profiles.clone(), started, evidence };
    reports::judge_and_write(&recording, profiles, judging, outputs, &[])
}
