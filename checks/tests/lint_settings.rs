//! Files of providers for applications that may be set in more than one way or have several parts, with values that are
//! filled in later: what is open on either side is no mistake.

use oidcheck_checks::lint::{self, Input, Options};
use oidcheck_checks::verdict::Spot;

/// What is said about a file: rule, effect, line.
#[track_caller]
fn finds(text: &str, app_url: Option<&str>, wanted: &[&str]) {
    let input = Input { name: "file".to_owned(), text: text.to_owned() };
    let options = Options { kind: None, profile: None, app_url, verify: &|_, _| None };
    let mut out = Vec::new();
    for run in lint::lint(&[input], &options) {
        for (outcome, finding) in run.findings() {
            let Spot::Line(line, _) = finding.place.spot else { continue };
            let rule = outcome.check.id.trim_start_matches("lint/");
            out.push((format!("{rule} {:?} {line}", finding.effect), finding.message.clone()));
        }
    }
    out.sort();
    assert_eq!(out.iter().map(|(what, _)| what.as_str()).collect::<Vec<_>>(), wanted, "{out:#?}\n{text}");
}

/// A client of Authelia, with its lines after the id.
fn authelia(id: &str, lines: &[&str]) -> String {
    let head = "identity_providers:\n  oidc:\n    clients:\n";
    format!(
        "{head}      - client_id: {id}\n        authorization_policy: two_factor\n        {}\n",
        lines.join("\n        ")
    )
}

const SECRET: &str = "client_secret: '$2b$12$abcdefghijklmnopqrstuv'";

#[test]
fn a_name_that_people_choose_may_stand_in_a_text_that_is_open() {
    let gitea = |uri: &str| {
        authelia("gitea", &[SECRET, &format!("redirect_uris: ['{uri}']"), "scopes: [openid, profile, email, groups]"])
    };
    for (uri, right) in [
        ("https://${HOST}/user/oauth2/authelia/callback", true),
        ("https://git.{{ env \"DOMAIN\" }}/user/oauth2/{{ env \"NAME\" }}/callback", true),
        ("{{ env \"A\" }}.{{ env \"B\" }}/user/oauth2/authelia/callback", true),
        ("{{ env \"URL\" }}/user/oauth2/authelia/callback", true),
        ("https://${HOST}/user/oauth/authelia/callback", false),
    ] {
        for (url, line) in [(None, 7), (Some("https://git.example.com"), 4)] {
            let wrong = format!("redirect-exact LoginFails {line}");
            let wanted: Vec<&str> = if right { Vec::new() } else { vec![wrong.as_str()] };
            finds(&gitea(uri), url, &wanted);
        }
    }
    let keycloak = |uri: &str| {
        format!(
            r#"{{"clientId":"gitea","publicClient":false,"secret":"s","redirectUris":["{uri}"],"attributes":{{}},"defaultClientScopes":["profile","email","groups"]}}"#
        )
    };
    for url in [None, Some("https://git.example.com")] {
        finds(&keycloak("/user/oauth2/authelia/callback"), url, &[]);
        finds(&keycloak("/user/oauth/authelia/callback"), url, &["redirect-exact LoginFails 1"]);
        finds(&keycloak("/user/*"), url, &["redirect-strict Degraded 1"]);
        finds(&keycloak("https://${HOST}/user/*"), url, &["redirect-strict Degraded 1"]);
    }
}

#[test]
fn a_pattern_of_one_text_holds_the_name_that_people_chose() {
    let blueprint = |uri: &str| {
        format!(
            "version: 1\nentries:\n  - model: authentik_providers_oauth2.oauth2provider\n    identifiers: {{name: gitea}}\n    attrs:\n      client_type: confidential\n      client_id: gitea\n      client_secret: s\n      signing_key: !Find [authentik_crypto.certificatekeypair, [name, x]]\n      sub_mode: user_uuid\n      redirect_uris: [{{matching_mode: regex, url: '{uri}'}}]\n      property_mappings: !Context mappings\n"
        )
    };
    for url in [None, Some("https://git.example.com")] {
        let right = r"^https://git\.example\.com/user/oauth2/authelia/callback$";
        finds(&blueprint(right), url, &["redirect-strict Untidy 11"]);
    }
    let wrong = r"^https://git\.example\.com/user/oauth/authelia/callback$";
    finds(&blueprint(wrong), None, &["redirect-exact LoginFails 3", "redirect-strict Untidy 11"]);
}

/// NetBird's clients, one for its pages and one for its command line.
#[test]
fn a_client_of_another_part_is_for_no_pages() {
    let common = "audience: [netbird]\n        public: true\n        token_endpoint_auth_method: none\n        require_pkce: true\n        access_token_signed_response_alg: RS256\n        authorization_policy: two_factor\n        scopes: [openid, profile, email, offline_access]\n        grant_types: [authorization_code, refresh_token, 'urn:ietf:params:oauth:grant-type:device_code']\n        claims_policy: nb\n";
    let file = |cors: &str| {
        format!(
            "identity_providers:\n  oidc:\n    jwks: [{{key: x}}]\n    claims_policies: {{nb: {{access_token: [email]}}}}\n{cors}    clients:\n      - client_id: netbird\n        redirect_uris: ['https://netbird.example.com/auth', 'https://netbird.example.com/silent-auth']\n        {common}      - client_id: netbird-cli\n        redirect_uris: ['http://localhost:53000']\n        {}",
            common.replace("audience: [netbird]", "audience: [netbird-cli]")
        )
    };
    let url = Some("https://netbird.example.com");
    finds(
        &file("    cors: {endpoints: [token, userinfo], allowed_origins: ['https://netbird.example.com']}\n"),
        url,
        &[],
    );
    finds(&file(""), url, &["cors LoginFails 3"]);
}

#[test]
fn a_service_is_no_client_that_an_application_could_have() {
    let realm = r#"{"realm":"main","clients":[
{"clientId":"grafana","publicClient":false,"secret":"s","redirectUris":["https://g.example.com/login/generic_oauth"],"attributes":{},"defaultClientScopes":["profile","email"]},
{"clientId":"grafana-backup","publicClient":false,"secret":"t","standardFlowEnabled":false,"serviceAccountsEnabled":true,"redirectUris":["http://unused"]}]}"#;
    finds(realm, None, &[]);
    finds(
        &realm.replace("\"serviceAccountsEnabled\":true", "\"serviceAccountsEnabled\":false"),
        None,
        &["grants LoginFails 3", "redirect-exact LoginFails 3", "redirect-form Degraded 3"],
    );
}
