//! Lint finds what is wrong with files and guides, says where, and never tells a secret.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::oidcheck;
use std::path::{Path, PathBuf};

fn configs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/configs")
}

/// One finding: rule, effect, line.
type Hit = (String, String, u64);

fn lint(arguments: &[&str]) -> (i32, serde_json::Value) {
    let output =
        oidcheck().current_dir(configs()).arg("lint").args(["--format", "json"]).args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), value)
}

fn hits(report: &serde_json::Value) -> Vec<Hit> {
    let mut out = Vec::new();
    for run in report["runs"].as_array().unwrap() {
        for outcome in run["outcomes"].as_array().unwrap() {
            for finding in outcome["findings"].as_array().unwrap() {
                assert!(finding["place"]["column"].as_u64().unwrap() >= 1, "{finding}");
                let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
                out.push((
                    text(&outcome["check"]),
                    text(&finding["effect"]),
                    finding["place"]["line"].as_u64().unwrap(),
                ));
            }
        }
    }
    out.sort_by_key(|(rule, _, line)| (*line, rule.clone()));
    out
}

/// The rules, effects and lines that are expected, and nothing else. What a guide leaves unsaid is compared apart.
#[track_caller]
fn finds(arguments: &[&str], wanted: &[(&str, &str, u64)]) {
    let (_, report) = lint(arguments);
    let found: Vec<Hit> = hits(&report).into_iter().filter(|(rule, _, _)| rule != "lint/unsaid").collect();
    let mut wanted: Vec<Hit> =
        wanted.iter().map(|(rule, effect, line)| (format!("lint/{rule}"), (*effect).to_owned(), *line)).collect();
    wanted.sort_by_key(|(rule, _, line)| (*line, rule.clone()));
    assert_eq!(found, wanted, "{arguments:?}");
}

/// How many notes on the application a guide leaves out.
#[track_caller]
fn unsaid(file: &str, number: usize) {
    let (_, report) = lint(&[file]);
    assert_eq!(hits(&report).iter().filter(|(rule, _, _)| rule == "lint/unsaid").count(), number, "{file}");
}

#[test]
fn the_guide_for_xen_orchestra() {
    let file = "guides/xen-orchestra-authentik.md";
    finds(
        &[file],
        &[
            ("guide", "untidy", 9),
            ("issuer", "untidy", 13),
            ("username", "login-fails", 14),
            ("scopes", "untidy", 15),
            ("guide", "degraded", 17),
        ],
    );
    unsaid(file, 4);
}

#[test]
fn the_guide_for_proxmox() {
    let file = "guides/proxmox-authelia.md";
    finds(
        &[file],
        &[
            ("secret-storage", "degraded", 9),
            ("scopes", "untidy", 11),
            ("current-keys", "degraded", 16),
            ("pkce", "degraded", 16),
            ("current-keys", "degraded", 17),
            ("secret-storage", "unsafe", 17),
            ("redirect-exact", "degraded", 25),
            ("current-keys", "degraded", 26),
        ],
    );
    unsaid(file, 4);
    // Whoever says where Proxmox is reached gets a clear answer.
    let (code, report) = lint(&[file, "--app-url", "https://pve.example.com:8006"]);
    assert_eq!(code, 1);
    assert!(hits(&report).contains(&("lint/redirect-exact".into(), "login-fails".into(), 25)));
}

#[test]
fn the_guide_for_virtuozzo() {
    let file = "guides/virtuozzo.txt";
    finds(
        &[file],
        &[
            ("issuer", "degraded", 3),
            ("issuer", "untidy", 4),
            ("guide", "untidy", 6),
            ("tls", "degraded", 11),
            ("readable", "login-fails", 16),
            ("values", "login-fails", 23),
            ("claims", "untidy", 24),
        ],
    );
    unsaid(file, 3);
}

#[test]
fn the_guide_for_incus() {
    let file = "guides/incus-authelia.md";
    finds(
        &[file],
        &[
            ("claims", "degraded", 11),
            ("pkce", "untidy", 11),
            ("redirect-exact", "login-fails", 18),
            ("audience", "login-fails", 20),
            ("scopes", "login-fails", 22),
            ("grants", "login-fails", 27),
        ],
    );
    unsaid(file, 4);
    let (_, report) = lint(&[file]);
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
    let of = |rule: &str| outcomes.iter().find(|outcome| outcome["check"] == rule).unwrap()["findings"][0].clone();
    let redirect = of("lint/redirect-exact");
    assert_eq!(redirect["actual"], "https://incus.example.com/iodc/callback");
    assert_eq!(redirect["expected"], "https://incus.example.com/oidc/callback");
    assert_eq!(redirect["parts"], serde_json::json!(["web"]));
    assert_eq!(of("lint/grants")["parts"], serde_json::json!(["cli"]));
    assert!(of("lint/audience")["remedy"].as_str().unwrap().starts_with("Choose:"));
}

#[test]
fn the_guide_for_netbird() {
    let file = "guides/netbird-authentik.md";
    finds(
        &[file],
        &[
            ("redirect-exact", "login-fails", 9),
            ("redirect-strict", "unsafe", 9),
            ("guide", "login-fails", 10),
            ("token-format", "degraded", 11),
            ("username", "unsafe", 12),
            ("issuer", "login-fails", 21),
            ("required-keys", "login-fails", 21),
            ("required-keys", "degraded", 21),
            ("required-keys", "degraded", 21),
            ("required-keys", "degraded", 21),
            ("required-keys", "untidy", 21),
            ("guide", "untidy", 25),
        ],
    );
    unsaid(file, 3);
}

/// Keycloak demands of the device flow what it demands of the other (26.5, run), and the command line sends no PKCE.
#[test]
fn pkce_is_not_demanded_where_the_device_flow_is_needed() {
    finds(&["keycloak-incus.json"], &[("pkce", "login-fails", 1)]);
}

#[test]
fn corrected_pairs_pass() {
    for pair in [
        ["pairs/proxmox.authelia.yml", "pairs/proxmox.domains.cfg"],
        ["pairs/netbird.authentik.yaml", "pairs/netbird.setup.env"],
    ] {
        let (code, report) = lint(&[&pair[..], &["--threshold", "notice"]].concat());
        assert_eq!((code, hits(&report)), (0, Vec::new()), "{pair:?}");
    }
}

#[test]
fn files_of_providers() {
    finds(
        &["keycloak-realm.json"],
        &[
            ("redirect-strict", "unsafe", 10),
            ("grants", "degraded", 9),
            ("redirect-strict", "unsafe", 13),
            ("grants", "degraded", 13),
            ("audience", "login-fails", 13),
        ],
    );
}

#[test]
fn files_of_applications() {
    finds(&["xen-orchestra.json"], &[("username", "login-fails", 6), ("known-keys", "degraded", 7)]);
    finds(
        &["incus.yaml"],
        &[("issuer", "login-fails", 3), ("known-keys", "login-fails", 5), ("required-keys", "degraded", 2)],
    );
    finds(
        &["management.json"],
        &[("issuer", "login-fails", 6), ("values", "login-fails", 8), ("redirect-exact", "login-fails", 10)],
    );
    finds(
        &["mapping.json"],
        &[
            ("mapping", "login-fails", 4),
            ("mapping", "login-fails", 4),
            ("mapping", "login-fails", 7),
            ("mapping", "login-fails", 8),
            ("mapping", "login-fails", 9),
            ("mapping", "login-fails", 9),
        ],
    );
    // By itself it is right; two groups arrive as one text, and the condition never holds.
    finds(&["mapping-groups.json"], &[]);
    finds(&["mapping-groups.json", "person.json"], &[("mapping", "login-fails", 2)]);
    finds(&["dex.yaml"], &[("redirect-exact", "login-fails", 7), ("redirect-exact", "degraded", 3)]);
}

#[test]
fn authelia_in_every_way() {
    finds(
        &["authelia.yml"],
        &[
            ("auth-method", "login-fails", 7),
            ("pkce", "login-fails", 7),
            ("secret-form", "login-fails", 8),
            ("values", "login-fails", 10),
            ("known-keys", "login-fails", 12),
            ("redirect-exact", "login-fails", 13),
            ("audience", "login-fails", 14),
            ("grants", "degraded", 14),
            ("grants", "degraded", 14),
            ("pkce", "untidy", 14),
            ("scopes", "degraded", 14),
            ("token-format", "login-fails", 14),
            ("claims", "untidy", 14),
            ("secret-form", "login-fails", 17),
            ("redirect-form", "login-fails", 18),
            ("redirect-form", "degraded", 18),
            ("redirect-form", "login-fails", 18),
            ("redirect-exact", "untidy", 18),
            ("redirect-exact", "login-fails", 14),
            ("auth-method", "login-fails", 19),
        ],
    );
}

#[test]
fn both_sides_have_to_agree() {
    let folder = tempfile::tempdir().unwrap();
    let cfg = std::fs::read_to_string(configs().join("pairs/proxmox.domains.cfg")).unwrap();
    let other = folder.path().join("domains.cfg");
    std::fs::write(&other, cfg.replace("CANARY-plain-secret-1", "CANARY-another")).unwrap();
    let yaml = "pairs/proxmox.authelia.yml";
    let (code, report) = lint(&[yaml, other.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert_eq!(hits(&report), [("lint/consistency".to_owned(), "login-fails".to_owned(), 7)]);
    assert!(!report.to_string().contains("CANARY"));
    std::fs::write(&other, cfg.replace("client-id pve", "client-id proxmox")).unwrap();
    assert_eq!(
        hits(&lint(&[yaml, other.to_str().unwrap()]).1),
        [("lint/consistency".to_owned(), "login-fails".to_owned(), 6)]
    );
    // A digest on the application's side is a mistake of its own.
    std::fs::write(&other, cfg.replace("CANARY-plain-secret-1", "$pbkdf2-sha512$310000$abc$def")).unwrap();
    let found = hits(&lint(&[yaml, other.to_str().unwrap()]).1);
    assert_eq!(found, [("lint/secret-form".to_owned(), "login-fails".to_owned(), 7)]);
}

#[test]
fn what_cannot_be_read_has_a_place() {
    let (code, report) = lint(&["broken.yml"]);
    let found = hits(&report);
    assert_eq!((code, found.len(), found[0].0.as_str()), (1, 1, "lint/readable"));
    let (_, report) = lint(&["--as", "document", "pairs/netbird.setup.env"]);
    assert_eq!(hits(&report).len(), 1, "{report}");
    let wrong = oidcheck().args(["lint", "--as", "gide", "x"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean guide?"));
    let none = oidcheck().args(["lint", "no-such-file"]).output().unwrap();
    assert_eq!(none.status.code(), Some(2));
}

/// A value is shown, but never what stands before the `@` of a URL.
#[test]
fn a_url_is_shown_without_its_password() {
    let (_, report) = lint(&["userinfo.cfg"]);
    let found = report.to_string();
    for shown in [
        "https://***@auth.example.com/.well-known/openid-configuration",
        "http://***@auth.example.com/application/o/pve",
    ] {
        assert!(found.contains(&format!("\"{shown}\"")), "{shown}: {found}");
    }
}

/// Every file with a canary, in every format.
#[test]
fn no_secret_is_ever_told() {
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in [configs(), configs().join("pairs"), configs().join("guides")] {
        files.extend(
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()),
        );
    }
    let mut canaries = 0;
    for file in files {
        canaries += usize::from(std::fs::read_to_string(&file).unwrap().contains("CANARY"));
        for format in ["human", "json", "junit"] {
            let output = oidcheck().args(["lint", "--format", format]).arg(&file).output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            assert!(!text.contains("CANARY"), "{}: {text}", file.display());
        }
    }
    assert!(canaries >= 10, "{canaries}");
}

#[test]
fn the_report_is_what_the_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(oidcheck::render::json::SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for file in ["authelia.yml", "pairs/netbird.setup.env", "guides/netbird-authentik.md", "broken.yml"] {
        let (_, report) = lint(&[file]);
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
    }
}

#[test]
fn people_get_places_that_editors_understand() {
    let output = oidcheck().current_dir(configs()).args(["lint", "dex.yaml"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains(
            "dex.yaml:7:9: error: the slash at the end is one too many: Argo CD sends the path /auth/callback\n"
        ),
        "{text}"
    );
    assert!(text.contains("dex.yaml for Argo CD: 1 error and 1 warning\n"), "{text}");
}

/// Five thousand lines, far below what people notice; the limit leaves room for a debug build on a busy machine.
#[test]
fn a_large_file_takes_no_time() {
    let mut text = String::from("identity_providers:\n  oidc:\n    clients:\n");
    for index in 0..500 {
        text.push_str(&format!(
            "      - client_id: 'c{index}'\n        public: false\n        client_secret: 'x'\n        authorization_policy: 'two_factor'\n\
             \u{20}       redirect_uris:\n          - 'https://c{index}.example.com/cb'\n        scopes: ['openid']\n        grant_types: ['authorization_code']\n\
             \u{20}       response_types: ['code']\n        token_endpoint_auth_method: 'client_secret_basic'\n"
        ));
    }
    let input = oidcheck_checks::lint::Input { name: "big.yml".into(), text };
    let options = oidcheck_checks::lint::Options { kind: None, profile: None, app_url: None, verify: &|_, _| None };
    let started = std::time::Instant::now();
    let runs = oidcheck_checks::lint::lint(&[input], &options);
    assert!(started.elapsed().as_millis() < 2000, "{:?}", started.elapsed());
    assert_eq!(runs[0].findings().len(), 500);
}
