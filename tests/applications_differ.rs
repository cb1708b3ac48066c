//! One provider, applications that differ: what keeps people out of one is nothing to another. Each row is a fact of a
//! profile that was read in the source of its application, seen through a login with the real binary.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{oidcheck, provider, said};
use oidcheck_op::{Alg, Client, Options};
use serde_json::Value;

const APP: &str = "https://app.example.test";
const SECRET: &str = "web-secret-for-loopback-only";

/// What keeps people out: the check, words of its finding, and the parts that it concerns (none: all of it).
type Stopped = (&'static str, &'static str, &'static [&'static str]);

struct Row {
    profile: &'static str,
    set: &'static [&'static str],
    redirects: &'static [&'static str],
    faults: &'static [&'static str],
    alg: Alg,
    /// `None`: people can log in.
    stopped: Option<Stopped>,
}

fn row(profile: &'static str, redirects: &'static [&'static str], faults: &'static [&'static str]) -> Row {
    Row { profile, set: &[], redirects, faults, alg: Alg::Rs256, stopped: None }
}

impl Row {
    fn with(self, set: &'static [&'static str]) -> Row {
        Row { set, ..self }
    }

    fn signed(self, alg: Alg) -> Row {
        Row { alg, ..self }
    }

    fn stops(self, check: &'static str, says: &'static str) -> Row {
        Row { stopped: Some((check, says, &[])), ..self }
    }

    fn stops_part(self, part: &'static [&'static str], check: &'static str, says: &'static str) -> Row {
        Row { stopped: Some((check, says, part)), ..self }
    }
}

const GRAFANA: &[&str] = &["https://app.example.test/login/generic_oauth"];
const HARBOR: &[&str] = &["https://app.example.test/c/oidc/callback"];
const IMMICH: &[&str] =
    &["https://app.example.test/auth/login", "https://app.example.test/user-settings", "app.immich:///oauth-callback"];
const VAULT: &[&str] = &["https://app.example.test/ui/vault/auth/oidc/oidc/callback"];
const BOOKSTACK: &[&str] = &["https://app.example.test/oidc/callback"];
const NEXTCLOUD: &[&str] = &["https://app.example.test/apps/user_oidc/code"];
const PAPERLESS: &[&str] = &["https://app.example.test/accounts/oidc/sso/login/callback/"];
const OPEN_WEBUI: &[&str] = &["https://app.example.test/oauth/oidc/callback"];
const MEALIE: &[&str] = &["https://app.example.test/login"];
const JELLYFIN: &[&str] = &["https://app.example.test/sso/OID/redirect/sso"];
const PROXY: &[&str] = &["https://app.example.test/oauth2/callback"];
const LXD: &[&str] = &["https://app.example.test/oidc/callback"];
const BOOKS: &[&str] = &["https://app.example.test/audiobookshelf/auth/openid/callback"];
const LOCAL: &[&str] = &["http://localhost:8085/auth/callback"];

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    vec![
        // Userinfo that fails is a line in the log of some.
        row("grafana", GRAFANA, &["userinfo-refused"]),
        row("harbor", HARBOR, &["userinfo-refused"]),
        row("immich", IMMICH, &["userinfo-refused"]),
        row("grafana", GRAFANA, &["userinfo-refused", "token-thin"]).stops("claims/present-where-read", "email is missing"),
        row("paperless-ngx", PAPERLESS, &["userinfo-refused"]).stops("userinfo/reachable", "the userinfo endpoint answers"),
        row("jellyfin", JELLYFIN, &["userinfo-refused"]).stops("userinfo/reachable", "the userinfo endpoint answers"),
        // A name is asked for, unless nobody is there to ask.
        row("harbor", HARBOR, &["name-missing"]),
        row("harbor", HARBOR, &["name-missing"]).with(&["auto-onboard=true"]).stops("claims/present-where-read", "unable to recover username"),
        row("mealie", MEALIE, &["name-missing"]).stops("claims/present-where-read", "name is missing"),
        // A redirect URI of one part.
        row("immich", &["https://app.example.test/auth/login", "https://app.example.test/user-settings"], &[])
            .stops_part(&["phone"], "redirect/accepted", "app.immich:///oauth-callback"),
        row("vault", VAULT, &[]).stops_part(&["cli"], "redirect/accepted", "http://localhost:8250/oidc/callback"),
        row("audiobookshelf", BOOKS, &[])
            .stops_part(&["phone"], "redirect/accepted", "/audiobookshelf/auth/openid/mobile-redirect"),
        // Signatures.
        row("bookstack", BOOKSTACK, &[]).signed(Alg::Es256).stops("id-token/algorithm", "BookStack knows nothing else"),
        row("nextcloud", NEXTCLOUD, &[]).signed(Alg::Es256),
        row("nextcloud", NEXTCLOUD, &["jwks-no-kid"]).stops("jwks/key-ids", "kid"),
        row("bookstack", BOOKSTACK, &["jwks-no-kid"]),
        row("immich", IMMICH, &[]).signed(Alg::Es256).stops("id-token/algorithm", "Signing algorithm"),
        row("immich", IMMICH, &[]).signed(Alg::Es256).with(&["signing-algorithm=ES256"]),
        row("jellyfin", JELLYFIN, &["token-bad-signature"]),
        // An audience beside one's own.
        row("bookstack", BOOKSTACK, &["token-extra-audience"]).stops("id-token/audience", "aud"),
        row("nextcloud", NEXTCLOUD, &["token-extra-audience"]),
        // Claims at userinfo alone.
        row("bookstack", BOOKSTACK, &["token-thin"]),
        row("mealie", MEALIE, &["token-thin"]),
        row("open-webui", OPEN_WEBUI, &["token-thin"]),
        row("open-webui", OPEN_WEBUI, &["token-thin", "userinfo-sub-only"]).stops("claims/present-where-read", "OAUTH_EMAIL_CLAIM"),
        row("nextcloud", NEXTCLOUD, &["token-thin"]).with(&["user-id-claim=email"]).stops("claims/present-where-read", "enrich-with-userinfo"),
        row("nextcloud", NEXTCLOUD, &["token-thin"]).with(&["user-id-claim=email", "enrich-with-userinfo=true"]),
        row("oauth2-proxy", PROXY, &["email-unverified"]).with(&["email-claim=preferred_username"]),
        row("lxd", LXD, &["token-thin"]).with(&["secret=set"]),
        row("lxd", LXD, &["userinfo-refused"]).with(&["secret=set"]).stops("userinfo/reachable", "the userinfo endpoint answers"),
        // Scopes.
        row("portainer", &[APP], &[]),
        row("portainer", &[APP], &[]).with(&["scopes-with-commas=email,openid,profile"]).stops("authorize/application-request", "email,openid,profile"),
        row("mealie", MEALIE, &["no-groups-scope"]),
        row("mealie", MEALIE, &["groups-missing"]).with(&["user-group=cooks"]).stops("claims/present-where-read", "nobody is in the group cooks"),
        // The command line has no secret, and this client has one.
        row("argocd", LOCAL, &[]).with(&["cli-client=this"]).stops("token/public-client-accepted", "refuses the client without a secret"),
        row("argocd", &["https://app.example.test/auth/callback"], &[]).with(&["cli-client=own"]),
    ]
}

/// The findings that keep people out.
fn stopping(row: &Row) -> Vec<(String, Value)> {
    let mut options = Options::with_faults(row.faults.iter().copied());
    options.clients = vec![Client { id_token_alg: row.alg, ..Client::confidential("web", SECRET, row.redirects) }];
    let (running, runtime) = provider(options);
    let folder = tempfile::tempdir().unwrap();
    let (ca, secret) = (folder.path().join("ca.pem"), folder.path().join("secret"));
    std::fs::write(&ca, running.ca_pem.as_deref().unwrap()).unwrap();
    std::fs::write(&secret, SECRET).unwrap();
    let mut command = oidcheck();
    command.args(["check", &running.issuer, "--format", "json", "--login", "form", "--client-id", "web"]);
    command.args(["--app-url", APP, "--profile", row.profile]).arg("--ca-file").arg(&ca);
    command.arg("--client-secret-file").arg(&secret);
    command.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", "alice-password");
    for set in row.set {
        command.args(["--set", set]);
    }
    let said = said(&mut command);
    runtime.block_on(running.stop());
    let report = said.json();
    let run = &report["runs"][0];
    assert_eq!(run["tier"], "login", "{} {:?}: {said:?}", row.profile, row.faults);
    let outcomes = run["outcomes"].as_array().unwrap();
    let all = outcomes.iter().flat_map(|outcome| {
        let check = outcome["check"].as_str().unwrap().to_owned();
        outcome["findings"].as_array().unwrap().iter().map(move |finding| (check.clone(), finding.clone()))
    });
    all.filter(|(_, finding)| finding["effect"] == "login-fails").collect()
}

/// What is wrong with what was said; `None` when nothing is.
fn wrong(row: &Row) -> Option<String> {
    let found = stopping(row);
    let words = |finding: &Value| {
        ["message", "symptom", "remedy"]
            .map(|member| finding[member].as_str().unwrap_or_default().to_owned())
            .join("\n")
    };
    let right = match &row.stopped {
        None => found.is_empty(),
        Some((check, says, parts)) => found.iter().any(|(id, finding)| {
            let concerned: Vec<&str> = finding["parts"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            id == check && words(finding).contains(says) && (parts.is_empty() || concerned == *parts)
        }),
    };
    let seen: Vec<String> =
        found.iter().map(|(check, finding)| format!("    {check} {}: {}", finding["parts"], words(finding))).collect();
    let wanted = row.stopped.map_or_else(|| "nothing".to_owned(), |stopped| format!("{stopped:?}"));
    (!right).then(|| {
        format!("{} {:?} {:?}: {wanted} should stop it; found:\n{}", row.profile, row.set, row.faults, seen.join("\n"))
    })
}

#[test]
fn what_stops_one_application_is_nothing_to_another() {
    let rows = rows();
    let wrong: Vec<String> = rows.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
