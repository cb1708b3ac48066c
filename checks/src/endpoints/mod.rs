//! The other endpoints, asked without a person: the device flow starts and has its page, userinfo and introspection are
//! closed to strangers, tokens can be revoked, a logout leads where it
//! should, and a pushed request is kept at an address that nobody guesses.

group![
    device_flow,
    device_page,
    userinfo_closed,
    introspection_closed,
    revocation,
    no_logout_bounce,
    logout_returns,
    logout_exact,
    forwarded_host,
    pushed_uri
];
