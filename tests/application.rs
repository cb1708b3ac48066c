//! The application is asked for what it sends: each kind in the shape that it was seen to have, by the binary.

mod common;

use common::{Said, Server, WELL_KNOWN, answer, json, last, metadata, oidcheck, run, said};
use serde_json::Value;
use std::sync::{Arc, OnceLock};

/// A provider whose metadata is at this path, and which takes one client with one redirect URI.
fn provider(path: &'static str, redirect_uri: Arc<OnceLock<String>>) -> Server {
    let own = Arc::new(OnceLock::<String>::new());
    let known = own.clone();
    let server = Server::http(move |asked, out| {
        let issuer = format!("{}{path}", known.get().cloned().unwrap_or_default());
        let url = url::Url::parse(&format!("http://x{asked}")).expect("a path");
        let get =
            |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned()).unwrap_or_default();
        let html = [("Content-Type", "text/html"), ("X-Frame-Options", "DENY")];
        match url.path().strip_prefix(path).unwrap_or("/elsewhere") {
            WELL_KNOWN => json(out, &metadata(&issuer)),
            "/jwks" => json(out, r#"{"keys":[]}"#),
            "/authorize" => {
                let uri = get("redirect_uri");
                let scopes_known = get("scope").split(' ').all(|scope| ["openid", "profile", "email"].contains(&scope));
                if get("client_id") != "app-1" || Some(&uri) != redirect_uri.get() {
                    answer(out, 400, &html, b"refused")
                } else if get("prompt") == "none" || !scopes_known {
                    let error = if scopes_known { "login_required" } else { "invalid_scope" };
                    answer(out, 302, &[("Location", &format!("{uri}?error={error}&state={}", get("state")))], b"")
                } else {
                    answer(out, 200, &html, b"<form>")
                }
            }
            "/token" => last(out, b"HTTP/1.1 401 No\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 26\r\n\r\n{\"error\":\"invalid_client\"}"),
            _ => answer(out, 404, &[], b""),
        }
    });
    own.set(server.issuer()).expect("once");
    server
}

/// The authorization request of an application.
fn request(endpoint: &str, client: &str, uri: &str, scope: &str) -> String {
    let pairs = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", uri),
        ("scope", scope),
        ("state", "aPp+St/ate=="),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{endpoint}?{query}")
}

/// A provider and an application that answers as `answers` says: path and the request that it sends people away with.
struct Pair {
    provider: Server,
    app: Server,
}

impl Pair {
    fn new(
        path: &'static str,
        callback: &str,
        client: &'static str,
        scope: &'static str,
        answers: impl Fn(&str, &str, &mut dyn std::io::Write) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Pair {
        let uri = Arc::new(OnceLock::new());
        let provider = provider(path, uri.clone());
        let endpoint = format!("{}{path}/authorize", provider.issuer());
        let registered = uri.clone();
        let app = Server::http(move |asked, out| {
            let uri = registered.get().cloned().unwrap_or_default();
            answers(asked, &request(&endpoint, client, &uri, scope), out)
        });
        uri.set(format!("{}{callback}", app.issuer())).expect("once");
        Pair { provider, app }
    }

    /// A run for an application, with the issuer or without.
    fn check(&self, issuer: Option<&str>, profile: &str, more: &[&str]) -> Said {
        let mut command = oidcheck();
        command.arg("check").args(issuer).args(["--app-url", &self.app.issuer(), "--profile", profile]);
        said(command.args(["--format", "json"]).args(more))
    }
}

fn outcome(said: &Said, check: &str) -> Value {
    let report = said.json();
    let outcomes = report["runs"][0]["outcomes"].as_array().expect("outcomes").clone();
    outcomes.into_iter().find(|o| o["check"] == check).unwrap_or_else(|| panic!("{check} was not selected: {said:?}"))
}

fn verdict(said: &Said, check: &str) -> String {
    let outcome = outcome(said, check);
    match outcome["findings"].as_array().and_then(|all| all.first()) {
        Some(finding) => finding["effect"].as_str().expect("an effect").to_owned(),
        None => outcome["verdict"].as_str().expect("a verdict").to_owned(),
    }
}

const CAPTURES: [&str; 7] = ["login-starts", "as-typed", "provider", "redirect-uri", "scopes", "flow", "accepted"];

fn all_pass(said: &Said) {
    for check in CAPTURES {
        assert_eq!(verdict(said, &format!("capture/{check}")), "pass", "{check}: {}", said.stdout);
    }
}

/// Xen Orchestra: one redirect.
fn xen_orchestra(client: &'static str, scope: &'static str) -> Pair {
    Pair::new("", "/signin/oidc/callback", client, scope, |path, request, out| match path {
        "/signin/oidc" => answer(out, 302, &[("Location", request), ("Set-Cookie", "sid=secret-of-app")], b""),
        _ => answer(out, 404, &[], b""),
    })
}

#[test]
fn a_redirect_shows_what_the_application_sends() {
    let pair = xen_orchestra("app-1", "openid profile");
    let said = pair.check(Some(&pair.provider.issuer()), "xen-orchestra", &["--client-id", "app-1"]);
    all_pass(&said);
    assert_eq!(pair.app.heads().len(), 1, "it is asked once");
    // Its own request comes to the provider as it is, but for the silence.
    let replayed = pair.provider.heads().into_iter().filter(|head| head.contains("state=aPp%2BSt%2Fate%3D%3D")).count();
    assert_eq!(replayed, 1);
}

#[test]
fn what_the_application_sends_is_compared_with_what_was_typed() {
    let pair = xen_orchestra("app-2", "openid profile");
    let said = pair.check(Some(&pair.provider.issuer()), "xen-orchestra", &["--client-id", "app-1"]);
    assert_eq!(verdict(&said, "capture/as-typed"), "login-fails");
    let pair = xen_orchestra("app-1", "profile offline_access");
    let said = pair.check(Some(&pair.provider.issuer()), "xen-orchestra", &["--client-id", "app-1"]);
    assert_eq!(verdict(&said, "capture/scopes"), "login-fails");
    assert_eq!(verdict(&said, "capture/accepted"), "login-fails", "invalid_scope: {}", said.stdout);
    let other = xen_orchestra("app-1", "openid profile");
    let said = pair.check(Some(&other.provider.issuer()), "xen-orchestra", &["--client-id", "app-1"]);
    assert_eq!(verdict(&said, "capture/provider"), "degraded", "another endpoint than that of the metadata");
}

#[test]
fn a_list_of_start_urls_is_followed() {
    let start = "/api/v2/login/idp/?id=7";
    let pair = Pair::new("", "/api/v2/login/idp/", "app-1", "openid email", move |path, request, out| match path {
        "/api/v2/login/" => json(out, &format!(r#"{{"idps":[{{"id":7,"name":"sso","url":"{start}"}}]}}"#)),
        _ if path == start => answer(out, 302, &[("Location", request)], b""),
        _ => answer(out, 404, &[], b""),
    });
    let said = pair.check(Some(&pair.provider.issuer()), "virtuozzo", &["--client-id", "app-1"]);
    all_pass(&said);
}

#[test]
fn proxmox_is_asked_for_the_realm_that_was_given() {
    // The redirect URI of Proxmox is its origin.
    let pair = Pair::new("", "", "app-1", "openid email profile", |path, request, out| match path {
        "/api2/json/access/openid/auth-url" => json(out, &serde_json::json!({ "data": request }).to_string()),
        _ => answer(out, 404, &[], b""),
    });
    let issuer = pair.provider.issuer();
    let without = pair.check(Some(&issuer), "proxmox", &["--client-id", "app-1"]);
    let reason = outcome(&without, "capture/login-starts")["reason"].to_string();
    assert!(reason.contains("--set realm-name"), "{reason}");
    assert!(pair.app.heads().is_empty(), "another realm would have been asked");
    let said = pair.check(Some(&issuer), "proxmox", &["--client-id", "app-1", "--set", "realm-name=lab"]);
    all_pass(&said);
    let heads = pair.app.heads();
    assert_eq!(heads.len(), 1, "each time leaves a pending login behind: {heads:?}");
    let origin = url::form_urlencoded::byte_serialize(pair.app.issuer().as_bytes()).collect::<String>();
    assert!(
        heads[0].starts_with("POST ") && heads[0].ends_with(&format!("realm=lab&redirect-url={origin}")),
        "{heads:?}"
    );
}

#[test]
fn an_application_that_cannot_begin_is_told_with_its_own_words() {
    let pair = Pair::new("", "", "app-1", "openid", |_, _, out| {
        let body = br#"{"data":null,"message":"OpenID: Request failed\n"}"#;
        answer(out, 500, &[("Content-Type", "application/json")], body)
    });
    let issuer = pair.provider.issuer();
    let said = pair.check(Some(&issuer), "proxmox", &["--client-id", "app-1", "--set", "realm-name=lab"]);
    assert_eq!(verdict(&said, "capture/login-starts"), "login-fails");
    assert!(outcome(&said, "capture/login-starts").to_string().contains("Request failed"));
    // Incus 6.0 says nothing at all.
    let incus = Pair::new("", "/oidc/callback", "app-1", "openid", |path, _, out| match path {
        "/oidc/login" => answer(out, 200, &[], b""),
        _ => answer(out, 403, &[], b"{}"),
    });
    let said = incus.check(Some(&incus.provider.issuer()), "incus", &["--client-id", "app-1"]);
    assert_eq!(verdict(&said, "capture/login-starts"), "login-fails");
    // A proxy in front of an application that is down is no fault of the login.
    let down = Pair::new("", "", "app-1", "openid", |_, _, out| answer(out, 502, &[], b"Bad gateway"));
    let said = down.check(Some(&down.provider.issuer()), "xen-orchestra", &["--client-id", "app-1"]);
    assert_eq!(verdict(&said, "capture/login-starts"), "not-applicable");
}

/// Incus: its settings in the headers of a refusal, next to the redirect.
fn incus(issuer_end: &'static str) -> Pair {
    let issuer = Arc::new(OnceLock::<String>::new());
    let known = issuer.clone();
    let pair = Pair::new("", "/oidc/callback", "app-1", "openid email", move |path, request, out| match path {
        "/oidc/login" => answer(out, 302, &[("Location", request)], b""),
        "/1.0/instances" => {
            let issuer = format!("{}{issuer_end}", known.get().cloned().unwrap_or_default());
            let headers = [
                ("X-Incus-OIDC-issuer", issuer.as_str()),
                ("X-Incus-OIDC-clientid", "app-1"),
                ("X-Incus-OIDC-audience", ""),
            ];
            answer(out, 403, &headers, b"{}")
        }
        _ => answer(out, 404, &[], b""),
    });
    issuer.set(pair.provider.issuer()).expect("once");
    pair
}

#[test]
fn settings_in_headers_are_compared_letter_for_letter() {
    let same = incus("");
    let said = same.check(Some(&same.provider.issuer()), "incus", &["--client-id", "app-1"]);
    assert_eq!(verdict(&said, "capture/provider"), "pass");
    let slash = incus("/");
    let said = slash.check(Some(&slash.provider.issuer()), "incus", &["--client-id", "app-1"]);
    assert_eq!(verdict(&said, "capture/provider"), "login-fails");
}

/// NetBird's dashboard: a page with many scripts, of which one has the settings, as its own build writes them.
fn netbird(client: &'static str) -> Pair {
    Pair::new("", "/auth", client, "openid", |path, request, out| {
        let issuer = request.split("/authorize").next().unwrap_or_default();
        let client = request.split("client_id=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default();
        let script = [("Content-Type", "application/javascript")];
        match path {
            "/" => {
                let scripts: String = (0..12)
                    .map(|i| format!(r#"<script src="/_next/static/chunks/{i}.js" async=""></script>"#))
                    .collect();
                let page = format!(
                    r#"<!DOCTYPE html><html><head>{scripts}<script src="https://elsewhere.example.test/x.js">"#
                );
                answer(out, 200, &[("Content-Type", "text/html")], page.as_bytes())
            }
            "/_next/static/chunks/5.js" => {
                let settings = format!(
                    r#"}},497923,e=>{{e.v({{auth0Auth:"false",authAuthority:"{issuer}",authClientId:"{client}",authClientSecret:"CANARY-5"}})}}"#
                );
                answer(out, 200, &script, settings.as_bytes())
            }
            _ if path.starts_with("/_next/") => answer(out, 200, &script, b"(()=>{})()"),
            _ => answer(out, 404, &[], b""),
        }
    })
}

#[test]
fn settings_are_found_in_the_scripts_of_a_page() {
    let pair = netbird("app-1");
    let folder = tempfile::tempdir().expect("a folder");
    let har = folder.path().join("run.har");
    let record = ["--client-id", "app-1", "--record", har.to_str().expect("a path")];
    let said = pair.check(Some(&pair.provider.issuer()), "netbird", &record);
    for check in ["as-typed", "provider"] {
        assert_eq!(verdict(&said, &format!("capture/{check}")), "pass", "{check}: {}", said.stdout);
    }
    // The page, four scripts, and four more, of which the second has them.
    assert_eq!(pair.app.heads().len(), 9, "{:?}", pair.app.heads());
    let recorded = std::fs::read_to_string(&har).expect("a recording");
    assert!(recorded.contains("authClientSecret") && !recorded.contains("CANARY") && !said.contains("CANARY"));
    let replayed = said_again(&har);
    assert_eq!(verdict(&replayed, "capture/provider"), "pass");

    let other = netbird("app-2");
    let said = other.check(Some(&pair.provider.issuer()), "netbird", &["--client-id", "app-1"]);
    assert_eq!(verdict(&said, "capture/as-typed"), "login-fails");
    assert_eq!(verdict(&said, "capture/provider"), "degraded", "another provider");
    // Without an issuer the dashboard tells it.
    let said = pair.check(None, "netbird", &[]);
    assert!(said.stderr.contains(&format!("uses {}", pair.provider.issuer())), "{}", said.stderr);
}

fn said_again(har: &std::path::Path) -> Said {
    said(oidcheck().arg("replay").arg(har).args(["--profile", "netbird", "--format", "json"]))
}

#[test]
fn a_profile_of_ones_own_gives_a_path_from_which_redirects_lead_on() {
    let pair = Pair::new("", "/cb", "app-1", "openid", |path, request, out| match path {
        "/login" => answer(out, 302, &[("Location", "/auth/start?next=%2F")], b""),
        "/auth/start?next=%2F" => answer(out, 303, &[("Location", request)], b""),
        _ => answer(out, 404, &[], b""),
    });
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("mine.toml");
    let text = "id = \"mine\"\ntitle = \"Mine\"\nlibrary = \"generic\"\nscopes = [\"openid\"]\n[[redirect]]\nuri = \"{base}/cb\"\n[[capture]]\nrequest = \"GET /login\"\nshows = \"a redirect\"\n";
    std::fs::write(&profile, text).expect("writes");
    let profile = profile.display().to_string();
    all_pass(&pair.check(Some(&pair.provider.issuer()), &profile, &["--client-id", "app-1"]));
    // Round and round: it ends, and nobody is blamed.
    let circle = Pair::new("", "/cb", "app-1", "openid", |path, _, out| {
        let next = format!("{path}x");
        answer(out, 302, &[("Location", &next)], b"")
    });
    let said = circle.check(Some(&circle.provider.issuer()), &profile, &["--client-id", "app-1"]);
    assert_eq!(verdict(&said, "capture/accepted"), "not-applicable");
    assert!(circle.app.heads().len() <= 5, "{}", circle.app.heads().len());
}

#[test]
fn the_application_is_followed_no_further_than_its_own_host() {
    let foreign = Server::http(|_, out| answer(out, 200, &[], b""));
    let elsewhere = format!("http://localhost:{}/portal", foreign.address.port());
    let pair =
        Pair::new("", "/x", "app-1", "openid", move |_, _, out| answer(out, 302, &[("Location", &elsewhere)], b""));
    let said = pair.check(Some(&pair.provider.issuer()), "xen-orchestra", &["--client-id", "app-1"]);
    assert_eq!(verdict(&said, "capture/accepted"), "not-applicable");
    assert!(foreign.heads().is_empty());
}

#[test]
fn without_an_issuer_the_application_tells_it() {
    // As Keycloak has it: the metadata is three steps above the authorization endpoint.
    let pair =
        Pair::new(
            "/realms/main",
            "/signin/oidc/callback",
            "app-1",
            "openid profile",
            |path, request, out| match path {
                "/signin/oidc" => answer(out, 302, &[("Location", request)], b""),
                _ => answer(out, 404, &[], b""),
            },
        );
    let issuer = format!("{}/realms/main", pair.provider.issuer());
    let said = pair.check(None, "xen-orchestra", &[]);
    assert_eq!(said.json()["runs"][0]["target"]["issuer"].as_str(), Some(issuer.as_str()), "{}", said.stdout);
    assert!(
        said.stderr.contains(&format!("no issuer was given; {} uses {issuer}", pair.app.issuer())),
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains("no client id was given") && said.stderr.contains("app-1"), "{}", said.stderr);
    all_pass(&said);
    assert_eq!(pair.app.heads().len(), 1, "it is asked once, and not again for the checks");
    let documents = pair
        .provider
        .heads()
        .into_iter()
        .filter(|head| head.contains(&format!("{issuer}{WELL_KNOWN}").replace(&pair.provider.issuer(), "")));
    assert_eq!(documents.count(), 1, "the metadata that was found is not fetched again");
}

#[test]
fn an_issuer_in_the_settings_is_taken_letter_for_letter() {
    let pair = incus("");
    let said = pair.check(None, "incus", &[]);
    assert!(said.stderr.contains(&format!("uses {}\n", pair.provider.issuer())), "{}", said.stderr);
    assert_eq!(verdict(&said, "capture/provider"), "pass");
    assert_eq!(pair.app.heads().len(), 2, "both captures, once each");
}

#[test]
fn a_provider_that_cannot_be_found_is_no_finding_but_a_reason() {
    // As authentik has it: the endpoint is shared, and the metadata below another path.
    let pair =
        Pair::new("/application/o/shop", "/signin/oidc/callback", "app-1", "openid", |path, request, out| match path {
            "/signin/oidc" => {
                answer(out, 302, &[("Location", &request.replace("/o/shop/authorize", "/o/authorize/"))], b"")
            }
            _ => answer(out, 404, &[], b""),
        });
    let said = pair.check(None, "xen-orchestra", &[]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.stderr.contains("/application/o/authorize/, and no metadata above that names it"), "{}", said.stderr);
    assert!(pair.provider.heads().len() <= 6, "bounded");
    // Metadata above it that names another endpoint belongs to somebody else.
    let other = Pair::new("", "/x", "app-1", "openid", |_, request, out| {
        answer(out, 302, &[("Location", &request.replace("/authorize", "/tenant/authorize"))], b"")
    });
    let said = other.check(None, "xen-orchestra", &[]);
    assert!(said.code == 3 && said.stderr.contains("no metadata above that names it"), "{said:?}");
    let silent = Pair::new("", "/x", "app-1", "openid", |_, _, out| answer(out, 404, &[], b"nothing"));
    let said = silent.check(None, "xen-orchestra", &[]);
    assert!(said.code == 3 && said.stderr.contains("status 404"), "{said:?}");
}

#[test]
fn without_an_issuer_something_has_to_be_there_to_ask() {
    for (args, words) in [
        (&["check"][..], "neither an issuer nor an application"),
        (&["check", "--app-url", "https://app.test"], "shows nobody without a login where its provider is"),
        (&["check", "--app-url", "https://app.test", "--profile", "proxmox"], "--set realm-name"),
        (
            &["check", "--app-url", "https://app.test", "--profile", "xen-orchestra", "--tier", "secret"],
            "--client-secret-file",
        ),
    ] {
        let said = run(args);
        assert!(said.code == 2 && said.stderr.contains(words), "{args:?}: {said:?}");
    }
}

#[test]
fn a_dry_run_shows_everything_that_would_be_asked() {
    let said = run(&[
        "check",
        "https://op.test",
        "--app-url",
        "https://app.test",
        "--profile",
        "netbird",
        "--profile",
        "incus",
        "--client-id",
        "c",
        "--dry-run",
    ]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{said:?}");
    for member in
        ["authorization", "token", "userinfo", "device_authorization", "introspection", "revocation", "end_session"]
    {
        assert!(said.stdout.contains(&format!("<{member}_endpoint of the metadata>")), "{member}: {}", said.stdout);
    }
    for text in ["OPTIONS ", "post_logout_redirect_uri=", "oidcheck-unknown-client", "Origin: https://app.test"] {
        assert!(said.stdout.contains(text), "{text}: {}", said.stdout);
    }
    let said = run(&["check", "--app-url", "https://app.test", "--profile", "xen-orchestra", "--dry-run"]);
    assert!(said.code == 0 && said.stdout.contains("GET https://app.test/signin/oidc"), "{said:?}");
    assert!(said.stdout.contains("client_id=%3Cclient%20id%20of%20the%20application%3E"), "{}", said.stdout);
    let said = run(&[
        "check",
        "https://op.test",
        "--app-url",
        "https://pve.test:8006",
        "--profile",
        "proxmox",
        "--set",
        "realm-name=lab",
        "--client-id",
        "c",
        "--dry-run",
    ]);
    assert!(said.stdout.contains("POST https://pve.test:8006/api2/json/access/openid/auth-url"), "{}", said.stdout);
    assert!(
        said.stdout.contains("<authorization_endpoint of the metadata>?<the application's own request>"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("realm=lab&redirect-url=https%3A%2F%2Fpve.test%3A8006"), "{}", said.stdout);
}

#[test]
fn a_recording_of_what_the_application_showed_says_the_same_again() {
    let pair = Pair::new("", "", "app-1", "openid profile", |_, request, out| {
        json(out, &serde_json::json!({ "data": request }).to_string())
    });
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.har").display().to_string();
    let profile = ["--set", "realm-name=lab", "--record", &file];
    let first = pair.check(None, "proxmox", &profile);
    let args = ["replay", &file, "--profile", "proxmox", "--set", "realm-name=lab", "--format", "json"];
    let again = run(&args);
    let outcomes = |said: &Said| said.json()["runs"][0]["outcomes"].clone();
    assert_eq!(outcomes(&first), outcomes(&again));
    assert_eq!(verdict(&again, "capture/login-starts"), "pass");
    assert_eq!(pair.app.heads().len(), 1);
}
