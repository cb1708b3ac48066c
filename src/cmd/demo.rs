//! Stand-in for `oidcheck demo`.

use crate::Error;
use crate::cli::DemoArgs;

/// Says that it is not built yet.
pub fn run(_args: &DemoArgs) -> Result<u8, Error> {
    Err(Error::usage("`oidcheck demo` is not built yet", "`oidcheck --help` shows what there is"))
}
