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

/// What is said of one file with this text.
fn of(name: &str, text: impl AsRef<[u8]>, more: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    lint(&[&[file.to_str().unwrap()], more].concat())
}

#[test]
fn settings_that_set_nothing_or_too_little_are_told() {
    let right = "NETBIRD_AUTH_OIDC_CONFIGURATION_ENDPOINT=\"https://kc.example.com/realms/a/.well-known/openid-configuration\"\n\
        NETBIRD_AUTH_AUDIENCE=\"nb\"\nexport NETBIRD_AUTH_CLIENT_ID=\"nb\"\nNETBIRD_AUTH_CLIENT_SECRET= # none\n\
        NETBIRD_USE_AUTH0=\"false\"\nNETBIRD_AUTH_SUPPORTED_SCOPES=\"openid profile email\"\n\
        NETBIRD_AUTH_REDIRECT_URI=\"/auth\"\nNETBIRD_AUTH_SILENT_REDIRECT_URI=\"/silent-auth\"\n";
    assert_eq!(of("setup.env", right, &[]), Vec::<String>::new());
    assert_eq!(
        of("setup.env", right.replace("NETBIRD_", "export NETBIRD_").replace("export export", "export"), &[]),
        Vec::<String>::new()
    );
    let spaces = right.replace("AUDIENCE=", "AUDIENCE = ").replace("AUTH0=", "AUTH0= ");
    let commas = right.replace("openid profile email", "openid,profile,email");
    let quote = right.replace("\"nb\"\nexport", "\"nb\nexport");
    let vinfra = "vinfra domain idp create kc --issuer https://kc.example.com/realms/a --scope openid,email --metadata-url \
        https://kc.example.com/realms/a --client-id x --client-secret y\n";
    let realm =
        "openid: a\n\tissuer-url https://sso.example.com\n\tclient-id x\n\tscopes profile\n\tusername-claim email\n";
    insta::assert_snapshot!(
        [
            of("setup.env", spaces, &[]),
            of("setup.env", commas, &[]),
            of("setup.env", quote, &[]),
            of("idp.sh", vinfra, &[]),
            of("domains.cfg", realm, &[])
        ]
        .concat()
        .join("\n")
    );
    assert_eq!(of("domains.cfg", realm.replace("profile", "profile email"), &[]), Vec::<String>::new());
}

/// A scope that the client has by default needs not be asked for.
#[test]
fn a_default_scope_of_keycloak_is_not_missed() {
    let folder = tempfile::tempdir().unwrap();
    let (theirs, own) = (folder.path().join("realm.json"), folder.path().join("domains.cfg"));
    std::fs::write(&theirs, KEYCLOAK).unwrap();
    let realm = "openid: a\n\tissuer-url https://kc.example.com/realms/main\n\tclient-id x\n\tscopes email\n\tusername-claim preferred_username\n";
    std::fs::write(&own, realm).unwrap();
    assert_eq!(lint(&[theirs.to_str().unwrap(), own.to_str().unwrap()]), Vec::<String>::new());
    assert_eq!(lint(&[own.to_str().unwrap()]).len(), 1);
}

#[test]
fn groups_come_with_their_scope() {
    let cfg = |scopes: &str| {
        let folder = tempfile::tempdir().unwrap();
        let (theirs, own) = (folder.path().join("authelia.yml"), folder.path().join("domains.cfg"));
        std::fs::write(&theirs, AUTHELIA.replace("email]", "email, groups]")).unwrap();
        let realm = format!(
            "openid: a\n\tissuer-url https://auth.example.com\n\tclient-id x\n\tgroups-claim groups\n\tscopes {scopes}\n"
        );
        std::fs::write(&own, realm).unwrap();
        lint(&[theirs.to_str().unwrap(), own.to_str().unwrap()])
    };
    assert_eq!(cfg("email profile groups"), Vec::<String>::new());
    assert_eq!(
        cfg("email profile"),
        [
            "4 degraded claims: `groups` is read, but the scope groups is not asked for, and Authelia gives it with that alone -> "
        ]
    );
}

/// PowerShell writes UTF-16.
#[test]
fn a_file_is_read_in_its_encoding_or_not_at_all() {
    let text = "openid: a\n\tissuer-url https://kc.example.com/realms/a/\n\tclient-id x\n";
    let wide = |unit: fn(u16) -> [u8; 2]| {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect::<Vec<u8>>()
    };
    for bytes in [text.into(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)] {
        let found = of("domains.cfg", bytes, &[]);
        assert!(found.len() == 1 && found[0].starts_with("2 login-fails issuer: "), "{found:?}");
    }
    let zeros = of("x.cfg", "a: b\0\n", &[]);
    assert!(zeros[0].contains("this is no text but something with zero bytes"), "{zeros:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_blamed_on_nobody_and_at_the_place() {
    let tab = "identity_providers:\n  oidc:\n    clients:\n      - client_id: jellyfin\n\tclient_secret: 'x'\n";
    assert_eq!(
        of("a.yml", tab, &[]),
        ["5 login-fails readable: the file cannot be read: a tab stands where YAML wants spaces -> "]
    );
    let ini = "[server]\nroot_url = https://grafana.example.com\n[auth.generic_oauth]\nclient_id = grafana\n";
    let found = of("grafana.ini", ini, &[]);
    assert!(found.len() == 1 && found[0].contains("no configuration that is known here"), "{found:?}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("grafana.ini");
    std::fs::write(&file, ini).unwrap();
    let output = oidcheck().arg("lint").arg(&file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("    do          Say with --as what it is"), "{text}");
}

/// A guide names other URIs than those that are registered for a login, and other ways to run NetBird.
#[test]
fn what_a_guide_says_is_taken_for_what_it_means() {
    let embedded = "# NetBird with Keycloak\n\nNetBird runs its own provider, and NetBird comes to Keycloak as any other client does.\n\n\
        - Under **Valid redirect URIs**, paste `https://netbird.example.com/oauth2/callback` as it is copied from NetBird\n\
        - Under **Valid post logout redirect URIs**, add `https://netbird.example.com/oauth2/logout/callback` (replace `netbird.example.com`)\n\
        - Allowed redirect URIs are those of the `netbird` tool and of nothing else\n";
    assert_eq!(of("guide.md", embedded, &[]), Vec::<String>::new());
    assert_eq!(of("guide.md", embedded, &["--profile", "netbird-embedded"]), Vec::<String>::new());
    let own = "# NetBird\n\nNetBird is set up in this way, and everything else is as it was before.\n\n```yaml\nidentity_providers:\n  oidc:\n    \
        clients:\n      - client_id: netbird\n        public: true\n        token_endpoint_auth_method: none\n        require_pkce: true\n        \
        access_token_signed_response_alg: RS256\n        audience: [netbird]\n        claims_policy: nb\n        \
        redirect_uris: ['https://netbird.example.com/peers', 'https://netbird.example.com/add-peers', 'http://localhost:53000']\n        \
        scopes: [openid, profile, email, offline_access]\n        grant_types: [authorization_code, refresh_token, 'urn:ietf:params:oauth:grant-type:device_code']\n\
        ```\n\n```shell\nAUTH_REDIRECT_URI=/peers\nAUTH_SILENT_REDIRECT_URI=/add-peers\n```\n";
    assert_eq!(of("guide.md", own, &["--threshold", "notice"]), Vec::<String>::new());
    let form = "# NetBird\n\nNetBird takes these, and every NetBird needs them before it is started for the first time.\n\n```shell\n\
        NETBIRD_AUTH_OIDC_CONFIGURATION_ENDPOINT=\"\"\nNETBIRD_AUTH_AUDIENCE=\"\"\nNETBIRD_USE_AUTH0=\"false\"\n```\n";
    assert_eq!(of("guide.md", form, &[]), Vec::<String>::new());
}

/// A client that is named for one application is judged by that one, whatever else the page is about, and a file that is
/// about several is called by none of them.
#[test]
fn a_client_is_never_judged_as_another_application() {
    let page = "# Proxmox and Grafana\n\nProxmox comes first, and Proxmox is followed by everything else that there is.\n\n\
        - Issuer URL: `https://auth.example.com`\n- Client ID: `proxmox`\n\n```yaml\nidentity_providers:\n  oidc:\n    clients:\n      \
        - client_id: grafana\n        client_secret: '$2b$12$abcdefghijklmnopqrstuv'\n        authorization_policy: one_factor\n        \
        redirect_uris: ['https://grafana.example.com/login/generic_oauth/']\n        scopes: [openid, profile, email]\n```\n";
    assert_eq!(
        of("page.md", page, &[]),
        [
            "15 login-fails redirect-exact: the slash at the end is one too many: Grafana (generic OAuth) sends the path \
             /login/generic_oauth -> https://grafana.example.com/login/generic_oauth"
        ]
    );
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/configs");
    let output = oidcheck().current_dir(configs).args(["lint", "authelia-choices-bad.yml"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\nauthelia-choices-bad.yml: "), "{text}");
}

/// What the application calls itself is the provider's client, and another one with a like name is not compared with it.
#[test]
fn an_application_has_one_client() {
    let folder = tempfile::tempdir().unwrap();
    let (theirs, own) = (folder.path().join("dex.yaml"), folder.path().join("domains.cfg"));
    std::fs::write(
        &theirs,
        DEX.to_owned() + "  - {id: pve-old, secret: t, redirectURIs: ['https://pve.example.com:8006']}\n",
    )
    .unwrap();
    std::fs::write(&own, "openid: a\n\tissuer-url https://dex.example.com/dex\n\tclient-id x\n\tclient-key s\n")
        .unwrap();
    assert_eq!(lint(&[theirs.to_str().unwrap(), own.to_str().unwrap()]), Vec::<String>::new());
}
