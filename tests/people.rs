//! What the application makes of somebody who logs in, from the login to the report.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{Said, oidcheck, said};
use serde_json::Value;

const CONFIDENTIAL: [&str; 4] = ["--client-id", "web", "--redirect-uri", "https://app.example.test/callback"];
const PUBLIC: [&str; 4] = ["--client-id", "spa", "--redirect-uri", "https://spa.example.test/callback"];

/// Users of the address go to one group, everybody with the group admins to another.
const MAPPING: &str = r#"{ "rules": [
    { "local": [{ "user": { "name": "{0}" } }, { "group": { "name": "users", "domain": { "name": "Default" } } }],
      "remote": [{ "type": "email" }] },
    { "local": [{ "group": { "name": "root", "domain": { "name": "Default" } } }],
      "remote": [{ "type": "preferred_username", "any_one_of": ["alice"] }] }
] }"#;

/// Lets somebody log in at the provider with these faults, and checks.
fn check(username: &str, faults: &[&str], client: [&str; 4], more: &[&str]) -> Said {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let options = oidcheck_op::Options::with_faults(faults.iter().copied());
    let running = runtime.block_on(oidcheck_op::start(options)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let mut command = oidcheck();
    command.args(["check", &running.issuer, "--login", "form"]).args(client).args(more);
    command.arg("--ca-file").arg(file("ca.pem", running.ca_pem.as_deref().unwrap()));
    if client == CONFIDENTIAL {
        command.arg("--client-secret-file").arg(file("secret", "web-secret-for-loopback-only"));
    }
    if more.contains(&"virtuozzo") {
        command.arg("--mapping").arg(file("mapping.json", MAPPING));
    }
    command.env("OIDCHECK_USERNAME", username).env("OIDCHECK_PASSWORD", format!("{username}-password"));
    said(&mut command)
}

/// One row of the first person: verdict and values.
fn row(said: &Said, is: &str) -> (String, Vec<String>, String) {
    let report = said.json();
    let rows =
        report["runs"][0]["people"][0]["rows"].as_array().unwrap_or_else(|| panic!("no people: {said:?}")).clone();
    let row = rows.iter().find(|row| row["is"] == is).unwrap_or_else(|| panic!("no {is}: {rows:?}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&row["verdict"]), row["values"].as_array().unwrap().iter().map(text).collect(), text(&row["note"]))
}

fn given(values: &[&str]) -> (String, Vec<String>) {
    ("given".into(), values.iter().map(|value| (*value).to_owned()).collect())
}

fn told(said: &Said, is: &str) -> (String, Vec<String>) {
    let (verdict, values, _) = row(said, is);
    (verdict, values)
}

const JSON: [&str; 2] = ["--format", "json"];

#[test]
fn proxmox_puts_the_realm_behind_names_and_groups() {
    let scopes = "scopes=openid profile email groups";
    let set = ["--profile", "proxmox", "--set", "realm-name=op", "--set", "groups-claim=groups", "--set", scopes];
    let said = check("alice", &[], CONFIDENTIAL, &[&set[..], &JSON].concat());
    assert_eq!(told(&said, "user name"), given(&["u-7f3a9c52@op"]));
    assert_eq!(told(&said, "groups"), given(&["admins-op", "users-op"]));
    assert_eq!(told(&said, "e-mail"), given(&["alice@example.test"]));
    let said = check("alice", &["sub-too-long"], CONFIDENTIAL, &[&set[..], &JSON].concat());
    let (verdict, _, note) = row(&said, "user name");
    assert_eq!(verdict, "refused");
    assert!(note.contains("67 characters") && note.contains("64"), "{note}");
}

#[test]
fn incus_falls_back_to_the_subject_unless_a_claim_is_set() {
    let set = ["--profile", "incus", "--set", "scopes=openid profile email"];
    let said = check("alice", &[], PUBLIC, &[&set[..], &JSON].concat());
    assert_eq!(told(&said, "user name"), given(&["alice@example.test"]));
    assert!(told(&said, "rights").1[0].starts_with("full access"), "{said:?}");
    let said = check("alice", &["access-token-thin"], PUBLIC, &[&set[..], &JSON].concat());
    assert_eq!(told(&said, "user name"), given(&["u-7f3a9c52"]));
    let claim = [&set[..], &["--set", "claim=preferred_username"], &JSON].concat();
    assert_eq!(told(&check("alice", &[], PUBLIC, &claim), "user name"), given(&["alice"]));
    assert_eq!(row(&check("alice", &["access-token-thin"], PUBLIC, &claim), "user name").0, "missing");
}

#[test]
fn a_mapping_file_decides_in_virtuozzo() {
    let set = ["--profile", "virtuozzo", "--set", "scope=openid profile email"];
    let said = check("alice", &[], CONFIDENTIAL, &[&set[..], &JSON].concat());
    assert_eq!(told(&said, "user name"), given(&["alice@example.test"]));
    assert_eq!(told(&said, "groups"), given(&["root (domain Default)", "users (domain Default)"]));
    let said = check("bob", &[], CONFIDENTIAL, &[&set[..], &JSON].concat());
    assert_eq!(told(&said, "groups"), given(&["users (domain Default)"]));
    // AD FS: userinfo has nothing but the subject.
    let said = check("bob", &["userinfo-sub-only"], CONFIDENTIAL, &[&set[..], &JSON].concat());
    let (verdict, _, note) = row(&said, "user name");
    assert_eq!(verdict, "refused");
    assert!(note.contains("no rule applies (401)") && note.contains("`email` does not arrive"), "{note}");
    let said = check("bob", &[], PUBLIC, &["--profile", "incus", "--mapping", "/nowhere.json"]);
    assert_eq!(said.code, 2, "{said:?}");
}

#[test]
fn people_read_it_in_a_table() {
    let said = check("alice", &[], CONFIDENTIAL, &["--profile", "xen-orchestra", "--set", "scope=profile groups"]);
    let text: Vec<&str> = said.stdout.lines().skip_while(|line| !line.starts_with("person")).take(4).collect();
    assert_eq!(
        text,
        [
            "person   user as Xen Orchestra sees them",
            "         user name   alice",
            "         groups      admins, users",
            "         rights      none for a new user; those of the user who has that name already, a local",
        ],
        "{said:?}"
    );
    // Without a login there is nobody.
    let nobody = common::run(&["demo", "--format", "json"]);
    assert!(!nobody.stdout.contains("persona"), "{nobody:?}");
}
