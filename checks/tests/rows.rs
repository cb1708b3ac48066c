//! Each check of the provider's documents fails by one step from a provider that is in order, means what it should
//! mean for a named application, and keeps silent about a neighbour of that step which is legal.
//!
//! A step that fails a check may fail no other one: what it breaks has one cause.

#![expect(clippy::disallowed_methods, reason = "tests read fixtures; the rules do not")]

#[expect(dead_code, reason = "the tests of libraries use the rest")]
mod faults;
mod rows_steps;

use faults::Provider;
use oidcheck_checks::CHECKS;
use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::{Evidence, Exchange, Request, Response, Slot};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{self, Run};
use oidcheck_checks::target::Target;
use oidcheck_checks::verdict::Effect;
use rows_steps::{Row, Step};
use std::collections::{BTreeMap, BTreeSet};

/// The checks that have rows here.
const COVERED: [&str; 28] = [
    "discovery/client-algorithms",
    "discovery/endpoint-form",
    "discovery/endpoint-ports",
    "discovery/grant-types",
    "discovery/issuer-url",
    "discovery/list-items",
    "discovery/locales",
    "discovery/logout",
    "discovery/member-names",
    "discovery/par",
    "discovery/request-objects",
    "discovery/required-members",
    "discovery/response-modes",
    "discovery/response-types",
    "discovery/scopes-syntax",
    "discovery/subject-types",
    "discovery/token-auth-methods",
    "http/caching",
    "http/charset",
    "http/clock",
    "http/strict-transport",
    "jwks/curve-points",
    "jwks/distinct-keys",
    "jwks/encryption-keys",
    "jwks/known-keys",
    "jwks/rsa-numbers",
    "jwks/usage-consistent",
    "tls/chain-days-left",
];

fn run(step: &Step, profile: &str) -> Run {
    let mut provider = Provider::healthy("good");
    (step.provider)(&mut provider);
    let target = Target { typed: provider.typed.clone(), ..Target::default() };
    let profile = Profile::by_id(profile).unwrap_or_else(|| panic!("no profile {profile}"));
    let mut evidence = faults::gather(&provider, &target, std::slice::from_ref(&profile));
    (step.evidence)(&mut evidence);
    report::judge(&target, &profile, &Facts::of(&evidence), faults::now())
}

/// What a run says against the provider: the loudest effect by check.
fn against(run: &Run) -> BTreeMap<&'static str, Effect> {
    let mut found = BTreeMap::new();
    for (outcome, finding) in run.findings() {
        let loudest = found.entry(outcome.check.id).or_insert(finding.effect);
        *loudest = finding.effect.max(*loudest);
    }
    found
}

#[test]
fn every_step_fails_its_check_and_no_other() {
    let mut wrong = Vec::new();
    for Row { check, fails, .. } in rows_steps::all() {
        for (profile, effect, step) in fails {
            let healthy = against(&run(&Step::default(), profile));
            assert!(!healthy.contains_key(check), "{check} fails for {profile} without any step");
            let said = run(&step, profile);
            let mut found = against(&said);
            found.retain(|id, effect| healthy.get(id) != Some(effect));
            if found != BTreeMap::from([(check, effect)]) {
                let messages = said
                    .findings()
                    .iter()
                    .map(|(o, f)| format!("\n    {}: {}", o.check.id, f.message))
                    .collect::<String>();
                wrong.push(format!("{check}, {}, for {profile}: {found:?}{messages}", step.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_neighbour_is_silent() {
    for Row { check, silent, .. } in rows_steps::all() {
        for (profile, step) in silent {
            let said = run(&step, profile);
            let outcome = said.outcomes.iter().find(|outcome| outcome.check.id == check).expect("every check has one");
            let text: Vec<_> = outcome.findings().iter().map(|f| &f.message).collect();
            assert!(text.is_empty(), "{check}, {}, for {profile}: {text:#?}", step.name);
        }
    }
}

#[test]
fn every_covered_check_has_a_step_and_a_neighbour() {
    let rows = rows_steps::all();
    let with =
        |some: fn(&Row) -> bool| rows.iter().filter(|row| some(row)).map(|row| row.check).collect::<BTreeSet<_>>();
    let covered: BTreeSet<&str> = COVERED.into_iter().collect();
    assert_eq!(with(|row| !row.fails.is_empty()), covered);
    assert_eq!(with(|row| !row.silent.is_empty()), covered);
    for id in covered {
        assert!(CHECKS.iter().any(|check| check.id == id), "there is no check {id}");
    }
}

/// What our own checks say of documents that real products publish. Everything else must be silent on them: they are
/// in use every day.
const REAL: &[(&str, &str)] = &[
    // A template, which no login may see.
    ("entra.common", "discovery/issuer-url"),
    // Longer than Keystone can store.
    ("entra", "discovery/issuer-url"),
    ("entra-b2c", "discovery/issuer-url"),
    ("entra-b2c.query", "discovery/issuer-url"),
    ("entra-b2c.tfp", "discovery/issuer-url"),
    // The issuer of its default tenant as installed.
    ("fusionauth", "discovery/issuer-url"),
    // It identifies workloads and logs nobody in.
    ("kubernetes", "discovery/endpoint-form"),
    ("kubernetes", "discovery/response-types"),
    // Its list leaves out the device code, which it serves.
    ("authelia", "discovery/grant-types"),
];

#[test]
fn documents_of_real_products_are_silent() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/providers");
    let mut said = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let body = std::fs::read(&path).unwrap();
        let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let target = Target { typed: document["issuer"].as_str().unwrap().to_owned(), ..Target::default() };
        let evidence = evidence_of(&target, body);
        let facts = Facts::of(&evidence);
        for id in Profile::ids() {
            let run = report::judge(&target, &Profile::by_id(&id).unwrap(), &facts, faults::now());
            let found = against(&run).into_keys().filter(|check| COVERED.contains(check));
            said.extend(
                found.filter(|check| *check != "discovery/required-members").map(|check| (name.clone(), check)),
            );
        }
    }
    let known = REAL.iter().map(|(name, check)| ((*name).to_owned(), *check)).collect();
    assert_eq!(said, known);
}

fn evidence_of(target: &Target, body: Vec<u8>) -> Evidence {
    let request = Request::get_json(target.discovery_url());
    let (url, version) = (request.url.clone(), "HTTP/2".to_owned());
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let response = Response { url, version, status: 200, headers, body, encoded_len: None, cut_at: None };
    let (started, outcome) = (faults::now(), Ok(response));
    let mut evidence = Evidence::default();
    evidence
        .record(Slot::Discovery, Exchange { request, outcome, hops: Vec::new(), tls: None, started, elapsed_ms: 5 });
    evidence
}
