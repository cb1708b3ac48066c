//! Logins that failed for real people, reproduced: from each application's page of real failures, every one that can be
//! seen before anybody logs in. The check that answers for the cause has to fail, blame the right side, and say what
//! people saw.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{Said, Server, WELL_KNOWN, answer, oidcheck, provider, said};
use oidcheck_op::{Client, Options};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

const SECRET: &str = "web-secret-for-loopback-only";

/// What somebody's provider or files were like.
enum World {
    /// The embedded provider with these faults. It knows one client, with these redirect URIs.
    Provider { faults: &'static [&'static str], redirects: &'static [&'static str] },
    /// The embedded provider, whose authority nobody trusts.
    Stranger,
    /// A provider of a few answers: what it does wrong.
    Small(Wrong),
    /// Files of both sides, for lint.
    Files(&'static [(&'static str, &'static str)]),
}

/// What a provider of a few answers does wrong.
#[derive(Clone, Copy)]
enum Wrong {
    /// Something in its metadata.
    Metadata(fn(&mut Value)),
    /// Its clock, by so many seconds.
    Clock(i64),
}

struct Failure {
    /// Where people told of it, or the class that it stands for.
    source: &'static str,
    world: World,
    /// The profile and where the application is reached, and whatever else is typed.
    typed: &'static [&'static str],
    more: &'static [&'static str],
    /// The check, the side that has to move, and what its finding says (message, symptom or remedy).
    check: &'static str,
    side: &'static str,
    says: &'static str,
    /// The parts of the application that fail; none: all of it.
    parts: &'static [&'static str],
}

const XO: &[&str] = &["--profile", "xen-orchestra", "--app-url", "https://xo.example.test"];
const XO_CALLBACK: &str = "https://xo.example.test/signin/oidc/callback";
const PVE: &[&str] = &["--profile", "proxmox", "--app-url", "https://pve.example.test:8006"];
const INCUS: &[&str] = &["--profile", "incus", "--app-url", "https://incus.example.test:8443"];
const NETBIRD: &[&str] = &["--profile", "netbird", "--app-url", "https://netbird.example.test"];
const VHI: &[&str] = &["--profile", "virtuozzo", "--app-url", "https://vhi.example.test:8800"];

#[rustfmt::skip]
fn failures() -> Vec<Failure> {
    let provider = |faults| World::Provider { faults, redirects: &[] };
    let registered = |redirects| World::Provider { faults: &[], redirects };
    let row = |source, world, typed, more, check, side, says| Failure { source, world, typed, more, check, side, says, parts: &[] };
    let part = |parts, failure: Failure| Failure { parts, ..failure };
    vec![
        // Xen Orchestra.
        row("Authelia's guide for Xen Orchestra: the field", World::Files(&[("xo.json", XO_FIELD)]), &[], &[], "lint/username", "application", "username"),
        row("Authelia's guide for Xen Orchestra: the method", World::Files(&[("xo.json", XO_GOOD), ("authelia.yml", AUTHELIA_BASIC)]), &[], &[], "lint/auth-method", "provider", "client_secret_post"),
        row("Authelia's guide for Xen Orchestra: thin ID tokens", World::Files(&[("xo.json", XO_GOOD), ("authelia.yml", AUTHELIA_BASIC)]), &[], &[], "lint/claims", "provider", "preferred_username"),
        row("vatesfr/xen-orchestra#8662", World::Files(&[("xo.json", XO_MANUAL)]), &[], &[], "lint/required-keys", "application", "all four URLs under advanced"),
        row("proxy without X-Forwarded-Proto", registered(&[XO_CALLBACK]), XO, &["--client-id", "web", "--redirect-uri", "http://xo.example.test/signin/oidc/callback"], "client/known", "provider", "http://xo.example.test"),
        row("provider down at start", provider(&["discovery-503"]), XO, &[], "discovery/reachable", "provider", "the plug-in does not load"),
        row("untrusted CA", World::Stranger, XO, &[], "tls/certificate-trusted", "application", "the plug-in does not load"),
        row("document without issuer", provider(&["issuer-missing"]), XO, &[], "discovery/required-members", "provider", "requires an issuer option"),
        row("document without token endpoint", provider(&["no-token-endpoint"]), XO, &[], "discovery/required-members", "provider", "requires the option for token_endpoint"),
        // Proxmox.
        row("goauthentik/authentik#14583", provider(&["issuer-http"]), PVE, &[], "discovery/issuer-exact", "provider", "Validation error: unexpected issuer URI"),
        row("goauthentik/authentik#2169: no key", provider(&["algs-hs256-only", "jwks-no-keys-member"]), PVE, &[], "jwks/json", "provider", "Failed to parse server response"),
        row("goauthentik/authentik#2169: HS256", provider(&["algs-hs256-only"]), PVE, &[], "discovery/algorithms", "provider", "HS256"),
        row("pocket-id/pocket-id#49", provider(&["issuer-slash"]), PVE, &[], "discovery/issuer-exact", "application", "Validation error: unexpected issuer URI"),
        row("tailscale/tailscale#14558", World::Stranger, PVE, &[], "tls/certificate-trusted", "application", "Request failed"),
        row("the login page reloads", registered(&["https://other.example.test"]), PVE, CLIENT, "client/known", "provider", "https://pve.example.test:8006 is registered"),
        row("second node of the cluster", registered(&["https://pve.example.test:8006"]), PVE, &["--client-id", "web", "--redirect-uri", "https://pve.example.test:8006", "--redirect-uri", "https://pve2.example.test:8006"], "redirect/accepted", "provider", "https://pve2.example.test:8006"),
        // Incus.
        row("discuss.linuxcontainers.org/t/19926: slash", provider(&["issuer-slash"]), INCUS, &[], "discovery/issuer-exact", "application", "issuer"),
        part(&["cli"], row("lxc/incus#4013", World::Small(Wrong::Metadata(|m| { m.as_object_mut().unwrap().remove("device_authorization_endpoint"); })), INCUS, &[], "discovery/required-members", "provider", "device_authorization_endpoint")),
        part(&["web"], row("Authelia's guide for Incus", registered(&["https://incus.example.test:8443/iodc/callback"]), INCUS, CLIENT, "client/known", "provider", "/oidc/callback")),
        // NetBird.
        part(&["api", "cli"], row("netbirdio/netbird#996", provider(&["algs-hs256-only", "empty-jwks"]), NETBIRD, &[], "discovery/algorithms", "provider", "unable to find appropriate key")),
        part(&["api"], row("netbirdio/netbird#806", provider(&[]), NETBIRD, &["--set", "signkey-refresh=false"], "app/known-risks", "application", "until the management service is restarted")),
        row("netbirdio/netbird#4500", World::Small(Wrong::Clock(60)), NETBIRD, &[], "http/clock", "network", "token used before issued"),
        part(&["dashboard"], row("netbirdio/netbird#1590", provider(&["no-cors"]), NETBIRD, &[], "cors/browser", "provider", "")),
        part(&["dashboard"], row("netbirdio/dashboard#679", provider(&["foreign-token-endpoint"]), NETBIRD, &[], "discovery/endpoint-hosts", "application", "NETBIRD_CSP")),
        part(&["dashboard"], row("netbirdio/netbird#1291", provider(&[]), &["--profile", "netbird", "--app-url", "http://netbird.example.test"], &[], "app/secure-context", "application", "code_challenge")),
        part(&["cli"], row("netbirdio/netbird#2183", registered(&["https://netbird.example.test/auth", "https://netbird.example.test/silent-auth", "http://localhost:53000/"]), NETBIRD, CLIENT, "redirect/accepted", "provider", "http://localhost:53000")),
        row("netbirdio/netbird#1684", provider(&["discovery-redirect-loop"]), NETBIRD, &[], "discovery/reachable", "provider", "redirects go in a circle"),
        // Virtuozzo.
        row("Virtuozzo's documentation: the final slash", registered(&["https://vhi.example.test:8800/api/v2/login/idp"]), VHI, CLIENT, "client/known", "provider", "/api/v2/login/idp/ is registered"),
        row("Keystone: no rule applies", World::Files(&[("mapping.json", MAPPING), ("person.json", PERSON)]), &[], &[], "lint/mapping", "application", "Could not map any federated user properties"),
    ]
}

const CLIENT: &[&str] = &["--client-id", "web"];
const XO_FIELD: &str = r#"{"discoveryURL": "https://id.example.test", "clientID": "xo", "clientSecret": "a-long-secret-of-nobody", "advanced": {"usernameField": "preferred_username", "scope": "openid profile"}}"#;
const XO_GOOD: &str = r#"{"discoveryURL": "https://id.example.test", "clientID": "xo", "clientSecret": "a-long-secret-of-nobody", "advanced": {"usernameField": "username", "scope": "profile"}}"#;
const XO_MANUAL: &str = r#"{"clientID": "xo", "clientSecret": "a-long-secret-of-nobody", "advanced": {"issuer": "https://id.example.test", "authorizationURL": "https://id.example.test/authorize"}}"#;
const AUTHELIA_BASIC: &str = "identity_providers:\n  oidc:\n    clients:\n      - client_id: 'xo'\n        client_secret: '$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$JNRBzwAo0ek5qKn50cFzzvE9RXV88h1wJn5KGiHrD0YKtZaR/nCb2CJPOsKaPK0hjf.9yHxzQGZziziccp6Yng'\n        redirect_uris:\n          - 'https://xo.example.test/signin/oidc/callback'\n        scopes: ['openid', 'profile']\n        token_endpoint_auth_method: 'client_secret_basic'\n";
const MAPPING: &str = r#"{"rules": [{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "email"}]}]}"#;
const PERSON: &str =
    r#"{"iss": "https://id.example.test", "sub": "1", "Email": "alice@example.test", "name": "Alice"}"#;

/// A provider of a few answers, on plain HTTP.
fn small(wrong: Wrong) -> (Server, String) {
    let issuer = Arc::new(OnceLock::new());
    let known = issuer.clone();
    let server = Server::http(move |path, out| {
        let issuer: &String = known.wait();
        let now = jiff::Timestamp::now().as_second() + if let Wrong::Clock(off) = wrong { off } else { 0 };
        let date = jiff::Timestamp::from_second(now).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let mut json = |status, value: Value| {
            let headers = [("Content-Type", "application/json"), ("Date", &date), ("Access-Control-Allow-Origin", "*")];
            answer(out, status, &headers, value.to_string().as_bytes())
        };
        match path.split('?').next().unwrap_or_default() {
            WELL_KNOWN => {
                let mut metadata: Value = serde_json::from_str(&common::metadata(issuer)).unwrap();
                metadata["device_authorization_endpoint"] = json!(format!("{issuer}/device"));
                metadata["userinfo_endpoint"] = json!(format!("{issuer}/userinfo"));
                if let Wrong::Metadata(change) = wrong {
                    change(&mut metadata);
                }
                json(200, metadata)
            }
            "/jwks" => {
                let n = format!("{}w", "x".repeat(341));
                json(
                    200,
                    json!({"keys": [{"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig", "e": "AQAB", "n": n}]}),
                )
            }
            _ => json(404, json!({})),
        }
    });
    let url = server.issuer();
    issuer.set(url.clone()).unwrap();
    (server, url)
}

/// What oidcheck says of it, as JSON.
fn reproduce(failure: &Failure) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let words = failure.typed.iter().chain(failure.more).copied();
    let mut command = oidcheck();
    command.current_dir(folder.path());
    match &failure.world {
        World::Files(files) => {
            command.args(["lint", "--format", "json"]);
            for (name, text) in *files {
                std::fs::write(path(name), text).unwrap();
                command.arg(name);
            }
            said(command.args(words))
        }
        World::Small(wrong) => {
            let (_server, issuer) = small(*wrong);
            said(command.args(["check", &issuer, "--format", "json"]).args(words))
        }
        world @ (World::Provider { .. } | World::Stranger) => {
            let (faults, redirects): (&[&str], &[&str]) = match world {
                World::Provider { faults, redirects } => (faults, redirects),
                _ => (&[], &[]),
            };
            let mut options = Options::with_faults(faults.iter().copied());
            options.clients = vec![Client::confidential("web", SECRET, redirects)];
            let (running, runtime) = provider(options);
            std::fs::write(path("ca.pem"), running.ca_pem.as_deref().unwrap()).unwrap();
            command.args(["check", &running.issuer, "--format", "json"]).args(words);
            if !matches!(failure.world, World::Stranger) {
                command.args(["--ca-file", "ca.pem"]);
            }
            let said = said(&mut command);
            runtime.block_on(running.stop());
            said
        }
    }
}

/// What is missing of what has to be said; `None` when nothing is.
fn missing(failure: &Failure, report: &Value) -> Option<String> {
    let runs = report["runs"].as_array().unwrap();
    let outcomes = || runs.iter().flat_map(|run| run["outcomes"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parts = |finding: &Value| finding["parts"].as_array().unwrap().iter().map(text).collect::<Vec<_>>();
    let fits = |finding: &&Value| {
        let words =
            ["message", "symptom", "remedy", "actual", "expected"].map(|member| text(&finding[member])).join("\n");
        let all = failure.parts.is_empty() || parts(finding) == failure.parts;
        text(&finding["side"]) == failure.side && words.contains(failure.says) && all
    };
    let findings = |check: &str| -> Vec<&Value> {
        outcomes().filter(|o| o["check"] == check).flat_map(|o| o["findings"].as_array().unwrap()).collect()
    };
    if findings(failure.check).iter().any(fits) {
        return None;
    }
    let all = outcomes().flat_map(|o| o["findings"].as_array().unwrap().iter().map(move |finding| (o, finding)));
    let seen: Vec<String> = all
        .filter(|(o, finding)| finding["effect"] != "untidy" || o["check"] == failure.check)
        .map(|(o, f)| {
            format!(
                "    {} {} {} {:?}: {} | {} | {}",
                text(&o["check"]),
                text(&f["effect"]),
                text(&f["side"]),
                parts(f),
                text(&f["message"]),
                text(&f["symptom"]),
                text(&f["remedy"])
            )
        })
        .collect();
    Some(format!(
        "{}: {} has to blame the {} and say {:?}; found:\n{}",
        failure.source,
        failure.check,
        failure.side,
        failure.says,
        seen.join("\n")
    ))
}

#[test]
fn every_failure_that_needs_no_login_is_found_with_the_right_side_blamed() {
    let failures = failures();
    let wrong: Vec<String> =
        failures.iter().filter_map(|failure| missing(failure, &reproduce(failure).json())).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), failures.len(), wrong.join("\n"));
}
