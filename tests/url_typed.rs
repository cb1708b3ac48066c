//! What people type for an issuer, end to end: too much of the path, too little, another one, the whole discovery URL,
//! no scheme. The report has to propose what works, and to say what each library does with exactly what was typed.

mod common;

use common::*;
use oidcheck_checks::library;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// A provider whose metadata is at these paths and nowhere else, with this path as its issuer.
fn provider(places: &'static [&'static str], issuer: &'static str) -> Server {
    let origin = Arc::new(OnceLock::<String>::new());
    let known = origin.clone();
    let server = Server::http(move |path, out| {
        let origin = known.get().map(String::as_str).unwrap_or_default();
        match path {
            path if places.contains(&path) => json(out, &metadata(&format!("{origin}{issuer}"))),
            path if path.ends_with("/jwks") => json(out, "{\"keys\":[]}"),
            _ => answer(out, 404, &[("Content-Type", "text/html")], b"<html>Not Found</html>"),
        }
    });
    origin.set(server.issuer()).expect("once");
    server
}

/// The findings of a check, by application.
fn findings<'a>(report: &'a Value, check: &str) -> Vec<(&'a str, &'a Value)> {
    let mut found = Vec::new();
    for run in report["runs"].as_array().expect("runs") {
        let outcomes = run["outcomes"].as_array().expect("outcomes").iter().filter(|o| o["check"] == check);
        let all = outcomes.flat_map(|outcome| outcome["findings"].as_array().into_iter().flatten());
        found.extend(all.map(|finding| (run["profile"].as_str().expect("an id"), finding)));
    }
    found
}

fn everybody(typed: &str) -> Value {
    let said = run(&["check", typed, "--profile", "library:*", "--format", "json"]);
    assert!(said.code <= 1, "{said:?}");
    said.json()
}

/// What is proposed in place of what was typed has to lead to the metadata, for the library to which it is proposed.
fn proposals_work(report: &Value) {
    for (profile, finding) in findings(report, "discovery/url-typed") {
        let give = finding["expected"].as_str().expect("a URL");
        let again = run(&["check", give, "--profile", profile, "--format", "json"]).json();
        for check in ["discovery/url-typed", "discovery/reachable", "discovery/issuer-exact"] {
            assert!(findings(&again, check).is_empty(), "{profile} with {give}: {again:#}");
        }
    }
}

/// The verdicts for something typed at which there is nothing, while the metadata is nearby.
fn nothing_there(server: &Server, typed: &str, place: &str) -> Value {
    let typed = format!("{}{typed}", server.issuer());
    let place = format!("{}{place}", server.issuer());
    let report = everybody(&typed);
    let libraries: BTreeSet<String> = library::all().keys().map(|id| format!("library:{id}")).collect();
    for check in ["discovery/reachable", "discovery/url-typed"] {
        let found = findings(&report, check);
        let ids: BTreeSet<String> = found.iter().map(|(profile, _)| (*profile).to_owned()).collect();
        assert_eq!(ids, libraries, "{check} for {typed}");
        for (profile, finding) in found {
            let remedy = finding["remedy"].as_str().expect("a remedy");
            assert!(finding["message"].as_str().expect("a message").contains(&place), "{profile}: {finding:#}");
            assert!(remedy.contains(&place), "{profile}: {finding:#}");
        }
    }
    for (profile, finding) in findings(&report, "discovery/reachable") {
        // One cause, one failure: it is this check that says what people cannot do, and what the library does.
        assert_eq!(finding["effect"], "login-fails", "{profile}");
        let library = &library::all()[profile.trim_start_matches("library:")];
        assert!(finding["message"].as_str().expect("a message").contains(&library.title), "{finding:#}");
    }
    for (profile, finding) in findings(&report, "discovery/url-typed") {
        assert_eq!(
            (&finding["effect"], &finding["actual"]),
            (&"untidy".into(), &Value::from(typed.as_str())),
            "{profile}"
        );
    }
    report
}

#[test]
fn too_much_of_the_path() {
    let server = provider(&["/realms/main/.well-known/openid-configuration"], "/realms/main");
    for typed in ["/realms/main/protocol/openid-connect", "/realms/main/account/", "/realms/main/x/y/z"] {
        proposals_work(&nothing_there(&server, typed, "/realms/main/.well-known/openid-configuration"));
    }
}

#[test]
fn another_path_and_an_issuer_that_ends_in_a_slash() {
    let server = provider(&[WELL_KNOWN], "/");
    let report = nothing_there(&server, "/oauth2/default", WELL_KNOWN);
    proposals_work(&report);
    // Only the document shows the slash, and whoever compares exactly needs it.
    let found = findings(&report, "discovery/url-typed");
    let (_, finding) = found.iter().find(|(profile, _)| *profile == "library:go-oidc").expect("it is there");
    assert_eq!(finding["expected"], format!("{}/", server.issuer()));
}

/// The answer, then what to do: the first block of the report is the failure, with the URL that works.
#[test]
fn the_report_leads_with_the_url_that_works() {
    let server = provider(&["/realms/main/.well-known/openid-configuration"], "/realms/main");
    let origin = server.issuer();
    for profile in ["generic", "proxmox", "incus"] {
        let said = run(&["check", &format!("{origin}/realms/main/account"), "--profile", profile]);
        assert_eq!(said.code, 1, "{said:?}");
        let (_, blocks) = said.stdout.split_once("\nerror    ").expect("an error");
        let first = blocks.split("\n\n").next().unwrap_or_default();
        let words = first.split_whitespace().collect::<Vec<_>>().join(" ");
        let advice = format!("in the application: Give the application {origin}/realms/main as the issuer");
        assert!(words.contains(&advice), "{profile}: {words}");
        assert!(!blocks.contains("\nerror    "), "one cause is one error: {}", said.stdout);
    }
}

#[test]
fn too_little_of_the_path_is_not_guessed() {
    let realm = provider(&["/realms/main/.well-known/openid-configuration"], "/realms/main");
    let slug = provider(&["/application/o/wiki/.well-known/openid-configuration"], "/application/o/wiki/");
    for (server, typed) in [(&realm, ""), (&realm, "/realms"), (&realm, "/realms/"), (&slug, "/application/o/wikki/")] {
        let typed = format!("{}{typed}", server.issuer());
        let report = everybody(&typed);
        for (profile, finding) in findings(&report, "discovery/reachable") {
            let remedy = finding["remedy"].as_str().expect("a remedy");
            assert!(
                remedy.contains("/realms/<realm>") && remedy.contains("/application/o/<slug>/"),
                "{profile}: {remedy}"
            );
            assert_eq!(finding["effect"], "login-fails", "{profile}");
        }
        // What does not lead anywhere has not been found good.
        for run in report["runs"].as_array().expect("runs") {
            let outcome =
                run["outcomes"].as_array().expect("outcomes").iter().find(|o| o["check"] == "discovery/url-typed");
            assert_eq!(outcome.expect("it is there")["verdict"], "inconclusive", "{typed}");
        }
    }
    // Guesses are few.
    let paths: Vec<String> =
        realm.heads().iter().filter_map(|head| head.split(' ').nth(1).map(str::to_owned)).collect();
    let distinct: BTreeSet<&String> = paths.iter().collect();
    assert!(distinct.len() <= 5, "{distinct:?}");
}

#[test]
fn the_whole_discovery_url() {
    let server = provider(&["/realms/main/.well-known/openid-configuration"], "/realms/main");
    let typed = format!("{}/realms/main{WELL_KNOWN}", server.issuer());
    let report = everybody(&typed);
    proposals_work(&report);
    let found = findings(&report, "discovery/url-typed");
    for (id, library) in library::all() {
        let finding = found.iter().find(|(profile, _)| profile.strip_prefix("library:") == Some(id)).map(|(_, f)| *f);
        if library.issuer.discovery_url_typed {
            assert_eq!(finding, None, "{id} takes it");
            continue;
        }
        let finding = finding.unwrap_or_else(|| panic!("{id} appends the well-known path"));
        let message = finding["message"].as_str().expect("a message");
        assert!(
            message
                .contains(&format!("{} appends the well-known path and asks for {typed}{WELL_KNOWN}", library.title))
        );
        assert_eq!(finding["expected"], format!("{}/realms/main", server.issuer()), "{id}");
        assert_eq!(finding["effect"], "login-fails", "{id}");
    }
    // The document is there: that it is found by nobody who appends the path is one failure, not two.
    assert!(
        findings(&report, "discovery/reachable").is_empty() && findings(&report, "discovery/issuer-exact").is_empty()
    );
}

/// The form of RFC 8414 alone: who can be given a URL is given it, for the others the provider has to serve both.
#[test]
fn the_well_known_part_before_the_path() {
    const PLACE: &str = "/.well-known/openid-configuration/tenant";
    let server = provider(&[PLACE], "/tenant");
    for typed in ["/tenant", "/tenant/"] {
        let report = nothing_there(&server, typed, PLACE);
        for (profile, finding) in findings(&report, "discovery/reachable") {
            let takes = library::all()[profile.trim_start_matches("library:")].issuer.discovery_url_typed;
            let remedy = finding["remedy"].as_str().expect("a remedy");
            let wanted = match takes {
                true => format!("Give the application {}{PLACE}", server.issuer()),
                false => format!("Let the provider serve its metadata at {}/tenant{WELL_KNOWN}", server.issuer()),
            };
            assert!(remedy.contains(&wanted), "{profile}: {remedy}");
            assert_eq!(finding["side"], if takes { "application" } else { "provider" }, "{profile}");
        }
    }
    // Typed as it is, it is a discovery URL like the other one.
    let whole = everybody(&format!("{}{PLACE}", server.issuer()));
    for (profile, finding) in findings(&whole, "discovery/url-typed") {
        assert!(!library::all()[profile.trim_start_matches("library:")].issuer.discovery_url_typed, "{finding:#}");
    }
    assert!(findings(&whole, "discovery/reachable").is_empty());
    assert!(findings(&whole, "discovery/issuer-exact").is_empty());
}

#[test]
fn no_scheme() {
    let (ca, folder) = (Ca::new(), tempfile::tempdir().expect("a folder"));
    let origin = Arc::new(OnceLock::<String>::new());
    let known = origin.clone();
    let server = Server::https(ca.server(&["127.0.0.1"], (2020, 2090), true), move |path, out| {
        let origin = known.get().map(String::as_str).unwrap_or_default();
        match path {
            WELL_KNOWN => json(out, &metadata(origin)),
            _ => json(out, "{\"keys\":[]}"),
        }
    });
    let issuer = format!("https://{}", server.address);
    origin.set(issuer.clone()).expect("once");
    let said = run(&["check", &server.address.to_string(), "--ca-file", &ca.pem(folder.path()), "--format", "json"]);
    assert!(said.stderr.contains(&format!("no scheme was given; checking {issuer}")), "{}", said.stderr);
    assert!(said.stderr.contains("the application needs the scheme as well"), "{}", said.stderr);
    let report = said.json();
    assert_eq!(report["runs"][0]["target"]["issuer"], issuer);
    assert!(
        findings(&report, "discovery/url-typed").is_empty() && findings(&report, "discovery/issuer-exact").is_empty()
    );
}

/// A document for many tenants: whoever compares the issuer refuses it, and is told why.
#[test]
fn a_template_for_an_issuer() {
    let server = provider(&["/common/v2.0/.well-known/openid-configuration"], "/{tenantid}/v2.0");
    let report = everybody(&format!("{}/common/v2.0", server.issuer()));
    let found = findings(&report, "discovery/issuer-exact");
    for (id, library) in library::all() {
        let (_, finding) = found
            .iter()
            .find(|(profile, _)| profile.strip_prefix("library:") == Some(id))
            .unwrap_or_else(|| panic!("nothing is said for {id}"));
        let exact = library.issuer.document != library::issuer::Comparison::Unchecked;
        assert_eq!(finding["effect"], if exact { "login-fails" } else { "degraded" }, "{id}");
        assert!(finding["message"].as_str().expect("a message").contains("a template"), "{id}: {finding:#}");
        let remedy = finding["remedy"].as_str().expect("a remedy");
        assert!(remedy.contains(&format!("{}/<tenantid>/v2.0", server.issuer())), "{id}: {remedy}");
    }
    assert!(findings(&report, "discovery/issuer-url").is_empty(), "the difference is said already");
}
