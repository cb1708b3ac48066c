//! A login by forms against the embedded provider, from the command line to the verdict: healthy, and with every fault
//! that only a login shows. Nothing that was secret may be in a report or a recording.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{Said, oidcheck, provider, said};
use serde_json::Value;
use std::path::{Path, PathBuf};

const SECRET: &str = "web-secret-for-loopback-only";
const PASSWORD: &str = "alice-password";
const REDIRECT: &str = "https://app.example.test/callback";

/// The embedded provider with its authority in a file.
struct Provider {
    running: oidcheck_op::Running,
    _runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
}

impl Provider {
    fn start(faults: &[&str]) -> Provider {
        let options = oidcheck_op::Options::with_faults(faults.iter().copied());
        let (running, _runtime) = provider(options);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), running.ca_pem.as_deref().unwrap()).unwrap();
        std::fs::write(folder.path().join("secret"), format!("{SECRET}\n")).unwrap();
        Provider { running, _runtime, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn check(&self, password: &str, more: &[&str]) -> Said {
        let path = |name: &str| self.path(name).display().to_string();
        let mut command = oidcheck();
        command.args(["check", &self.running.issuer, "--ca-file", &path("ca.pem"), "--client-id", "web"]);
        command.args(["--redirect-uri", REDIRECT, "--client-secret-file", &path("secret"), "--login", "form"]);
        command.args(more).env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", password);
        said(&mut command)
    }
}

/// The checks of the login tier with their verdicts.
fn verdicts(report: &Value) -> Vec<(String, String)> {
    let groups = ["token-response/", "id-token/", "access-token/", "userinfo/", "claims/"];
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
    let text = |outcome: &Value, member: &str| outcome[member].as_str().unwrap().to_owned();
    let pairs = outcomes.iter().map(|outcome| (text(outcome, "check"), text(outcome, "verdict")));
    pairs.filter(|(check, _)| groups.iter().any(|group| check.starts_with(group))).collect()
}

fn failed(report: &Value) -> Vec<String> {
    verdicts(report).into_iter().filter(|(_, verdict)| verdict == "fail").map(|(check, _)| check).collect()
}

#[test]
fn a_healthy_login_passes_and_its_recording_is_harmless() {
    let provider = Provider::start(&[]);
    let recording = provider.path("run.har").display().to_string();
    let run = provider.check(PASSWORD, &["--profile", "generic", "--format", "json", "--record", &recording]);
    let report = run.json();
    assert_eq!(report["runs"][0]["tier"], "login", "{run:?}");
    let open: Vec<_> = verdicts(&report).into_iter().filter(|(_, v)| v != "pass" && v != "not-applicable").collect();
    assert!(open.is_empty(), "{open:?}");
    let har = std::fs::read_to_string(Path::new(&recording)).unwrap();
    for canary in [PASSWORD, SECRET] {
        assert!(!har.contains(canary) && !run.contains(canary), "{canary}");
    }
    assert!(
        har.contains("code=REDACTED") && har.contains("code_verifier=REDACTED") && har.contains("REMOVED-it-verified")
    );
    let replayed = common::run(&["replay", &recording, "--profile", "generic", "--format", "json"]);
    assert_eq!(verdicts(&replayed.json()), verdicts(&report), "a recording is judged as the run was");
}

#[test]
fn what_only_a_login_shows_is_found() {
    for (fault, check) in [
        ("token-wrong-issuer", "id-token/issuer"),
        ("token-wrong-audience", "id-token/audience"),
        ("token-expired", "id-token/expiry"),
        ("token-nonce-missing", "id-token/nonce"),
        ("token-bad-signature", "id-token/signature"),
        ("token-alg-none", "id-token/algorithm"),
        ("userinfo-sub-other", "userinfo/subject"),
    ] {
        let provider = Provider::start(&[fault]);
        // Incus asks for no userinfo and sends no nonce; openidconnect does both.
        let run = provider.check(PASSWORD, &["--profile", "library:openidconnect-rs-4", "--format", "json"]);
        assert_eq!(run.code, 1, "{fault}: {run:?}");
        assert!(failed(&run.json()).iter().any(|id| id == check), "{fault}: {:?}", failed(&run.json()));
    }
}

#[test]
fn a_claim_is_judged_where_the_application_reads_it() {
    let provider = Provider::start(&["username-in-userinfo-only"]);
    let run = provider.check(PASSWORD, &["--profile", "xen-orchestra", "--format", "json"]);
    assert!(failed(&run.json()).iter().any(|id| id == "claims/present-where-read"), "{run:?}");
    assert!(run.contains("preferred_username is in userinfo, and Xen Orchestra reads the ID token"), "{run:?}");
}

#[test]
fn a_login_that_stops_says_where_and_why() {
    let provider = Provider::start(&[]);
    let run = provider.check("not the password", &["--profile", "generic"]);
    assert_ne!(run.code, 0, "{run:?}");
    assert!(
        run.stderr.contains("nobody is logged in") && run.stderr.contains("asks for the password again"),
        "{run:?}"
    );
    assert!(!run.contains("not the password"));
    let missing = said(oidcheck().args(["check", &provider.running.issuer, "--login", "form"]));
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("OIDCHECK_USERNAME"), "{missing:?}");
}

#[test]
fn a_wrong_secret_is_told_once_although_somebody_logged_in() {
    let provider = Provider::start(&[]);
    std::fs::write(provider.path("secret"), "another-secret-that-nobody-has-registered-4711").unwrap();
    let run = provider.check(PASSWORD, &["--profile", "generic", "--format", "json"]);
    assert_eq!(run.code, 1, "{run:?}");
    let report = run.json();
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
    let failed: Vec<&str> =
        outcomes.iter().filter(|o| o["verdict"] == "fail").filter_map(|o| o["check"].as_str()).collect();
    assert_eq!(failed, ["token/secret-accepted"], "{run:?}");
    assert!(report["runs"][0]["people"].as_array().unwrap().iter().all(|person| {
        person["rows"].as_array().unwrap().iter().all(|row| row["verdict"] != "missing" && row["verdict"] != "refused")
    }));
}

#[test]
fn a_used_code_is_tried_only_on_demand_and_nothing_of_it_is_kept() {
    let provider = Provider::start(&["code-replay"]);
    let verdict = |run: &Said| {
        let of = |(check, verdict): (String, String)| (check == "token-response/code-once").then_some(verdict);
        verdicts(&run.json()).into_iter().find_map(of).unwrap()
    };
    let json = ["--profile", "generic", "--format", "json"];
    let run = provider.check(PASSWORD, &json);
    assert_eq!((verdict(&run).as_str(), run.code), ("not-applicable", 0), "{run:?}");
    assert!(!run.stderr.contains("void"), "{run:?}");
    let recording = provider.path("run.har").display().to_string();
    let run = provider.check(PASSWORD, &[&json[..], &["--abuse", "--record", &recording]].concat());
    assert_eq!((verdict(&run).as_str(), run.code), ("fail", 1), "{run:?}");
    assert!(run.stderr.contains("the tokens of this login are void"), "{run:?}");
    let har = std::fs::read_to_string(&recording).unwrap();
    let tokens = har.matches(r#"\"access_token\":\""#).count();
    let removed = har.matches(r#"\"access_token\":\"REMOVED\""#).count();
    assert!(tokens >= 2 && tokens == removed, "of {tokens} token responses {removed} are bare");
    assert_eq!(verdict(&common::run(&["replay", &recording, "--profile", "generic", "--format", "json"])), "fail");
    let healthy = Provider::start(&[]);
    assert_eq!(verdict(&healthy.check(PASSWORD, &[&json[..], &["--abuse"]].concat())), "pass");
    let alone = common::run(&["check", &healthy.running.issuer, "--abuse"]);
    assert_eq!(alone.code, 2, "{alone:?}");
}
