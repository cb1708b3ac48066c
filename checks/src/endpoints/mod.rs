//! The other endpoints, asked without a person: the device flow starts and has its page, userinfo and introspection are
//! closed to strangers, tokens can be revoked, a logout leads where it
//! should, and a pushed request is kept at an address that nobody guesses.

group![
    device_flow,
    device_page,
    userinfo_closed,
    introspection_closed,
    revocation,
    logout_reachable,
    no_logout_bounce,
    logout_returns,
    logout_exact,
    forwarded_host,
    pushed_uri
];

use crate::case::Case;
use crate::target::Depth;
use crate::verdict::Gap;

/// Why no authorization request is pushed.
pub(crate) fn nothing_pushed(case: &Case<'_>) -> Result<Option<&'static str>, Gap> {
    Ok(if case.metadata()?.string("pushed_authorization_request_endpoint").is_none() {
        Some("the provider takes no pushed requests")
    } else if case.profile.public() {
        Some("the application has no secret")
    } else if case.target.depth < Depth::Standard {
        Some("tried from --depth standard on")
    } else {
        None
    })
}
