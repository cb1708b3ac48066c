//! The provider's metadata: can it be had, can it be read, does it say what the application needs.

group![
    reachable,
    url_typed,
    redirects,
    content_type,
    encoding,
    timely,
    json,
    issuer_exact,
    required_members,
    member_types,
    https_endpoints,
    endpoint_hosts,
    algorithms,
    pkce,
    scopes,
    claims,
];
