//! The report on files: one finding after the other in the order of the file, in the form that editors understand
//! (`file:line:column: severity: message`), with what to do beneath it.

use super::human::{Ink, Page};
use super::text::clean;
use super::words::{self, Kind};
use oidcheck_checks::report::{Outcome, Report, Run};
use oidcheck_checks::verdict::{Finding, Severity, Spot};
use std::io;

/// Whether a run is about a file.
pub(super) fn is_lint(run: &Run) -> bool {
    !run.outcomes.is_empty() && run.outcomes.iter().all(|outcome| outcome.check.id.starts_with("lint/"))
}

/// Writes the report.
pub(super) fn write(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    for (index, run) in report.runs.iter().enumerate() {
        if index > 0 {
            page.blank()?;
        }
        one(run, page)?;
    }
    Ok(())
}

fn position(finding: &Finding) -> (usize, usize) {
    match finding.place.spot {
        Spot::Line(line, column) => (line, column),
        _ => (1, 1),
    }
}

fn one(run: &Run, page: &mut Page<'_>) -> io::Result<()> {
    let mut findings = run.findings();
    // `findings` puts the loudest first, and a stable sort keeps that for one place.
    findings.sort_by_key(|(outcome, finding)| (run.severity(outcome, finding) == Severity::Notice, position(finding)));
    for (outcome, finding) in &findings {
        block(run, outcome, finding, page)?;
    }
    let title = clean(&run.profile.file.title);
    let about = if run.profile.file.id == "generic" { String::new() } else { format!(" for {title}") };
    let of = |severity| findings.iter().filter(|(outcome, finding)| run.severity(outcome, finding) == severity).count();
    let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Notice]
        .into_iter()
        .filter(|severity| of(*severity) > 0)
        .map(|severity| oidcheck_checks::report::count(of(severity), severity.word()))
        .collect();
    let (ink, text) = match counts.is_empty() {
        true => (Ink::Good, "nothing speaks against it".to_owned()),
        false if of(Severity::Error) > 0 => (Ink::Bad, words::and(&counts)),
        false => (Ink::Open, words::and(&counts)),
    };
    let file = clean(&run.target.typed);
    page.beside((Ink::Plain, ""), 0, ink, &format!("{file}{about}: {text}"))
}

fn block(run: &Run, outcome: &Outcome, finding: &Finding, page: &mut Page<'_>) -> io::Result<()> {
    let severity = run.severity(outcome, finding);
    let ink = match severity {
        Severity::Error => Ink::Bad,
        Severity::Warning => Ink::Open,
        Severity::Notice => Ink::Dim,
    };
    let (line, column) = position(finding);
    let place = format!("{}:{line}:{column}: ", clean(&run.target.typed));
    let start = page.paint(ink, severity.word());
    let message = words::message(finding);
    page.line(Ink::Strong, &format!("{place}{start}: "), &message)?;
    for row in words::rows(run, outcome, finding) {
        let label = match row.kind {
            Kind::Place | Kind::Curl => continue,
            // A notice has its message, what to do and its rule.
            Kind::Seen | Kind::Expected | Kind::Symptom | Kind::Step if severity == Severity::Notice => continue,
            kind => kind.label(finding.effect),
        };
        let lines = if row.kind == Kind::Rule { vec![row.lines.join(" · ")] } else { row.lines };
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { format!("    {label}") } else { String::new() };
            page.beside((Ink::Dim, &label), 16, if row.kind == Kind::Rule { Ink::Dim } else { Ink::Plain }, line)?;
        }
    }
    page.blank()
}
