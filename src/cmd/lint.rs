//! `oidcheck lint`.
use crate::Error;
use crate::cli::LintArgs;

/// Lints.
///
/// # Errors
/// Never yet.
pub fn run(_args: &LintArgs) -> Result<u8, Error> {
    Err(Error::usage("lint is not built yet", "wait"))
}
