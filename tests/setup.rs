//! What setup prints: both sides fit together, pass our own lint, and hold the secret once.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::oidcheck;
use oidcheck::setup::secret::{Secret, matches};
use oidcheck::setup::{Sides, Wish, provider as products, sides};
use oidcheck_checks::lint::{Input, Options, lint};
use oidcheck_checks::profile::{Profile, all};
use oidcheck_checks::provider;
use oidcheck_checks::verdict::Severity;

const APP: &str = "https://app.example.com";

fn issuer(product: &str) -> &'static str {
    match product {
        "authentik" => "https://ak.example.com/application/o/app/",
        "keycloak" => "https://kc.example.com/realms/main",
        "dex" => "https://dex.example.com/dex",
        "adfs" => "https://fs.example.com/adfs",
        "kanidm" => "https://idm.example.com/oauth2/openid/app",
        _ => "https://sso.example.com",
    }
}

fn made(profile: &Profile, product: &str, secret: &Secret) -> Sides {
    let title = provider::all().iter().find(|p| p.id == product).unwrap().title.as_str();
    let wish = Wish {
        profile,
        product,
        product_title: title,
        app_url: APP,
        issuer: issuer(product),
        client_id: &profile.file.id,
    };
    sides(&wish, (!products::makes_secret(product)).then_some(secret))
}

/// All findings at or above a warning on what was made, with their file.
fn complaints(profile: &Profile, sides: &Sides, least: Severity) -> Vec<String> {
    let blocks = sides.provider.iter().chain(&sides.application);
    let readable = blocks.filter(|block| matches!(block.language.as_str(), "yaml" | "json" | "env" | "sh"));
    let inputs: Vec<Input> =
        readable.map(|block| Input { name: block.title.clone(), text: format!("{}\n", block.text) }).collect();
    let options = Options {
        kind: None,
        profile: Some(profile),
        app_url: Some(APP),
        verify: &|plain, stored| matches(plain.as_bytes(), stored),
    };
    let runs = lint(&inputs, &options);
    let mut out = Vec::new();
    for run in &runs {
        for (outcome, finding) in run.findings() {
            let unknown = finding.message.starts_with("this is no configuration that is known here");
            if run.severity(outcome, finding) >= least && !unknown {
                out.push(format!("{}: {} [{}]", finding.place, finding.message, outcome.check.id));
            }
        }
    }
    out
}

/// Every application with every product. Digests are slow, so one secret serves all.
#[test]
fn everything_passes_our_own_lint() {
    let secret = Secret::given("0123456789abcdef");
    let mut wrong = Vec::new();
    for (id, profile) in all() {
        if profile.file.redirects.is_empty() {
            continue;
        }
        for product in provider::all() {
            let made = made(profile, &product.id, &secret);
            assert!(!made.provider.is_empty() && !made.application.is_empty(), "{id} {}", product.id);
            // A scope that the product does not know is told in a note of its own.
            let told = made
                .notes
                .iter()
                .any(|note| note.contains("does not know the scope") || note.contains("no client scope"));
            for complaint in complaints(profile, &made, Severity::Error) {
                if !(told && complaint.contains("lint/scopes")) {
                    wrong.push(format!("{id} with {}: {complaint}", product.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_five_pass_without_a_warning() {
    let secret = Secret::given("0123456789abcdef");
    for id in ["xen-orchestra", "proxmox", "proxmox-backup", "virtuozzo", "netbird", "netbird-embedded"] {
        let profile = Profile::by_id(id).unwrap();
        for product in ["authelia", "authentik", "keycloak", "dex"] {
            let found = complaints(&profile, &made(&profile, product, &secret), Severity::Warning);
            assert!(found.is_empty(), "{id} {product}: {found:?}");
        }
    }
}

#[test]
fn no_placeholder_is_left_and_the_secret_is_in_no_block() {
    let secret = Secret::given("CANARY-of-the-secret");
    for (id, profile) in all() {
        if profile.file.redirects.is_empty() {
            continue;
        }
        for product in ["authelia", "authentik", "keycloak", "dex", "adfs", "kanidm", "okta"] {
            let made = made(profile, product, &secret);
            let text = serde_json::to_string(&made).unwrap();
            assert!(!text.contains("CANARY"), "{id} {product}");
            for block in made.provider.iter().chain(&made.application) {
                for name in
                    ["{issuer}", "{client-id}", "{origin}", "{base}", "{redirect-uri}", "{scopes}", "{discovery-url}"]
                {
                    assert!(!block.text.contains(name), "{id} {product}: {name} in {}", block.text);
                }
            }
        }
    }
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = oidcheck().arg("setup").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const XO: [&str; 8] = [
    "--profile",
    "xen-orchestra",
    "--provider",
    "authelia",
    "--app-url",
    "https://xo.example.com",
    "--issuer",
    "https://sso.example.com",
];

#[test]
fn a_secret_is_shown_once_and_its_digest_fits() {
    let (code, stdout, _) = run(&XO);
    assert_eq!(code, 0);
    let secret =
        stdout.lines().find(|line| line.len() == 48 && line.bytes().all(|b| b.is_ascii_alphanumeric())).unwrap();
    assert_eq!(stdout.matches(secret).count(), 1);
    let digest = stdout.lines().find(|line| line.contains("client_secret:")).unwrap();
    let digest = digest.split('\'').nth(1).unwrap();
    assert!(digest.starts_with("$pbkdf2-sha512$310000$"), "{digest}");
    assert_eq!(matches(secret.as_bytes(), digest), Some(true));
    for words in [
        "token_endpoint_auth_method: 'client_secret_post'",
        "- 'https://xo.example.com/signin/oidc/callback'",
        "id_token:\n          - 'preferred_username'",
        "require_pkce: false",
        "\"usernameField\": \"username\"",
    ] {
        assert!(stdout.contains(words), "{words}: {stdout}");
    }
}

#[test]
fn a_secret_from_a_file_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "CANARY-given-secret\n").unwrap();
    let file = file.to_str().unwrap();
    for format in ["human", "json"] {
        let (code, stdout, stderr) = run(&[&XO[..], &["--secret-file", file, "--format", format]].concat());
        assert_eq!(code, 0, "{stderr}");
        assert!(!stdout.contains("CANARY") && !stderr.contains("CANARY"));
        let digest = stdout.split('\'').find(|piece| piece.starts_with("$pbkdf2-sha512$")).unwrap();
        assert_eq!(matches(b"CANARY-given-secret", digest), Some(true));
    }
    let public =
        ["--profile", "incus", "--provider", "authelia", "--app-url", APP, "--issuer", "https://sso.example.com"];
    let (code, _, stderr) = run(&[&public[..], &["--secret-file", file]].concat());
    assert_eq!(code, 2);
    assert!(stderr.contains("public client"), "{stderr}");
}

#[test]
fn json_has_both_sides() {
    let (code, stdout, _) = run(&[&XO[..], &["--format", "json", "--client-id", "xo"]].concat());
    assert_eq!(code, 0);
    let value: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((value["schema"].as_str(), value["client_id"].as_str()), (Some("oidcheck-setup/1"), Some("xo")));
    assert_eq!(value["secret"]["placeholder"], "<client-secret>");
    assert_eq!(value["secret"]["value"].as_str().unwrap().len(), 48);
    let block: serde_json::Value =
        serde_json::from_str(value["application_side"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(block["clientID"], "xo");
}

#[test]
fn settings_and_versions_count() {
    let incus = [
        "--profile",
        "incus",
        "--provider",
        "authelia",
        "--app-url",
        "https://incus.example.com:8443",
        "--issuer",
        "https://sso.example.com/",
    ];
    let (_, plain, stderr) = run(&incus);
    assert!(stderr.contains("writes its issuer as https://sso.example.com"), "{stderr}");
    assert!(plain.contains("urn:ietf:params:oauth:grant-type:device_code") && plain.contains("- 'email'"), "{plain}");
    assert!(plain.contains("access_token_signed_response_alg: 'RS256'") && !plain.contains("client_secret:"));
    assert!(!plain.contains("oidc.audience='"), "{plain}");
    let (_, bound, _) = run(&[&incus[..], &["--set", "audience=https://incus.example.com:8443"]].concat());
    assert!(
        bound.contains("oidc.audience='https://incus.example.com:8443'")
            && bound.contains("audience:\n          - 'https://incus")
    );
    assert!(bound.contains("always issues an empty `aud`"), "{bound}");
    let implicit = [
        "--profile",
        "virtuozzo",
        "--provider",
        "adfs",
        "--app-url",
        "https://vhi.example.com:8800",
        "--issuer",
        "https://fs.example.com/adfs",
        "--set",
        "flow=implicit",
        "--set",
        "scope=openid allatclaims",
    ];
    let (_, text, _) = run(&implicit);
    assert!(text.contains("--response-type id_token") && text.contains("Add-AdfsNativeClientApplication"), "{text}");
    assert!(text.contains("https://vhi.example.com:8800/api/v2/login/idp/"));
}

#[test]
fn mistakes_are_named() {
    let with =
        |from: &str, to: &'static str| XO.iter().map(|word| if *word == from { to } else { word }).collect::<Vec<_>>();
    for (arguments, words) in [
        (with("authelia", "autelia"), "did you mean authelia?"),
        (with("xen-orchestra", "generic"), "names no redirect URI"),
        (with("xen-orchestra", "xen-orchestr"), "did you mean xen-orchestra?"),
        (with("https://xo.example.com", "xo.example.com"), "does not begin with https://"),
        ([&XO[..], &["--set", "usernam-field=email"]].concat(), "did you mean username-field?"),
        ([&XO[..], &["--set", "username-field=mail"]].concat(), "email"),
        ([&XO[..], &["--client-id", "a b"]].concat(), "characters that some products refuse"),
    ] {
        let (code, _, stderr) = run(&arguments);
        assert_eq!(code, 2, "{arguments:?}");
        assert!(stderr.contains(words), "{words}: {stderr}");
    }
}
