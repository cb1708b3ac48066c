//! `oidcheck list`: what this build knows, from the same data that the reports use.

use crate::cli::{ListArgs, ListFormat, ListWhat};
use crate::render::text::{pad, width};
use crate::{Error, output};
use oidcheck_checks::{CHECKS, library, profile, provider};
use serde_json::{Value, json};
use std::sync::Arc;

/// Prints the list.
///
/// # Errors
/// Standard output cannot be written to.
pub fn run(args: &ListArgs) -> Result<u8, Error> {
    let text = list(args.what, args.format);
    output::stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(0)
}

/// The list as text.
pub fn list(what: ListWhat, format: ListFormat) -> String {
    let entries = match what {
        ListWhat::Checks => checks(),
        ListWhat::Profiles => profiles(),
        ListWhat::Libraries => libraries(),
        ListWhat::Providers => providers(),
        ListWhat::Faults => faults(),
    };
    match format {
        ListFormat::Human => columns(&entries),
        ListFormat::Json => format!("{:#}\n", Value::Array(entries.into_iter().map(|entry| entry.json).collect())),
    }
}

fn faults() -> Vec<Entry> {
    let one = |fault: &oidcheck_op::Fault| Entry {
        cells: vec![fault.name.into(), fault.what.into()],
        json: json!({"name": fault.name, "what": fault.what, "breaks": fault.breaks}),
    };
    oidcheck_op::FAULTS.iter().map(one).collect()
}

/// One entry: its cells for people, all of it for programs.
struct Entry {
    cells: Vec<String>,
    json: Value,
}

fn checks() -> Vec<Entry> {
    let one = |check: &&'static oidcheck_checks::check::Check| {
        let clauses: Vec<Value> = check
            .clauses
            .iter()
            .map(|c| json!({"spec": c.spec.name(), "section": c.section, "level": c.level.word(), "link": c.link()}))
            .collect();
        let (severity, tier) = (check.severity.word(), check.tier.word());
        Entry {
            cells: vec![check.id.into(), severity.into(), tier.into(), check.title.into()],
            json: json!({
                "id": check.id, "title": check.title, "severity": severity, "tier": tier, "clauses": clauses,
                "why": check.why, "remedy": check.remedy, "formerly": check.formerly,
            }),
        }
    };
    CHECKS.iter().map(one).collect()
}

fn profiles() -> Vec<Entry> {
    let one = |(id, profile): (&String, &profile::Profile)| {
        let parts: Vec<Value> =
            profile.parts.iter().map(|part| json!({"id": part.id, "library": part.library.id})).collect();
        let file = &profile.file;
        Entry {
            cells: vec![id.clone(), file.title.clone(), file.versions.clone()],
            json: json!({"id": id, "title": file.title, "versions": file.versions, "about": file.about.trim(), "parts": parts}),
        }
    };
    profile::all().iter().map(one).collect()
}

fn libraries() -> Vec<Entry> {
    let one = |(id, library): (&String, &Arc<library::Library>)| Entry {
        cells: vec![format!("library:{id}"), library.title.clone(), library.versions.clone()],
        json: json!({
            "id": id, "profile": format!("library:{id}"), "title": library.title, "versions": library.versions,
            "provenance": library.provenance,
        }),
    };
    library::all().iter().map(one).collect()
}

fn providers() -> Vec<Entry> {
    let mut all: Vec<&provider::Provider> = provider::all().iter().collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let one = |provider: &provider::Provider| Entry {
        cells: vec![provider.id.clone(), provider.title.clone(), provider.issuer_form.clone().unwrap_or_default()],
        json: json!({
            "id": provider.id, "title": provider.title, "issuer_form": provider.issuer_form, "notes": provider.notes,
            "remedies": provider.remedies,
        }),
    };
    all.into_iter().map(one).collect()
}

/// The cells below each other; the last column is as long as it likes.
fn columns(entries: &[Entry]) -> String {
    let widest =
        |column: usize| entries.iter().filter_map(|e| e.cells.get(column)).map(|c| width(c)).max().unwrap_or(0);
    let mut out = String::new();
    for entry in entries {
        let cells: Vec<String> = entry.cells.iter().enumerate().map(|(i, cell)| pad(cell, widest(i))).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}
