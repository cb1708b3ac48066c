//! What the established checkers assert, and which of our checks decides it: the map is complete and true.

#![expect(clippy::disallowed_methods, reason = "tests read fixtures; the rules do not")]

use oidcheck_checks::CHECKS;
use oidcheck_checks::check::Tier;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What becomes of one assertion.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// The checks that decide it.
    #[serde(default)]
    checks: Vec<String>,
    /// What they leave open of it.
    rest: Option<String>,
    /// Why it is not decided.
    not: Option<String>,
    /// What would have to be given first, where no check decides it yet.
    tier: Option<Tier>,
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The map. A row that stands twice is refused by the reader of TOML.
fn coverage() -> BTreeMap<String, Row> {
    toml::from_str(&read("COVERAGE.toml")).unwrap_or_else(|e| panic!("COVERAGE.toml: {e}"))
}

/// The ids of all assertions.
fn assertions() -> Vec<String> {
    read("../fixtures/conformance-rows.txt").lines().map(str::to_owned).collect()
}

#[test]
fn every_assertion_is_mapped_and_nothing_else() {
    let listed = assertions();
    let distinct: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(distinct.len(), listed.len(), "an assertion stands twice in the list");
    let mapped: BTreeSet<String> = coverage().into_keys().collect();
    let missing: Vec<_> = distinct.difference(&mapped).collect();
    let strange: Vec<_> = mapped.difference(&distinct).collect();
    assert!(missing.is_empty() && strange.is_empty(), "not mapped: {missing:?}; not in the list: {strange:?}");
}

#[test]
fn every_row_says_one_thing() {
    let known: BTreeSet<&str> = CHECKS.iter().map(|check| check.id).collect();
    for (id, row) in coverage() {
        let decided = !row.checks.is_empty();
        let said = [decided, row.tier.is_some(), row.not.is_some()].into_iter().filter(|said| *said).count();
        assert_eq!(said, 1, "{id} is decided by checks, or waits for one, or says why not: one of the three");
        assert!(decided || row.rest.is_none(), "{id}: what no check decides has no rest");
        assert_ne!(row.tier, Some(Tier::Issuer), "{id}: a check decides what needs nothing but the issuer");
        for text in [&row.not, &row.rest].into_iter().flatten() {
            assert!(text.trim() == text && !text.is_empty() && !text.ends_with('.'), "{id}: {text:?}");
        }
        let distinct: BTreeSet<&str> = row.checks.iter().map(String::as_str).collect();
        assert_eq!(distinct.len(), row.checks.len(), "{id} names a check twice");
        let unknown: Vec<_> = distinct.difference(&known).collect();
        assert!(unknown.is_empty(), "{id} names checks that are not there: {unknown:?}");
    }
}

#[test]
fn every_check_of_every_tier_decides_something() {
    let rows = coverage();
    let used: BTreeSet<&str> = rows.values().flat_map(|row| row.checks.iter().map(String::as_str)).collect();
    // What is to be known about an application, or stands in its files, is no assertion about a provider.
    let asking = |id: &&str| !id.starts_with("app/") && !id.starts_with("lint/");
    let idle: Vec<&str> = CHECKS.iter().map(|check| check.id).filter(asking).filter(|id| !used.contains(id)).collect();
    assert!(idle.is_empty(), "checks that no row names: {idle:?}");
}
