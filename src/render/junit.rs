//! The report for CI systems: a suite for each application, a case for each check.
//!
//! A wrong provider is a failure; what could not be seen is an error, as is a check that crashed: a gate has to tell
//! "it is wrong" from "I could not see". XML 1.0 cannot hold control characters, so they are shown as escapes.

use super::words::{self, Kind};
use oidcheck_checks::report::{Judged, Outcome, Report, Run};
use oidcheck_checks::verdict::{Finding, Verdict};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use std::io::{self, Write};
use std::time::Duration;

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut junit = quick_junit::Report::new("oidcheck");
    junit.set_time(Duration::from_millis(report.runs.iter().map(|run| run.elapsed_ms).sum()));
    junit.add_test_suites(report.runs.iter().map(|run| suite(run, report)));
    junit.serialize(&mut *out).map_err(io::Error::other)?;
    writeln!(out)
}

fn suite(run: &Run, report: &Report) -> TestSuite {
    let name = format!("{} for {}", words::value(&run.target.typed), words::value(&run.profile.file.id));
    let mut suite = TestSuite::new(name);
    suite.set_time(Duration::from_millis(run.elapsed_ms));
    let (_, answer) = words::answer(run);
    let provider = run.provider.map_or("unknown", |provider| provider.id.as_str());
    let started = report.started.to_string();
    let decision = words::value(&report.decision.because);
    for (name, value) in [
        ("answer", answer.as_str()),
        ("provider", provider),
        ("tier", run.tier.word()),
        ("started", &started),
        ("decision", &decision),
    ] {
        suite.add_property((name, value));
    }
    suite.add_test_cases(run.outcomes.iter().map(|outcome| case(run, outcome)));
    suite
}

fn case(run: &Run, outcome: &Outcome) -> TestCase {
    let check = outcome.check;
    let status = match &outcome.judged {
        Judged::Told(Verdict::Pass(_)) => TestCaseStatus::success(),
        Judged::Told(Verdict::Fail(findings)) => failure(run, outcome, findings),
        Judged::Told(Verdict::NotApplicable(reason)) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(words::value(reason)).set_type("not-applicable");
            status
        }
        Judged::Untold(gap) => error("inconclusive", &gap.to_string()),
        Judged::Crashed(text) => error("crashed", text),
    };
    let mut case = TestCase::new(check.id, status);
    case.set_classname(check.id.split('/').next().unwrap_or(check.id));
    case.add_property(("severity", outcome.severity.word()));
    let clause = outcome.findings().first().map(|finding| finding.clause).or(check.clauses.first().copied());
    if let Some(clause) = clause {
        case.add_property(("clause", clause.to_string().as_str()));
    }
    if let Judged::Told(Verdict::Pass(note)) = &outcome.judged {
        case.set_system_out(words::value(note));
    }
    case
}

fn failure(run: &Run, outcome: &Outcome, findings: &[Finding]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let loudest = findings.iter().rev().max_by_key(|finding| (run.severity(outcome, finding), finding.effect));
    let message = loudest.map(words::message).unwrap_or_default();
    let more = findings.len().saturating_sub(1);
    status.set_message(if more == 0 { message } else { format!("{message} (and {more} more)") });
    status.set_type(loudest.map_or("fail", |finding| finding.effect.word()));
    let texts: Vec<String> = findings.iter().map(|finding| full_text(run, outcome, finding)).collect();
    status.set_description(texts.join("\n"));
    status
}

/// Everything that the human report says about a finding, a line for each thing.
fn full_text(run: &Run, outcome: &Outcome, finding: &Finding) -> String {
    let mut text = format!("{}: {}\n", run.severity(outcome, finding).word(), words::message(finding));
    for row in words::rows(run, outcome, finding) {
        let joint = match row.kind {
            Kind::Curl => " ",
            Kind::Rule => " · ",
            Kind::Do | Kind::Symptom | Kind::Seen | Kind::Expected | Kind::Place | Kind::Step => "\n            ",
        };
        text.push_str(&format!("{:<12}{}\n", row.kind.label(finding.effect), row.lines.join(joint)));
    }
    text
}

fn error(kind: &str, reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(words::value(reason)).set_type(kind);
    status
}
