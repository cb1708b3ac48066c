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

const AUTHELIA: &str = "session:\n  cookies: [{domain: example.com, authelia_url: 'https://auth.example.com/'}, {domain: example.org, \
    authelia_url: 'https://auth.example.org:9091'}]\nidentity_providers:\n  oidc:\n    clients:\n      - client_id: x\n        \
    client_secret: '$2b$12$abcdefghijklmnopqrstuv'\n        authorization_policy: one_factor\n        redirect_uris: ['https://pve.example.com:8006']\n        \
    require_pkce: true\n        scopes: [openid, profile, email]\n";
const DEX: &str = "issuer: https://dex.example.com/dex\nstaticClients:\n  - {id: x, secret: s, redirectURIs: ['https://pve.example.com:8006']}\n";
const KEYCLOAK: &str = r#"{"realm": "main", "clients": [{"clientId": "x", "secret": "s", "redirectUris": ["https://pve.example.com:8006"],
    "attributes": {"pkce.code.challenge.method": "S256"}}]}"#;
const AUTHENTIK: &str = "entries:\n  - model: authentik_providers_oauth2.oauth2provider\n    id: p\n    identifiers: {name: x}\n    attrs:\n      \
    client_id: x\n      client_secret: s\n      signing_key: !Find [a, [b, c]]\n      sub_mode: user_uuid\n      redirect_uris: [{matching_mode: strict, \
    url: 'https://pve.example.com:8006'}]\n      property_mappings: [!Find [m, [managed, goauthentik.io/providers/oauth2/scope-openid]], !Find [m, [managed, \
    goauthentik.io/providers/oauth2/scope-email]], !Find [m, [managed, goauthentik.io/providers/oauth2/scope-profile]]]\n  - model: \
    authentik_core.application\n    identifiers: {slug: pve}\n    attrs: {provider: !KeyOf p}\n";

/// What is said of an issuer when the provider's own file is at hand.
fn issuer(provider: &str, issuer: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (theirs, own) = (folder.path().join("provider.yaml"), folder.path().join("domains.cfg"));
    std::fs::write(&theirs, provider).unwrap();
    std::fs::write(&own, format!("openid: a\n\tissuer-url {issuer}\n\tclient-id x\n")).unwrap();
    let mut found = lint(&[theirs.to_str().unwrap(), own.to_str().unwrap()]);
    found.retain(|line| line.contains(" issuer: "));
    found
}

#[test]
fn the_issuer_is_the_one_that_the_providers_own_file_states() {
    let mut told = String::new();
    for (provider, right, wrong) in [
        (
            AUTHELIA,
            &["https://auth.example.com", "https://auth.example.org:9091", "<issuer>"][..],
            &["https://auth.example.com/", "https://auth.example.org", "https://sso.example.com"][..],
        ),
        (
            DEX,
            &["https://dex.example.com/dex"],
            &["https://dex.example.com", "https://dex.example.com/dex/", "https://dex.example.com:5556/dex"],
        ),
        (
            KEYCLOAK,
            &["https://kc.example.com/realms/main", "https://kc.example.com/auth/realms/main"],
            &["https://kc.example.com/realms/Main", "https://kc.example.com/realms/main/", "https://kc.example.com"],
        ),
        (
            AUTHENTIK,
            &["https://ak.example.com/application/o/pve/"],
            &["https://ak.example.com/", "https://ak.example.com/application/o/other/"],
        ),
        // What is filled in later is not known here.
        ("issuer: https://{{ host }}/dex\nstaticClients: [{id: x}]\n", &["https://dex.example.com"], &[]),
        (&AUTHELIA.replace("authelia_url: 'https://auth.example.org:9091'", "a: b"), &["https://sso.example.com"], &[]),
        (
            &KEYCLOAK
                .replace("\"clients\"", "\"attributes\": {\"frontendUrl\": \"https://id.example.com/\"}, \"clients\""),
            &["https://id.example.com/realms/main"],
            &["https://kc.example.com/realms/main"],
        ),
    ] {
        for right in right {
            assert_eq!(issuer(provider, right), Vec::<String>::new(), "{right}");
        }
        for wrong in wrong {
            told.push_str(&format!("{wrong}\n  {}\n", issuer(provider, wrong).join("\n  ")));
        }
    }
    insta::assert_snapshot!(told);
}

/// Each of them stands alone, and the provider can be told from the text.
#[test]
fn an_issuer_that_no_provider_has_is_told_by_its_shape() {
    let mut told = String::new();
    for wrong in [
        "https://kc.example.com/realms/Main/",
        "https://accounts.google.com/",
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/01234567-89ab-cdef-0123-456789abcdef",
        "https://tenant.eu.auth0.com",
        "https://ak.example.com/application/o/pve",
        "https://example.okta.com/oauth2/default/",
        "https://login.auth.eu-west-1.amazoncognito.com",
        "auth.example.com",
    ] {
        told.push_str(&format!("{wrong}\n  {}\n", issuer("", wrong).join("\n  ")));
    }
    insta::assert_snapshot!(told);
    for right in [
        "https://kc.example.com/realms/Main",
        "https://accounts.google.com",
        "https://login.microsoftonline.com/01234567-89ab-cdef-0123-456789abcdef/v2.0",
        "https://tenant.eu.auth0.com/",
        "https://am.example.com/am/oauth2/realms/root/realms/alpha",
        "https://example.okta.com",
    ] {
        assert_eq!(issuer("", right), Vec::<String>::new(), "{right}");
    }
}

/// Where only the address of the document is typed, its path is what the provider's file can say.
#[test]
fn the_discovery_url_leads_to_a_document_of_the_provider() {
    let xen = |url: &str| {
        let folder = tempfile::tempdir().unwrap();
        let (theirs, own) = (folder.path().join("realm.json"), folder.path().join("xo.json"));
        std::fs::write(
            &theirs,
            KEYCLOAK.replace("https://pve.example.com:8006", "https://xo.example.com/signin/oidc/callback"),
        )
        .unwrap();
        let text = format!(
            "{{\"discoveryURL\": \"{url}/.well-known/openid-configuration\", \"clientID\": \"x\", \"clientSecret\": \"s\", \"advanced\": {{}}}}"
        );
        std::fs::write(&own, text).unwrap();
        let mut found = lint(&[theirs.to_str().unwrap(), own.to_str().unwrap()]);
        found.retain(|line| line.contains(" issuer: "));
        found
    };
    assert_eq!(xen("http://keycloak:8080/realms/main").len(), 1, "plain http alone");
    assert_eq!(xen("https://kc.example.com/realms/main"), Vec::<String>::new());
    assert_eq!(
        xen("https://kc.example.com/realms/Main"),
        ["1 login-fails issuer: by its own file Keycloak has its document at another path, and nothing at this one \
             -> https://kc.example.com/realms/main/.well-known/openid-configuration"]
    );
}
