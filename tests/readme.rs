//! What README.md and CONTRIBUTING.md show is true: samples are what the binary prints, commands parse, TOML reads, the
//! table of libraries is what was measured. `OIDCHECK_BLESS=1` writes what can be written.

mod common;

use clap::Parser as _;
use oidcheck::cli::Cli;
use oidcheck_checks::data;
use oidcheck_checks::library::Library;
use oidcheck_checks::profile::need::Need;
use oidcheck_checks::profile::{Claim, ClaimPlace, Profile};
use oidcheck_checks::provider::Provider;
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The fenced blocks of a language, without the indentation of a list around them.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block: Option<(usize, String, bool)> = None;
    for line in text.lines() {
        let fence = line.trim_start().strip_prefix("```");
        match (&mut block, fence) {
            (None, Some(name)) => block = Some((line.len() - line.trim_start().len(), String::new(), name == language)),
            (Some((_, body, wanted)), Some(_)) => {
                if *wanted {
                    found.push(std::mem::take(body));
                }
                block = None;
            }
            (Some((indent, body, _)), None) => {
                body.push_str(line.get(*indent..).unwrap_or_default());
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(block.is_none(), "a fence is not closed");
    found
}

/// The text with what changes from run to run made alike: ports, times, and how many checks there are.
fn normal(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        // The head of a report is spread over the width, so its gap depends on its numbers.
        let spread = line.contains(" · ") && line.contains(" requests · ");
        let line = if spread { line.split_whitespace().collect::<Vec<_>>().join(" ") } else { line.to_owned() };
        let line = numbered(&line, "127.0.0.1:", "");
        let line = numbered(&line, "· ", " ms");
        let line = [" checks passed", " more check", " passed", " do not apply", " does not apply"]
            .iter()
            .fold(line, |line, word| {
                numbered(&line, "", word).replace("does not apply", "do not apply").replace("checks", "check")
            });
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Replaces the number between these two texts, wherever they stand.
fn numbered(line: &str, before: &str, after: &str) -> String {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).count();
    let mut out = String::new();
    let mut at = 0;
    while at < line.len() {
        let length = digits(&line[at..]);
        if length > 0 && line[..at].ends_with(before) && line[at + length..].starts_with(after) {
            out.push('N');
        } else if length > 0 {
            out.push_str(&line[at..at + length]);
        } else {
            let char = line[at..].chars().next().expect("not at the end");
            out.push(char);
            at += char.len_utf8();
            continue;
        }
        at += length;
    }
    out
}

/// What stands between a marker and the end of the block behind it: start and end.
fn block_after(text: &str, marker: &str) -> (usize, usize) {
    let from = text.find(marker).unwrap_or_else(|| panic!("no {marker}")) + marker.len();
    let open = from + text[from..].find("```text\n").expect("a block") + "```text\n".len();
    (open, open + text[open..].find("```\n").expect("its end"))
}

fn bless() -> bool {
    std::env::var_os("OIDCHECK_BLESS").is_some_and(|value| value == "1")
}

/// The README with its samples as they are now. One test, since it writes the file.
#[test]
fn samples_and_table_are_up_to_date() {
    let old = read("README.md");
    let mut new = old.clone();
    let samples: [(&str, &[&str]); 3] =
        [("demo", &["demo"]), ("list profiles", &["list", "profiles"]), ("--help", &["--help"])];
    for (name, args) in samples {
        let said = common::said(common::oidcheck().args(args).env("COLUMNS", "100"));
        assert_eq!(said.code, 0, "{said:?}");
        let (start, end) = block_after(&new, &format!("<!-- sample: {name} -->\n"));
        if normal(&new[start..end]) != normal(&said.stdout) {
            new.replace_range(start..end, &said.stdout);
        }
    }
    for (marker, written, behind) in [
        ("<!-- libraries -->\n\n", table(), "\n`oidcheck explain library:"),
        ("<!-- applications -->\n\n", applications(), "\n## What client libraries"),
    ] {
        let start = new.find(marker).expect("the marker of the table") + marker.len();
        let end = start + new[start..].find(behind).expect("what follows the table");
        new.replace_range(start..end, &written);
    }
    if bless() {
        std::fs::write(path("README.md"), new).expect("writes");
    } else {
        let how = "README.md is out of date; OIDCHECK_BLESS=1 cargo test --test readme writes it";
        for (number, (old, new)) in old.lines().zip(new.lines()).enumerate() {
            assert_eq!(old, new, "line {}: {how}", number + 1);
        }
        assert!(old == new, "{how}");
    }
}

/// Faults of the measurement that people meet most, in the words of a heading.
const COLUMNS: [(&str, &str); 8] = [
    ("iss-slash-typed", "final slash too much"),
    ("iss-wellknown-typed", "discovery URL as issuer"),
    ("doc-redirect-host", "redirect"),
    ("doc-type-html", "served as HTML"),
    ("type-scopes_supported", "a list is a string"),
    ("key-no-kid", "key without kid"),
    ("set-unknown-crv", "a key of unknown curve"),
    ("key-1024", "RSA 1024"),
];

/// The table, from the measurement itself.
fn table() -> String {
    let text = read("fixtures/library-matrix.tsv");
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let word = |cell: &str| match cell.to_ascii_uppercase().as_str() {
        "OK" => "ok",
        "-" => "",
        "D" => "discovery",
        "K" => "keys",
        "R" => "authorization",
        "T" => "token",
        "V" => "ID token",
        "A" => "access token",
        "U" => "userinfo",
        other => panic!("{other} is no cell"),
    };
    let headings: Vec<&str> = COLUMNS.iter().map(|(_, heading)| *heading).collect();
    let mut out = format!("| library | {} |\n|---|{}\n", headings.join(" | "), "---|".repeat(COLUMNS.len()));
    let all = oidcheck_checks::library::all();
    let mut libraries: Vec<(usize, &Library)> =
        rows[0].iter().enumerate().filter_map(|(column, id)| Some((column, &**all.get(*id)?))).collect();
    libraries.sort_by_key(|(_, library)| library.title.to_lowercase());
    for (column, library) in libraries {
        let cell = |(fault, _): &(&str, &str)| {
            let row = rows.iter().find(|row| row[0] == *fault).unwrap_or_else(|| panic!("{fault} was not measured"));
            word(row[column])
        };
        let cells: Vec<&str> = COLUMNS.iter().map(cell).collect();
        out.push_str(&format!("| {} | {} |\n", library.title, cells.join(" | ")));
    }
    out
}

/// What is checked for each application at each tier, from its profile.
fn applications() -> String {
    let mut out = "| application | issuer: its library and scopes | client: its requests | secret: sent by | login: its claims |\n\
                   |---|---|---|---|---|\n"
        .to_owned();
    for profile in oidcheck_checks::profile::all().values().filter(|profile| profile.file.id != "generic") {
        let need = Need::of(profile, Some("https://app.example.com"), "app");
        let mut libraries: Vec<&str> = profile.parts.iter().map(|part| part.library.title.as_str()).collect();
        libraries.dedup();
        let mut requests = match need.redirects.len() {
            0 => Vec::new(),
            number => vec![oidcheck_checks::report::count(number, "redirect URI")],
        };
        requests.extend(need.pkce.then(|| "PKCE".to_owned()));
        requests.extend(need.implicit.then(|| "implicit flow".to_owned()));
        requests.extend(need.device.then(|| "device flow".to_owned()));
        requests.extend(need.cors_origin.is_some().then(|| "CORS".to_owned()));
        let sent = match need.auth_methods.as_slice() {
            [] => "not known".to_owned(),
            ["none"] => "no secret".to_owned(),
            methods => methods.join(", "),
        };
        let claims: Vec<String> = profile.file.claims.iter().map(claim).collect();
        let row = [
            profile.file.title.clone(),
            format!("{}: {}", libraries.join(", "), need.scopes.join(" ")),
            requests.join(", "),
            sent,
            claims.join("; "),
        ];
        out.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    out
}

fn claim(claim: &Claim) -> String {
    let place = match claim.read_from {
        ClaimPlace::IdToken => "ID token",
        ClaimPlace::AccessToken => "access token",
        ClaimPlace::Userinfo => "userinfo",
        ClaimPlace::IdTokenOrUserinfo => "ID token or userinfo",
    };
    let must = if claim.required { ", required" } else { "" };
    format!("`{}` ({place}{must})", claim.name)
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let help = common::run(&["--help"]).stdout;
    let (_, codes) = help.split_once("Exit codes:\n").expect("exit codes");
    let of_help: Vec<(&str, &str)> =
        codes.lines().filter_map(|line| line.trim().split_once(' ')).map(|(code, text)| (code, text.trim())).collect();
    let readme = read("README.md");
    let (_, rows) = readme.split_once("| exit code | meaning |\n|---|---|\n").expect("the table");
    let rows = rows.lines().take_while(|line| line.starts_with('|'));
    let of_readme: Vec<(&str, &str)> = rows.filter_map(|row| row.trim_matches(['|', ' ']).split_once(" | ")).collect();
    assert_eq!(of_readme, of_help);
}

/// As a shell would split it, as far as the samples need that.
fn words(line: &str) -> Vec<String> {
    line.split(' ').filter(|word| !word.is_empty()).map(|word| word.trim_matches('\'').to_owned()).collect()
}

#[test]
fn the_commands_parse() {
    let mut seen = 0;
    for file in ["README.md", "CONTRIBUTING.md"] {
        let text = read(file);
        let fenced = ["sh", "yaml"].iter().flat_map(|language| blocks(&text, language)).collect::<String>();
        let inline = text.split('`').skip(1).step_by(2).filter(|code| !code.contains('\n'));
        for line in fenced.lines().map(str::trim).chain(inline) {
            let line = line.replacen("cargo run --release -- ", "oidcheck ", 1);
            if line.starts_with("oidcheck ") {
                Cli::try_parse_from(words(&line)).unwrap_or_else(|e| panic!("{file}: {line}: {e}"));
                seen += 1;
            }
        }
        // An option that is named alone has to exist, too.
        let help: String = ["check", "replay", "demo"].iter().map(|sub| common::run(&[sub, "--help"]).stdout).collect();
        for code in text.split('`').skip(1).step_by(2).filter(|code| code.starts_with("--")) {
            let option = code.split([' ', '=']).next().unwrap_or_default();
            assert!(help.contains(option), "{file}: there is no {option}");
        }
    }
    assert!(seen > 10, "only {seen} commands were found");
}

#[test]
fn the_toml_reads() {
    let mut seen = Vec::new();
    for block in ["README.md", "CONTRIBUTING.md"].into_iter().flat_map(|file| blocks(&read(file), "toml")) {
        let kind = block.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a kind").to_owned();
        match kind.as_str() {
            "profile" => drop(Profile::read("sample", &block).unwrap_or_else(|e| panic!("{e}"))),
            "library" => drop(data::read::<Library>("sample", &block).unwrap_or_else(|e| panic!("{e}"))),
            "provider" => drop(data::read::<Provider>("sample", &block).unwrap_or_else(|e| panic!("{e}"))),
            other => panic!("what is a {other}?"),
        }
        seen.push(kind);
    }
    assert_eq!(seen, ["profile", "library", "provider"]);
}

#[test]
fn links_lead_somewhere() {
    for file in ["README.md", "CONTRIBUTING.md"] {
        let text = read(file);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(link.starts_with("https://") || path(link).exists(), "{file} links to {link}");
        }
        let inline = text.split('`').skip(1).step_by(2);
        let is_path = |code: &&str| {
            code.contains('/') && !code.contains([' ', ':']) && !code.contains("NAME") && !code.contains("GROUP")
        };
        for code in inline.filter(is_path).filter(|code| {
            ["checks/", "src/", "fixtures/", "tests/", ".ci/"].iter().any(|folder| code.starts_with(folder))
        }) {
            assert!(path(code).exists(), "{file} names {code}");
        }
    }
}
