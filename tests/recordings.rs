//! Verdicts on real providers that other people wrote, from recordings: a change of one shows as a diff.
//!
//! The recordings stand in `fixtures/recordings`, with a table of what is special about each. A healthy provider must
//! have no error for the profile `generic`; the others are there for their faults.

use oidcheck::har;
use oidcheck_checks::case::Facts;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{Judged, Login, Run, judge};
use oidcheck_checks::verdict::{Severity, Verdict};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Recordings in which nothing is wrong with the provider or with what was typed.
const HEALTHY: [&str; 6] =
    ["oidc-provider", "oauth2-mock-server", "oidc-provider-mock", "django-oauth-toolkit", "glewlwyd", "zitadel-oidc"];

/// And those in which something is.
const WRONG: [&str; 4] = [
    "oidc-provider.private-ca",
    "oidc-provider.untold-proxy",
    "oidc-provider.other-issuer",
    "zitadel-oidc.without-slash",
];

/// Registrations that were examined with a secret, recorded for these profiles.
const REGISTRATIONS: [&str; 4] = [
    "django-oauth-toolkit.registration",
    "glewlwyd.registration",
    "oauth2-mock-server.registration",
    "oidc-provider.slash",
];
const EXAMINED_FOR: [&str; 3] = ["generic", "proxmox", "xen-orchestra"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings")
}

/// Judges a recording for every profile of this build, the applications first.
fn runs(name: &str) -> Vec<Run> {
    let recording = har::read(&folder().join(format!("{name}.har"))).unwrap_or_else(|e| panic!("{name}: {e}"));
    let facts = Facts::of(&recording.evidence);
    let profiles: Vec<Profile> = Profile::ids().into_iter().filter_map(|id| Profile::by_id(&id)).collect();
    profiles.iter().map(|profile| judge(&recording.target, profile, &facts, recording.started)).collect()
}

/// The answer for each profile, and every outcome that is neither a pass nor out of place.
fn table(runs: &[Run]) -> String {
    let mut out = String::new();
    for run in runs {
        let answer = match run.login() {
            Login::Unreachable(why) => format!("unreachable: {why}"),
            Login::Fails => "fails".into(),
            Login::FailsFor(parts) => format!("fails for {}", parts.join(", ")),
            Login::NothingAgainst => "nothing against it".into(),
            Login::Unknown => "cannot tell".into(),
        };
        writeln!(out, "{}: {answer}; {} passed", run.profile.file.id, run.count("pass")).expect("a string takes all");
        let mut waiting = 0;
        for outcome in &run.outcomes {
            let id = outcome.check.id;
            let line = |what: &str, text: &str| format!("    {what:<11} {id}: {text}\n");
            match &outcome.judged {
                Judged::Told(Verdict::Pass(_) | Verdict::NotApplicable(_)) => {}
                Judged::Told(Verdict::Fail(findings)) => {
                    for finding in findings {
                        let parts = if finding.parts.is_empty() {
                            String::new()
                        } else {
                            format!(" [{}]", finding.parts.join(", "))
                        };
                        out.push_str(&line(finding.effect.word(), &format!("{}{parts}", finding.message)));
                    }
                }
                Judged::Untold(gap) if gap.blamed_on().is_some() => waiting += 1,
                Judged::Untold(gap) => out.push_str(&line("cannot tell", &gap.to_string())),
                Judged::Crashed(text) => out.push_str(&line("CRASHED", text)),
            }
        }
        if waiting > 0 {
            writeln!(out, "    cannot tell {waiting} that wait for another check").expect("a string takes all");
        }
    }
    out
}

#[test]
fn every_recording_is_judged() {
    let there: BTreeSet<String> = std::fs::read_dir(folder())
        .expect("the folder is there")
        .filter_map(|entry| entry.expect("readable").file_name().to_str()?.strip_suffix(".har").map(str::to_owned))
        .collect();
    let known: BTreeSet<String> =
        HEALTHY.iter().chain(&WRONG).chain(&REGISTRATIONS).map(|name| (*name).to_owned()).collect();
    assert_eq!(there, known);
}

/// Compares the verdicts with the snapshot that has the name of the test.
fn stay(test: &str, recording: &str) {
    insta::assert_snapshot!(test, table(&runs(recording)));
}

/// The same for the profiles of which it was recorded.
fn examined(test: &str, recording: &str) {
    let mut runs = runs(recording);
    runs.retain(|run| EXAMINED_FOR.contains(&run.profile.file.id.as_str()));
    insta::assert_snapshot!(test, table(&runs));
}

#[test]
fn django_oauth_toolkit_registration() {
    examined("django_oauth_toolkit_registration", "django-oauth-toolkit.registration");
}

#[test]
fn glewlwyd_registration() {
    examined("glewlwyd_registration", "glewlwyd.registration");
}

#[test]
fn oauth2_mock_server_registration() {
    examined("oauth2_mock_server_registration", "oauth2-mock-server.registration");
}

#[test]
fn oidc_provider_slash() {
    examined("oidc_provider_slash", "oidc-provider.slash");
}

#[test]
fn oidc_provider() {
    stay("oidc_provider", "oidc-provider");
}

#[test]
fn oauth2_mock_server() {
    stay("oauth2_mock_server", "oauth2-mock-server");
}

#[test]
fn oidc_provider_mock() {
    stay("oidc_provider_mock", "oidc-provider-mock");
}

#[test]
fn django_oauth_toolkit() {
    stay("django_oauth_toolkit", "django-oauth-toolkit");
}

#[test]
fn glewlwyd() {
    stay("glewlwyd", "glewlwyd");
}

#[test]
fn zitadel_oidc() {
    stay("zitadel_oidc", "zitadel-oidc");
}

#[test]
fn oidc_provider_private_ca() {
    stay("oidc_provider_private_ca", "oidc-provider.private-ca");
}

#[test]
fn oidc_provider_untold_proxy() {
    stay("oidc_provider_untold_proxy", "oidc-provider.untold-proxy");
}

#[test]
fn oidc_provider_other_issuer() {
    stay("oidc_provider_other_issuer", "oidc-provider.other-issuer");
}

#[test]
fn zitadel_oidc_without_slash() {
    stay("zitadel_oidc_without_slash", "zitadel-oidc.without-slash");
}

#[test]
fn a_healthy_provider_has_no_error_for_a_client_by_the_book() {
    for name in HEALTHY {
        let runs = runs(name);
        let generic = runs.iter().find(|run| run.profile.file.id == "generic").expect("there is such a profile");
        // Its development keys are the same on every machine, and their private halves are in its source: that is true.
        let known = |id: &str| name.starts_with("oidc-provider") && id == "jwks/known-keys";
        let findings = generic.findings().into_iter();
        let errors: Vec<_> =
            findings.filter(|(o, f)| generic.severity(o, f) == Severity::Error && !known(o.check.id)).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn what_is_wrong_is_found_once_for_a_client_by_the_book() {
    let checks = |name: &str| {
        let runs = runs(name);
        let generic = runs.iter().find(|run| run.profile.file.id == "generic").expect("there is such a profile");
        let findings = generic.findings();
        let errors = findings.iter().filter(|(o, f)| generic.severity(o, f) == Severity::Error);
        errors.map(|(outcome, _)| outcome.check.id).filter(|id| *id != "jwks/known-keys").collect::<Vec<_>>()
    };
    assert_eq!(checks("oidc-provider.private-ca"), ["tls/certificate-trusted"]);
    assert_eq!(checks("oidc-provider.other-issuer"), ["discovery/issuer-exact"]);
    assert_eq!(checks("zitadel-oidc.without-slash"), ["discovery/issuer-exact"]);
    // The keys cannot be fetched because of the same fault; their remedy points to it.
    assert_eq!(checks("oidc-provider.untold-proxy"), ["jwks/reachable", "discovery/https-endpoints"]);
}
