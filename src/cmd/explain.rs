//! Stand-in for `oidcheck explain`.

use crate::Error;
use crate::cli::ExplainArgs;

/// Says that it is not built yet.
pub fn run(_args: &ExplainArgs) -> Result<u8, Error> {
    Err(Error::usage("`oidcheck explain` is not built yet", "`oidcheck --help` shows what there is"))
}
