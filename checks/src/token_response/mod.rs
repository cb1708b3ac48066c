//! The token response: does it come, can it be read, does it hold what the library needs.

group![
    code,
    browser,
    code_once,
    code_revokes,
    code_redirect_uri,
    code_verifier,
    status,
    content_type,
    json,
    members,
    token_type,
    expires_in,
    id_token_present,
    no_store,
    hard_to_guess,
    scope_granted,
];

use crate::case::Case;
use crate::evidence::login::Login;
use crate::profile::Flow;
use crate::verdict::{Finding, Gap, Verdict};

/// Judges the token response of every login, where the application makes a token request.
fn each<'a>(
    case: &Case<'a>,
    note: &str,
    judge: impl Fn(&'a Login<'a>) -> Result<Vec<Finding>, Gap>,
) -> Result<Verdict, Gap> {
    case.logins()?;
    if case.part.flow == Flow::Implicit {
        return Ok(Verdict::not_applicable(
            "this part of the application makes no token request: its tokens come with the authorization response",
        ));
    }
    crate::login::each(case, note, judge)
}
