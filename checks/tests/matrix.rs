//! The mutation matrix: one world in which everything is right, and every single step that must be noticed.
//!
//! Three things can go wrong with a check, and each has its test here: it stays silent where it must speak (its own
//! mutations must fail it), it speaks where it must be silent (the whole table of mutation × application × check is a
//! snapshot, and no mutation may be loud in an unrelated check), and it guesses where it has seen nothing (without
//! evidence there is no pass, and whoever is blamed for a gap has failed).

#[expect(dead_code, reason = "the libraries test uses the rest of it")]
mod faults;
#[path = "matrix/mod.rs"]
mod mutations;
#[expect(dead_code, reason = "the rows test uses the neighbours, too")]
mod rows_steps;

use mutations::Mutation;
use mutations::world::{World, profiles};
use oidcheck_checks::CHECKS;
use oidcheck_checks::case::{Case, Facts};
use oidcheck_checks::evidence::{CorsTarget, Slot, SlotKind};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{Judged, Outcome, Run, judge};
use oidcheck_checks::verdict::{Effect, Gap, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// The columns of the snapshot: the applications, and libraries that are unlike each other.
const SHOWN: [&str; 11] = [
    "generic",
    "incus",
    "netbird",
    "proxmox",
    "virtuozzo",
    "xen-orchestra",
    "library:go-oidc",
    "library:openidconnect-rs-4",
    "library:nimbus",
    "library:oidc-client-ts",
    "library:pyjwt",
];

/// The checks that need nothing but the issuer URL; those about a registration are in `probing.rs`.
fn issuer_tier() -> impl Iterator<Item = &'static oidcheck_checks::check::Check> {
    CHECKS.iter().copied().filter(|check| check.tier == oidcheck_checks::check::Tier::Issuer && !check.needs.is_empty())
}

fn judged(world: &World, profiles: &[Profile]) -> Vec<Run> {
    let facts = Facts::of(&world.evidence);
    let run = |profile| {
        let mut run = judge(&world.target, profile, &facts, world.now);
        // What is to be known about an application does not depend on any provider.
        run.outcomes.retain(|outcome| !outcome.check.needs.is_empty());
        run
    };
    profiles.iter().map(run).collect()
}

/// Every mutation with the world after it, as it would have been gathered, and what it means for everybody.
static MUTATED: LazyLock<Vec<(Mutation, World, Vec<Run>)>> = LazyLock::new(|| {
    let profiles = profiles();
    let mutated = |mutation: Mutation| {
        let world = mutation.world().as_gathered(&profiles);
        let runs = judged(&world, &profiles);
        (mutation, world, runs)
    };
    mutations::all().into_iter().map(mutated).collect()
});

/// Whether an application fetches no keys, so that nothing about them can be missing for it.
fn never_fetches_keys(run: &Run) -> bool {
    run.profile.parts.iter().all(|part| !part.library.keys.verified)
}

fn worst(outcome: &Outcome) -> Option<Effect> {
    outcome.findings().iter().map(|finding| finding.effect).max()
}

fn of<'a>(run: &'a Run, check: &str) -> &'a Outcome {
    run.outcomes.iter().find(|outcome| outcome.check.id == check).unwrap_or_else(|| panic!("no check {check}"))
}

#[test]
fn in_the_good_world_every_check_passes_for_everybody() {
    let (profiles, mut passed) = (profiles(), BTreeSet::new());
    for run in [World::good(), World::more_keys()].iter().flat_map(|world| judged(world, &profiles)) {
        for outcome in &run.outcomes {
            let (check, profile) = (outcome.check.id, &run.profile.file.id);
            match &outcome.judged {
                Judged::Told(Verdict::Pass(note)) => {
                    assert!(!note.is_empty(), "{check} passes for {profile} and does not say what it saw");
                    passed.insert(check);
                }
                Judged::Told(Verdict::NotApplicable(reason)) => assert!(!reason.is_empty(), "{check}"),
                other => panic!("{check} for {profile}: {other:#?}"),
            }
        }
    }
    let never: Vec<_> = issuer_tier().map(|check| check.id).filter(|id| !passed.contains(id)).collect();
    assert!(never.is_empty(), "these pass for nobody, so nothing shows that they can: {never:?}");
}

#[test]
fn every_check_owns_a_mutation_and_every_title_is_its_own() {
    let all: Vec<&Mutation> = MUTATED.iter().map(|(mutation, ..)| mutation).collect();
    let owners: BTreeSet<&str> = all.iter().map(|mutation| mutation.check).collect();
    let checks: BTreeSet<&str> = issuer_tier().map(|check| check.id).collect();
    assert_eq!(owners, checks, "checks on the right, owners of mutations on the left");
    let titles: BTreeSet<(String, &str)> = all.iter().map(|mutation| (mutation.title(), mutation.profile)).collect();
    assert_eq!(titles.len(), all.len(), "a title stands twice for one application");
}

#[test]
fn every_mutation_fails_its_check() {
    let mut wrong = Vec::new();
    for (mutation, _, runs) in MUTATED.iter() {
        let run = runs.iter().find(|run| run.profile.file.id == mutation.profile);
        let outcome = of(run.unwrap_or_else(|| panic!("no profile {}", mutation.profile)), mutation.check);
        if worst(outcome) != Some(mutation.effect) {
            let said = format!("{} {:?}", outcome.word(), worst(outcome));
            wrong.push(format!("{} for {}: {said}, not {:?}", mutation.title(), mutation.profile, mutation.effect));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// One root cause is one failure: other checks may pass a remark, or say that they cannot tell, but not cry.
#[test]
fn no_mutation_is_loud_in_an_unrelated_check() {
    let mut loud: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut companions = BTreeSet::new();
    for (mutation, _, runs) in MUTATED.iter() {
        for run in runs {
            for outcome in run.outcomes.iter().filter(|o| worst(o) >= Some(Effect::Unsafe)) {
                let id = outcome.check.id;
                if mutation.companions.iter().any(|(check, _)| *check == id) {
                    companions.insert((mutation.title(), id));
                } else if id != mutation.check {
                    let messages: Vec<&str> = outcome.findings().iter().map(|f| f.message.as_str()).collect();
                    let said = format!("{} also fails {id}: {}", mutation.title(), messages[0]);
                    loud.entry(said).or_default().push(run.profile.file.id.clone());
                }
            }
        }
    }
    assert!(loud.is_empty(), "{loud:#?}");
    for (mutation, ..) in MUTATED.iter() {
        for (check, reason) in &mutation.companions {
            assert!(!reason.is_empty());
            assert!(companions.contains(&(mutation.title(), *check)), "{}: {check} is silent", mutation.title());
        }
    }
}

/// Whoever is blamed for a gap must have failed, or nobody learns what is wrong.
#[test]
fn who_is_blamed_has_failed() {
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (mutation, _, runs) in MUTATED.iter() {
        for run in runs {
            for outcome in &run.outcomes {
                let Judged::Untold(gap) = &outcome.judged else { continue };
                let blamed = gap.blamed_on();
                if blamed.is_none_or(|id| of(run, id).findings().is_empty()) {
                    let said = format!("{}: {}: {gap}", mutation.title(), outcome.check.id);
                    wrong.entry(said).or_default().push(run.profile.file.id.clone());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_check_crashes_and_a_failure_says_everything() {
    for (mutation, _, runs) in MUTATED.iter() {
        for run in runs {
            for outcome in &run.outcomes {
                let at = format!("{}: {} for {}", mutation.title(), outcome.check.id, run.profile.file.id);
                if let Judged::Crashed(text) = &outcome.judged {
                    panic!("{at}: {text}");
                }
                assert!(
                    !matches!(&outcome.judged, Judged::Told(Verdict::Fail(findings)) if findings.is_empty()),
                    "{at}"
                );
                for finding in outcome.findings() {
                    let texts = [
                        Some(&finding.message),
                        finding.expected.as_ref(),
                        finding.actual.as_ref(),
                        finding.remedy.as_ref(),
                    ];
                    assert!(texts.iter().all(|text| text.is_some_and(|t| !t.trim().is_empty())), "{at}: {finding:#?}");
                    assert!(!finding.message.ends_with('.'), "{at}: {}", finding.message);
                }
            }
        }
    }
}

/// A check must declare what it reads, since the declaration decides what is asked for and what a page says.
#[test]
fn needs_are_honest() {
    let profiles = profiles();
    let mut read: BTreeMap<&str, BTreeSet<SlotKind>> = BTreeMap::new();
    let good = World::good();
    for world in MUTATED.iter().map(|(_, world, _)| world).chain([&good]) {
        let facts = Facts::of(&world.evidence);
        for profile in &profiles {
            for part in &profile.parts {
                for check in issuer_tier() {
                    let case = Case::new(&world.target, profile, part, &facts, world.now);
                    let _ = (check.judge)(&case);
                    read.entry(check.id).or_default().extend(case.reads());
                }
            }
        }
    }
    for check in issuer_tier() {
        let declared: BTreeSet<SlotKind> = check.needs.iter().copied().collect();
        assert_eq!(read[check.id], declared, "{}: what it reads, and what it declares", check.id);
    }
}

/// Without evidence there is no pass: what a check has not seen it cannot tell.
#[test]
fn missing_evidence_is_never_a_pass() {
    let profiles = profiles();
    let cases = [
        (Slot::Discovery, SlotKind::Discovery),
        (Slot::Jwks, SlotKind::Jwks),
        (Slot::Cors(CorsTarget::Discovery), SlotKind::Cors),
    ];
    // These look at the key set for more detail, and have an answer without it: of two clocks the better one counts.
    let optional = ["tls/certificate-trusted", "discovery/algorithms", "http/clock"];
    for (slot, kind) in cases {
        let mut world = World::good();
        world.forget(&slot);
        let world = world.as_gathered(&profiles);
        let mut untold = 0;
        for run in judged(&world, &profiles) {
            for outcome in run.outcomes.iter().filter(|o| o.check.needs.contains(&kind)) {
                let id = outcome.check.id;
                if kind == SlotKind::Jwks && (optional.contains(&id) || never_fetches_keys(&run)) {
                    continue;
                }
                match &outcome.judged {
                    Judged::Untold(Gap::NotGathered(missing, _)) => {
                        assert_eq!(missing, &slot, "{id}");
                        untold += 1;
                    }
                    Judged::Told(Verdict::NotApplicable(_)) => {}
                    other => panic!("{id} for {} without {slot:?}: {other:?}", run.profile.file.id),
                }
            }
        }
        assert!(untold > 0, "{slot:?} is missing and nobody minds");
    }
}

/// The beginnings of the ids of those that may tell something although this document cannot be read: how it was
/// served, and what stands in another one.
fn may_tell(slot: &Slot) -> Vec<&'static str> {
    let served = ["tls/", "cors/", "http/clock", "http/strict-transport", "discovery/reachable", "discovery/url-typed"];
    let of_metadata = ["discovery/redirects", "discovery/encoding", "discovery/timely", "discovery/json"];
    let of_keys = ["discovery/", "jwks/reachable", "jwks/encoding", "jwks/timely", "jwks/json"];
    let more: &[&str] = if *slot == Slot::Jwks { &of_keys } else { &of_metadata };
    [&served[..], more].concat()
}

/// What has to say nothing when a document cannot be read, and says something.
fn guesses(run: &Run, slot: &Slot) -> Vec<String> {
    let may_tell = may_tell(slot);
    let others = run.outcomes.iter().filter(|o| !may_tell.iter().any(|start| o.check.id.starts_with(start)));
    let silent = |outcome: &&Outcome| match &outcome.judged {
        Judged::Untold(_) | Judged::Told(Verdict::NotApplicable(_)) => true,
        // What it says is about the other document.
        Judged::Told(Verdict::Pass(_)) => *slot == Slot::Jwks && never_fetches_keys(run),
        _ => false,
    };
    others
        .filter(|outcome| !silent(outcome))
        .map(|o| format!("{} for {}: {:?}", o.check.id, run.profile.file.id, o.judged))
        .collect()
}

/// A document that cannot be read tells no more than none: only how it was served can be judged.
#[test]
fn unusable_evidence_is_never_a_pass() {
    let profiles = profiles();
    for slot in [Slot::Discovery, Slot::Jwks] {
        let mut world = World::good();
        world.body(&slot, |_| b"<html>".to_vec());
        for run in judged(&world.as_gathered(&profiles), &profiles) {
            assert_eq!(guesses(&run, &slot), Vec::<String>::new(), "without a readable {slot:?}");
        }
    }
}

/// Longer than anything that a library was seen to read: one failure, and everything else waits for it.
#[test]
fn what_is_too_long_to_read_is_one_failure() {
    let profiles = profiles();
    for (slot, check) in [(Slot::Discovery, "discovery/reachable"), (Slot::Jwks, "jwks/reachable")] {
        let mut world = World::good();
        world.response(&slot).cut_at = Some(16 * 1024 * 1024);
        for run in judged(&world.as_gathered(&profiles), &profiles) {
            let failed: Vec<&str> = run.outcomes.iter().filter(|o| worst(o).is_some()).map(|o| o.check.id).collect();
            assert_eq!(failed, [check], "{}", run.profile.file.id);
            assert_eq!(guesses(&run, &slot), Vec::<String>::new());
        }
    }
}

/// With nothing at all, no check has an opinion.
#[test]
fn nothing_seen_is_nothing_known() {
    let mut world = World::good();
    world.evidence = oidcheck_checks::evidence::Evidence::default();
    for run in judged(&world, &profiles()) {
        for outcome in &run.outcomes {
            let told =
                matches!(&outcome.judged, Judged::Told(Verdict::Pass(_) | Verdict::Fail(_)) | Judged::Crashed(_));
            assert!(!told, "{} for {}: {:?}", outcome.check.id, run.profile.file.id, outcome.judged);
        }
    }
}

/// What each mutation means for each application. Read a diff of it as: a change of a rule, or a false alarm.
#[test]
fn the_whole_table() {
    let mut table = String::new();
    let mut titles = BTreeSet::new();
    // One step may be there for several applications, and shows all of them.
    for (mutation, _, runs) in MUTATED.iter().filter(|(mutation, ..)| titles.insert(mutation.title())) {
        let shown = |id: &str| runs.iter().find(|r| r.profile.file.id == id).unwrap_or_else(|| panic!("no {id}"));
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        for run in SHOWN.map(shown) {
            let (said, id) = (summary(run), run.profile.file.id.as_str());
            match groups.iter_mut().find(|(known, _)| *known == said) {
                Some((_, ids)) => ids.push(id),
                None => groups.push((said, vec![id])),
            }
        }
        writeln!(table, "{}", mutation.title()).expect("to a String");
        for (said, ids) in groups {
            writeln!(table, "  {}\n{said}", ids.join(", ")).expect("to a String");
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}

/// The failures with their worst effect, and who is to blame that others cannot tell. How many those are would change
/// with every check that is added; [`unusable_evidence_is_never_a_pass`] looks after them.
fn summary(run: &Run) -> String {
    let mut text = String::new();
    for outcome in &run.outcomes {
        if let Some(effect) = worst(outcome) {
            writeln!(text, "    {:<12} {}", effect.word(), outcome.check.id).expect("to a String");
        }
    }
    let gaps = run.outcomes.iter().filter_map(|outcome| match &outcome.judged {
        Judged::Untold(gap) => Some(gap.blamed_on().unwrap_or("nobody")),
        _ => None,
    });
    for blamed in gaps.collect::<BTreeSet<&str>>() {
        writeln!(text, "    cannot tell  because of {blamed}").expect("to a String");
    }
    if text.is_empty() { "    nothing".into() } else { text.trim_end().to_owned() }
}
