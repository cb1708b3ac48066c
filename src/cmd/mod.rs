//! The subcommands: each takes its part of the command line and gives an exit code.

mod application;
pub mod check;
pub mod demo;
pub mod explain;
mod input;
pub mod inspect;
pub mod lint;
pub mod list;
pub mod replay;
pub mod reports;
pub mod setup;

use crate::Error;
use crate::cli::{Cli, Command};

/// Runs what the command line asks for and gives the exit code.
///
/// # Errors
/// [`Error`] when there is nothing to report on.
pub fn run(cli: Cli) -> Result<u8, Error> {
    match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::List(args) => list::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Setup(args) => setup::run(&args),
        Command::Lint(args) => lint::run(&args),
    }
}
