//! Canaries: secrets that must appear in no output, no report and no recording, whatever happens to be shown.
//!
//! Credentials on the command line and in a proxy's URL have their test in `cli.rs`; here are those that a provider or
//! the environment hands to us.

mod common;

use common::{Server, WELL_KNOWN, answer, json, metadata, oidcheck, said};
use oidcheck_checks::evidence::jwks::PRIVATE_MEMBERS;
use oidcheck_op::{Options, start};
use serde_json::Value;
use std::io::{Read as _, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, OnceLock};

const CANARY: &str = "CANARY4711";

/// Everything that a run with these arguments says or writes: stdout in each format, stderr, report files and the
/// recording; then the same of a replay of that recording.
fn everything(args: &[&str], environment: &[(&str, &str)]) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut all = Vec::new();
    for format in ["human", "json", "junit"] {
        let (har, file) = (path("run.har"), path("report"));
        let mut run = oidcheck();
        run.arg("check").args(args).args(["--format", format, "--record"]).arg(&har);
        run.arg("-o").arg(format!("{format}={}", file.display())).envs(environment.iter().copied());
        let run = said(&mut run);
        assert!([0, 1, 4].contains(&run.code), "{run:?}");
        let mut replay = oidcheck();
        let replay = said(replay.arg("replay").arg(&har).args(["--format", format]));
        assert_eq!((replay.code, &replay.stdout), (run.code, &run.stdout), "a replay says the same");
        all.push((format!("stdout as {format}"), run.stdout));
        all.push((format!("stderr as {format}"), run.stderr));
        all.push((format!("{format} in a file"), read(&file)));
        all.push(("the recording".to_owned(), read(&har)));
        all.push((format!("a replay as {format}"), replay.stdout));
    }
    all
}

fn nowhere(secret: &str, said: &[(String, String)]) {
    for (place, text) in said {
        assert!(!text.contains(secret), "{secret} in {place}: {text}");
    }
}

/// The key set as anybody gets it.
fn key_set(provider: SocketAddr) -> Value {
    let mut stream = TcpStream::connect(provider).expect("connects");
    stream.write_all(b"GET /jwks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("asks");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answers");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_published_private_key_is_named_and_not_shown() {
    let options = Options { tls: false, ..Options::with_faults(["private-key-published"]) };
    let provider = start(options).await.expect("starts");
    let (issuer, address) = (provider.issuer.clone(), provider.addr);
    let checked = move || (key_set(address), everything(&[&issuer], &[]));
    let (keys, said) = tokio::task::spawn_blocking(checked).await.expect("no panic");
    provider.stop().await;
    let mut secrets = 0;
    for key in keys["keys"].as_array().expect("keys") {
        for name in PRIVATE_MEMBERS {
            if let Some(secret) = key[name].as_str() {
                secrets += 1;
                nowhere(secret, &said);
                // Nor any piece of it that is long enough to be worth something.
                nowhere(&secret[secret.len() / 3..secret.len() / 3 + 16], &said);
            }
        }
    }
    assert!(secrets >= 6, "the fault publishes {secrets} secrets");
    assert!(said[0].1.contains("d, p, q"), "the report does not say which: {}", said[0].1);
}

/// A key set is scanned as text, so one that nobody can parse is as safe.
#[test]
fn a_broken_key_set_keeps_its_secrets_too() {
    for set in [
        format!(r#"{{"keys":[{{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB","d":"{CANARY}"#),
        format!(r#"[{{"kty":"RSA","kid":"a","p":"{CANARY}"}}]"#),
        format!(r#"{{"keys":[{{"kty":"oct","kid":"a","k":"{CANARY}"}}]}} <!-- cached -->"#),
    ] {
        let server = at_itself(move |path, issuer, out| match path {
            WELL_KNOWN => json(out, &metadata(issuer)),
            _ => json(out, &set),
        });
        nowhere(CANARY, &everything(&[&server.issuer()], &[]));
    }
}

#[test]
fn a_password_in_a_redirect_is_not_shown() {
    type Redirect = fn(&str) -> String;
    let with_password: Redirect = |issuer| issuer.replace("//", &format!("//user:{CANARY}@"));
    let cases: [(&str, Redirect); 3] = [
        ("to the document", |issuer| format!("{}/there", issuer.replace("//", &format!("//user:{CANARY}@")))),
        ("in a circle", |issuer| format!("{}{WELL_KNOWN}", issuer.replace("//", &format!("//user:{CANARY}@")))),
        ("to nowhere", |issuer| issuer.replace("http://", &format!("gopher://user:{CANARY}@"))),
    ];
    for (name, to) in cases {
        let server = at_itself(move |path, issuer, out| match path {
            WELL_KNOWN => answer(out, 302, &[("Location", &to(issuer))], b""),
            "/jwks" => answer(out, 302, &[("Location", &format!("{}/keys", with_password(issuer)))], b""),
            "/there" => json(out, &metadata(issuer)),
            _ => json(out, r#"{"keys":[]}"#),
        });
        let said = everything(&[&server.issuer()], &[]);
        nowhere(CANARY, &said);
        assert!(said.iter().any(|(_, text)| text.contains("***@")), "{name}: the redirect is not told at all");
    }
}

#[test]
fn a_password_of_the_proxy_is_not_shown() {
    let proxy = Server::http(|_, out| answer(out, 407, &[("Proxy-Authenticate", "Basic realm=x")], b""));
    let through = format!("http://user:{CANARY}@{}", proxy.address);
    for variable in ["http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        for issuer in ["http://op.made-up.test", "https://op.made-up.test"] {
            nowhere(CANARY, &everything(&[issuer], &[(variable, &through)]));
        }
    }
    // What the header says is only encoded, which hides nothing.
    let encoded = base64(&format!("user:{CANARY}"));
    assert!(proxy.heads().iter().any(|head| head.contains(&encoded)), "the proxy was never asked with the password");
    nowhere(&encoded, &everything(&["http://op.made-up.test"], &[("http_proxy", &through)]));
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// A server whose answers name its own issuer.
fn at_itself(serve: impl Fn(&str, &str, &mut dyn Write) -> std::io::Result<()> + Send + Sync + 'static) -> Server {
    let issuer = Arc::new(OnceLock::<String>::new());
    let known = issuer.clone();
    let server = Server::http(move |path, out| serve(path, known.get().map_or("", String::as_str), out));
    issuer.set(server.issuer()).expect("once");
    server
}
