//! What the application makes of somebody who logs in, from the login to the report.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{Said, oidcheck, provider, said};
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
    check_all(&[username], oidcheck_op::Options::with_faults(faults.iter().copied()), client, more)
}

/// Lets all of them log in, one after the other. A single one has no name of its own.
fn check_all(usernames: &[&str], options: oidcheck_op::Options, client: [&str; 4], more: &[&str]) -> Said {
    let (running, _runtime) = provider(options);
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
    for username in usernames {
        let prefix = match usernames.len() {
            1 => "OIDCHECK".to_owned(),
            _ => format!("OIDCHECK_{}", username.to_uppercase()),
        };
        if usernames.len() > 1 {
            command.args(["--persona", username]);
        }
        command.env(format!("{prefix}_USERNAME"), username);
        command.env(format!("{prefix}_PASSWORD"), format!("{username}-password"));
    }
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
    assert!(note.contains("no rule applies: Could not map") && note.contains("`email` does not arrive"), "{note}");
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

/// The users of the embedded provider, all with this address.
fn with_one_address(email: &str) -> oidcheck_op::Options {
    let mut options = oidcheck_op::Options::default();
    options.users.iter_mut().for_each(|user| user.email = email.to_owned());
    options
}

fn table(said: &Said, lines: usize) -> Vec<&str> {
    said.stdout.lines().skip_while(|line| !line.starts_with("people")).take(lines).collect()
}

#[test]
fn several_people_stand_side_by_side() {
    let xo = ["--profile", "xen-orchestra", "--set", "scope=profile groups"];
    let said = check_all(&["alice", "bob", "zoe"], oidcheck_op::Options::default(), CONFIDENTIAL, &xo);
    assert_eq!(
        table(&said, 6),
        [
            "people   as Xen Orchestra sees them",
            "                     alice          bob   zoe",
            "         user name   alice          bob   zoe",
            "         groups      admins, users  none  users",
            "         rights      none for a new user; those of the user who has that name already, a local",
            "                     administrator included",
        ],
        "{said:?}"
    );
    let said = check_all(&["alice", "bob"], oidcheck_op::Options::default(), CONFIDENTIAL, &[&xo[..], &JSON].concat());
    let people = said.json()["runs"][0]["people"].clone();
    let of = |index: usize| (people[index]["persona"].clone(), people[index]["same_as"].clone());
    assert_eq!((of(0), of(1)), (("alice".into(), Value::Array(vec![])), ("bob".into(), Value::Array(vec![]))));
    assert_eq!(people[1]["rows"][0]["values"][0], "bob");
}

#[test]
fn who_has_the_name_of_another_is_pointed_out() {
    let set = ["--profile", "incus", "--set", "scopes=openid profile email"];
    let said = check_all(&["alice", "bob"], with_one_address("desk@example.test"), PUBLIC, &set);
    assert_eq!(
        table(&said, 4),
        [
            "people   as Incus would see them",
            "                     alice                                   bob",
            "         user name   desk@example.test; bob has the same,    desk@example.test; alice has the same,",
            "                     so they share one account there         so they share one account there",
        ],
        "{said:?}"
    );
    let said = check_all(&["alice", "bob"], with_one_address("desk@example.test"), PUBLIC, &[&set[..], &JSON].concat());
    let report = said.json();
    let people = &report["runs"][0]["people"];
    assert_eq!((&people[0]["same_as"][0], &people[1]["same_as"][0]), (&"bob".into(), &"alice".into()), "{people:#}");
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
    let outcome = outcomes.iter().find(|outcome| outcome["check"] == "claims/unique-name").unwrap();
    let finding = &outcome["findings"][0];
    assert_eq!(finding["effect"], "unsafe", "{outcome:#}");
    assert_eq!(finding["message"], "alice and bob are two people to the provider and one user to Incus");
    assert_eq!(finding["actual"], "desk@example.test for alice, desk@example.test for bob");
    let schema: Value = serde_json::from_str(oidcheck::render::json::SCHEMA).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&report), "{said:?}");
}

#[test]
fn who_does_not_fit_beside_another_stands_below() {
    let set = ["--profile", "incus", "--set", "scopes=openid profile email"];
    let long = "a-desk-that-many-people-have-to-share@mail.example.test";
    let said = check_all(&["alice", "bob"], with_one_address(long), PUBLIC, &set);
    for persona in ["alice", "bob"] {
        assert!(said.stdout.contains(&format!("person   {persona} as Incus would see them\n")), "{said:?}");
    }
    assert!(said.stdout.contains(&format!("user name   {long}; bob has the same")), "{said:?}");
}
