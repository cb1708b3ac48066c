//! Does oidcheck say of a library what the library itself did?
//!
//! `fixtures/library-matrix.tsv` holds what real client libraries did about real providers with one fault each. Every
//! fault is modelled here as evidence (see [`faults`]), every library is judged on it, and what it was measured to do
//! must be what its verdict says: `login-fails` at the step at which it refused, none where it logged in.
//!
//! Each fault is judged twice, without a login and with one. With one, every cell counts. Not every cell can be decided
//! without:
//!
//! - a refusal of the metadata or of the key set, and a login in spite of a fault that shows: these cells count;
//! - a refusal at a later step of a fault that shows: ours may be silent, or name exactly that step;
//! - a fault that does not show: ours must be silent, whatever the library did later.
//!
//! `OIDCHECK_MATRIX=print cargo test -p oidcheck-checks --test libraries -- --nocapture` writes all predictions as
//! TSV, in the form of the measurement; without the variable it writes the tally and every disagreement.

#![expect(clippy::print_stdout, reason = "the tally is what this test is for")]

mod faults;

use faults::matrix::{Answer, Explained, Matrix};
use oidcheck_checks::case::Facts;
use oidcheck_checks::check::Tier;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{self, Judged, Run};
use oidcheck_checks::target::Target;
use oidcheck_checks::verdict::Effect;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What must agree of the cells that count, in hundredths, once all libraries are described.
const WANTED: usize = 99;

/// The same of all cells once somebody has logged in, and of the libraries of the five applications.
const WANTED_WITH_LOGIN: usize = 97;
const WANTED_OF_OURS: usize = 99;
const OURS: [&str; 5] = ["proxmox-9", "passport-openidconnect", "incus", "netbird", "axa-oidc-client"];

/// What we say of one library about one fault.
struct Prediction {
    answer: Answer,
    /// The checks behind it with their words.
    findings: Vec<String>,
    /// Checks that panicked.
    crashed: Vec<String>,
}

/// Our answers by fault and library; computed once for all tests.
static PREDICTIONS: LazyLock<BTreeMap<(String, String), Prediction>> = LazyLock::new(|| {
    let ids = Profile::ids().into_iter().filter(|id| id.starts_with("library:"));
    let profiles: Vec<Profile> = ids.filter_map(|id| Profile::by_id(&id)).collect();
    let mut predictions = BTreeMap::new();
    for fault in faults::all() {
        let provider = fault.provider();
        let target = Target { typed: provider.typed.clone(), ..Target::default() };
        let evidence = faults::gather(&provider, &target, &profiles);
        let facts = Facts::of(&evidence);
        for profile in &profiles {
            let run = report::judge(&target, profile, &facts, faults::now());
            let library = profile.file.id.trim_start_matches("library:").to_owned();
            predictions.insert((fault.id.clone(), library), Prediction::of(&run));
        }
    }
    predictions
});

/// Our answers by fault and library after a login.
static LOGINS: LazyLock<BTreeMap<(String, String), Prediction>> = LazyLock::new(|| {
    let ids = Profile::ids().into_iter().filter(|id| id.starts_with("library:"));
    let profiles: Vec<Profile> = ids.filter_map(|id| Profile::by_id(&id)).collect();
    let mut predictions = BTreeMap::new();
    for fault in faults::all() {
        let provider = fault.provider();
        let client_id = Some(faults::grant::CLIENT.to_owned());
        let target = Target { typed: provider.typed.clone(), client_id, ..Target::default() };
        let before = faults::gather(&provider, &target, &profiles);
        let with_login = |accepted| {
            let mut evidence = before.clone();
            faults::grant::log_in(&provider, &mut evidence, accepted);
            evidence
        };
        let (taken, refused) = (with_login(true), with_login(false));
        let (taken, refused) = (Facts::of(&taken), Facts::of(&refused));
        let advertised = taken.metadata.as_ref().ok();
        let advertised = advertised.and_then(|m| m.strings("token_endpoint_auth_methods_supported"));
        for profile in &profiles {
            // The client authenticates as this library does it, and the modelled provider takes it or not.
            let attempts = profile.parts[0].library.tokens.authentication.attempts(advertised.as_deref());
            let accepted = attempts.into_iter().any(provider.login.accepts);
            let facts = if accepted { &taken } else { &refused };
            let run = report::judge(&target, profile, facts, faults::now());
            assert_eq!(run.tier, Tier::Login);
            let library = profile.file.id.trim_start_matches("library:").to_owned();
            predictions.insert((fault.id.clone(), library), Prediction::of(&run));
        }
    }
    predictions
});

impl Prediction {
    fn of(run: &Run) -> Prediction {
        let mut findings = run.findings();
        findings.retain(|(_, finding)| finding.effect == Effect::LoginFails);
        let crash = |o: &report::Outcome| match &o.judged {
            Judged::Crashed(text) => Some(format!("{}: {text}", o.check.id)),
            _ => None,
        };
        Prediction {
            answer: Answer::earliest(findings.iter().map(|(_, finding)| finding.step)),
            findings: findings
                .iter()
                .map(|(o, f)| format!("{} ({}): {}", o.check.id, f.step.word(), f.message))
                .collect(),
            crashed: run.outcomes.iter().filter_map(crash).collect(),
        }
    }
}

/// How we stand with one library.
#[derive(Default)]
struct Tally {
    /// Cells that can be decided without a login.
    visible: usize,
    /// Those of them in which we agree.
    agreed: usize,
    /// Refusals at a later step that we foresee.
    early: usize,
    /// Refusals at a later step that only a login shows.
    waiting: usize,
    disagreements: Vec<Disagreement>,
}

struct Disagreement {
    fault: &'static str,
    cell: Answer,
    ours: Answer,
    findings: Vec<String>,
}

impl Tally {
    fn of(library: &str, matrix: &Matrix, shows: &BTreeMap<String, bool>) -> Tally {
        let mut tally = Tally::default();
        for row in &matrix.rows {
            let Some(cell) = matrix.answer(row.fault, library) else { continue };
            let prediction = &PREDICTIONS[&(row.fault.to_owned(), library.to_owned())];
            let ours = prediction.answer;
            let shows = shows[row.fault];
            let counts = shows && cell.is_early();
            tally.visible += usize::from(counts);
            if counts && ours == cell {
                tally.agreed += 1;
            } else if !counts && ours == Answer::LogsIn {
                // Silence is no mistake about what only a login shows.
                tally.waiting += usize::from(cell != Answer::LogsIn);
            } else if shows && ours == cell {
                tally.early += 1;
            } else {
                let findings = prediction.findings.clone();
                tally.disagreements.push(Disagreement { fault: row.fault, cell, ours, findings });
            }
        }
        tally
    }
}

fn described() -> BTreeSet<&'static str> {
    oidcheck_checks::library::all().keys().map(String::as_str).collect()
}

fn tallies(matrix: &Matrix) -> BTreeMap<&'static str, Tally> {
    let shows = faults::all().into_iter().map(|fault| (fault.id.clone(), fault.shows())).collect();
    let known = described();
    let measured = matrix.libraries.iter().filter(|id| known.contains(**id));
    measured.map(|id| (*id, Tally::of(id, matrix, &shows))).collect()
}

#[test]
fn every_fault_of_the_measurement_is_modelled_once() {
    let ids: Vec<String> = faults::all().into_iter().map(|fault| fault.id).collect();
    let distinct: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(distinct.len(), ids.len(), "an id stands twice");
    assert_eq!(ids.len(), faults::MEASURED);
    for row in &Matrix::read().rows {
        assert!(distinct.contains(row.fault), "{} is measured but not modelled", row.fault);
    }
}

#[test]
fn a_fault_that_shows_changes_what_is_seen_and_no_other_does() {
    let seen = |provider: faults::Provider| {
        let target = Target { typed: provider.typed.clone(), ..Target::default() };
        let evidence = faults::gather(&provider, &target, &[]);
        (target, evidence)
    };
    for fault in faults::all() {
        let differs = seen(fault.provider()) != seen(faults::Provider::healthy(&fault.id));
        assert_eq!(differs, fault.shows(), "{}", fault.id);
    }
}

#[test]
fn no_check_crashes_on_any_fault() {
    let crashed: Vec<_> = PREDICTIONS
        .iter()
        .chain(LOGINS.iter())
        .filter(|(_, p)| !p.crashed.is_empty())
        .map(|(at, p)| (at, &p.crashed))
        .collect();
    assert!(crashed.is_empty(), "{crashed:#?}");
}

#[test]
fn nothing_speaks_against_the_healthy_provider() {
    for library in described() {
        for predictions in [&PREDICTIONS, &LOGINS] {
            let prediction = &predictions[&("ok".to_owned(), library.to_owned())];
            assert_eq!(prediction.answer, Answer::LogsIn, "{library}: {:#?}", prediction.findings);
        }
    }
}

#[test]
fn libraries_do_what_they_were_measured_to_do() {
    let matrix = Matrix::read();
    let tallies = tallies(&matrix);
    print(&matrix, &tallies);

    let (visible, agreed) = tallies.values().fold((0, 0), |(v, a), tally| (v + tally.visible, a + tally.agreed));
    if tallies.len() < matrix.libraries.len() {
        return; // Nothing to insist on until every library is described.
    }
    assert!(agreed * 100 >= visible * WANTED, "{agreed} of {visible} cells agree, fewer than {WANTED} %");
    let explained = Explained::read();
    let known = |library: &str, fault: &str| explained.cells.iter().any(|c| c.library == library && c.fault == fault);
    let each = tallies.iter().flat_map(|(library, tally)| tally.disagreements.iter().map(move |d| (*library, d.fault)));
    let unexplained: Vec<_> = each.filter(|(library, fault)| !known(library, fault)).collect();
    assert!(unexplained.is_empty(), "disagreements without an explanation: {unexplained:#?}");
}

#[test]
fn after_a_login_libraries_do_what_they_were_measured_to_do() {
    let matrix = Matrix::read();
    let known: BTreeMap<(String, String), String> =
        Explained::read().logins.into_iter().map(|c| ((c.library, c.fault), c.ours)).collect();
    let (mut all, mut good, mut explained) = (0, 0, BTreeSet::new());
    let (mut open, mut false_alarms) = (Vec::new(), Vec::new());
    println!("{:<26} {:>6} {:>7} {:>9}", "library (after a login)", "cells", "agreed", "disagreed");
    for library in &matrix.libraries {
        let (mut cells, mut agreed) = (0, 0);
        for row in &matrix.rows {
            let Some(cell) = matrix.answer(row.fault, library) else { continue };
            let at = ((*library).to_owned(), row.fault.to_owned());
            let ours = &LOGINS[&(row.fault.to_owned(), (*library).to_owned())];
            cells += 1;
            if ours.answer == cell {
                agreed += 1;
                continue;
            }
            let (measured, word) = (cell.word(), ours.answer.word());
            let note = if known.get(&at) == Some(&word) { " (explained)" } else { "" };
            println!("  {library} / {}: measured {measured}, ours {word}{note}", row.fault);
            ours.findings.iter().for_each(|finding| println!("      {finding}"));
            if note.is_empty() {
                open.push(format!("{library} / {}", row.fault));
            } else {
                explained.insert(at);
            }
            if cell == Answer::LogsIn {
                false_alarms.push(format!("{library} / {}", row.fault));
            }
        }
        println!("{library:<26} {cells:>6} {agreed:>7} {:>9}", cells - agreed);
        if OURS.contains(library) {
            assert!(agreed * 100 >= cells * WANTED_OF_OURS, "{library}: {agreed} of {cells}");
        }
        (all, good) = (all + cells, good + agreed);
    }
    println!("{:<26} {all:>6} {good:>7} {:>9}", "all", all - good);
    assert!(good * 100 >= all * WANTED_WITH_LOGIN, "{good} of {all} cells agree");
    assert!(open.is_empty(), "disagreements without an explanation: {open:#?}");
    let stale: Vec<_> = known.keys().filter(|at| !explained.contains(*at)).collect();
    assert!(stale.is_empty(), "explanations that no longer hold: {stale:#?}");
    // The one cell in which a library takes what nobody else does is a cell without a login as well; the other two were
    // measured on a provider that looks at no access token.
    let known_alarms = ["python-jose / jwks-bare-array", "proxmox-9 / info-redirect", "proxmox-8 / info-redirect"];
    false_alarms.retain(|cell| !known_alarms.contains(&cell.as_str()));
    assert!(false_alarms.is_empty(), "we refuse what was measured to log in: {false_alarms:#?}");
}

#[test]
fn explanations_hold() {
    let matrix = Matrix::read();
    let tallies = tallies(&matrix);
    let mut seen = BTreeSet::new();
    for cell in Explained::read().cells {
        let name = format!("{} / {}", cell.library, cell.fault);
        assert!(seen.insert(name.clone()), "{name} is explained twice");
        assert!(!cell.why.trim().is_empty(), "{name} is explained with nothing");
        let measured = matrix.answer(&cell.fault, &cell.library).map(Answer::word);
        assert_eq!(measured.as_deref(), Some(cell.cell.as_str()), "the measured cell of {name}");
        if let Some(tally) = tallies.get(cell.library.as_str()) {
            let disagreement = tally.disagreements.iter().find(|d| d.fault == cell.fault);
            let ours = disagreement.map(|d| d.ours.word());
            assert_eq!(ours.as_deref(), Some(cell.ours.as_str()), "what oidcheck says of {name}; stale explanation?");
        }
    }
}

fn print(matrix: &Matrix, tallies: &BTreeMap<&str, Tally>) {
    #[expect(clippy::disallowed_methods, reason = "the checks are pure; their test may be asked to say more")]
    let whole = std::env::var("OIDCHECK_MATRIX").is_ok_and(|value| value == "print");
    if whole {
        return print_predictions(matrix);
    }
    println!("{:<26} {:>7} {:>7} {:>9} {:>6} {:>7}", "library", "visible", "agreed", "disagreed", "early", "waiting");
    let line = |name: &str, t: [usize; 5]| {
        println!("{name:<26} {:>7} {:>7} {:>9} {:>6} {:>7}", t[0], t[1], t[2], t[3], t[4]);
    };
    let mut sum = [0; 5];
    for library in &matrix.libraries {
        let Some(tally) = tallies.get(library) else {
            println!("{library:<26} not described yet");
            continue;
        };
        let counts = [tally.visible, tally.agreed, tally.disagreements.len(), tally.early, tally.waiting];
        sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        line(library, counts);
    }
    line("all", sum);
    let explained = Explained::read();
    for (library, tally) in tallies {
        for d in &tally.disagreements {
            let known = explained.cells.iter().any(|c| c.library == *library && c.fault == d.fault);
            let note = if known { " (explained)" } else { "" };
            println!("\n{library} / {}: measured {}, ours {}{note}", d.fault, d.cell.word(), d.ours.word());
            d.findings.iter().for_each(|finding| println!("    {finding}"));
        }
    }
}

/// Every prediction, the faults and libraries that were not measured included.
fn print_predictions(matrix: &Matrix) {
    let known = described();
    let extra = known.iter().filter(|id| !matrix.libraries.contains(id));
    let columns: Vec<&str> = matrix.libraries.iter().filter(|id| known.contains(**id)).chain(extra).copied().collect();
    println!("fault\t{}", columns.join("\t"));
    for fault in faults::all() {
        let word = |library: &&str| PREDICTIONS[&(fault.id.clone(), (*library).to_owned())].answer.word();
        println!("{}\t{}", fault.id, columns.iter().map(word).collect::<Vec<_>>().join("\t"));
    }
}

/// The last second that was accepted and the first one that was refused; `None` where no limit was seen.
type Limit = Option<(i64, i64)>;

/// The measured leeways.
const LEEWAYS: [(&str, [Limit; 4]); 17] = {
    const NONE: Limit = None;
    const fn at(last: i64, first: i64) -> Limit {
        Some((last, first))
    }
    [
        // Expired ago, issued ahead, not before ahead, issued ago.
        ("proxmox-9", [at(0, 2), NONE, NONE, NONE]),
        ("proxmox-8", [at(0, 2), NONE, NONE, NONE]),
        ("passport-openidconnect", [at(0, 2), NONE, NONE, NONE]),
        ("incus", [at(0, 2), at(6, 9), NONE, NONE]),
        ("zitadel-oidc", [at(0, 2), at(2, 4), NONE, NONE]),
        ("netbird", [at(0, 2), at(0, 2), at(0, 2), NONE]),
        ("mozilla-django-oidc", [at(0, 2), at(0, 2), at(0, 2), NONE]),
        ("go-oidc", [at(0, 2), NONE, at(298, 302), NONE]),
        ("openid-client-6", [at(29, 31), NONE, at(29, 31), NONE]),
        ("openid-client-5", [at(0, 2), NONE, at(0, 2), NONE]),
        ("python-jose", [at(0, 2), NONE, at(0, 2), NONE]),
        ("oidc-client-ts", [NONE, NONE, NONE, NONE]),
        ("authlib", [at(118, 122), at(118, 122), at(118, 122), NONE]),
        ("pyoidc", [at(0, 2), at(0, 2), NONE, at(3_602, 90_000)]),
        ("social-auth-core", [at(0, 2), at(0, 2), at(0, 2), at(302, 602)]),
        ("nimbus", [at(58, 62), at(58, 62), NONE, NONE]),
        ("spring-security", [at(58, 62), at(58, 62), at(58, 62), NONE]),
    ]
};

#[test]
fn leeways_are_those_that_were_measured() {
    for (library, measured) in LEEWAYS {
        let rules = oidcheck_checks::library::all()[library].leeway;
        let ours = [rules.exp_past, rules.iat_ahead, rules.nbf_ahead, rules.iat_ago];
        for (leeway, measured) in ours.into_iter().zip(measured) {
            match measured {
                Some((last, first)) => assert!(leeway.takes(last) && !leeway.takes(first), "{library}: {leeway:?}"),
                None => assert!(leeway.takes(90_000), "{library}: {leeway:?}"),
            }
        }
    }
}
