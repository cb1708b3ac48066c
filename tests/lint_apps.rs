//! Lint judges a client by its application as it may be set, and both sides together: a right file is never blamed.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::oidcheck;
use std::path::Path;

/// The findings as `FILE:LINE EFFECT RULE: MESSAGE`, without notices and without what a guide leaves unsaid.
fn lint(arguments: &[&str]) -> Vec<String> {
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/configs");
    let output =
        oidcheck().current_dir(configs).arg("lint").args(["--format", "json"]).args(arguments).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut lines = Vec::new();
    for run in report["runs"].as_array().unwrap() {
        for outcome in run["outcomes"].as_array().unwrap() {
            let findings = outcome["findings"].as_array().unwrap();
            for finding in findings.iter().filter(|finding| finding["effect"] != "untidy") {
                let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
                lines.push(format!(
                    "{} {} {}: {} -> {}",
                    finding["place"]["line"],
                    text(&finding["effect"]),
                    text(&outcome["check"]).trim_start_matches("lint/"),
                    text(&finding["message"]),
                    text(&finding["expected"]),
                ));
            }
        }
    }
    lines.sort_by_key(|line| line.split(' ').next().and_then(|number| number.parse::<u64>().ok()));
    lines
}

#[test]
fn what_a_setting_of_the_application_makes_right_is_no_mistake() {
    assert_eq!(lint(&["authelia-choices.yml"]), Vec::<String>::new());
}

#[test]
fn what_no_setting_makes_right_is_told_in_words_for_people() {
    insta::assert_snapshot!(lint(&["authelia-choices-bad.yml"]).join("\n"));
    let address = ["authelia-choices-bad.yml", "--profile", "grafana", "--app-url", "https://grafana.example.com"];
    let same = "the registered URI is the same address, but it is compared as text, and Grafana (generic OAuth) sends another URI";
    assert!(lint(&address).iter().any(|line| line.contains(same)));
}
