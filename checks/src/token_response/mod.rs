//! The token response: does it come, can it be read, does it hold what the library needs.

group![
    code,
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
