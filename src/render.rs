//! Stand-in until the renderers land: the interface, and just enough to look at.

use oidcheck_checks::report::Report;

/// A report format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For CI.
    Junit,
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        <Format as clap::ValueEnum>::from_str(text, false)
    }
}

/// How it may look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// With colour.
    pub color: bool,
    /// Columns.
    pub width: usize,
}

/// Writes a report.
pub fn write(format: Format, report: &Report, _look: Look, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    if format == Format::Json {
        let runs: Vec<_> = report
            .runs
            .iter()
            .map(|run| {
                let outcomes: Vec<_> = run
                    .outcomes
                    .iter()
                    .map(|o| serde_json::json!({"check": o.check.id, "verdict": o.word(), "reason": o.reason(),
                        "findings": o.findings().iter().map(|f| &f.message).collect::<Vec<_>>()}))
                    .collect();
                serde_json::json!({"target": {"issuer": run.target.typed}, "profile": run.profile.file.id,
                    "requests": run.requests, "elapsed_ms": run.elapsed_ms, "outcomes": outcomes})
            })
            .collect();
        let decision = serde_json::json!({"exit": report.decision.exit, "because": report.decision.because});
        let all = serde_json::json!({"schema": "oidcheck-report/1", "started": report.started.to_string(),
            "runs": runs, "decision": decision});
        return writeln!(out, "{all:#}");
    }
    writeln!(out, "{}", report.decision.because)?;
    for run in &report.runs {
        for (_, finding) in run.findings() {
            writeln!(out, "{}: {}", run.profile.file.id, finding.message)?;
        }
    }
    Ok(())
}
