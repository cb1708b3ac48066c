//! The policy of deny.toml, for machines without cargo-deny: licences, sources and banned crates of everything that is
//! linked on this platform.

use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// The part of deny.toml that is checked here.
struct Policy {
    allowed: Vec<String>,
    exceptions: BTreeMap<String, Vec<String>>,
    banned: Vec<String>,
}

fn strings(value: &toml::Value) -> Vec<String> {
    value.as_array().expect("a list").iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

impl Policy {
    fn read() -> Policy {
        let text = super::read("deny.toml");
        let file: toml::Table = toml::from_str(&text).expect("TOML");
        let crate_of = |entry: &toml::Value| entry["crate"].as_str().expect("a name").to_owned();
        let exceptions = file["licenses"]["exceptions"].as_array().expect("a list");
        Policy {
            allowed: strings(&file["licenses"]["allow"]),
            exceptions: exceptions.iter().map(|entry| (crate_of(entry), strings(&entry["allow"]))).collect(),
            banned: file["bans"]["deny"].as_array().expect("a list").iter().map(crate_of).collect(),
        }
    }

    fn allows(&self, name: &str, licence: &str) -> bool {
        let extra = self.exceptions.get(name);
        self.allowed.iter().chain(extra.into_iter().flatten()).any(|allowed| allowed == licence)
    }
}

/// Whether an SPDX expression can be met with what is allowed: `OR` leaves a choice, `AND` does not. The slash is how
/// old crates write `OR`.
fn met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut at = 0;
    let result = any(&words, &mut at, allowed);
    assert_eq!(at, words.len(), "no licence expression: {expression}");
    result
}

fn any(words: &[&str], at: &mut usize, allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut result = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        result |= all(words, at, allowed);
    }
    result
}

fn all(words: &[&str], at: &mut usize, allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut result = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(words, at, allowed);
    }
    result
}

fn one(words: &[&str], at: &mut usize, allowed: &dyn Fn(&str) -> bool) -> bool {
    let word = words.get(*at).expect("a licence");
    *at += 1;
    if *word == "(" {
        let inner = any(words, at, allowed);
        assert_eq!(words.get(*at), Some(&")"));
        *at += 1;
        return inner;
    }
    if words.get(*at) == Some(&"WITH") {
        let whole = format!("{word} WITH {}", words.get(*at + 1).expect("an exception"));
        *at += 2;
        return allowed(&whole);
    }
    allowed(word)
}

fn packages() -> Vec<Value> {
    let host = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let host = String::from_utf8(host.stdout).expect("UTF-8");
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned();
    // Offline: what is checked is what was just built.
    let arguments = ["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", &host];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(super::root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let all: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    all["packages"].as_array().expect("packages").clone()
}

#[test]
fn every_dependency_keeps_to_the_policy() {
    let policy = Policy::read();
    let mut used = 0;
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name} names no licence"));
        assert!(met(licence, &|one| policy.allows(name, one)), "{name}: {licence} is not allowed by deny.toml");
        used += usize::from(policy.exceptions.contains_key(name));
        assert!(!policy.banned.iter().any(|banned| banned == name), "{name} is banned by deny.toml");
        let registry = "registry+https://github.com/rust-lang/crates.io-index";
        assert!(package["source"].as_str().is_none_or(|source| source == registry), "{name}: {}", package["source"]);
    }
    assert_eq!(used, policy.exceptions.len(), "an exception of deny.toml is for a crate that is not there");
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    let allowed = |licence: &str| matches!(licence, "MIT" | "ISC" | "Apache-2.0 WITH LLVM-exception");
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("ISC AND (GPL-3.0 OR MIT)", true),
        ("GPL-3.0 OR MIT AND GPL-2.0", false),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
    ] {
        assert_eq!(met(expression, &allowed), expected, "{expression}");
    }
}
