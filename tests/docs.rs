//! The generated pages of the checks are those that are committed, and `list` and `explain` know everything.

use oidcheck::cli::{ListFormat as Format, ListWhat as What};
use oidcheck::cmd::explain::explain;
use oidcheck::cmd::list::list;
use oidcheck_checks::{CHECKS, library, profile};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/docs")
}

/// The Markdown files that are there, by their path below `checks/docs`.
fn committed(folder: &Path, found: &mut BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("readable folder").path();
        if path.is_dir() {
            committed(&path, found);
        } else {
            let below = path.strip_prefix(docs()).expect("below the folder");
            found.insert(below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"));
        }
    }
}

#[test]
fn check_pages_are_up_to_date() {
    let pages = oidcheck::docs::pages();
    let mut there = BTreeSet::new();
    committed(&docs(), &mut there);
    let wanted: BTreeSet<String> = pages.iter().map(|(path, _)| path.clone()).collect();
    if std::env::var_os("OIDCHECK_BLESS").is_some_and(|value| value == "1") {
        for (path, text) in &pages {
            let path = docs().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        for orphan in there.difference(&wanted) {
            std::fs::remove_file(docs().join(orphan)).unwrap();
        }
        return;
    }
    let how = "run OIDCHECK_BLESS=1 cargo test --test docs";
    assert_eq!(there, wanted, "pages and checks differ; {how}");
    for (path, text) in &pages {
        let old = std::fs::read_to_string(docs().join(path)).unwrap();
        assert!(old == *text, "checks/docs/{path} is out of date; {how}");
    }
}

#[test]
fn every_check_profile_and_library_is_listed_and_explained() {
    let human = |what| list(what, Format::Human);
    for check in CHECKS.iter() {
        assert!(human(What::Checks).contains(check.id), "{}", check.id);
        let text = explain(check.id).unwrap();
        for words in [check.id, check.severity.word(), check.tier.word()] {
            assert!(text.contains(words), "{}: {words}", check.id);
        }
        for clause in check.clauses {
            assert!(text.contains(&clause.to_string()), "{}: {clause}", check.id);
        }
    }
    for id in profile::all().keys() {
        assert!(human(What::Profiles).contains(id.as_str()), "{id}");
        assert!(explain(id).unwrap().starts_with(id), "{id}");
    }
    for id in library::all().keys() {
        let id = format!("library:{id}");
        assert!(human(What::Libraries).contains(&id), "{id}");
        assert!(explain(&id).unwrap().starts_with(&id), "{id}");
    }
    for provider in oidcheck_checks::provider::all() {
        assert!(human(What::Providers).contains(&provider.id), "{}", provider.id);
    }
}

#[test]
fn lists_are_json_on_request() {
    for (what, number) in [
        (What::Checks, CHECKS.len()),
        (What::Profiles, profile::all().len()),
        (What::Libraries, library::all().len()),
        (What::Providers, oidcheck_checks::provider::all().len()),
    ] {
        let value: serde_json::Value = serde_json::from_str(&list(what, Format::Json)).unwrap();
        let entries = value.as_array().unwrap();
        assert_eq!(entries.len(), number, "{what:?}");
        assert!(entries.iter().all(|entry| entry["id"].is_string() && entry["title"].is_string()), "{what:?}");
    }
}

#[test]
fn an_unknown_id_leads_to_the_nearest() {
    let error = |id: &str| explain(id).unwrap_err().to_string();
    assert_eq!(
        error("discovery/issuer-exakt"),
        r#"there is no check, profile or library "discovery/issuer-exakt"; did you mean `discovery/issuer-exact`?"#
    );
    assert!(error("issuer-exact").ends_with("did you mean `discovery/issuer-exact`?"), "{}", error("issuer-exact"));
    assert!(error("???").contains("oidcheck list checks"), "{}", error("???"));
    assert!(!error("a\u{1b}[2J").contains('\u{1b}'));
}

#[test]
fn explanations_fit_a_terminal() {
    let ids = CHECKS.iter().map(|check| check.id.to_owned()).chain(profile::Profile::ids());
    for id in ids {
        for line in explain(&id).unwrap().lines() {
            let longest_word = line.split_whitespace().map(|word| word.chars().count()).max().unwrap_or_default();
            assert!(line.chars().count() <= 100 || longest_word > 80, "{id}: {line}");
        }
    }
}
