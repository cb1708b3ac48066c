//! The way to the login page as the binary goes it: with the cookies that the provider sets, inside the provider, and
//! with nothing of it in a recording.

mod common;

use common::{Server, WELL_KNOWN, answer, json, metadata, oidcheck, said};
use std::sync::{Arc, OnceLock};

const VALUE: &str = "cookie-of-nobody-51c8";

#[test]
fn the_way_to_the_login_page_takes_cookies_along_and_keeps_none() {
    let issuer = Arc::new(OnceLock::<String>::new());
    let known = issuer.clone();
    let server = Server::http(move |path, out| {
        let issuer = known.get().cloned().unwrap_or_default();
        let cookie = format!("sid={VALUE}; Path=/");
        match path.split('?').next().unwrap_or_default() {
            WELL_KNOWN => json(out, &metadata(&issuer)),
            "/jwks" => json(out, r#"{"keys":[]}"#),
            "/authorize" if path.contains("oidcheck-unknown") || path.contains("oidcheck.invalid") => {
                answer(out, 400, &[("Content-Type", "text/html")], b"refused")
            }
            "/authorize" if path.contains("prompt=none") => {
                let to = "https://app.example.test/cb?error=login_required&state=x";
                answer(out, 302, &[("Location", to)], b"")
            }
            "/authorize" => answer(out, 302, &[("Location", "/step"), ("Set-Cookie", &cookie)], b""),
            "/step" => answer(out, 302, &[("Location", "/login")], b""),
            "/login" => answer(
                out,
                200,
                &[("Content-Type", "text/html"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "unsafe-url")],
                b"<form>",
            ),
            _ => answer(out, 404, &[], b""),
        }
    });
    issuer.set(server.issuer()).expect("once");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.har");
    let mut command = oidcheck();
    command.args(["check", &server.issuer(), "--client-id", "app", "--redirect-uri", "https://app.example.test/cb"]);
    let ran = said(command.args(["--format", "json", "--record"]).arg(&file));
    for (check, verdict) in [("authorize/no-framing", "pass"), ("authorize/no-referrer", "fail")] {
        let outcome = ran.json()["runs"][0]["outcomes"]
            .as_array()
            .and_then(|all| all.iter().find(|o| o["check"] == check).cloned())
            .expect("selected");
        assert_eq!(outcome["verdict"], verdict, "{outcome}");
    }
    for path in ["/step", "/login"] {
        let head = server.heads().into_iter().find(|head| head.starts_with(&format!("GET {path} "))).expect("asked");
        assert!(head.to_ascii_lowercase().contains(&format!("cookie: sid={VALUE}")), "{head}");
    }
    let others = server.heads().into_iter().filter(|head| !head.contains("/step") && !head.contains("/login"));
    assert!(others.into_iter().all(|head| !head.contains(VALUE)), "nobody else gets it");
    let recorded = std::fs::read_to_string(&file).expect("a recording");
    assert!(!recorded.contains(VALUE) && !ran.contains(VALUE), "it is kept nowhere");
}
