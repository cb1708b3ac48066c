//! `oidcheck check`: gather, keep, judge, report.

mod dry_run;

use super::{input, reports};
use crate::cli::CheckArgs;
use crate::gather::conceal::{Hiding, conceal};
use crate::gather::{self, Options};
use crate::har::{self, Recording};
use crate::login::{After, Stop, Way};
use crate::output::{self, Pending};
use crate::progress::Progress;
use crate::{Error, cli};
use oidcheck_checks::case::Facts;
use oidcheck_checks::check::{Tier, reached};
use oidcheck_checks::evidence::{Evidence, Exchange, LoginStep, Request, Slot, TransportError};
use oidcheck_checks::plan::Plan;
use oidcheck_checks::probe::capture::{begin, missing_setting};
use oidcheck_checks::probe::{IMPLICIT_MODE, implicit, redirect_uris};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::target::{SecretShape, Target};

/// Checks a provider. Gives the exit code of the report's decision.
///
/// # Errors
/// Something on the command line cannot be used, or a destination cannot be written to. Nothing is sent before the
/// whole command line is known to be good.
pub fn run(args: &CheckArgs) -> Result<u8, Error> {
    let typed = args.issuer.as_deref().map(input::issuer).transpose()?.unwrap_or_default();
    let app_url = args.app_url.as_deref().map(input::app_url).transpose()?;
    let key = input::client_key(args)?;
    // The key says how the client authenticates, whatever else stands in the environment.
    let secret = match key {
        Some(_) => None,
        None => input::client_secret(args.client_secret_file.as_deref())?,
    };
    let mut target = Target {
        typed,
        app_url,
        client_id: args.client_id.clone(),
        redirect_uris: args.redirect_uris.clone(),
        has_secret: secret.is_some(),
        has_key: key.is_some(),
        secret_shape: secret.as_ref().map(|s| SecretShape::of(s.reveal())).unwrap_or_default(),
        tier: args.tier.map(Tier::from),
        depth: args.depth.into(),
    };
    let profiles = input::profiles(&args.judging.profiles, &args.judging)?;
    if key.is_some() {
        input::can_use_a_key(&profiles)?;
    }
    let ways = input::login_ways(args)?;
    let unnamed = target.typed.is_empty();
    if unnamed {
        super::application::can_be_asked(&target, &profiles)?;
    }
    // The application tells its client id as well, so for what has to be given it counts as given.
    let told = unnamed.then(|| target.client_id.clone().unwrap_or_else(|| "<client id of the application>".into()));
    let assumed = Target { client_id: told.or_else(|| target.client_id.clone()), ..target.clone() };
    if !ways.is_empty() && target.tier.is_none_or(|tier| tier == Tier::Login) {
        login_inputs(&assumed, &profiles, args.login, args.through_app)?;
    } else {
        tier(&assumed, &profiles)?;
    }
    let mut options = input::options(&args.network)?;
    secret.iter().for_each(|secret| options.secrets.known.add(secret.reveal()));
    options.secrets.client = secret;
    options.secrets.key = key;
    if args.dry_run {
        let login = args.login.filter(|_| target.tier.is_none_or(|tier| tier == Tier::Login));
        output::stdout(|out| {
            dry_run::print(&target, &assumed, &profiles, out)?;
            login.map_or(Ok(()), |how| dry_run::login(how, args.abuse, &target, &profiles, out))
        })?;
        return Ok(0);
    }
    let record = args.record.as_deref().map(Pending::open).transpose()?;
    let outputs = reports::Outputs::open(&args.reports)?;
    let started = jiff::Timestamp::now();
    let before = match unnamed {
        true => super::application::find(&mut target, &profiles, &options)?,
        false => Evidence::default(),
    };
    let mut evidence = gather_on(&Plan { target: &target, profiles: &profiles }, &options, before)?;
    let mut stopped = false;
    for (persona, way) in ways.iter().filter(|_| target.tier.is_none_or(|tier| tier == Tier::Login)) {
        let after = After { abuse: args.abuse, through_app: args.through_app };
        if let Err(stop) = log_in(&target, &profiles, (persona, way), &options, after, &mut evidence)? {
            let who = if ways.len() > 1 { format!(" as {persona}") } else { String::new() };
            if let Stop::Login(why) = &stop {
                login_stopped(&mut evidence, persona, why);
            }
            let (what, why) = match stop {
                Stop::Login(why) => ("nobody is logged in", why),
                Stop::Application(why) => ("nobody came to the application itself", why),
                Stop::After(why) => ("not everything was tried after the login", why),
            };
            let why = Hiding::of(&evidence, &options.secrets.known, &open(&target, &ways)).text(&why);
            output::note(&format!("note: {what}{who}: {}", crate::render::text::clean(&why)));
            stopped = true;
        }
    }
    if evidence.iter().any(|(slot, _)| matches!(slot, Slot::Login(LoginStep::Logout, _))) {
        output::note("note: the person was logged out of the provider");
    }
    // Nothing was sent again where no code came back, as in the device flow.
    if evidence.iter().any(|(slot, _)| matches!(slot, Slot::Login(LoginStep::Replay, _))) {
        output::note("note: the used code was sent once more, so the tokens of this login are void");
    }
    conceal(&mut evidence, &options.secrets.known, &open(&target, &ways));
    let recording = Recording { target: target.clone(), profiles: args.judging.profiles.clone(), started, evidence };
    if let Some(file) = record {
        file.finish(|out| out.write_all(har::to_har(&recording).as_bytes()))?;
    }
    let exit = reports::judge_and_write(&recording, &profiles, &args.judging, outputs, &reach(&args.network))?;
    // A login that was asked for and did not happen leaves questions open, however good the rest looks.
    Ok(if stopped && exit == 0 { 3 } else { exit })
}

/// Keeps in the evidence that a login was asked for and could not be carried through, unless that is known already.
fn login_stopped(evidence: &mut Evidence, persona: &str, why: &str) {
    let slot = Slot::Login(LoginStep::Callback, persona.to_owned());
    let endpoint =
        Facts::of(evidence).metadata.as_ref().ok().and_then(|m| m.string("authorization_endpoint").map(str::to_owned));
    let (Some(endpoint), None) = (endpoint, evidence.get(&slot)) else { return };
    evidence.record(
        slot,
        Exchange {
            request: Request::new("GET", &endpoint),
            outcome: Err(TransportError::Stopped(why.to_owned())),
            hops: Vec::new(),
            tls: None,
            started: jiff::Timestamp::now(),
            elapsed_ms: 0,
        },
    );
}

/// What is no secret, whatever the secrets are.
fn open(target: &Target, ways: &[(String, Way)]) -> Vec<String> {
    let people = ways.iter().filter_map(|(_, way)| match way {
        Way::Form(credentials) => Some(credentials.username.reveal().to_owned()),
        _ => None,
    });
    let given = [Some(&target.typed), target.app_url.as_ref(), target.client_id.as_ref()];
    given.into_iter().flatten().chain(&target.redirect_uris).cloned().chain(people).collect()
}

/// What a login needs besides the person.
fn login_inputs(
    target: &Target,
    profiles: &[Profile],
    how: Option<cli::LoginArg>,
    through_app: bool,
) -> Result<(), Error> {
    let missing = |what: &str, help: &str| Err(Error::usage(format!("--login needs {what}"), help));
    if target.client_id.is_none() {
        return missing("the client", "add --client-id, as it is registered at the provider");
    }
    if through_app && how != Some(cli::LoginArg::Form) {
        return Err(Error::usage("--through-app goes with --login form alone", "take --login form"));
    }
    if through_app {
        can_be_entered(target, profiles)?;
    }
    let redirected = how != Some(cli::LoginArg::Device);
    if redirected {
        one_flow(profiles, how)?;
    }
    if redirected && profiles.iter().all(|profile| redirect_uris(target, profile).is_empty()) {
        return missing("the redirect URI of the application", "add --app-url or --redirect-uri");
    }
    Ok(())
}

/// One login is by one flow, and not every way to log in sees the end of it.
fn one_flow(profiles: &[Profile], how: Option<cli::LoginArg>) -> Result<(), Error> {
    let Some(profile) = profiles.iter().find(|profile| implicit(profile)) else { return Ok(()) };
    if !profiles.iter().all(implicit) {
        let message = "one login cannot be by the code flow and by the implicit flow";
        return Err(Error::usage(message, "check these applications one after the other, with one --profile each"));
    }
    let mode = profile.file.extra_parameters.get("response_mode").map_or(IMPLICIT_MODE, String::as_str);
    let (word, why) = match (how, mode) {
        (Some(cli::LoginArg::Paste), "form_post") => {
            ("paste", "by a form that the browser posts (form_post), and no address bar shows it")
        }
        (Some(cli::LoginArg::Browser), "form_post") => {
            ("browser", "by a form that the browser posts (form_post) to the application")
        }
        (Some(cli::LoginArg::Browser), _) => ("browser", "in the fragment, which no browser sends to a server"),
        _ => return Ok(()),
    };
    let message =
        format!("--login {word} does not see the end of this login: {} gets its ID token {why}", profile.file.title);
    let help = "take --login form; or log in at the application, copy id_token out of what the browser posts (its developer tools show it), and give it to oidcheck inspect";
    Err(Error::usage(message, help))
}

/// What a login at the application itself needs.
fn can_be_entered(target: &Target, profiles: &[Profile]) -> Result<(), Error> {
    let [profile] = profiles else {
        return Err(Error::usage("--through-app goes with one application alone", "give --profile once"));
    };
    if let Some(key) = missing_setting(profile) {
        return Err(Error::usage(format!("--through-app needs --set {key}"), format!("add --set {key}=…")));
    }
    if profile.file.through.is_none() || begin(target, profile).is_empty() {
        let message = format!("how a login at {} begins and ends is not known", profile.file.title);
        return Err(Error::usage(
            message,
            "take --profile incus, proxmox or xen-orchestra, or leave --through-app out",
        ));
    }
    Ok(())
}

/// Logs in on a runtime of its own. The inner error says at which page the login stopped.
fn log_in(
    target: &Target,
    profiles: &[Profile],
    (persona, way): (&str, &crate::login::Way),
    options: &Options,
    after: After,
    evidence: &mut Evidence,
) -> Result<Result<(), Stop>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|source| Error::File { doing: "start", path: "the network runtime".into(), source })?;
    let done = runtime.block_on(crate::login::log_in(target, profiles, way, persona, options, after, evidence));
    runtime.shutdown_background();
    Ok(done)
}

/// What curl needs to reach the provider as we did. A proxy may have a password in its URL, which is shown to nobody.
fn reach(network: &cli::NetworkArgs) -> Vec<(&'static str, String)> {
    let files = network.ca_files.iter().map(|file| ("--cacert", file.display().to_string()));
    let addresses = network.resolve.iter().map(|given| ("--resolve", given.clone()));
    let proxy = network.proxy.iter().filter(|url| !url.contains('@')).map(|url| ("--proxy", url.clone()));
    files.chain(addresses).chain(proxy).collect()
}

/// A tier that was asked for has to be unlocked by what was given, for at least one of the applications.
fn tier(target: &Target, profiles: &[Profile]) -> Result<(), Error> {
    let Some(asked) = target.tier else { return Ok(()) };
    if asked == Tier::Login {
        return Err(Error::usage("--tier login needs somebody to log in", "add --login form"));
    }
    if profiles.iter().any(|profile| reached(target, profile) >= asked) {
        return Ok(());
    }
    let mut missing = Vec::new();
    if target.client_id.is_none() {
        missing.push("--client-id");
    }
    if profiles.iter().all(|profile| redirect_uris(target, profile).is_empty()) {
        missing.push("--app-url (or --redirect-uri)");
    }
    if asked >= Tier::Secret && !target.authenticates() {
        missing.push("--client-secret-file (or OIDCHECK_CLIENT_SECRET), or --client-key-file");
    }
    Err(Error::usage(
        format!("--tier {} needs more than was given", asked.word()),
        format!("add {}", missing.join(", ")),
    ))
}

/// Executes a plan on a runtime of its own.
pub(super) fn gather_blocking(plan: &Plan<'_>, options: &Options) -> Result<Evidence, Error> {
    gather_on(plan, options, Evidence::default())
}

/// The same after something was asked already.
fn gather_on(plan: &Plan<'_>, options: &Options, before: Evidence) -> Result<Evidence, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|source| Error::File { doing: "start", path: "the network runtime".into(), source })?;
    let progress = Progress::start();
    let evidence = runtime.block_on(gather::gather_on(plan, options, before, &|event| progress.event(event)));
    // A name lookup cannot be called off, and nobody waits for it any more.
    runtime.shutdown_background();
    Ok(evidence)
}
