//! TOML files of profiles, libraries and providers: read strictly, with an error that points at the place.

use serde::de::DeserializeOwned;
use std::ops::Range;

include!(concat!(env!("OUT_DIR"), "/data_files.rs"));

/// Why a TOML file cannot be used: what, where, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}{}", help.as_deref().map(|h| format!("\n  help: {h}")).unwrap_or_default())]
pub struct DataError {
    /// The file, as the user named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl DataError {
    /// An error about the whole file.
    pub fn whole(file: &str, message: impl Into<String>) -> Self {
        DataError { file: file.into(), line: 1, column: 1, message: message.into(), help: None }
    }

    fn at(file: &str, text: &str, span: Option<Range<usize>>, message: &str) -> Self {
        let start = span.map_or(0, |s| s.start).min(text.len());
        let before = text.get(..start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let mut lines = message.trim().lines();
        let first = lines.next().unwrap_or_default().to_owned();
        DataError { file: file.into(), line, column, help: did_you_mean(&first), message: first }
    }
}

/// For serde's "unknown field `x`, expected one of `a`, `b`": the nearest of the expected ones.
fn did_you_mean(message: &str) -> Option<String> {
    if !message.starts_with("unknown ") {
        return None;
    }
    let mut names = message.split('`').skip(1).step_by(2);
    let wrong = names.next()?;
    let known: Vec<&str> = names.collect();
    Some(match nearest(wrong, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("it may be one of {}", known.join(", ")),
    })
}

/// The candidate most like `wrong`, if any is like it at all.
pub fn nearest<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|c| (strsim::jaro_winkler(wrong, c), c))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}

/// Reads a TOML text as a table.
///
/// # Errors
/// [`DataError`] with line and column.
pub fn table(file: &str, text: &str) -> Result<toml::Table, DataError> {
    toml::from_str(text).map_err(|e| DataError::at(file, text, e.span(), e.message()))
}

/// Reads a TOML text strictly.
///
/// # Errors
/// [`DataError`] with line and column, and a suggestion for a misspelt key.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, DataError> {
    toml::from_str(text).map_err(|e| DataError::at(file, text, e.span(), e.message()))
}

/// Lays `over` upon `base`, table by table; other values replace.
pub fn merge(base: &mut toml::Table, over: &toml::Table) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => merge(below, above),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}
