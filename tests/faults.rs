//! End to end: the embedded provider with each of its faults, and the real binary.
//!
//! The table of faults says which checks must notice a fault. Here each fault is switched on at a provider of its
//! own, over TLS with a private authority, and the binary is run as a user would run it. It must fail the checks of
//! the table and no others, but for [`COMPANIONS`], and end with the right exit code in time. What shows only to
//! somebody with a client is in `faults_client.rs`.

mod common;

use oidcheck_op::{FAULTS, Fault, Options, Tier, start};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// So many at a time: each is a provider and a process.
const AT_A_TIME: usize = 4;

/// No run may take longer. The slowest fault waits for the time limit of a request.
const IN_TIME: Duration = Duration::from_secs(20);

/// The time limit of one request, in seconds: more than the slow faults take.
const TIMEOUT: &str = "5";

/// Checks that fail beside those of the fault's own, and why that is not a second report of the same cause.
const COMPANIONS: &[(&str, &str, &str)] =
    &[("algs-es256-only", "jwks/key-usage", "the RSA key is still there and says RS256, which nobody is told of")];

/// Exit codes other than 1: what the application can live with is 0 below the threshold, no answer at all is 4.
const EXITS: &[(&str, i32)] = &[
    ("discovery-endless", 4),
    ("discovery-gzip-bomb", 4),
    ("discovery-redirect-loop", 4),
    // A library that follows the specification gets on with these, at least until somebody logs in.
    ("algs-empty", 0),
    ("algs-es256-only", 0),
    ("algs-hs256-only", 0),
    ("algs-none-only", 0),
    ("discovery-redirect-host", 0),
    ("discovery-slow", 0),
    ("foreign-authorization-endpoint", 0),
    ("foreign-token-endpoint", 0),
    ("jwks-duplicate-kid", 0),
    ("jwks-ec-only", 0),
    ("jwks-no-kid", 0),
    ("jwks-no-rsa", 0),
    ("no-id-token-algs", 0),
    ("no-response-types", 0),
    ("no-subject-types", 0),
    ("not-utf8", 0),
    // Warnings: an unlisted scope, claim or method may be there all the same.
    ("no-email-claim", 0),
    ("no-email-scope", 0),
    ("no-groups-claim", 0),
    ("no-groups-scope", 0),
    ("no-pkce", 0),
    ("no-preferred-username-claim", 0),
    ("no-profile-scope", 0),
    ("pkce-plain-only", 0),
];

/// A name of its own, since over loopback plain http is a trifle.
const HOST: &str = "op.example.test";

/// What the generic profile does not ask for, by the check that has to notice.
fn profile(fault: &Fault) -> &'static str {
    match (fault.breaks.first().copied(), fault.name) {
        (Some("cors/browser"), _) => "fixtures/profiles/browser.toml",
        (Some("discovery/claims"), _) | (_, "no-groups-scope") => "fixtures/profiles/groups.toml",
        _ => "generic",
    }
}

struct Ran {
    report: Value,
    exit: i32,
    took: Duration,
}

impl Ran {
    /// The checks with this verdict.
    fn with(&self, verdict: &str) -> BTreeSet<&str> {
        let outcomes = self.report["runs"][0]["outcomes"].as_array().expect("outcomes");
        outcomes.iter().filter(|o| o["verdict"] == verdict).filter_map(|o| o["check"].as_str()).collect()
    }
}

/// Starts a provider and checks it with the binary.
async fn check(faults: &[&str], profile: &str) -> Ran {
    let options = Options { host: HOST.to_owned(), ..Options::with_faults(faults.iter().copied()) };
    let provider = start(options).await.expect("starts");
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("root.pem");
    std::fs::write(&ca, provider.ca_pem.as_deref().expect("over TLS")).expect("writes");
    let profile: PathBuf = match profile.ends_with(".toml") {
        true => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(profile),
        false => profile.into(),
    };
    let mut command = common::oidcheck();
    command.args(["check", &provider.issuer, "--app-url", "https://app.example.test", "--format", "json"]);
    command.args(["--resolve", &format!("{HOST}:{}:127.0.0.1", provider.addr.port())]);
    command.args(["--timeout", TIMEOUT]).arg("--profile").arg(profile).arg("--ca-file").arg(&ca);
    let begun = Instant::now();
    let said = tokio::task::spawn_blocking(move || common::said(&mut command)).await.expect("no panic");
    let took = begun.elapsed();
    provider.stop().await;
    Ran { report: said.json(), exit: said.code, took }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_against_the_healthy_provider() {
    for profile in ["generic", "fixtures/profiles/browser.toml", "fixtures/profiles/groups.toml"] {
        let ran = check(&[], profile).await;
        for verdict in ["fail", "inconclusive", "crashed"] {
            assert_eq!(ran.with(verdict), BTreeSet::new(), "{verdict} for {profile}: {:#}", ran.report);
        }
        assert_eq!(ran.exit, 0, "{profile}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_noticed_by_its_check_and_by_no_other() {
    let permits = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = JoinSet::new();
    for fault in FAULTS.iter().filter(|fault| fault.tier() == Tier::Issuer) {
        let permits = permits.clone();
        running.spawn(async move {
            let _permit = permits.acquire().await.expect("never closed");
            (fault, check(&[fault.name], profile(fault)).await)
        });
    }
    let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut used = BTreeSet::new();
    while let Some(done) = running.join_next().await {
        let (fault, ran) = done.expect("no panic");
        let mut complain = |text: String| wrong.entry(fault.name).or_default().push(text);
        let must: BTreeSet<&str> = fault.breaks.iter().copied().collect();
        let failed = ran.with("fail");
        for check in must.difference(&failed) {
            complain(format!("{check} does not fail"));
        }
        for check in failed.difference(&must) {
            match COMPANIONS.iter().find(|(name, companion, _)| (*name, companion) == (fault.name, check)) {
                Some((name, companion, _)) => {
                    used.insert((*name, *companion));
                }
                None => complain(format!("{check} fails, too")),
            }
        }
        if !ran.with("crashed").is_empty() {
            complain(format!("crashed: {:?}", ran.with("crashed")));
        }
        let exit = EXITS.iter().find(|(name, _)| *name == fault.name).map_or(1, |(_, exit)| *exit);
        if ran.exit != exit || ran.report["decision"]["exit"] != exit {
            complain(format!("exit code {}, not {exit}: {}", ran.exit, ran.report["decision"]["because"]));
        }
        if ran.took > IN_TIME {
            complain(format!("it took {:?}", ran.took));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let known: BTreeSet<(&str, &str)> = COMPANIONS.iter().map(|(name, check, _)| (*name, *check)).collect();
    assert_eq!(used, known, "exceptions that were needed, and those that are listed");
    for (name, check, reason) in COMPANIONS {
        assert!(reason.len() > 20, "{name}, {check}: say why");
    }
}
