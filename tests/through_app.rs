//! A login at the application itself, against the embedded provider: applications that let people in, applications that
//! refuse, each with its own way of saying so; and nothing that a session is made of is ever shown or kept.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{Said, Server, answer, json, oidcheck, provider, said};
use oidcheck_op::Client;
use serde_json::Value;
use std::sync::{Arc, OnceLock};

const SECRET: &str = "web-secret-for-loopback-only";
const PASSWORD: &str = "alice-password";
/// What only the application and the browser know.
const SESSION: &str = "canary-session-of-the-application";
const TICKET: &str = "canary-ticket-of-alice";
const STATE: &str = "state-of-the-application";

/// The provider with the application's client, and the application.
struct Pair {
    provider: oidcheck_op::Running,
    _runtime: tokio::runtime::Runtime,
    app: Server,
    folder: tempfile::TempDir,
}

impl Pair {
    /// `answers` gets the path and the authorization request that the application sends.
    fn start(
        callback: &str,
        answers: impl Fn(&str, &str, &mut dyn std::io::Write) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Pair {
        let request = Arc::new(OnceLock::<String>::new());
        let sent = request.clone();
        let app = Server::http(move |path, out| answers(path, sent.get().map_or("", String::as_str), out));
        let uri = format!("{}{callback}", app.issuer());
        let mut options = oidcheck_op::Options::default();
        options.clients.push(Client::confidential("app", SECRET, &[&uri]));
        let (provider, _runtime) = provider(options);
        let pairs = [
            ("response_type", "code"),
            ("client_id", "app"),
            ("redirect_uri", &uri),
            ("scope", "openid profile"),
            ("state", STATE),
        ];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        request.set(format!("{}/authorize?{query}", provider.issuer)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), provider.ca_pem.as_deref().unwrap()).unwrap();
        std::fs::write(folder.path().join("secret"), SECRET).unwrap();
        Pair { provider, _runtime, app, folder }
    }

    fn check(&self, profile: &str, more: &[&str]) -> Said {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let mut command = oidcheck();
        command.args(["check", &self.provider.issuer, "--ca-file", &path("ca.pem"), "--client-id", "app"]);
        command.args(["--client-secret-file", &path("secret"), "--app-url", &self.app.issuer()]);
        if !more.contains(&"--login") {
            command.args(["--login", "form"]);
        }
        command.args(["--profile", profile, "--format", "json", "--record", &path("run.har")]).args(more);
        said(command.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", PASSWORD))
    }

    /// Nothing that a session is made of is in what was said and kept, and the recording is judged as the run was.
    fn harmless(&self, run: &Said, profile: &[&str]) {
        let recording = self.folder.path().join("run.har");
        let har = std::fs::read_to_string(&recording).unwrap();
        let heads = self.app.heads().join("\n");
        let code = heads.split("code=").nth(1).unwrap().split(['&', ' ']).next().unwrap().to_owned();
        assert!(code.len() > 8, "{code}");
        for canary in [PASSWORD, SECRET, SESSION, TICKET, &code] {
            assert!(!har.contains(canary) && !run.contains(canary), "{canary}: {run:?}");
        }
        let recording = recording.display().to_string();
        let mut command = oidcheck();
        let replayed = said(command.args(["replay", &recording, "--format", "json"]).args(profile));
        assert_eq!(lets_in(&replayed), lets_in(run));
    }
}

/// What the check says: its verdict, or what it found.
fn lets_in(run: &Said) -> (String, String) {
    let report = run.json();
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap().clone();
    let outcome = outcomes.into_iter().find(|outcome| outcome["check"] == "app/lets-in").unwrap_or(Value::Null);
    let verdict = outcome["verdict"].as_str().unwrap_or_default().to_owned();
    (verdict, outcome["findings"][0]["actual"].as_str().unwrap_or_default().to_owned())
}

/// Xen Orchestra: the callback sets the cookie, or sends people back with red text.
fn xen_orchestra(lets_in: bool) -> Pair {
    Pair::start("/signin/oidc/callback", move |path, request, out| {
        let session = format!("sid={SESSION}; Path=/; HttpOnly");
        let token = format!("token={TICKET}; Path=/");
        let html = [("Content-Type", "text/html")];
        match path.split('?').next().unwrap_or_default() {
            "/signin/oidc" => answer(out, 302, &[("Location", request), ("Set-Cookie", &session)], b""),
            "/signin/oidc/callback" if lets_in => answer(out, 303, &[("Location", "/"), ("Set-Cookie", &token)], b""),
            "/signin/oidc/callback" => answer(out, 303, &[("Location", "/signin")], b""),
            "/" => answer(out, 200, &html, TICKET.as_bytes()),
            "/signin" => {
                let page = format!("<head><title>Sign in</title></head><p>ID token has expired. {SESSION}</p>");
                answer(out, 200, &html, page.as_bytes())
            }
            _ => answer(out, 404, &[], b""),
        }
    })
}

#[test]
fn the_callback_of_an_application_that_lets_in() {
    let pair = xen_orchestra(true);
    let run = pair.check("xen-orchestra", &["--through-app"]);
    assert_eq!(lets_in(&run).0, "pass", "{run:?}");
    assert!(run.stderr.contains("a real session was opened") && run.stderr.contains("could not be closed"), "{run:?}");
    let heads = pair.app.heads();
    let back: Vec<&String> = heads.iter().filter(|head| head.starts_with("GET /signin/oidc/callback?")).collect();
    assert_eq!(back.len(), 1, "{heads:?}");
    // As the browser brings it: with the cookie of the start, and with the application's own state.
    assert!(back[0].to_lowercase().contains(&format!("cookie: sid={SESSION}")), "{back:?}");
    assert!(back[0].contains(&format!("state={STATE}")), "{back:?}");
    pair.harmless(&run, &["--profile", "xen-orchestra"]);
}

#[test]
fn the_callback_of_an_application_that_refuses() {
    let pair = xen_orchestra(false);
    let run = pair.check("xen-orchestra", &["--through-app"]);
    let (verdict, actual) = lets_in(&run);
    assert_eq!((verdict.as_str(), run.code), ("fail", 1), "{run:?}");
    assert!(actual.contains("ID token has expired.") && !actual.contains("Sign in"), "{actual}");
    assert!(!run.stderr.contains("session"), "{run:?}");
    pair.harmless(&run, &["--profile", "xen-orchestra"]);
}

/// Incus: the callback always leads to the user interface, and the next request says who one is.
fn incus(auth: &'static str, logout: u16) -> Pair {
    let left = std::sync::atomic::AtomicBool::new(false);
    Pair::start("/oidc/callback", move |path, request, out| {
        use std::sync::atomic::Ordering::SeqCst;
        let auth = if left.load(SeqCst) { "untrusted" } else { auth };
        let cookie = format!("oidc_access={SESSION}; Path=/");
        match path.split('?').next().unwrap_or_default() {
            "/oidc/login" => answer(out, 302, &[("Location", request)], b""),
            "/oidc/callback" => answer(out, 301, &[("Location", "/ui/"), ("Set-Cookie", &cookie)], b""),
            "/1.0" => json(out, &format!(r#"{{"metadata":{{"auth":"{auth}","auth_user_name":"{TICKET}"}}}}"#)),
            "/oidc/logout" => {
                left.store(logout == 200, SeqCst);
                answer(out, logout, &[], b"")
            }
            _ => answer(out, 403, &[], b"{}"),
        }
    })
}

#[test]
fn a_callback_that_proves_nothing_is_followed_by_a_question() {
    for (auth, logout, verdict, note) in [
        ("trusted", 200, "pass", "closed again"),
        ("trusted", 204, "pass", "after /oidc/logout the person is still in"),
        ("trusted", 404, "pass", "could not be closed: /oidc/logout gave status 404"),
        ("untrusted", 200, "fail", ""),
    ] {
        let pair = incus(auth, logout);
        let run = pair.check("incus", &["--through-app"]);
        let (said, actual) = lets_in(&run);
        assert_eq!(said, verdict, "{auth}: {run:?}");
        assert_eq!(actual, if verdict == "fail" { "status 200: untrusted" } else { "" });
        assert!(run.stderr.contains(note), "{run:?}");
        assert_eq!(run.stderr.contains("a real session was opened"), verdict == "pass", "{run:?}");
        let heads = pair.app.heads().join("\n").to_lowercase();
        assert!(heads.contains(&format!("cookie: oidc_access={SESSION}")), "{heads}");
        pair.harmless(&run, &["--profile", "incus"]);
    }
}

/// Proxmox: its page posts the code, and the answer has a ticket or is a 401.
fn proxmox(lets_in: bool) -> Pair {
    Pair::start("", move |path, request, out| match path {
        "/api2/json/access/openid/auth-url" => json(out, &serde_json::json!({ "data": request }).to_string()),
        "/api2/json/access/openid/login" if lets_in => json(
            out,
            &serde_json::json!({"data": {"ticket": TICKET, "CSRFPreventionToken": SESSION, "cap": {}}}).to_string(),
        ),
        "/api2/json/access/openid/login" => {
            let body = br#"{"data":null,"message":"authentication failure\n"}"#;
            answer(out, 401, &[("Content-Type", "application/json")], body)
        }
        _ => answer(out, 404, &[], b""),
    })
}

#[test]
fn a_code_that_is_posted() {
    let realm = ["--profile", "proxmox", "--set", "realm-name=lab"];
    for (lets, verdict) in [(true, "pass"), (false, "fail")] {
        let pair = proxmox(lets);
        let run = pair.check("proxmox", &["--set", "realm-name=lab", "--through-app"]);
        let (said, actual) = lets_in(&run);
        assert_eq!(said, verdict, "{run:?}");
        assert_eq!(actual, if lets { "" } else { "status 401: authentication failure" });
        assert_eq!(run.stderr.contains("ends by itself after two hours"), lets, "{run:?}");
        let heads = pair.app.heads();
        let posts: Vec<&String> =
            heads.iter().filter(|head| head.starts_with("POST /api2/json/access/openid/login ")).collect();
        let origin: String = url::form_urlencoded::byte_serialize(pair.app.issuer().as_bytes()).collect();
        assert_eq!(posts.len(), 1, "{heads:?}");
        assert!(
            posts[0].contains(&format!("redirect-url={origin}")) && posts[0].contains(&format!("state={STATE}")),
            "{posts:?}"
        );
        pair.harmless(&run, &realm);
    }
}

#[test]
fn a_page_that_refuses_at_the_callback_is_kept_without_its_code() {
    // Xen Orchestra has such a page for every missing claim; this one repeats its own address.
    let pair =
        Pair::start("/signin/oidc/callback", |path, request, out| match path.split('?').next().unwrap_or_default() {
            "/signin/oidc" => answer(out, 302, &[("Location", request)], b""),
            _ => answer(
                out,
                500,
                &[("Content-Type", "text/html")],
                format!("'undefined' == 'string' at {path}").as_bytes(),
            ),
        });
    let run = pair.check("xen-orchestra", &["--through-app"]);
    let (verdict, actual) = lets_in(&run);
    assert_eq!(verdict, "fail", "{run:?}");
    assert!(actual.starts_with("status 500: 'undefined' == 'string'"), "{actual}");
    pair.harmless(&run, &["--profile", "xen-orchestra"]);
}

#[test]
fn a_recording_says_nothing_of_another_application() {
    let pair = xen_orchestra(true);
    pair.check("xen-orchestra", &["--through-app"]);
    let recording = pair.folder.path().join("run.har").display().to_string();
    let replayed = common::run(&["replay", &recording, "--profile", "incus", "--format", "json"]);
    assert_eq!(lets_in(&replayed).0, "not-applicable", "{replayed:?}");
}

#[test]
fn what_cannot_be_tried_is_refused_before_anything_is_sent() {
    let pair = xen_orchestra(true);
    for (profile, more, why) in [
        ("xen-orchestra", &["--profile", "incus"][..], "one application alone"),
        ("generic", &[], "is not known"),
        ("proxmox", &[], "--set realm-name"),
        ("xen-orchestra", &["--login", "paste"], "--login form alone"),
    ] {
        let run = pair.check(profile, &[&["--through-app"], more].concat());
        assert!(run.code == 2 && run.stderr.contains(why), "{run:?}");
    }
    assert!(pair.app.heads().is_empty());
}

#[test]
fn it_is_tried_only_on_demand_and_only_at_the_provider_that_is_checked() {
    let pair = xen_orchestra(true);
    let run = pair.check("xen-orchestra", &[]);
    assert_eq!(lets_in(&run).0, "not-applicable", "{run:?}");
    assert!(!pair.app.heads().iter().any(|head| head.contains("/callback")));
    // An application of somebody who collects passwords.
    let other = Pair::start("/signin/oidc/callback", |path, _, out| match path {
        "/signin/oidc" => answer(
            out,
            302,
            &[("Location", "http://127.0.0.1:9/authorize?response_type=code&client_id=app&redirect_uri=x")],
            b"",
        ),
        _ => answer(out, 404, &[], b""),
    });
    let run = other.check("xen-orchestra", &["--through-app"]);
    assert!(run.stderr.contains("which is not the provider that is checked"), "{run:?}");
    assert_ne!(run.code, 0, "what was asked for did not happen: {run:?}");
}
