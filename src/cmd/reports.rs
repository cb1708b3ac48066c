//! From evidence to reports and an exit code; shared by every command that judges.

use crate::Error;
use crate::cli::{Color, Inconclusive, JudgingArgs, ReportArgs};
use crate::har::Recording;
use crate::judging::judge_all;
use crate::output::{self, Pending};
use crate::render::{self, Format, Look};
use clap::ValueEnum as _;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{Decision, Gate, Report, Run};
use std::io::IsTerminal as _;
use std::path::Path;

/// The width of a report whose reader is not known, in columns.
const WIDTH: usize = 100;

/// The destinations, opened before anything is sent.
#[derive(Debug)]
pub struct Outputs {
    format: Format,
    look: Look,
    files: Vec<(Format, Pending)>,
}

impl Outputs {
    /// Opens them all.
    ///
    /// # Errors
    /// A format that is not known, a file that cannot be written, or one file for two reports.
    pub fn open(args: &ReportArgs) -> Result<Outputs, Error> {
        let mut files: Vec<(Format, Pending)> = Vec::new();
        for text in &args.outputs {
            let (format, path) = text.split_once('=').filter(|(_, path)| !path.is_empty()).ok_or_else(|| {
                Error::usage(format!("-o {text}: no FORMAT=FILE"), "for example -o junit=oidcheck.xml")
            })?;
            let format = <Format as clap::ValueEnum>::from_str(format, false).map_err(|_| unknown_format(format))?;
            if path == "-" {
                return Err(Error::usage(format!("-o {text}: standard output is no file"), "use --format for it"));
            }
            let file = Pending::open(Path::new(path))?;
            files.push((format, file));
        }
        let color = match args.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        Ok(Outputs { format: args.format, look: Look { color, width: width() }, files })
    }

    /// Writes the report everywhere: the files first, since the reader of stdout may leave.
    ///
    /// # Errors
    /// A destination cannot be written to.
    pub fn write(self, report: &Report) -> Result<(), Error> {
        for (format, file) in self.files {
            let plain = Look { color: false, width: WIDTH };
            file.finish(|out| render::write(format, report, plain, out))?;
        }
        output::stdout(|out| render::write(self.format, report, self.look, out))
    }
}

fn unknown_format(name: &str) -> Error {
    let known: Vec<String> = Format::value_variants()
        .iter()
        .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
        .collect();
    let help = match oidcheck_checks::data::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are {}", known.join(", ")),
    };
    Error::usage(format!("no report format is called {name:?}"), help)
}

fn width() -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let terminal = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    columns().or_else(terminal).unwrap_or(WIDTH).max(40)
}

/// Judges a recording for every profile and writes the reports. Gives the exit code. `reach` goes into the curl lines.
///
/// # Errors
/// A destination cannot be written to.
pub fn judge_and_write(
    recording: &Recording,
    profiles: &[Profile],
    args: &JudgingArgs,
    outputs: Outputs,
    reach: &[(&'static str, String)],
) -> Result<u8, Error> {
    let started = recording.started;
    let judged = judge_all(recording, profiles).into_iter();
    let runs: Vec<Run> = judged.map(|run| Run { reach: reach.to_vec(), ..run }).collect();
    let inconclusive_counts = args.inconclusive == Inconclusive::Fail;
    let decision = Decision::of(&runs, Gate { threshold: args.threshold.into(), inconclusive_counts });
    let exit = decision.exit;
    outputs.write(&Report { started, runs, decision })?;
    Ok(exit)
}
