//! Reports: one value in, one text out, a file for each format.
//!
//! A renderer decides nothing. It accounts for every outcome of every run with an exhaustive match, so that a new kind
//! of outcome cannot be forgotten, and it treats whatever came from a provider as hostile: see [`text`].

pub(crate) mod curl;
mod human;
pub mod json;
mod junit;
mod lint;
mod people;
mod table;
pub(crate) mod text;
mod words;

use clap::ValueEnum;
use oidcheck_checks::report::Report;
use std::io::{self, Write};

pub(crate) use words::and;

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: the answer, what to do, how we know.
    Human,
    /// For programs: versioned, with a published schema.
    Json,
    /// For CI systems that show test results.
    Junit,
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = || Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        <Format as ValueEnum>::from_str(word, false).map_err(|_| {
            let names: Vec<String> = known().map(|value| value.get_name().to_owned()).collect();
            format!("there is no format {word:?}; it may be one of {}", names.join(", "))
        })
    }
}

/// How the human report is to look; the other formats do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// With colour. Nothing is said by colour alone.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// Writes a report.
///
/// # Errors
/// What the writer says.
pub fn write(format: Format, report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::write(report, look, out),
        Format::Json => json::write(report, out),
        Format::Junit => junit::write(report, out),
    }
}
