//! The report for programs, version 1.
//!
//! The structs here are the contract and mirror [`report-1.schema.json`](SCHEMA); the types of the rules can change
//! without it. A field is never removed or given another meaning within a version. Values are as they came: nothing
//! is cut and nothing is escaped beyond what JSON asks for, except that DEL and the C1 controls are, so that the text
//! does no harm on a terminal either.

use super::{curl, words};
use oidcheck_checks::people::{Person, Row};
use oidcheck_checks::report::{Judged, Login, Outcome, Report, Run};
use oidcheck_checks::spec::Clause;
use oidcheck_checks::verdict::{Finding, Place, Spot, Verdict};
use serde::Serialize;
use std::io::{self, Write};

/// The published JSON Schema of this version.
pub const SCHEMA: &str = include_str!("report-1.schema.json");

#[derive(Serialize)]
struct ReportV1 {
    schema: &'static str,
    tool: ToolV1,
    started: String,
    runs: Vec<RunV1>,
    decision: DecisionV1,
}

#[derive(Serialize)]
struct ToolV1 {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct DecisionV1 {
    exit: u8,
    because: String,
}

#[derive(Serialize)]
struct RunV1 {
    target: TargetV1,
    profile: String,
    provider: Option<&'static str>,
    tier: &'static str,
    login: LoginV1,
    outcomes: Vec<OutcomeV1>,
    people: Vec<PersonV1>,
    next: Vec<NextV1>,
    requests: usize,
    elapsed_ms: u64,
}

#[derive(Serialize)]
struct TargetV1 {
    issuer: String,
    app_url: Option<String>,
    client_id: Option<String>,
}

#[derive(Serialize)]
struct LoginV1 {
    answer: &'static str,
    parts: Vec<String>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct PersonV1 {
    persona: String,
    rows: Vec<PersonRowV1>,
    same_as: Vec<String>,
}

#[derive(Serialize)]
struct PersonRowV1 {
    is: String,
    verdict: &'static str,
    values: Vec<String>,
    claim: Option<String>,
    note: Option<String>,
}

#[derive(Serialize)]
struct NextV1 {
    tier: &'static str,
    needs: Vec<&'static str>,
    checks: usize,
}

#[derive(Serialize)]
struct OutcomeV1 {
    check: &'static str,
    verdict: &'static str,
    severity: &'static str,
    severity_because: Option<String>,
    reason: Option<String>,
    waived: Option<WaivedV1>,
    findings: Vec<FindingV1>,
}

/// Reserved: waivers are not applied yet, so the field is always null.
#[derive(Serialize)]
struct WaivedV1 {
    reason: String,
    until: Option<String>,
}

#[derive(Serialize)]
struct FindingV1 {
    message: String,
    severity: &'static str,
    effect: &'static str,
    step: &'static str,
    parts: Vec<String>,
    symptom: Option<String>,
    side: &'static str,
    place: PlaceV1,
    expected: Option<String>,
    actual: Option<String>,
    clause: ClauseV1,
    remedy: String,
    curl: Option<String>,
}

#[derive(Serialize)]
struct ClauseV1 {
    spec: String,
    section: &'static str,
    level: &'static str,
    link: Option<String>,
}

#[derive(Serialize)]
struct PlaceV1 {
    exchange: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let report = ReportV1 {
        schema: "oidcheck-report/1",
        tool: ToolV1 { name: "oidcheck", version: env!("CARGO_PKG_VERSION") },
        started: report.started.to_string(),
        runs: report.runs.iter().map(run).collect(),
        decision: DecisionV1 { exit: report.decision.exit, because: report.decision.because.clone() },
    };
    let text = serde_json::to_string_pretty(&report)?;
    writeln!(out, "{}", escape_controls(&text))
}

/// Characters beyond ASCII stand only inside strings, so they can be replaced without parsing.
fn escape_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn run(run: &Run) -> RunV1 {
    let next = words::next(run).into_iter().map(|(tier, needs, checks)| NextV1 { tier: tier.word(), needs, checks });
    RunV1 {
        target: TargetV1 {
            issuer: run.target.typed.clone(),
            app_url: run.target.app_url.clone(),
            client_id: run.target.client_id.clone(),
        },
        profile: run.profile.file.id.clone(),
        provider: run.provider.map(|provider| provider.id.as_str()),
        tier: run.tier.word(),
        login: login(run.login()),
        outcomes: run.outcomes.iter().map(|o| outcome(run, o)).collect(),
        people: run.people.iter().map(person).collect(),
        next: next.collect(),
        requests: run.requests,
        elapsed_ms: run.elapsed_ms,
    }
}

fn person(person: &Person) -> PersonV1 {
    let row = |row: &Row| PersonRowV1 {
        is: row.is.clone(),
        verdict: row.word.word(),
        values: row.values.clone(),
        claim: row.claim.clone(),
        note: row.note.clone(),
    };
    PersonV1 {
        persona: person.persona.clone(),
        rows: person.rows.iter().map(row).collect(),
        same_as: person.same_as.clone(),
    }
}

fn login(login: Login) -> LoginV1 {
    let (answer, parts, reason) = match login {
        Login::Unreachable(why) => ("unreachable", Vec::new(), Some(why)),
        Login::Fails => ("fails", Vec::new(), None),
        Login::FailsFor(parts) => ("fails-for", parts, None),
        Login::NothingAgainst => ("nothing-against", Vec::new(), None),
        Login::Unknown => ("unknown", Vec::new(), None),
    };
    LoginV1 { answer, parts, reason }
}

fn outcome(run: &Run, outcome: &Outcome) -> OutcomeV1 {
    let (verdict, reason, findings) = match &outcome.judged {
        Judged::Told(Verdict::Pass(note)) => ("pass", Some(note.clone()), Vec::new()),
        Judged::Told(Verdict::Fail(findings)) => {
            ("fail", None, findings.iter().map(|f| finding(run, outcome, f)).collect())
        }
        Judged::Told(Verdict::NotApplicable(reason)) => ("not-applicable", Some(reason.clone()), Vec::new()),
        Judged::Untold(gap) => ("inconclusive", Some(gap.to_string()), Vec::new()),
        Judged::Crashed(text) => ("crashed", Some(text.clone()), Vec::new()),
    };
    OutcomeV1 {
        check: outcome.check.id,
        verdict,
        severity: outcome.severity.word(),
        severity_because: outcome.because.clone(),
        reason,
        waived: None,
        findings,
    }
}

fn finding(run: &Run, outcome: &Outcome, finding: &Finding) -> FindingV1 {
    let request = run.asked.get(&finding.place.slot);
    FindingV1 {
        message: finding.message.clone(),
        severity: run.severity(outcome, finding).word(),
        effect: finding.effect.word(),
        step: finding.step.word(),
        parts: finding.parts.clone(),
        symptom: finding.symptom.clone(),
        side: finding.side.word(),
        place: place(&finding.place),
        expected: finding.expected.clone(),
        actual: finding.actual.clone(),
        clause: clause(finding.clause),
        remedy: finding.remedy.clone().unwrap_or_else(|| outcome.check.remedy.to_owned()),
        curl: request
            .filter(|r| curl::repeatable(r))
            .map(|request| curl::line(request, &finding.place.spot, &run.reach)),
    }
}

fn clause(clause: Clause) -> ClauseV1 {
    ClauseV1 { spec: clause.spec.name(), section: clause.section, level: clause.level.word(), link: clause.link() }
}

fn place(place: &Place) -> PlaceV1 {
    let exchange = place.slot.id();
    let at = |kind| PlaceV1 {
        exchange,
        kind,
        pointer: None,
        byte: None,
        header: None,
        field: None,
        line: None,
        column: None,
    };
    match &place.spot {
        Spot::Body(pointer, byte) => PlaceV1 { pointer: Some(pointer.clone()), byte: *byte, ..at("body") },
        Spot::Header(name) => PlaceV1 { header: Some(name.clone()), ..at("header") },
        Spot::Status => at("status"),
        Spot::Url => at("url"),
        Spot::Certificate(field) => PlaceV1 { field: Some(field), ..at("certificate") },
        Spot::Connection => at("connection"),
        Spot::Time => at("time"),
        Spot::Line(line, column) => PlaceV1 { line: Some(*line), column: Some(*column), ..at("line") },
    }
}
