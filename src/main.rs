//! The `oidcheck` command.

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    oidcheck::panics::install_hook();
    let cli = match oidcheck::cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too. A reader who has closed the pipe has read enough.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match std::panic::catch_unwind(|| oidcheck::cmd::run(cli)) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) => {
            oidcheck::output::error(&error);
            ExitCode::from(error.exit_code())
        }
        Err(_) => ExitCode::from(oidcheck::panics::EXIT_BUG),
    }
}
