//! Stand-in for `oidcheck list`.

use crate::Error;
use crate::cli::ListArgs;

/// Says that it is not built yet.
pub fn run(_args: &ListArgs) -> Result<u8, Error> {
    Err(Error::usage("`oidcheck list` is not built yet", "`oidcheck --help` shows what there is"))
}
