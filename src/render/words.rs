//! The words that several formats share: the answer, the counts, the rows of a finding, what a further tier would add.

use super::{curl, text};
use oidcheck_checks::CHECKS;
use oidcheck_checks::check::Tier;
use oidcheck_checks::probe::redirect_uris;
use oidcheck_checks::report::{Judged, Login, Outcome, Run, count};
use oidcheck_checks::verdict::{Effect, Finding, Severity, Side, Step, Verdict};
use std::collections::BTreeSet;

/// The longest value of a provider that is shown whole, in columns.
const LONGEST: usize = 300;

/// What stands before an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// No.
    Bad,
    /// Cannot tell.
    Open,
    /// Yes.
    Good,
}

impl Mark {
    /// The sign, which says the same without colour.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Mark::Bad => "✗",
            Mark::Open => "?",
            Mark::Good => "✓",
        }
    }
}

/// Whether somebody who should not could log in too.
pub(super) fn is_unsafe(run: &Run) -> bool {
    run.findings().iter().any(|(_, finding)| finding.effect == Effect::Unsafe)
}

/// The finding that stops the login first.
pub(super) fn blocker(run: &Run) -> Option<&Finding> {
    let fails = run.findings().into_iter().map(|(_, finding)| finding).filter(|f| f.effect == Effect::LoginFails);
    fails.min_by_key(|finding| finding.step)
}

/// The answer to the question that the tool exists for, as one sentence.
pub(super) fn answer(run: &Run) -> (Mark, String) {
    let step = blocker(run).map_or("discovery", |finding| stage(finding.step));
    match run.login() {
        Login::Unreachable(why) => {
            let why = value(&why);
            (Mark::Bad, format!("The provider cannot be reached from here, and without it nobody can log in: {why}."))
        }
        Login::Fails => (Mark::Bad, format!("People cannot log in: it fails at {step}.")),
        Login::FailsFor(parts) => {
            let through = if parts.is_empty() { "a part of it".into() } else { text::clean(&and(&parts)) };
            (Mark::Bad, format!("People cannot log in through {through}: it fails at {step}."))
        }
        Login::NothingAgainst if is_unsafe(run) => {
            (Mark::Bad, "People can log in, and so may somebody who should not.".into())
        }
        Login::Unknown if is_unsafe(run) => {
            (Mark::Bad, "It is not safe: somebody may get in who should not. Whether people can log in is open.".into())
        }
        Login::NothingAgainst => (Mark::Good, format!("People can log in{}.", horizon(run.tier))),
        Login::Unknown => (Mark::Open, "Cannot tell yet. Nothing that was seen keeps people from logging in.".into()),
    }
}

/// Where in a login something breaks, as it reads in a sentence.
pub(super) fn stage(step: Step) -> &'static str {
    match step {
        Step::Discovery => "discovery",
        Step::Keys => "the keys",
        Step::Authorization => "the authorization request",
        Step::Token => "the token request",
        Step::IdToken => "the ID token",
        Step::AccessToken => "the access token",
        Step::Userinfo => "the userinfo request",
        Step::Device => "the device login",
        Step::Logout => "the logout",
        Step::Application => "the application",
    }
}

/// Somebody else's words. Those that hold quotation marks get others around them.
fn quoted(words: &str) -> String {
    in_quotes(&value(words))
}

/// [`quoted`], for words that are harmless and short already.
pub(super) fn in_quotes(words: &str) -> String {
    if words.contains('"') { format!("“{words}”") } else { format!("\"{words}\"") }
}

/// What an answer rests on.
fn horizon(tier: Tier) -> &'static str {
    match tier {
        Tier::Issuer => ", as far as the provider's public documents tell",
        Tier::Client => ", as far as can be told without the client's secret",
        Tier::Secret => ", as far as can be told without a login",
        Tier::Login => "",
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn and<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// How many of what. Accounts for every outcome.
pub(super) fn tally(runs: &[&Run]) -> String {
    let (mut failed, mut passed, mut idle, mut open, mut crashed) = (0, 0, 0, 0, 0);
    for outcome in runs.iter().flat_map(|run| &run.outcomes) {
        match &outcome.judged {
            Judged::Told(Verdict::Pass(_)) => passed += 1,
            Judged::Told(Verdict::Fail(_)) => failed += 1,
            Judged::Told(Verdict::NotApplicable(_)) => idle += 1,
            Judged::Untold(_) => open += 1,
            Judged::Crashed(_) => crashed += 1,
        }
    }
    let of = |severity: Severity| {
        runs.iter()
            .map(|run| run.findings().iter().filter(|(o, f)| run.severity(o, f) == severity).count())
            .sum::<usize>()
    };
    let found: Vec<String> = [Severity::Error, Severity::Warning, Severity::Notice]
        .into_iter()
        .filter(|severity| of(*severity) > 0)
        .map(|severity| count(of(severity), severity.word()))
        .collect();
    let found = (failed > 0).then(|| format!("{} from {}", and(&found), count(failed, "check")));
    let mut rest = Vec::new();
    if passed > 0 || failed + idle + open + crashed == 0 {
        rest.push(format!("{} passed", if failed == 0 { count(passed, "check") } else { passed.to_string() }));
    }
    rest.extend((idle > 0).then(|| if idle == 1 { "1 does not apply".into() } else { format!("{idle} do not apply") }));
    rest.extend((open > 0).then(|| format!("{open} cannot be told yet")));
    rest.extend((crashed > 0).then(|| format!("{crashed} crashed")));
    let rest = (!rest.is_empty()).then(|| rest.join(", "));
    found.into_iter().chain(rest).collect::<Vec<_>>().join("; ")
}

/// Where a change is to be made.
pub(super) fn whereabouts(side: Side) -> &'static str {
    match side {
        Side::Provider => "at the provider",
        Side::Application => "in the application",
        Side::Network => "on the network between them",
        Side::User => "in the person's account",
    }
}

/// What a row of a finding is about; the order is that of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What to change, and where.
    Do,
    /// What the log or the person will show.
    Symptom,
    /// What was seen.
    Seen,
    /// What was expected.
    Expected,
    /// Where it was seen.
    Place,
    /// The step of the login, and the parts of the application.
    Step,
    /// The clause and the check; its lines are pieces that may stand on one.
    Rule,
    /// The request; its lines are the arguments.
    Curl,
}

impl Kind {
    /// What stands before the row.
    pub(super) fn label(self, effect: Effect) -> &'static str {
        match self {
            Kind::Do => "do",
            Kind::Symptom => "people see",
            Kind::Seen => "seen",
            Kind::Expected => "expected",
            Kind::Place => "in",
            Kind::Step if effect == Effect::LoginFails => "breaks at",
            Kind::Step => "concerns",
            Kind::Rule => "rule",
            Kind::Curl => "try",
        }
    }
}

/// One row of a finding: harmless, not wrapped yet.
pub(super) struct Row {
    /// What it is about.
    pub(super) kind: Kind,
    /// Its lines; at least one.
    pub(super) lines: Vec<String>,
}

/// What was found, harmless and on one line.
pub(super) fn message(finding: &Finding) -> String {
    text::clip(&text::clean(&finding.message), LONGEST)
}

/// A value that came from outside, harmless and not too long.
pub(super) fn value(raw: &str) -> String {
    text::clip(&text::clean(raw), LONGEST)
}

/// The rows of a finding: what to do, then how we know.
pub(super) fn rows(run: &Run, outcome: &Outcome, finding: &Finding) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |kind, lines: Vec<String>| {
        if !lines.is_empty() {
            rows.push(Row { kind, lines });
        }
    };
    let one = |text: Option<String>| text.into_iter().collect::<Vec<_>>();
    let mut remedy = text::clean_lines(finding.remedy.as_deref().unwrap_or(outcome.check.remedy));
    // How a file is written is mended in the file, whosever it is.
    if let Some(first) = remedy.first_mut().filter(|_| outcome.check.id != "lint/readable") {
        *first = format!("{}: {first}", whereabouts(finding.side));
    }
    add(Kind::Do, remedy);
    add(Kind::Symptom, one(finding.symptom.as_deref().map(quoted)));
    add(Kind::Seen, one(finding.actual.as_deref().map(value)));
    add(Kind::Expected, one(finding.expected.as_deref().map(value)));
    add(Kind::Place, vec![value(&finding.place.to_string())]);
    let parts = if finding.parts.is_empty() { String::new() } else { format!(", for {}", and(&finding.parts)) };
    add(Kind::Step, vec![text::clean(&format!("{}{parts}", stage(finding.step)))]);
    let because =
        outcome.because.as_deref().map(|why| format!(" · {} because {}", outcome.severity.word(), text::clean(why)));
    let (clause, id) = (finding.clause, outcome.check.id);
    let rule = format!("{clause}{}", because.unwrap_or_default());
    add(Kind::Rule, vec![rule, format!("oidcheck explain {id}")]);
    let request = run.asked.get(&finding.place.slot);
    add(
        Kind::Curl,
        request
            .filter(|r| curl::repeatable(r))
            .map(|r| curl::arguments(r, &finding.place.spot, &run.reach))
            .unwrap_or_default(),
    );
    rows
}

/// What the next tiers would add: the tier, what it still needs, how many checks.
pub(super) fn next(run: &Run) -> Vec<(Tier, Vec<&'static str>, usize)> {
    let tiers: BTreeSet<Tier> = CHECKS.iter().map(|check| check.tier).filter(|tier| *tier > run.tier).collect();
    tiers
        .into_iter()
        .map(|tier| (tier, needs(run, tier), CHECKS.iter().filter(|check| check.tier == tier).count()))
        .collect()
}

/// The options that are missing for a tier, beyond those of the tier before it.
fn needs(run: &Run, tier: Tier) -> Vec<&'static str> {
    let Run { target, profile, .. } = run;
    let missing: Vec<&'static str> = match tier {
        Tier::Issuer => Vec::new(),
        Tier::Client => {
            // What has no redirect URI of its own learns none from an address.
            let by_address = !profile.redirects(Some("https://app.example.com")).is_empty();
            let uri = if by_address { "--app-url" } else { "--redirect-uri" };
            let client = target.client_id.is_none().then_some("--client-id");
            client.into_iter().chain(redirect_uris(target, profile).is_empty().then_some(uri)).collect()
        }
        Tier::Secret => (!target.authenticates()).then_some("--client-secret-file").into_iter().collect(),
        Tier::Login => vec!["--login"],
    };
    // Everything is there, so it was the user who wanted less.
    if missing.is_empty() { vec!["a higher --tier"] } else { missing }
}

/// What somebody is in an application, in one text, and whether that is bad news.
pub(super) fn person_row(row: &oidcheck_checks::people::Row) -> (Option<Mark>, String) {
    use oidcheck_checks::people::Word;
    let values: Vec<String> = row.values.iter().map(|text| value(text)).collect();
    let values = if values.is_empty() { "none".to_owned() } else { values.join(", ") };
    let note = row.note.as_ref().map(|note| value(note));
    let with = |text: String| note.as_ref().map(|note| format!("{text}; {note}")).unwrap_or(text);
    match row.word {
        Word::Given => (None, with(values)),
        Word::Missing => (Some(Mark::Open), with(format!("no {} comes", row.claim.as_deref().unwrap_or("claim")))),
        Word::Refused if row.values.is_empty() => (Some(Mark::Bad), with("refused".into())),
        Word::Refused => (Some(Mark::Bad), with(format!("{values} is refused"))),
        Word::Unknown => (Some(Mark::Open), with("cannot tell".into())),
    }
}
