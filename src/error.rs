//! Why a command could not do its work. A finding about a provider is never an error: it is in the report.

use oidcheck_checks::data::DataError;
use std::path::PathBuf;

/// Everything that makes a command end without a report. Each text says what, where, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something that cannot be done.
    #[error("{message}{}", help_line(.help.as_deref()))]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// What was to be found out before the check could begin cannot be found out.
    #[error("{message}{}", help_line(.help.as_deref()))]
    Undecided {
        /// What, and why not.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// A profile cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A file or stream cannot be read or written.
    #[error("cannot {doing} {}: {source}", .path.display())]
    File {
        /// `read`, `write` …
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// A recording cannot be used.
    #[error("{file}:{line}:{column}: {message}{}", help_line(.help.as_deref()))]
    Recording {
        /// The file, as the user named it.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
}

fn help_line(help: Option<&str>) -> String {
    help.map(|help| format!("\n  help: {help}")).unwrap_or_default()
}

impl Error {
    /// A usage error with a way out.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Error {
        Error::Usage { message: message.into(), help: Some(help.into()) }
    }

    /// The exit code: 3 for what could not be decided, 2, usage or configuration, for all others.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Undecided { .. } => 3,
            Error::Usage { .. } | Error::Data(_) | Error::File { .. } | Error::Recording { .. } => 2,
        }
    }
}
