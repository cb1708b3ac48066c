//! What becomes of tokens that an application gives back, from the command line: every policy of the embedded provider
//! is told apart, the recording says the same and holds no token, and the logout after it is still a logout.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{Said, oidcheck, provider, said};
use oidcheck_op::{Options, Policy, Revocation};
use serde_json::Value;
use std::path::Path;

const SECRET: &str = "web-secret-for-loopback-only";
const APP: &str = "https://app.example.test";
const CHECKS: [&str; 2] = ["revocation/refresh-token", "revocation/access-token"];

struct Ran {
    said: Said,
    dry: Said,
    replayed: Said,
    har: String,
    /// How many requests came to the revocation endpoint.
    revoked: usize,
}

fn run(revocation: Revocation, profile: &str) -> Ran {
    let policy = Policy { revocation, ..Policy::default() };
    let (op, _runtime) = provider(Options { tls: false, policy, ..Options::default() });
    let folder = tempfile::tempdir().unwrap();
    let (secret, har) = (folder.path().join("secret"), folder.path().join("run.har"));
    std::fs::write(&secret, SECRET).unwrap();
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/profiles/{profile}.toml"));
    let command = || {
        let mut command = oidcheck();
        command.args(["check", &op.issuer, "--client-id", "web", "--app-url", APP, "--login", "form", "--abuse"]);
        command.args(["--redirect-uri", &format!("{APP}/callback"), "--client-secret-file"]).arg(&secret);
        command.arg("--profile").arg(&profile);
        command.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", "alice-password");
        command
    };
    let dry = said(command().arg("--dry-run"));
    let said_ = said(command().args(["--format", "json", "--record"]).arg(&har));
    let mut replay = oidcheck();
    replay.arg("replay").arg(&har).arg("--profile").arg(&profile).args(["--format", "json"]);
    let revoked = op.requests().iter().filter(|seen| seen.path() == "/revoke").count();
    Ran { said: said_, dry, replayed: said(&mut replay), har: std::fs::read_to_string(&har).unwrap(), revoked }
}

fn outcome(report: &Value, check: &str) -> Value {
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
    outcomes.iter().find(|outcome| outcome["check"] == check).unwrap_or_else(|| panic!("no {check}")).clone()
}

/// The verdict, and what was found.
fn told(report: &Value, check: &str) -> (String, Vec<String>) {
    let outcome = outcome(report, check);
    let findings = outcome["findings"].as_array().unwrap().iter();
    let messages = findings
        .map(|finding| format!("{}: {}", finding["severity"].as_str().unwrap(), finding["message"].as_str().unwrap()));
    (outcome["verdict"].as_str().unwrap().to_owned(), messages.collect())
}

#[test]
fn what_a_revocation_leaves_is_told_for_both_kinds_of_tokens() {
    let lives = "warning: a refresh token that was revoked still brings tokens";
    let after = "notice: an access token goes on working although its refresh token was revoked";
    let still = "notice: an access token still works although the provider said that it was revoked";
    let no_refresh = "notice: the revocation endpoint does not take refresh tokens";
    let no_access = "notice: the revocation endpoint does not take access tokens";
    // The dead token of the probe without a login is one more request, and the one without the secret another.
    for (policy, refresh, access, revoked) in [
        (Revocation::Absent, ("not-applicable", None), ("not-applicable", None), 0),
        (Revocation::Whole, ("pass", None), ("pass", None), 1),
        (Revocation::Single, ("fail", Some(after)), ("pass", None), 2),
        (Revocation::RefreshAlone, ("fail", Some(after)), ("fail", Some(no_access)), 2),
        (Revocation::AccessAlone, ("fail", Some(no_refresh)), ("pass", None), 2),
        (Revocation::Idle, ("fail", Some(lives)), ("fail", Some(still)), 2),
    ] {
        let ran = run(policy, "offline");
        let report = ran.said.json();
        for ((verdict, message), check) in [refresh, access].into_iter().zip(CHECKS) {
            let wanted = (verdict.to_owned(), message.map(str::to_owned).into_iter().collect::<Vec<_>>());
            assert_eq!(told(&report, check), wanted, "{policy:?} {check}: {:?}", ran.said);
            assert_eq!(told(&ran.replayed.json(), check), wanted, "{policy:?} {check} of the recording");
        }
        let probes = if policy == Revocation::Absent { 0 } else { 2 };
        assert_eq!(ran.revoked, revoked + probes, "{policy:?}");
        // Nothing else is held against it, and the person was logged out of a session that was there.
        for check in ["session/logout", "session/logout-returns", "refresh/works", "endpoints/revocation"] {
            let absent = policy == Revocation::Absent && check == "endpoints/revocation";
            let wanted = if absent { "not-applicable" } else { "pass" };
            assert_eq!(told(&report, check).0, wanted, "{policy:?} {check}: {:?}", ran.said);
        }
        assert_eq!(ran.said.code, 0, "{policy:?}: {:?}", ran.said);
    }
}

#[test]
fn no_token_is_kept_and_every_request_was_announced() {
    let ran = run(Revocation::Single, "offline");
    let har: Value = serde_json::from_str(&ran.har).unwrap();
    let mut revocations = 0;
    for entry in har["log"]["entries"].as_array().unwrap() {
        let slot = oidcheck_checks::evidence::Slot::from_id(entry["_oidcheck"]["slot"].as_str().unwrap()).unwrap();
        let oidcheck_checks::evidence::Slot::Login(step, _) = slot else { continue };
        assert!(ran.dry.stdout.contains(&step.asks()), "{step:?} was not announced: {}", ran.dry.stdout);
        let form = entry["request"]["postData"]["text"].as_str().unwrap_or_default();
        if entry["request"]["url"].as_str().unwrap().ends_with("/revoke") {
            revocations += 1;
            assert!(form.starts_with("token=REDACTED&token_type_hint="), "{form}");
        }
    }
    assert_eq!(revocations, 2, "{}", ran.har);
    assert!(!ran.har.contains(SECRET) && !ran.said.contains(SECRET));
}

#[test]
fn an_application_without_refresh_tokens_gives_back_its_access_token() {
    let report = run(Revocation::Idle, "groups").said.json();
    assert_eq!(told(&report, CHECKS[0]).0, "not-applicable");
    assert_eq!(told(&report, CHECKS[1]).0, "fail");
}
