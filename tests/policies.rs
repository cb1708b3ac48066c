//! End to end: what a provider demands of a registration, and which application is in its way.
//!
//! The embedded provider takes every policy about PKCE, client authentication and the device flow. Each is tried by
//! applications that do it one way or the other, with one run and no login.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{oidcheck, provider, said};
use oidcheck_op::{Client, DeviceFlow, Methods, Options, PkcePolicy, Policy};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

const REDIRECT: &str = "https://app.example.test/callback";
const SECRET: &str = "a-secret-for-loopback-only-0123456789";

/// The checks of the registration that blame somebody for a login that fails, each with the side.
fn blamed(policy: Policy, profile: &str, more: &[&str]) -> Vec<String> {
    let clients = vec![
        Client::confidential("web", SECRET, &[REDIRECT]),
        Client::public("spa", &[REDIRECT]),
        Client::native("cli"),
    ];
    let options = Options { tls: false, policy, clients, ..Options::default() };
    let (running, _runtime) = provider(options);
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let mut command = oidcheck();
    command.args(["check", &running.issuer, "--profile", profile, "--redirect-uri", REDIRECT, "--format", "json"]);
    if more.contains(&"--client-id") {
        command.args(more);
    } else {
        command.args(["--client-id", "web", "--client-secret-file"]).arg(secret).args(more);
    }
    let report = said(&mut command).json();
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
    let mine = |check: &str| !check.starts_with("app/");
    let fails = outcomes.iter().filter(|o| mine(o["check"].as_str().unwrap())).flat_map(|o| {
        let findings = o["findings"].as_array().unwrap().iter().filter(|f| f["effect"] == "login-fails");
        findings.map(|f| format!("{} ({})", o["check"].as_str().unwrap(), f["side"].as_str().unwrap_or("?")))
    });
    let mut fails: Vec<String> = fails.collect();
    fails.dedup();
    fails
}

#[test]
fn pkce_is_demanded_or_forbidden_and_the_application_that_minds_is_named() {
    let pkce = |pkce| Policy { pkce, ..Policy::default() };
    // Xen Orchestra never sends a challenge, Proxmox always does.
    for (policy, profile, wanted) in [
        (PkcePolicy::Public, "xen-orchestra", false),
        (PkcePolicy::Everybody, "xen-orchestra", true),
        (PkcePolicy::Forbidden, "xen-orchestra", false),
        (PkcePolicy::Public, "proxmox", false),
        (PkcePolicy::Everybody, "proxmox", false),
        (PkcePolicy::Forbidden, "proxmox", true),
    ] {
        let found = blamed(pkce(policy), profile, &[]);
        let told = found.iter().any(|check| check.starts_with("authorize/"));
        assert_eq!((told, found.len()), (wanted, usize::from(wanted)), "{policy:?} for {profile}: {found:?}");
    }
}

#[test]
fn a_way_of_authentication_that_is_not_allowed_is_found_for_the_application_that_takes_it() {
    let methods = |methods| Policy { methods, ..Policy::default() };
    // Proxmox sends the secret by Basic and nothing else, passport-openidconnect in the body and nothing else.
    for (policy, profile, wanted) in [
        (Methods::BasicOrPost, "proxmox", false),
        (Methods::Basic, "proxmox", false),
        (Methods::Post, "proxmox", true),
        (Methods::BasicOrPost, "xen-orchestra", false),
        (Methods::Basic, "xen-orchestra", true),
        (Methods::Post, "xen-orchestra", false),
        (Methods::Basic, "generic", false),
        (Methods::Post, "generic", false),
    ] {
        let found = blamed(methods(policy), profile, &[]);
        assert_eq!(!found.is_empty(), wanted, "{policy:?} for {profile}: {found:?}");
        // The secret is right, so it is the registration that has to change.
        assert!(found.iter().all(|found| found == "token/secret-accepted (provider)"), "{found:?}");
    }
}

#[test]
fn a_login_authenticates_as_the_application_does() {
    // The method of a client is not among those that the document lists first. Jellyfin sends the secret in the body,
    // whatever library it is thought to be built on; Proxmox by Basic.
    for (profile, wanted) in [("jellyfin", 200), ("proxmox", 401)] {
        let policy = Policy { methods: Methods::PostOfBoth, ..Policy::default() };
        let clients = vec![Client::confidential("web", SECRET, &[REDIRECT])];
        let (running, _runtime) = provider(Options { tls: false, policy, clients, ..Options::default() });
        let folder = tempfile::tempdir().unwrap();
        let (secret, har) = (folder.path().join("secret"), folder.path().join("run.har"));
        std::fs::write(&secret, SECRET).unwrap();
        let mut command = oidcheck();
        command.args(["check", &running.issuer, "--profile", profile, "--redirect-uri", REDIRECT, "--login", "form"]);
        command.args(["--client-id", "web", "--client-secret-file"]).arg(&secret).arg("--record").arg(&har);
        command.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", "alice-password");
        let said = said(&mut command);
        let recording: serde_json::Value = serde_json::from_slice(&std::fs::read(&har).unwrap()).unwrap();
        let entries = recording["log"]["entries"].as_array().unwrap();
        let tokens =
            entries.iter().find(|entry| entry["_oidcheck"]["slot"].as_str().unwrap().starts_with("login-tokens"));
        assert_eq!(tokens.unwrap()["response"]["status"], wanted, "{profile}: {said:?}");
    }
}

#[test]
fn what_the_device_flow_lacks_is_found_for_the_application_that_needs_it() {
    let device = |device| Policy { device, ..Policy::default() };
    let client = ["--client-id", "spa"];
    for (policy, wanted) in [
        (DeviceFlow::Absent, "discovery/required-members"),
        (DeviceFlow::Allowed, ""),
        (DeviceFlow::NotForClient, "endpoints/device-flow"),
        (DeviceFlow::WithoutPage, "endpoints/device-page"),
        // It prints nothing but the complete URI, and polls at once without an interval.
        (DeviceFlow::WithoutCompleteUri, "endpoints/device-flow"),
        (DeviceFlow::WithoutInterval, "endpoints/device-flow"),
        (DeviceFlow::WithoutExpiry, ""),
    ] {
        let found = blamed(device(policy), "incus", &client);
        let told = found.first().map_or("", |check| check.split(' ').next().unwrap());
        assert_eq!((told, found.len()), (wanted, usize::from(!wanted.is_empty())), "{policy:?}: {found:?}");
    }
}

#[test]
fn a_device_login_is_made_at_the_page_that_is_shown() {
    let policy = Policy { device: DeviceFlow::Allowed, ..Policy::default() };
    let (running, _runtime) = provider(Options { tls: false, policy, ..Options::default() });
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_oidcheck"));
    command.args(["check", &running.issuer, "--client-id", "cli", "--login", "device", "--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A person reads the code off the terminal and enters it elsewhere.
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.by_ref().find(|line| line.contains("enter the code")).unwrap();
    let code = line.split("enter the code ").nth(1).unwrap().split(" (").next().unwrap();
    let form = format!("user_code={code}&username=alice&password=alice-password");
    let mut browser = TcpStream::connect(running.addr).unwrap();
    let head = "POST /device HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close";
    write!(browser, "{head}\r\nContent-Length: {}\r\n\r\n{form}", form.len()).unwrap();
    let mut page = String::new();
    browser.read_to_string(&mut page).unwrap();
    assert!(page.contains("The device is logged in."), "{page}");
    let rest = std::thread::spawn(move || lines.for_each(drop));
    let out = child.wait_with_output().unwrap();
    rest.join().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(report["runs"][0]["tier"], "login", "{report}");
    let signature =
        report["runs"][0]["outcomes"].as_array().unwrap().iter().find(|o| o["check"] == "id-token/signature");
    assert_eq!(signature.unwrap()["verdict"], "pass");
}
