//! The rules of the house, checked: what a reviewer would have to look for again and again.
//!
//! That `needs` are honest is checked where every check is run on every mutation: `checks/tests/matrix.rs`.

#[path = "meta/licences.rs"]
mod licences;

use oidcheck_checks::spec::{Clause, Level, Spec};
use oidcheck_checks::{CHECKS, profile};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// No file is longer, so that each can be read in one go.
const LINES: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Every file below a folder, by its path from the root of the repository.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(root()).expect("below the root").iter();
                found.push(below.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"));
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<String> {
    let folders = ["src", "checks", "fixtures/op", "tests"];
    folders.into_iter().flat_map(files).filter(|path| path.ends_with(".rs")).collect()
}

#[test]
fn the_id_of_a_check_is_its_path_and_every_file_is_registered() {
    let path_of = |id: &str| format!("checks/src/{}.rs", id.replace('-', "_"));
    let registered: BTreeSet<String> = CHECKS.iter().map(|check| path_of(check.id)).collect();
    assert_eq!(registered.len(), CHECKS.len(), "an id stands twice");
    let is_check = |path: &String| read(path).contains("static CHECK: Check = ");
    let there: BTreeSet<String> = files("checks/src").into_iter().filter(is_check).collect();
    assert_eq!(registered, there, "what the ids say, and the files that declare a check");
    let groups: BTreeSet<&str> = CHECKS.iter().filter_map(|check| check.id.split('/').next()).collect();
    for group in groups {
        for path in files(&format!("checks/src/{}", group.replace('-', "_"))) {
            assert!(registered.contains(&path) || path.ends_with("/mod.rs"), "{path} is no check");
        }
    }
}

#[test]
fn ids_stay_good_for_ever() {
    let ids: BTreeSet<&str> = CHECKS.iter().map(|check| check.id).collect();
    let mut former = BTreeSet::new();
    for check in CHECKS.iter() {
        for old in check.formerly {
            assert!(!ids.contains(old) && former.insert(*old), "{old} means two checks");
            assert_eq!(oidcheck_checks::check(old).map(|found| found.id), Some(check.id));
        }
    }
}

fn resolves(clause: &Clause) -> bool {
    let numbered = |section: &str| {
        let mut parts = section.split('.');
        let first = parts.next().unwrap_or_default();
        let appendix = first.len() == 1 && first.chars().all(|c| c.is_ascii_uppercase());
        let number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        (appendix || number(first)) && parts.all(number)
    };
    match clause.spec {
        Spec::Local => clause.level == Level::Local && clause.link().is_none() && clause.section.len() > 10,
        Spec::Fetch => clause.link().is_some() && !clause.section.is_empty(),
        _ => clause.level != Level::Local && clause.link().is_some() && numbered(clause.section),
    }
}

#[test]
fn every_clause_can_be_looked_up() {
    for check in CHECKS.iter() {
        assert!(!check.clauses.is_empty(), "{} is an opinion", check.id);
        for clause in check.clauses {
            assert!(resolves(clause), "{}: {clause:?}", check.id);
        }
    }
    assert!(!resolves(&Clause::must(Spec::Core, "3.1.3.7 and so on")));
    assert!(!resolves(&Clause::must(Spec::Local, "the application needs it")));
    assert!(resolves(&Clause::should(Spec::Rfc(7636), "B")));
}

#[test]
fn a_check_speaks_in_whole_sentences_and_its_title_is_none() {
    for check in CHECKS.iter() {
        for (name, text) in [("why", check.why), ("remedy", check.remedy)] {
            let starts = text.starts_with(|c: char| c.is_uppercase() || c == '`');
            assert!(starts && text.ends_with('.') && text.len() > 20, "{} {name}: {text:?}", check.id);
            assert!(!text.contains("  ") && !text.contains('\n'), "{} {name}: {text:?}", check.id);
        }
        let word = check.title.split(' ').next().unwrap_or_default();
        // An acronym keeps its capitals.
        let acronym = word.len() > 1 && word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit());
        let lower = word.starts_with(char::is_lowercase) || acronym;
        assert!(lower && !check.title.ends_with('.') && check.title.len() > 10, "{}: {:?}", check.id, check.title);
        // What is to be known about an application is known without asking anybody.
        assert!(!check.needs.is_empty() || check.id.starts_with("app/"), "{} reads nothing", check.id);
    }
}

#[test]
fn remedies_and_severities_are_about_checks_that_exist() {
    let known = |file: &str, id: &str| {
        let found = oidcheck_checks::check(id).unwrap_or_else(|| panic!("{file}: there is no check {id}"));
        assert_eq!(found.id, id, "{file} uses a former id");
    };
    let sentence = |file: &str, text: &str| assert!(!text.trim().is_empty(), "{file}: an empty remedy");
    // What the products say is checked in checks/tests/providers.rs, against a list of checks that are still to come.
    for (name, profile) in profile::all() {
        for (id, text) in &profile.file.remedies {
            known(name, id);
            sentence(name, text);
        }
        for rule in &profile.file.severities {
            known(name, &rule.check);
            sentence(name, &rule.because);
        }
    }
}

#[test]
fn every_fault_names_checks_that_exist() {
    for fault in oidcheck_op::FAULTS {
        for id in fault.breaks {
            let check = CHECKS.iter().find(|check| check.id == *id);
            let check = check.unwrap_or_else(|| panic!("{}: there is no check {id}", fault.name));
            // The client of the tests has a secret, and nothing is asked of the token endpoint without it.
            let tier = if id.starts_with("token/") { "secret" } else { check.tier.word() };
            assert_eq!(tier, fault.tier().word(), "{}: {id} notices it at another tier", fault.name);
        }
    }
}

/// clippy.toml forbids the types and functions; this catches what it cannot name, and that somebody deletes the file.
#[test]
fn the_rules_touch_nothing() {
    let bans = read("checks/clippy.toml");
    for banned in
        ["std::fs::read", "std::net::TcpStream", "std::env::var", "std::time::SystemTime", "jiff::Timestamp::now"]
    {
        assert!(bans.contains(&format!("\"{banned}\"")), "checks/clippy.toml no longer bans {banned}");
    }
    let touches = [
        "std::fs",
        "std::env",
        "std::process",
        "std::thread",
        "std::io",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Tcp",
        "Udp",
        "println!",
        "eprintln!",
        "dbg!",
        "rand::",
        "HashMap",
        "HashSet",
        "disallowed",
    ];
    for path in files("checks/src") {
        for line in read(&path).lines().filter(|line| !line.trim_start().starts_with("//")) {
            let found = touches.iter().find(|word| line.contains(**word));
            assert_eq!(found, None, "{path}: {line}");
        }
    }
    let manifest: toml::Table = toml::from_str(&read("checks/Cargo.toml")).expect("TOML");
    let dependencies = manifest["dependencies"].as_table().expect("a table");
    for name in ["tokio", "reqwest", "rustls", "rand", "oidcheck", "oidcheck-op"] {
        assert!(!dependencies.contains_key(name), "the rules do not need {name}");
    }
}

#[test]
fn every_dependency_says_what_it_is_for() {
    for manifest in ["Cargo.toml", "checks/Cargo.toml", "fixtures/op/Cargo.toml"] {
        let text = read(manifest);
        let (mut wanted, mut before) = (false, "");
        for line in text.lines() {
            if line.starts_with('[') {
                wanted = line.trim_end_matches(']').ends_with("dependencies");
            } else if wanted && line.contains('=') && !line.starts_with([' ', '#', ']']) {
                assert!(
                    before.starts_with("# ") && before.ends_with(['.', '?']) || before.starts_with("# \""),
                    "{manifest}: {line}"
                );
            }
            before = line;
        }
    }
}

#[test]
fn no_fixture_and_no_snapshot_is_an_orphan() {
    let everything: String = sources().iter().map(|path| read(path)).collect();
    for path in files("fixtures").into_iter().filter(|path| !path.starts_with("fixtures/op/")) {
        let (folder, name) = path.rsplit_once('/').expect("a folder");
        // These are read as a folder, each file by a test of its own.
        let whole = ["fixtures/providers", "fixtures/recordings"].contains(&folder)
            && [format!("\"../{folder}\""), format!("join(\"{folder}\")")].iter().any(|read| everything.contains(read));
        assert!(whole || everything.contains(name), "nothing reads {path}");
    }
    let is_snapshot = |path: &String| path.contains("/snapshots/");
    for path in ["tests", "checks", "fixtures"].into_iter().flat_map(files).filter(is_snapshot) {
        let text = read(&path);
        let source = text.lines().find_map(|line| line.strip_prefix("source: ")).unwrap_or_else(|| panic!("{path}"));
        let test = path
            .rsplit("__")
            .next()
            .and_then(|name| name.strip_suffix(".snap"))
            .unwrap_or_else(|| panic!("{path} is no snapshot"));
        // A snapshot is called after its test, or by a name that the test gives it.
        let known = [format!("fn {test}("), format!("\"{test}\"")];
        assert!(known.iter().any(|known| read(source).contains(known)), "{path}: {source} does not know {test}");
    }
}

#[test]
fn every_file_is_short_and_says_what_it_is() {
    for path in sources() {
        let text = read(&path);
        assert!(text.lines().count() < LINES, "{path} has {} lines", text.lines().count());
        assert!(text.starts_with("//! "), "{path} does not say what it is");
    }
}

#[test]
fn both_licences_are_there() {
    assert!(read("LICENSE-MIT").contains("Permission is hereby granted"));
    assert!(read("LICENSE-APACHE").contains("Version 2.0, January 2004"));
    assert!(read("Cargo.toml").contains("license = \"MIT OR Apache-2.0\""));
}
