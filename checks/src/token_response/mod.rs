//! The token response: does it come, can it be read, does it hold what the library needs.

group![
    code,
    code_once,
    status,
    content_type,
    json,
    members,
    token_type,
    expires_in,
    id_token_present,
    no_store,
    scope_granted,
];
