//! What is tried after a login, from the command line: all of it passes at the healthy provider, a recording says the
//! same, nothing secret is kept, and `--dry-run` has shown every request before.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{Said, oidcheck, provider, said};
use std::path::{Path, PathBuf};

const SECRET: &str = "web-secret-for-loopback-only";

/// Every check of this kind, and whether it holds only for a client without a secret or with one.
const CHECKS: [(&str, Option<bool>); 19] = [
    ("token-response/code-once", None),
    ("token-response/code-revokes", None),
    ("token-response/code-redirect-uri", None),
    ("token-response/code-verifier", None),
    ("userinfo/post", None),
    ("refresh/works", None),
    ("refresh/response", None),
    ("refresh/id-token", None),
    ("refresh/authenticated", Some(true)),
    ("refresh/rotation", Some(false)),
    ("session/silent", None),
    ("session/hint", None),
    ("session/other-person", None),
    ("session/prompt-login", None),
    ("session/max-age", None),
    ("session/logout", None),
    ("session/logout-returns", Some(true)),
    ("session/forged-hint", None),
    ("id-token/signature", None),
];

struct Run {
    said: Said,
    dry: Said,
    har: String,
    replayed: Said,
}

fn run(faults: &[&str], public: bool, more: &[&str]) -> Run {
    let options = oidcheck_op::Options { tls: false, ..oidcheck_op::Options::with_faults(faults.iter().copied()) };
    let (op, _runtime) = provider(options);
    let folder = tempfile::tempdir().unwrap();
    let (secret, har): (PathBuf, PathBuf) = (folder.path().join("secret"), folder.path().join("run.har"));
    std::fs::write(&secret, SECRET).unwrap();
    let (client, app, name) = match public {
        true => ("spa", "https://spa.example.test", "offline-public"),
        false => ("web", "https://app.example.test", "offline"),
    };
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/profiles/{name}.toml"));
    let command = || {
        let mut command = oidcheck();
        command.args(["check", &op.issuer, "--client-id", client, "--login", "form", "--abuse", "--app-url", app]);
        command.args(["--redirect-uri", &format!("{app}/callback"), "--profile"]).arg(&profile).args(more);
        if !public {
            command.arg("--client-secret-file").arg(&secret);
        }
        command.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", "alice-password");
        command
    };
    let dry = said(command().arg("--dry-run"));
    let said_ = said(command().args(["--format", "json", "--record"]).arg(&har));
    let mut replay = oidcheck();
    replay.arg("replay").arg(&har).arg("--profile").arg(&profile).args(["--format", "json"]);
    Run { said: said_, dry, har: std::fs::read_to_string(&har).unwrap(), replayed: said(&mut replay) }
}

fn verdict(said: &Said, check: &str) -> String {
    let report = said.json();
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
    let found = outcomes.iter().find(|outcome| outcome["check"] == check);
    found.unwrap_or_else(|| panic!("no {check}: {said:?}"))["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn everything_is_tried_and_passes_at_the_healthy_provider() {
    for public in [false, true] {
        let run = run(&[], public, &["--depth", "thorough"]);
        for (check, only) in CHECKS {
            let holds = only.is_none_or(|secret| secret != public);
            let wanted = if holds { "pass" } else { "not-applicable" };
            assert_eq!(verdict(&run.said, check), wanted, "{check}, public {public}: {:?}", run.said);
            assert_eq!(verdict(&run.replayed, check), wanted, "{check} of the recording");
        }
        assert_eq!(run.said.code, 0, "{:?}", run.said);
        assert!(run.said.stderr.contains("the person was logged out of the provider"), "{:?}", run.said);
        let har: serde_json::Value = serde_json::from_str(&run.har).unwrap();
        let mut steps = 0;
        for entry in har["log"]["entries"].as_array().unwrap() {
            let slot = oidcheck_checks::evidence::Slot::from_id(entry["_oidcheck"]["slot"].as_str().unwrap()).unwrap();
            if let oidcheck_checks::evidence::Slot::Login(step, _) = slot {
                steps += 1;
                assert!(run.dry.stdout.contains(&step.asks()), "{step:?} was not announced: {}", run.dry.stdout);
                let url = entry["request"]["url"].as_str().unwrap();
                let form = entry["request"]["postData"]["text"].as_str().unwrap_or_default();
                for text in [url, form] {
                    let sent: Vec<&str> = text
                        .split(['?', '&'])
                        .filter_map(|pair| pair.split_once('='))
                        .filter(|(name, _)| {
                            ["code", "refresh_token", "access_token", "code_verifier", "id_token_hint"].contains(name)
                        })
                        .map(|(_, value)| value)
                        .collect();
                    assert!(sent.iter().all(|value| *value == "REDACTED"), "{step:?}: {text}");
                }
            }
        }
        assert!(steps >= 25, "{steps} steps");
        for canary in ["alice-password", SECRET, "op_session="] {
            assert!(!run.har.contains(canary) && !run.said.contains(canary), "{canary}");
        }
    }
}

#[test]
fn without_depth_and_abuse_nothing_of_it_is_asked() {
    let quick = run(&[], false, &[]);
    assert_eq!(verdict(&quick.said, "session/silent"), "pass", "whether there is a session that can end");
    for check in ["session/hint", "session/prompt-login", "session/max-age", "userinfo/post"] {
        assert_eq!(verdict(&quick.said, check), "not-applicable", "{check}");
    }
    assert!(!quick.har.contains("prompt=login") && !quick.har.contains("max_age"), "{}", quick.har);
    assert!(
        !quick.dry.stdout.contains("max_age") && quick.dry.stdout.contains("a logout, and the pages"),
        "{:?}",
        quick.dry
    );
}
