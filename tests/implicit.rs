//! A login by the implicit flow, from the command line to the verdict: the ID token comes by a form that a browser would
//! post, or in a fragment, and is judged as one of a token response is. What the form holds goes nowhere, and nothing of
//! it that is secret is kept.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use common::{Said, Server, WELL_KNOWN, answer, json, metadata, oidcheck, provider, run, said};
use oidcheck_checks::evidence::{LoginStep, Slot};
use oidcheck_op::{Implicit, Options, Policy, Running};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

const PASSWORD: &str = "alice-password";
const REDIRECT: &str = "https://app.example.test/callback";
const VIRTUOZZO: [&str; 4] = ["--profile", "virtuozzo", "--set", "flow=implicit"];

/// An application of one's own, with an access token besides, and the fragment for both.
const OWN: &str = r#"
id = "front"
title = "Front"
versions = "1"
about = "It takes both tokens from the authorization endpoint."
library = "generic"
flow = "implicit"
response-type = "id_token token"
extra-parameters = { response_mode = "fragment" }
scopes = ["openid", "email"]
nonce = "required"

[[claim]]
name = "email"
read-from = "id-token"
required = true
username = true
type = "string"
scope = "email"
without = "nobody is known"
"#;

/// The embedded provider with the implicit flow, over TLS, with its authority in a file.
struct Provider {
    running: Running,
    _runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
}

impl Provider {
    fn start(implicit: Implicit, faults: &[&str]) -> Provider {
        Provider::with(implicit, Options::with_faults(faults.iter().copied()))
    }

    fn with(implicit: Implicit, options: Options) -> Provider {
        let policy = Policy { implicit, ..Policy::default() };
        let (running, _runtime) = provider(Options { policy, ..options });
        let folder = tempfile::tempdir().unwrap();
        let ca = running.ca_pem.clone().unwrap_or_default();
        std::fs::write(folder.path().join("ca.pem"), ca).unwrap();
        std::fs::write(folder.path().join("own.toml"), OWN).unwrap();
        Provider { running, _runtime, folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Logs alice in as her browser would, over an address of the authorization endpoint, and gives where that ends.
    fn ends_at(&self, url: &str) -> String {
        let query = url.split_once('?').unwrap().1;
        let body = format!("{query}&username=alice&password={PASSWORD}");
        let mut stream = TcpStream::connect(self.running.addr).unwrap();
        let kind = "Connection: close\r\nContent-Type: application/x-www-form-urlencoded";
        let head = format!("POST /login HTTP/1.1\r\nHost: {}\r\n{kind}", self.running.addr);
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let line = answer.lines().find(|line| line.to_ascii_lowercase().starts_with("location:")).expect(&answer);
        line.split_once(": ").unwrap().1.to_owned()
    }

    fn arguments(&self) -> Vec<String> {
        let client = ["--client-id", "web", "--redirect-uri", REDIRECT, "--format", "json"];
        let mut all: Vec<String> =
            ["check", &self.running.issuer].into_iter().chain(client).map(str::to_owned).collect();
        if self.running.ca_pem.is_some() {
            all.extend(["--ca-file".to_owned(), self.path("ca.pem")]);
        }
        all
    }

    fn check(&self, profile: &[&str], more: &[&str]) -> Said {
        let mut command = oidcheck();
        command.args(self.arguments()).args(["--login", "form"]).args(profile).args(more);
        said(command.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", PASSWORD))
    }

    /// How many requests came to an endpoint since the last login.
    fn asked(&self, path: &str) -> usize {
        let all = self.running.requests();
        let login = all.iter().rposition(|seen| seen.path() == "/login").expect("somebody logged in");
        all[login..].iter().filter(|seen| seen.path() == path).count()
    }
}

fn outcome<'r>(report: &'r Value, check: &str) -> &'r Value {
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
    outcomes.iter().find(|outcome| outcome["check"] == check).unwrap_or_else(|| panic!("no {check}"))
}

fn verdict(report: &Value, check: &str) -> String {
    outcome(report, check)["verdict"].as_str().unwrap().to_owned()
}

/// The checks with this verdict, but for those of the application itself, which sum the others up.
fn with(report: &Value, verdict: &str) -> Vec<String> {
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap().iter();
    let found = outcomes.filter(|outcome| outcome["verdict"] == verdict);
    let checks = found.map(|outcome| outcome["check"].as_str().unwrap().to_owned());
    checks.filter(|check| !check.starts_with("app/")).collect()
}

/// The user name of the person who logged in.
fn user_name(report: &Value) -> Value {
    let rows = report["runs"][0]["people"][0]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["is"] == "user name").unwrap()["values"].clone()
}

#[test]
fn a_posted_id_token_is_a_login_and_its_recording_is_harmless() {
    let provider = Provider::start(Implicit::Allowed, &[]);
    let recording = provider.path("run.har");
    let login = provider.check(&VIRTUOZZO, &["--depth", "thorough", "--record", &recording]);
    let report = login.json();
    assert_eq!((login.code, &report["runs"][0]["tier"]), (0, &Value::from("login")), "{login:?}");
    assert_eq!((with(&report, "fail"), with(&report, "inconclusive")), (vec![], vec![]), "{login:?}");
    for check in ["token-response/code", "id-token/signature", "id-token/nonce", "claims/present-where-read"] {
        assert_eq!(verdict(&report, check), "pass", "{check}");
    }
    for check in ["token-response/status", "token-response/json", "userinfo/reachable", "session/silent"] {
        assert_eq!(verdict(&report, check), "not-applicable", "{check}");
    }
    assert_eq!(user_name(&report), serde_json::json!(["alice@example.test"]));
    assert_eq!((provider.asked("/token"), provider.asked("/userinfo")), (0, 0), "the login is over");
    let har = std::fs::read_to_string(&recording).unwrap();
    let callback = har.split("\"slot\": \"login-callback:user\"").next().unwrap().rsplit("\"request\"").next().unwrap();
    for part in
        ["response_type=id_token", "response_mode=form_post", "nonce=", "id_token=REDACTED", "REMOVED-it-verified"]
    {
        assert!(callback.contains(part), "{part}: {callback}");
    }
    assert!(!callback.contains("code_challenge"), "{callback}");
    assert!(!har.contains(PASSWORD) && !login.contains(PASSWORD));
    let replayed = run(&["replay", &recording, "--profile", "virtuozzo", "--set", "flow=implicit", "--format", "json"]);
    assert_eq!(replayed.json()["runs"][0]["outcomes"], report["runs"][0]["outcomes"]);
    assert_eq!(user_name(&replayed.json()), user_name(&report));
    // Another flow brings other tokens, so of an application that takes it nothing is said.
    let other = run(&["replay", &recording, "--profile", "xen-orchestra", "--format", "json"]).json();
    assert_eq!(verdict(&other, "id-token/signature"), "inconclusive");
    let why = outcome(&other, "token-response/code")["reason"].as_str().unwrap();
    assert!(why.contains("logged in by the implicit flow"), "{why}");
    assert_eq!(other["runs"][0]["people"].as_array().map_or(0, Vec::len), 0, "{other}");
}

#[test]
fn both_tokens_in_the_fragment_are_read_and_the_access_token_is_used() {
    let provider = Provider::start(Implicit::Allowed, &[]);
    let (own, recording) = (provider.path("own.toml"), provider.path("run.har"));
    let login = provider.check(&["--profile", &own], &["--record", &recording]);
    let report = login.json();
    assert_eq!((login.code, with(&report, "fail")), (0, vec![]), "{login:?}");
    assert_eq!((verdict(&report, "id-token/at-hash"), provider.asked("/userinfo")), ("pass".to_owned(), 1));
    let har = std::fs::read_to_string(&recording).unwrap();
    assert!(har.contains("access_token=REDACTED") && har.contains("access_token=REMOVED"), "{har}");
    let replayed = run(&["replay", &recording, "--profile", &own, "--format", "json"]).json();
    assert_eq!(replayed["runs"][0]["outcomes"], report["runs"][0]["outcomes"]);
}

#[test]
fn what_is_wrong_with_a_posted_token_is_found() {
    for (implicit, fault, check, told) in [
        (Implicit::Allowed, "token-nonce-other", "id-token/nonce", "nonce is not the one that was sent"),
        (Implicit::Allowed, "token-nonce-missing", "id-token/nonce", "nonce is missing"),
        (Implicit::Allowed, "token-thin", "claims/present-where-read", "email"),
        (Implicit::Allowed, "token-bad-signature", "id-token/signature", "does not verify"),
        (Implicit::FragmentAlone, "", "token-response/code", "the tokens come in the fragment"),
        (Implicit::NotForClient, "", "token-response/code", "the error unauthorized_client: this client may not"),
    ] {
        let faults: Vec<&str> = Some(fault).filter(|fault| !fault.is_empty()).into_iter().collect();
        let login = Provider::start(implicit, &faults).check(&VIRTUOZZO, &[]);
        let report = login.json();
        let found = outcome(&report, check)["findings"].to_string();
        assert!(login.code == 1 && found.contains(told), "{implicit:?} {fault}: {login:?}");
        // What is wrong with the answers is seen before the login as well.
        let before = |check: &String| check.starts_with("authorize/");
        let failed: Vec<String> = with(&report, "fail").into_iter().filter(|check| !before(check)).collect();
        assert_eq!(failed, [check], "{implicit:?} {fault}");
    }
}

#[test]
fn metadata_without_the_flow_are_told_before_any_login() {
    let provider = Provider::start(Implicit::Absent, &[]);
    let seen = said(oidcheck().args(provider.arguments()).args(VIRTUOZZO)).json();
    for (check, expected) in [
        ("discovery/response-types", "id_token"),
        ("discovery/response-modes", "form_post"),
        ("discovery/grant-types", "implicit"),
    ] {
        assert_eq!(outcome(&seen, check)["findings"][0]["expected"], expected, "{seen}");
    }
    let refused = outcome(&seen, "authorize/application-request")["findings"].to_string();
    assert!(refused.contains("Allow the implicit flow (response type id_token)"), "{refused}");
    let offered = Provider::start(Implicit::Allowed, &[]);
    let seen = said(oidcheck().args(offered.arguments()).args(VIRTUOZZO)).json();
    assert_eq!(with(&seen, "fail"), Vec::<String>::new());
}

/// A provider of the test: what it answers is a function of the path and of the state of the request.
fn served(page: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> (Server, String) {
    let (state, base) = (Mutex::new(String::new()), Arc::new(OnceLock::<String>::new()));
    let issuer = base.clone();
    let server = Server::http(move |path, out| {
        if let Some((_, sent)) = path.split_once("state=") {
            *state.lock().unwrap() = sent.split('&').next().unwrap().to_owned();
        }
        let text = match path.split('?').next().unwrap() {
            WELL_KNOWN => metadata(issuer.get().unwrap()),
            "/jwks" => r#"{"keys":[]}"#.to_owned(),
            path => page(path, &state.lock().unwrap()),
        };
        match text.as_bytes()[0] {
            b'/' => answer(out, 302, &[("Location", &text)], b""),
            b'<' => answer(out, 200, &[("Content-Type", "text/html")], text.as_bytes()),
            _ => json(out, &text),
        }
    });
    let issuer = base.get_or_init(|| server.issuer()).clone();
    (server, issuer)
}

/// Logs in at a provider of the test, and sees to it that the tokens are nowhere but in its answer.
fn kept(what: &str, (server, issuer): (Server, String), told: &str) {
    let mut command = oidcheck();
    command.args(["check", &issuer, "--client-id", "web", "--redirect-uri", REDIRECT, "--login", "form"]);
    command.args(VIRTUOZZO).env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", PASSWORD);
    let login = said(&mut command);
    assert!(login.contains(told), "{what}: {login:?}");
    let heads = server.heads();
    let secret = |text: &str| ["ID4711", "REFRESH4711"].iter().any(|canary| text.contains(canary));
    assert!(!heads.iter().any(|head| secret(head)), "{what}: {heads:?}");
    assert!(!secret(&login.stdout) && !secret(&login.stderr), "{what}: {login:?}");
}

#[test]
fn what_the_form_holds_goes_nowhere() {
    for (method, action, more, told) in [
        ("post", REDIRECT, ("error", "access_denied"), "the provider ends the login with the error access_denied"),
        ("post", REDIRECT, ("refresh_token", "REFRESH4711"), "a refresh token comes through the browser"),
        ("get", REDIRECT, ("scope", "openid"), "the tokens come in the query"),
        // Nobody may have it but the application, wherever the provider wants it to go.
        ("post", "/elsewhere", ("scope", "openid"), "/elsewhere, and not to https://app.example.test/callback"),
    ] {
        let provider = served(move |path, state| {
            let hidden = |(name, value)| format!("<input type=hidden name={name} value=\"{value}\">");
            let (action, fields) = match path {
                "/authorize" => ("/in", "<input name=username><input type=password name=password>".to_owned()),
                _ => (action, [("id_token", "ID4711"), ("state", state), more].map(hidden).concat()),
            };
            let method = if path == "/authorize" { "post" } else { method };
            format!("<form method={method} action=\"{action}\">{fields}</form>")
        });
        kept(&format!("{method} {action}"), provider, told);
    }
}

#[test]
fn what_a_portal_would_post_goes_nowhere() {
    // As authentik does it.
    for (to, told) in [
        (REDIRECT, "a refresh token comes through the browser"),
        ("https://elsewhere.test/callback", "https://elsewhere.test/callback, and not to https://app.example.test"),
    ] {
        let provider = served(move |path, state| match path {
            "/authorize" => "/if/flow/consent/?a=b".to_owned(),
            "/if/flow/consent/" => "<title>authentik</title><ak-flow-executor>".to_owned(),
            _ => serde_json::json!({ "component": "ak-stage-autosubmit", "url": to, "attrs": {
                "id_token": "ID4711", "refresh_token": "REFRESH4711", "state": state, "expires_in": 300,
            }})
            .to_string(),
        });
        kept(to, provider, told);
    }
}

#[test]
fn a_hash_that_is_missing_beside_an_access_token_is_found() {
    let provider = Provider::start(Implicit::Allowed, &[]);
    let (own, file) = (provider.path("own.toml"), provider.path("run.har"));
    provider.check(&["--profile", &own], &["--record", &file]);
    let mut recording = oidcheck::har::read(Path::new(&file)).unwrap();
    let slot = Slot::Login(LoginStep::Callback, "user".into());
    let mut exchange = recording.evidence.get(&slot).unwrap().clone();
    let response = exchange.outcome.as_mut().unwrap();
    let text = String::from_utf8(response.body.clone()).unwrap();
    let claims = text.split('.').nth(1).unwrap();
    let mut changed: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    changed.as_object_mut().unwrap().remove("at_hash").unwrap();
    response.body = text.replace(claims, &BASE64_URL_SAFE_NO_PAD.encode(changed.to_string())).into_bytes();
    recording.evidence.record(slot, exchange);
    std::fs::write(&file, oidcheck::har::to_har(&recording)).unwrap();
    let replayed = run(&["replay", &file, "--profile", &own, "--format", "json"]).json();
    assert_eq!(with(&replayed, "fail"), ["id-token/at-hash"]);
}

#[test]
fn a_way_to_log_in_that_does_not_see_the_tokens_is_refused_before_anything_is_sent() {
    let provider = Provider::start(Implicit::Allowed, &[]);
    let own = provider.path("own.toml");
    for (way, profile, told) in [
        ("paste", &VIRTUOZZO[..], "no address bar shows it"),
        ("browser", &VIRTUOZZO, "by a form that the browser posts (form_post) to the application"),
        ("browser", &["--profile", &own], "in the fragment, which no browser sends to a server"),
        ("paste", &["--profile", &own, "--profile", "generic"], "one login cannot be by the code flow and"),
    ] {
        let refused = said(oidcheck().args(provider.arguments()).args(["--login", way]).args(profile));
        assert!(refused.code == 2 && refused.stderr.contains(told), "{way}: {refused:?}");
    }
    assert!(provider.running.requests().is_empty());
    let dry = said(
        oidcheck()
            .args(provider.arguments())
            .args(["--login", "form", "--dry-run"])
            .args(VIRTUOZZO)
            .envs([("OIDCHECK_USERNAME", "alice"), ("OIDCHECK_PASSWORD", PASSWORD)]),
    );
    assert!(dry.contains("response_type=id_token") && dry.contains("response_mode=form_post"), "{dry:?}");
    let login = dry.stdout.split("Then somebody logs in").nth(1).unwrap();
    assert!(
        login.contains("the application's own request") && login.contains("is read, and goes no further"),
        "{dry:?}"
    );
    assert!(!login.contains("token_endpoint"), "{dry:?}");
    assert!(provider.running.requests().is_empty());
}

#[test]
fn a_fragment_can_be_pasted() {
    // Over plain http, so that the test can be the browser.
    let provider = Provider::with(Implicit::Allowed, Options { tls: false, ..Options::default() });
    let mut command = Command::new(env!("CARGO_BIN_EXE_oidcheck"));
    command.env_clear().args(provider.arguments()).args(["--login", "paste", "--profile", &provider.path("own.toml")]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let url = lines.map(|line| line.trim().to_owned()).find(|line| line.starts_with("http")).unwrap();
    let back = provider.ends_at(&url);
    assert!(back.starts_with(&format!("{REDIRECT}#id_token=")), "{back}");
    child.stdin.take().unwrap().write_all(format!("{back}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(with(&report, "fail"), ["discovery/https-endpoints"]);
    assert_eq!(verdict(&report, "id-token/at-hash"), "pass");
    assert_eq!(user_name(&report), serde_json::json!(["alice@example.test"]));
}
