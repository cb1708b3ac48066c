//! The token endpoint, asked with a code that never existed.

group![secret_accepted, secret_itself, public_client_accepted, error_format, error_codes];

use crate::case::Case;
use crate::verdict::Verdict;

/// The secret was seen to be wrong before any login, so a login only shows it once more.
pub(crate) fn secret_refused(case: &Case<'_>) -> bool {
    matches!((secret_accepted::CHECK.judge)(case), Ok(Verdict::Fail(_)))
}
