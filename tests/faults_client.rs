//! End to end, beyond the issuer tier: the embedded provider with each fault that shows only to somebody with a client,
//! its secret or a login, and the real binary.
//!
//! Each fault is looked for with no more than its tier asks for. The checks of the table must fail and no others, but
//! for [`COMPANIONS`]; one tier below, nothing may be said against the provider at all.

mod common;

use oidcheck_op::{FAULTS, Fault, Options, Tier, start};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// So many at a time: each is a provider and a process, which wait for most of their time.
const AT_A_TIME: usize = 5;

/// The client and the user that every embedded provider has.
const CLIENT: &str = "web";
const REDIRECT: &str = "https://app.example.test/callback";
/// The one without a secret, whose access tokens are JWTs.
const PUBLIC: &str = "spa";
const PUBLIC_REDIRECT: &str = "https://spa.example.test/callback";
const SECRET: &str = "web-secret-for-loopback-only";
const USER: (&str, &str) = ("alice", "alice-password");

/// Checks that fail beside those of the fault's own, and why that is not a second report of the same cause.
const COMPANIONS: &[(&str, &str, &str)] = &[
    (
        "token-alg-none",
        "id-token/at-hash",
        "the hash of at_hash is that of the algorithm, and none has none, so that a library which compares refuses it",
    ),
    (
        "token-sub-empty",
        "userinfo/subject",
        "userinfo names the person, so that a library which takes an empty sub and compares the two refuses it there",
    ),
];

/// Exit codes other than 1: findings that are below the threshold.
const EXITS: &[(&str, i32)] = &[
    // Weaknesses and not failures: everybody can log in.
    ("claims-refused", 0),
    ("email-unverified", 0),
    ("error-in-fragment", 0),
    ("forwarded-host-believed", 0),
    ("login-page-framed", 0),
    ("login-page-get", 0),
    ("openid-not-first", 0),
    ("redirect-prefix-match", 0),
    ("response-type-error", 0),
    ("token-by-get", 0),
    ("token-parameters-strict", 0),
    // What this application does not rely on, and what needs a thief before it does harm.
    ("acr-missing", 0),
    ("acr-other", 0),
    ("auth-time-milliseconds", 0),
    ("auth-time-missing", 0),
    ("code-any-redirect-uri", 0),
    ("code-any-verifier", 0),
    ("code-replay-keeps-tokens", 0),
    ("code-twice", 0),
    ("hint-refused", 0),
    ("logout-any-hint", 0),
    ("logout-no-state", 0),
    ("max-age-ignored", 0),
    ("prompt-login-ignored", 0),
    ("logout-fails", 0),
    ("logout-missing", 0),
    ("refresh-bad-signature", 0),
    ("refresh-cached", 0),
    ("refresh-ends-at-once", 0),
    ("refresh-error-as-success", 0),
    ("refresh-expired-token", 0),
    ("refresh-fewer-scopes", 0),
    ("refresh-no-access-token", 0),
    ("refresh-token-at-userinfo", 0),
    ("refresh-token-empty", 0),
    ("userinfo-takes-id-token", 0),
    ("token-exp-milliseconds", 0),
    ("token-for-years", 0),
    ("token-sub-template", 0),
    ("access-token-other-subject", 0),
    ("scopes-with-commas", 0),
    ("refresh-other-audience", 0),
    ("refresh-refused", 0),
    ("refresh-reuse-unnoticed", 0),
    ("token-jku", 0),
    ("refresh-token-reusable", 0),
    ("scope-dropped", 0),
    ("tokens-cached", 0),
    ("tokens-for-weeks", 0),
    ("session-auth-time-moves", 0),
    ("userinfo-get-only", 0),
    ("userinfo-lost-source", 0),
    // Libraries read JSON whatever it is called.
    ("token-error-as-page", 0),
    // Most take any status of success, and have room for a large token.
    ("tokens-created", 0),
    ("token-huge", 0),
    // The audience says for whom it is.
    ("token-azp-other", 0),
    // A relying party that follows the specification allows some minutes.
    ("token-issued-ahead", 0),
    ("wrong-secret-accepted", 0),
];

/// What only the thorough set of questions shows.
const THOROUGH: [&str; 8] = [
    "openid-not-first",
    "claims-refused",
    "response-type-error",
    "request-object-believed",
    "forwarded-host-believed",
    "secret-not-required",
    "token-by-get",
    "token-parameters-strict",
];

/// A name of its own, since over loopback plain http is a trifle.
const HOST: &str = "op.example.test";

/// What the application has to read before the fault can matter to it.
fn profile(fault: &Fault) -> &'static str {
    match fault.name {
        "username-in-userinfo-only" | "token-thin" => "fixtures/profiles/names.toml",
        "name-missing"
        | "sub-too-long"
        | "email-is-a-list"
        | "groups-as-string"
        | "token-extra-audience"
        | "code-too-long"
        | "token-azp-other"
        | "token-typ-id-jwt" => "fixtures/profiles/picky.toml",
        "acr-missing" | "acr-other" => "fixtures/profiles/strong.toml",
        "userinfo-sub-only" => "fixtures/profiles/mail.toml",
        "refresh-token-reusable" | "refresh-reuse-unnoticed" => "fixtures/profiles/offline-public.toml",
        "logout-no-state" => "fixtures/profiles/offline.toml",
        name if name.starts_with("refresh-") => "fixtures/profiles/offline.toml",
        name if name.starts_with("access-token-") => "fixtures/profiles/api.toml",
        _ => "fixtures/profiles/groups.toml",
    }
}

/// Whether the application has no secret.
fn is_public(profile: &str) -> bool {
    profile.ends_with("api.toml") || profile.ends_with("offline-public.toml")
}

/// One tier less; an application without a secret has no tier of its own for it.
fn below(tier: Tier, profile: &str) -> Tier {
    match tier {
        Tier::Login if is_public(profile) => Tier::Client,
        Tier::Login => Tier::Secret,
        Tier::Secret => Tier::Client,
        Tier::Client | Tier::Issuer => Tier::Issuer,
    }
}

struct Ran {
    report: Value,
    exit: i32,
}

impl Ran {
    /// The checks with this verdict.
    fn with(&self, verdict: &str) -> BTreeSet<&str> {
        let outcomes = self.report["runs"][0]["outcomes"].as_array().expect("outcomes");
        outcomes.iter().filter(|o| o["verdict"] == verdict).filter_map(|o| o["check"].as_str()).collect()
    }

    /// What is wrong with a run against a provider in which nothing can be seen to be wrong.
    fn complaints(&self, tier: Tier) -> Vec<String> {
        let mut list = Vec::new();
        for verdict in ["fail", "inconclusive", "crashed"] {
            if !self.with(verdict).is_empty() {
                list.push(format!("{verdict} at the {} tier: {:?}", tier.word(), self.with(verdict)));
            }
        }
        if self.exit != 0 || self.report["decision"]["exit"] != 0 {
            list.push(format!("exit code {}: {}", self.exit, self.report["decision"]["because"]));
        }
        if self.report["runs"][0]["tier"] != tier.word() {
            list.push(format!("tier {}, not {}", self.report["runs"][0]["tier"], tier.word()));
        }
        list
    }
}

/// Starts a provider and checks it with the binary, which is given what the tier asks for.
async fn check(faults: &[&str], profile: &str, tier: Tier) -> Ran {
    let options = Options { host: HOST.to_owned(), ..Options::with_faults(faults.iter().copied()) };
    let provider = start(options).await.expect("starts");
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("writes");
        path
    };
    let ca = file("root.pem", provider.ca_pem.as_deref().expect("over TLS"));
    let public = is_public(profile);
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join(profile);
    let mut command = common::oidcheck();
    command.args(["check", &provider.issuer, "--app-url", "https://app.example.test", "--format", "json"]);
    command.args(["--resolve", &format!("{HOST}:{}:127.0.0.1", provider.addr.port())]);
    if tier >= Tier::Login || faults.iter().all(|fault| THOROUGH.contains(fault)) {
        command.args(["--depth", "thorough"]);
    }
    command.arg("--profile").arg(&profile).arg("--ca-file").arg(&ca);
    let (client, redirect) = if public { (PUBLIC, PUBLIC_REDIRECT) } else { (CLIENT, REDIRECT) };
    if tier >= Tier::Client {
        command.args(["--client-id", client, "--redirect-uri", redirect]);
    }
    if tier >= Tier::Secret && !public {
        command.arg("--client-secret-file").arg(file("secret", SECRET));
    }
    if tier >= Tier::Login {
        command.args(["--login", "form", "--abuse"]);
        command.env("OIDCHECK_USERNAME", USER.0).env("OIDCHECK_PASSWORD", USER.1);
    }
    let said = tokio::task::spawn_blocking(move || common::said(&mut command)).await.expect("no panic");
    provider.stop().await;
    Ran { report: said.json(), exit: said.code }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_against_the_healthy_provider() {
    for profile in ["groups", "names", "offline", "strong"] {
        let profile = &format!("fixtures/profiles/{profile}.toml");
        // By the thorough set of questions, since no fault asks for less.
        for tier in [Tier::Client, Tier::Secret, Tier::Login] {
            let ran = check(&[], profile, tier).await;
            assert_eq!(ran.complaints(tier), Vec::<String>::new(), "{profile}: {:#}", ran.report);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_noticed_at_its_tier_by_its_check_and_by_no_other() {
    let permits = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = JoinSet::new();
    for fault in FAULTS.iter().filter(|fault| fault.tier() > Tier::Issuer) {
        let permits = permits.clone();
        running.spawn(async move {
            let _permit = permits.acquire().await.expect("never closed");
            let (profile, tier) = (profile(fault), fault.tier());
            // What needs a login is looked for without one by the test below, all of it at once.
            let blind = match tier {
                Tier::Login => None,
                _ => Some(check(&[fault.name], profile, below(tier, profile)).await),
            };
            (fault, blind, check(&[fault.name], profile, tier).await)
        });
    }
    let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut used = BTreeSet::new();
    while let Some(done) = running.join_next().await {
        let (fault, blind, ran) = done.expect("no panic");
        let blind = blind.map(|blind| blind.complaints(below(fault.tier(), profile(fault))));
        let mut complaints = blind.unwrap_or_default();
        let must: BTreeSet<&str> = fault.breaks.iter().copied().collect();
        let failed = ran.with("fail");
        for check in must.difference(&failed) {
            complaints.push(format!("{check} does not fail"));
        }
        for check in failed.difference(&must) {
            match COMPANIONS.iter().find(|(name, companion, _)| (*name, companion) == (fault.name, check)) {
                Some((name, companion, _)) => {
                    used.insert((*name, *companion));
                }
                None => complaints.push(format!("{check} fails, too")),
            }
        }
        if !ran.with("crashed").is_empty() {
            complaints.push(format!("crashed: {:?}", ran.with("crashed")));
        }
        let exit = EXITS.iter().find(|(name, _)| *name == fault.name).map_or(1, |(_, exit)| *exit);
        if ran.exit != exit || ran.report["decision"]["exit"] != exit {
            complaints.push(format!("exit code {}, not {exit}: {}", ran.exit, ran.report["decision"]["because"]));
        }
        if !complaints.is_empty() {
            wrong.insert(fault.name, complaints);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let known: BTreeSet<(&str, &str)> = COMPANIONS.iter().map(|(name, check, _)| (*name, *check)).collect();
    assert_eq!(used, known, "exceptions that were needed, and those that are listed");
    for (name, check, reason) in COMPANIONS {
        assert!(reason.len() > 20, "{name}, {check}: say why");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_login_nothing_is_said_of_what_shows_only_after_one() {
    let mut by_profile: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for fault in FAULTS.iter().filter(|fault| fault.tier() == Tier::Login) {
        by_profile.entry(profile(fault)).or_default().push(fault.name);
    }
    assert!(by_profile.values().map(Vec::len).sum::<usize>() > 50, "{by_profile:?}");
    for (profile, faults) in by_profile {
        let tier = below(Tier::Login, profile);
        let ran = check(&faults, profile, tier).await;
        assert_eq!(ran.complaints(tier), Vec::<String>::new(), "{profile}: {:#}", ran.report);
    }
}
