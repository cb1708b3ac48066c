//! Many applications at once: one line for each, what stands in the way, and how many can use the provider.

use super::human::{Ink, Page, circumstances, next};
use super::text::{clean, clip, pad, width};
use super::words::{self, Mark};
use oidcheck_checks::check::Check;
use oidcheck_checks::report::{Judged, Login, Report, Run};
use oidcheck_checks::verdict::{Effect, Finding, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The widest first column.
const WIDEST_NAME: usize = 28;
/// From this width on a line has the title beside the id.
const ROOM_FOR_TITLES: usize = 110;
/// The most columns of a log text in a line.
const LONGEST_SYMPTOM: usize = 200;

/// Writes a table for each target.
pub(super) fn write(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let mut targets: Vec<&str> = Vec::new();
    for run in &report.runs {
        if !targets.contains(&run.target.typed.as_str()) {
            targets.push(&run.target.typed);
        }
    }
    for (index, typed) in targets.into_iter().enumerate() {
        if index > 0 {
            page.blank()?;
        }
        let runs: Vec<&Run> = report.runs.iter().filter(|run| run.target.typed == typed).collect();
        target(&runs, page)?;
    }
    Ok(())
}

/// How a line is put, and its place in the table: what fails comes first.
struct Line<'r> {
    mark: Mark,
    name: String,
    title: String,
    verdict: String,
    /// People can log in, and so can somebody who should not.
    exposed: bool,
    run: &'r Run,
}

fn target(runs: &[&Run], page: &mut Page<'_>) -> io::Result<()> {
    let Some(first) = runs.first() else { return Ok(()) };
    let libraries = runs.iter().all(|run| run.profile.file.id.starts_with("library:"));
    let mut lines: Vec<Line<'_>> = runs.iter().map(|run| line(run, libraries)).collect();
    lines.sort_by(|a, b| (a.mark, &a.name).cmp(&(b.mark, &b.name)));
    page.ends(&clean(&first.target.typed), &circumstances(first))?;
    page.blank()?;
    let names = lines.iter().map(|line| width(&line.name)).max().unwrap_or_default().min(WIDEST_NAME);
    let with_titles = page.look.width >= ROOM_FOR_TITLES && lines.iter().any(|line| line.title != line.name);
    let titles = lines.iter().map(|line| width(&line.title)).max().unwrap_or_default().min(WIDEST_NAME);
    for Line { mark, name, title, verdict, .. } in &lines {
        let mut label = format!("  {} {}  ", mark.sign(), pad(&clip_end(name, names), names));
        if with_titles {
            label.push_str(&format!("{}  ", pad(&clip_end(title, titles), titles)));
        }
        let ink = if *mark == Mark::Bad { Ink::Plain } else { Ink::Dim };
        page.beside(((*mark).into(), &label), width(&label), ink, verdict)?;
    }
    page.blank()?;
    let usable = lines.iter().filter(|line| line.mark == Mark::Good).count();
    let open = lines.iter().filter(|line| line.mark == Mark::Open).count();
    let noun = match (libraries, runs.iter().any(|run| run.profile.file.id.starts_with("library:"))) {
        (true, _) => "client libraries",
        (false, false) => "applications",
        (false, true) => "applications and client libraries",
    };
    let exposed = lines.iter().filter(|line| line.exposed).count();
    let mut rest = String::new();
    if exposed > 0 {
        rest.push_str(&format!("; {exposed} can, and it is unsafe"));
    }
    if open > 0 {
        rest.push_str(&format!("; {open} cannot be told yet"));
    }
    let overall = lines.first().map_or(Mark::Open, |line| line.mark);
    let summary = format!("{usable} of {} {noun} can use this provider{rest}", runs.len());
    page.beside((overall.into(), &format!("  {}", overall.sign())), 4, overall.into(), &summary)?;
    page.beside((Ink::Plain, ""), 4, Ink::Dim, &words::tally(runs))?;
    obstacles(&lines, page)?;
    page.blank()?;
    let worst = lines.first().map_or("ID", |line| line.run.profile.file.id.as_str());
    page.beside((Ink::Dim, "more"), 9, Ink::Dim, &format!("--profile {} shows one of them in full", clean(worst)))?;
    next(first, page)
}

/// Keeps the start, which is what names differ in.
fn clip_end(name: &str, columns: usize) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if width(&out) + 1 >= columns && width(name) > columns {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}

fn line(run: &Run, libraries: bool) -> Line<'_> {
    let id = run.profile.file.id.as_str();
    let name = if libraries { id.trim_start_matches("library:") } else { id };
    let fails = |through: &str| match words::blocker(run) {
        Some(finding) => format!("fails{through} at {}: {}", words::stage(finding.step), symptom(finding)),
        None => format!("fails{through}"),
    };
    let unsafe_finding = || run.findings().into_iter().map(|(_, f)| f).find(|f| f.effect == Effect::Unsafe);
    let login = run.login();
    let (mark, verdict) = match (&login, unsafe_finding()) {
        (Login::Unreachable(why), _) => (Mark::Bad, format!("cannot reach the provider: {}", words::value(why))),
        (Login::Fails, _) => (Mark::Bad, fails("")),
        (Login::FailsFor(parts), _) => (Mark::Bad, fails(&format!(" for {}", clean(&words::and(parts))))),
        (Login::NothingAgainst | Login::Unknown, Some(finding)) => {
            (Mark::Bad, format!("unsafe: {}", words::message(finding)))
        }
        (Login::NothingAgainst, None) => (Mark::Good, "logs in".into()),
        (Login::Unknown, None) => (Mark::Open, format!("cannot tell: {}", open(run))),
    };
    let exposed = matches!(login, Login::NothingAgainst) && mark == Mark::Bad;
    Line { mark, name: clean(name), title: clean(&run.profile.file.title), verdict, exposed, run }
}

/// What the log says, or what is wrong when the log's words are not known.
fn symptom(finding: &Finding) -> String {
    match &finding.symptom {
        Some(symptom) => words::in_quotes(&clip(&clean(symptom), LONGEST_SYMPTOM)),
        None => words::message(finding),
    }
}

/// The first reason why it cannot be told.
fn open(run: &Run) -> String {
    let reason = |outcome: &oidcheck_checks::report::Outcome| match &outcome.judged {
        Judged::Untold(gap) => Some(words::value(&gap.to_string())),
        Judged::Crashed(text) => Some(format!("{} crashed: {}", outcome.check.id, words::value(text))),
        Judged::Told(Verdict::Pass(_) | Verdict::Fail(_) | Verdict::NotApplicable(_)) => None,
    };
    run.outcomes.iter().find_map(reason).unwrap_or_else(|| "something could not be seen".into())
}

/// What has to change, each check once, the one that stops most people first.
fn obstacles(lines: &[Line<'_>], page: &mut Page<'_>) -> io::Result<()> {
    let mut found: BTreeMap<&str, Obstacle<'_>> = BTreeMap::new();
    for line in lines {
        for (outcome, finding) in line.run.findings() {
            if !matches!(finding.effect, Effect::LoginFails | Effect::Unsafe) {
                continue;
            }
            let new = || Obstacle {
                check: outcome.check,
                hit: BTreeSet::new(),
                remedies: BTreeSet::new(),
                sides: BTreeSet::new(),
            };
            let obstacle = found.entry(outcome.check.id).or_insert_with(new);
            obstacle.hit.insert(&line.run.profile.file.id);
            obstacle.remedies.insert(finding.remedy.as_deref().unwrap_or(outcome.check.remedy));
            obstacle.sides.insert(words::whereabouts(finding.side));
        }
    }
    let mut found: Vec<Obstacle<'_>> = found.into_values().collect();
    found.sort_by_key(|obstacle| std::cmp::Reverse(obstacle.hit.len()));
    if !found.is_empty() {
        page.blank()?;
        page.line(Ink::Strong, "", "what has to change")?;
    }
    for Obstacle { check, hit, remedies, sides } in found {
        let title = format!("{}, for {} of {}", check.id, hit.len(), lines.len());
        page.beside((Ink::Plain, ""), 2, Ink::Bad, &title)?;
        // Applications have their own words for it; those stand in their own reports.
        let remedy = if remedies.len() == 1 { remedies.first().copied().unwrap_or(check.remedy) } else { check.remedy };
        let sides: Vec<&str> = sides.into_iter().collect();
        for (index, text) in super::text::clean_lines(remedy).iter().enumerate() {
            let start = if index == 0 { format!("{}: ", words::and(&sides)) } else { String::new() };
            page.beside((Ink::Plain, ""), 4, Ink::Plain, &format!("{start}{text}"))?;
        }
    }
    Ok(())
}

struct Obstacle<'r> {
    check: &'static Check,
    hit: BTreeSet<&'r str>,
    remedies: BTreeSet<&'r str>,
    sides: BTreeSet<&'static str>,
}
