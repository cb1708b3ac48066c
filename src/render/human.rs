//! The report for a tired engineer at two in the morning: the answer, what to do, how we know.
//!
//! Checks that passed are counted and not listed. Colour is added last, to text that is already harmless, measured and
//! wrapped, and never says anything that a word or a sign does not say too.

use super::text::{clean, pad, width, wrap};
use super::words::{self, Kind, Mark, Row};
use super::{Look, lint, people, table};
use colored::Colorize;
use oidcheck_checks::report::{Judged, Outcome, Report, Run, count};
use oidcheck_checks::verdict::{Effect, Finding, Severity, Verdict};
use std::io::{self, Write};

/// More runs than this are shown as a table.
const MOST_IN_FULL: usize = 3;
/// The column in which the labels of a finding's rows end.
const LABELS: usize = 12;

/// Writes the report.
pub(super) fn write(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, look: Look { width: look.width.max(40), ..look } };
    if !report.runs.is_empty() && report.runs.iter().all(lint::is_lint) {
        lint::write(report, &mut page)?;
    } else if report.runs.len() > MOST_IN_FULL {
        table::write(report, &mut page)?;
    } else {
        for (index, run) in report.runs.iter().enumerate() {
            if index > 0 {
                page.line(Ink::Dim, "\n", &"─".repeat(page.look.width))?;
                page.blank()?;
            }
            one(run, &mut page)?;
        }
    }
    if report.decision.exit != 0 {
        page.blank()?;
        page.line(Ink::Dim, "", &format!("exit {}: {}", report.decision.exit, clean(&report.decision.because)))?;
    }
    Ok(())
}

/// What colour means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// As it is.
    Plain,
    /// Stands out.
    Strong,
    /// Stands back.
    Dim,
    /// Good news.
    Good,
    /// A warning, or an open question.
    Open,
    /// Bad news.
    Bad,
}

impl From<Mark> for Ink {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Bad => Ink::Bad,
            Mark::Open => Ink::Open,
            Mark::Good => Ink::Good,
        }
    }
}

/// Where the report goes.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    /// How it is to look.
    pub(super) look: Look,
}

impl Page<'_> {
    /// Colours a text that is ready otherwise.
    pub(super) fn paint(&self, ink: Ink, text: &str) -> String {
        if !self.look.color || text.is_empty() {
            return text.to_owned();
        }
        // The caller has decided about the terminal already. Nothing ever switches it off: that is what `look` is for.
        colored::control::set_override(true);
        match ink {
            Ink::Plain => text.to_owned(),
            Ink::Strong => text.bold().to_string(),
            Ink::Dim => text.dimmed().to_string(),
            Ink::Good => text.green().bold().to_string(),
            Ink::Open => text.yellow().bold().to_string(),
            Ink::Bad => text.red().bold().to_string(),
        }
    }

    /// A line: its start as it is, the rest in colour.
    pub(super) fn line(&mut self, ink: Ink, start: &str, text: &str) -> io::Result<()> {
        let text = self.paint(ink, text);
        writeln!(self.out, "{start}{text}")
    }

    /// An empty line.
    pub(super) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A text behind a label that is `columns` wide, wrapped beside it.
    pub(super) fn beside(&mut self, label: (Ink, &str), columns: usize, ink: Ink, text: &str) -> io::Result<()> {
        let lines = wrap(text, self.look.width.saturating_sub(columns).max(20));
        for (index, line) in lines.iter().enumerate() {
            let (label_ink, label) = if index == 0 { label } else { (Ink::Plain, "") };
            let start = if line.is_empty() { label.to_owned() } else { pad(label, columns) };
            let start = self.paint(label_ink, &start);
            self.line(ink, &start, line)?;
        }
        Ok(())
    }

    /// Two texts at both ends of a line; on lines of their own when there is no room.
    pub(super) fn ends(&mut self, left: &str, right: &str) -> io::Result<()> {
        let room = self.look.width.saturating_sub(width(left) + width(right));
        if room < 2 {
            self.beside((Ink::Plain, ""), 0, Ink::Strong, left)?;
            return self.beside((Ink::Plain, ""), 0, Ink::Dim, right);
        }
        let (left, right) = (self.paint(Ink::Strong, left), self.paint(Ink::Dim, right));
        writeln!(self.out, "{left}{}{right}", " ".repeat(room))
    }
}

/// One application in full.
fn one(run: &Run, page: &mut Page<'_>) -> io::Result<()> {
    let title = clean(&run.profile.file.title);
    page.ends(&format!("{}  for {title}", clean(&run.target.typed)), &circumstances(run))?;
    page.blank()?;
    let (mark, sentence) = words::answer(run);
    page.beside((mark.into(), &format!("  {}", mark.sign())), 4, mark.into(), &sentence)?;
    page.beside((Ink::Plain, ""), 4, Ink::Plain, &words::tally(&[run]))?;
    let findings = run.findings();
    let (notices, loud): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|(outcome, finding)| run.severity(outcome, finding) == Severity::Notice);
    let mut told: Vec<Vec<String>> = Vec::new();
    for (outcome, finding) in loud {
        page.blank()?;
        block(run, outcome, finding, &mut told, page)?;
    }
    people::write(run, page)?;
    untold(run, page)?;
    crashed(run, page)?;
    if !notices.is_empty() {
        page.blank()?;
        heading(page, Ink::Dim, "notices", notices.len(), "oidcheck explain ID says more")?;
        for (outcome, finding) in notices {
            let text = format!("{} · {}", words::message(finding), outcome.check.id);
            page.beside((Ink::Plain, ""), 2, Ink::Plain, &text)?;
        }
    }
    next(run, page)
}

/// What a further tier would add; nothing when there is none.
pub(super) fn next(run: &Run, page: &mut Page<'_>) -> io::Result<()> {
    for (index, (tier, needs, checks)) in words::next(run).into_iter().enumerate() {
        if index == 0 {
            page.blank()?;
        }
        let verb = if needs.len() == 1 { "unlocks" } else { "unlock" };
        let more = count(checks, "more check");
        let text = format!("{} {verb} the {} tier: {more}", words::and(&needs), tier.word());
        page.beside((Ink::Dim, if index == 0 { "next" } else { "" }), 9, Ink::Plain, &text)?;
    }
    Ok(())
}

/// Who answered, how far we looked, at what cost.
pub(super) fn circumstances(run: &Run) -> String {
    let provider = run.provider.map_or_else(|| "unknown provider".to_owned(), |provider| clean(&provider.title));
    let elapsed = match run.elapsed_ms {
        ms @ ..100 => format!("{ms} ms"),
        ms => format!("{}.{} s", ms.saturating_add(50) / 1000, ms.saturating_add(50) / 100 % 10),
    };
    format!("{provider} · {} tier · {} · {elapsed}", run.tier.word(), count(run.requests, "request"))
}

fn heading(page: &mut Page<'_>, ink: Ink, title: &str, number: usize, note: &str) -> io::Result<()> {
    let title = format!("{title} ({number})");
    let columns = width(&title) + 2;
    page.beside((ink, &title), columns, Ink::Dim, note)
}

/// A finding that is more than a notice. `told` are remedy and command of the one before.
fn block(
    run: &Run,
    outcome: &Outcome,
    finding: &Finding,
    told: &mut Vec<Vec<String>>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let severity = run.severity(outcome, finding);
    let ink = match severity {
        Severity::Error => Ink::Bad,
        Severity::Warning => Ink::Open,
        Severity::Notice => Ink::Dim,
    };
    let indent = if page.look.width < 80 { 2 } else { 9 };
    page.beside((ink, severity.word()), 9, Ink::Strong, &words::message(finding))?;
    if finding.effect == Effect::Unsafe {
        page.beside((Ink::Plain, ""), indent, Ink::Bad, "people can log in, and so may somebody who should not")?;
    }
    let columns = indent + LABELS;
    let room = page.look.width.saturating_sub(columns);
    let (mut seen, mut telling) = (None, Vec::new());
    for Row { kind, lines } in words::rows(run, outcome, finding) {
        let label = format!("{}{}", " ".repeat(indent), kind.label(finding.effect));
        let again = matches!(kind, Kind::Do | Kind::Curl) && told.contains(&lines);
        if matches!(kind, Kind::Do | Kind::Curl) {
            telling.push(lines.clone());
        }
        let lines = match kind {
            Kind::Do | Kind::Curl if again => vec!["the same as above".to_owned()],
            Kind::Do => lines,
            Kind::Curl => join(&lines, room, (" ", " \\", "  ")),
            Kind::Rule => join(&lines, room, (" · ", "", "")),
            Kind::Symptom | Kind::Seen | Kind::Expected | Kind::Place | Kind::Step => lines,
        };
        for (index, line) in lines.iter().enumerate() {
            let label = (Ink::Dim, if index == 0 { label.as_str() } else { "" });
            match kind {
                // Wrapping would break the command.
                Kind::Curl => {
                    let start = page.paint(Ink::Dim, &pad(label.1, columns));
                    page.line(Ink::Dim, &start, line)?;
                }
                Kind::Do => page.beside(label, columns, Ink::Strong, line)?,
                Kind::Place | Kind::Step | Kind::Rule => page.beside(label, columns, Ink::Dim, line)?,
                Kind::Symptom | Kind::Seen | Kind::Expected => page.beside(label, columns, Ink::Plain, line)?,
            }
        }
        match kind {
            Kind::Seen => seen = lines.into_iter().next(),
            Kind::Expected => {
                let pair = seen.take().zip(lines.into_iter().next());
                if let Some(at) = pair.and_then(|(seen, expected)| difference(&seen, &expected, room)) {
                    page.line(Ink::Open, &" ".repeat(columns), &marker(at))?;
                }
            }
            _ => {}
        }
    }
    *told = telling;
    Ok(())
}

/// The column at which two values part that a tired eye takes for the same; both have to fit on their lines.
fn difference(seen: &str, expected: &str, room: usize) -> Option<usize> {
    let same: String = seen.chars().zip(expected.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    let fits = width(seen) <= room && width(expected) <= room;
    (fits && seen != expected && width(&same) >= 8).then(|| width(&same))
}

/// Points at a column, with its words on the side where they fit.
fn marker(at: usize) -> String {
    const WORDS: &str = "they differ from here on";
    match at.checked_sub(WORDS.len() + 1) {
        Some(left) => format!("{}{WORDS} ^", " ".repeat(left)),
        None => format!("{}^ {WORDS}", " ".repeat(at)),
    }
}

/// Pieces that must not be broken, on as few lines as fit: what joins them within a line, what ends a line that goes on,
/// what starts the next.
fn join(pieces: &[String], room: usize, (within, end, start): (&str, &str, &str)) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if width(line) + width(within) + width(piece) + width(end) <= room => {
                line.push_str(within);
                line.push_str(piece);
            }
            Some(line) => {
                line.push_str(end);
                lines.push(format!("{start}{piece}"));
            }
            None => lines.push(piece.clone()),
        }
    }
    lines
}

/// What could not be decided. A gap whose root cause is reported as a failure is no news: those are only counted.
fn untold(run: &Run, page: &mut Page<'_>) -> io::Result<()> {
    let failing = |id: &str| run.outcomes.iter().any(|o| o.check.id == id && !o.findings().is_empty());
    let mut waiting: Vec<(&str, usize)> = Vec::new();
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    let mut number = 0;
    for outcome in &run.outcomes {
        let gap = match &outcome.judged {
            Judged::Untold(gap) => gap,
            Judged::Told(Verdict::Pass(_) | Verdict::Fail(_) | Verdict::NotApplicable(_)) | Judged::Crashed(_) => {
                continue;
            }
        };
        number += 1;
        if let Some(id) = gap.blamed_on().filter(|id| failing(id)) {
            match waiting.iter_mut().find(|(known, _)| *known == id) {
                Some((_, checks)) => *checks += 1,
                None => waiting.push((id, 1)),
            }
            continue;
        }
        let reason = words::value(&gap.to_string());
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, checks)) => checks.push(outcome.check.id),
            None => reasons.push((reason, vec![outcome.check.id])),
        }
    }
    if number == 0 {
        return Ok(());
    }
    page.blank()?;
    heading(page, Ink::Open, "cannot tell", number, "")?;
    let more = if reasons.is_empty() { "" } else { " more" };
    for (reason, checks) in reasons {
        page.beside((Ink::Plain, ""), 2, Ink::Plain, &reason)?;
        page.beside((Ink::Plain, ""), 4, Ink::Dim, &checks.join(", "))?;
    }
    for (id, checks) in waiting {
        let verb = if checks == 1 { "waits" } else { "wait" };
        let text = format!("{checks}{more} {} {verb} for {id}", if checks == 1 { "check" } else { "checks" });
        page.beside((Ink::Plain, ""), 2, Ink::Plain, &text)?;
    }
    Ok(())
}

/// Checks that are broken themselves.
fn crashed(run: &Run, page: &mut Page<'_>) -> io::Result<()> {
    let broken: Vec<(&str, &str)> = run
        .outcomes
        .iter()
        .filter_map(|outcome| match &outcome.judged {
            Judged::Crashed(text) => Some((outcome.check.id, text.as_str())),
            Judged::Told(Verdict::Pass(_) | Verdict::Fail(_) | Verdict::NotApplicable(_)) | Judged::Untold(_) => None,
        })
        .collect();
    if broken.is_empty() {
        return Ok(());
    }
    page.blank()?;
    heading(
        page,
        Ink::Bad,
        "crashed",
        broken.len(),
        "a bug in oidcheck; please report it with a recording of the run",
    )?;
    for (id, text) in broken {
        page.beside((Ink::Plain, ""), 2, Ink::Plain, &format!("{id}: {}", words::value(text)))?;
    }
    Ok(())
}
