//! A client that authenticates by a private key, from outside: with the right key people log in, and each way in which
//! key and registration do not fit is found without a login. Neither key nor assertion is in what is said or recorded.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{Said, oidcheck, provider, said};
use oidcheck_op::{Client, ClientAuth, Options};
use rcgen::{KeyPair, PKCS_ED25519};
use std::path::Path;

const REDIRECT: &str = "https://app.example.test/callback";

fn new_key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ED25519).unwrap()
}

fn client(key: &KeyPair, kid: Option<&str>) -> Client {
    let auth = ClientAuth::Key { public: key.public_key_raw().to_vec(), kid: kid.map(str::to_owned) };
    Client { auth, ..Client::confidential("keyed", "", &[REDIRECT]) }
}

struct Run {
    said: Said,
    har: String,
    replayed: Said,
}

/// Runs a check with a key at a provider with this client, and replays it.
fn run(registered: Client, key: &str, more: &[&str]) -> Run {
    let (op, _runtime) = provider(Options { tls: false, clients: vec![registered], ..Options::default() });
    let folder = tempfile::tempdir().unwrap();
    let (pem, har) = (folder.path().join("key.pem"), folder.path().join("run.har"));
    std::fs::write(&pem, key).unwrap();
    let mut command = oidcheck();
    command.args(["check", &op.issuer, "--client-id", "keyed", "--redirect-uri", REDIRECT, "--format", "json"]);
    command.arg("--client-key-file").arg(&pem).arg("--record").arg(&har).args(more);
    // What stands in the environment is for another client.
    command.env("OIDCHECK_CLIENT_SECRET", "CANARY-of-another-client");
    command.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", "alice-password");
    let said_ = said(&mut command);
    let replayed = said(oidcheck().arg("replay").arg(&har).args(["--format", "json"]));
    let har = std::fs::read_to_string(&har).unwrap_or_default();
    Run { said: said_, har, replayed }
}

/// The verdict of a check, and its first message.
fn told(said: &Said, check: &str) -> (String, String) {
    let report = said.json();
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
    let found = outcomes.iter().find(|outcome| outcome["check"] == check);
    let found = found.unwrap_or_else(|| panic!("no {check}: {said:?}"));
    let message = found["findings"][0]["message"].as_str().unwrap_or_default();
    (found["verdict"].as_str().unwrap().to_owned(), message.to_owned())
}

#[test]
fn with_the_right_key_somebody_logs_in() {
    let key = new_key();
    let pem = key.serialize_pem();
    let more = ["--login", "form", "--depth", "thorough", "--client-key-id", "k1"];
    let run = run(client(&key, Some("k1")), &pem, &more);
    assert_eq!(run.said.code, 0, "{}", run.said.because());
    for check in [
        "token/secret-accepted",
        "token/secret-required",
        "token/extra-parameters",
        "discovery/token-auth-methods",
        "id-token/signature",
    ] {
        assert_eq!(told(&run.said, check).0, "pass", "{check}");
        assert_eq!(told(&run.replayed, check), told(&run.said, check), "{check}");
    }
    assert_eq!(told(&run.said, "token/secret-strength").0, "not-applicable");
    let secret: Vec<&str> = pem.lines().filter(|line| !line.contains("-----")).collect();
    for text in [&run.said.stdout, &run.said.stderr, &run.har, &run.replayed.stdout] {
        assert!(!text.contains(secret[0]) && !text.contains("CANARY"));
        // The one that nobody signed, of the thorough set, is no secret.
        let headers = text.split("eyJ").skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
            URL_SAFE_NO_PAD.decode(format!("eyJ{}", &rest[..end])).unwrap_or_default()
        });
        assert!(headers.into_iter().all(|header| !String::from_utf8_lossy(&header).contains("EdDSA")));
    }
}

#[test]
fn a_key_that_does_not_fit_is_found_without_a_login() {
    let key = new_key();
    let accepted = |registered: Client, more: &[&str]| {
        let run = run(registered, &key.serialize_pem(), more);
        (run.said.code, told(&run.said, "token/secret-accepted"))
    };
    let refused =
        (1, ("fail".to_owned(), "the token endpoint refuses the client assertion sent by private_key_jwt".into()));
    assert_eq!(accepted(client(&key, None), &[]).1.0, "pass");
    assert_eq!(accepted(client(&new_key(), None), &[]), refused, "another key");
    assert_eq!(accepted(client(&key, Some("k1")), &[]), refused, "no kid");
    assert_eq!(accepted(client(&key, Some("k1")), &["--client-key-id", "k2"]), refused, "another kid");
    let by_secret = Client::confidential("keyed", "a-secret-for-loopback-only-0123456789", &[REDIRECT]);
    let run = run(by_secret, &key.serialize_pem(), &[]);
    assert_eq!(told(&run.said, "discovery/token-auth-methods").0, "fail");
}

#[test]
fn what_cannot_be_used_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let good = write("good.pem", &new_key().serialize_pem());
    let public = write("public.pem", &new_key().public_key_pem());
    let ask = |key: &Path, more: &[&str]| {
        let mut command = oidcheck();
        command.args(["check", "https://127.0.0.1:1/", "--client-id", "keyed", "--redirect-uri", REDIRECT]);
        let said = said(command.arg("--client-key-file").arg(key).args(more));
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{said:?}");
        said.stderr
    };
    let stderr = ask(&public, &[]);
    assert!(
        stderr.contains("public.pem: there is no private key in PEM") && stderr.contains("openssl pkcs8"),
        "{stderr}"
    );
    assert!(ask(&good, &["--client-key-alg", "RS256"]).contains("the key cannot sign with RS256"));
    let stderr = ask(&good, &["--profile", "proxmox"]);
    assert!(stderr.contains("Proxmox VE does not authenticate by a private key"), "{stderr}");
    assert!(ask(&folder.path().join("none.pem"), &[]).contains("none.pem"));
}
