//! The provider's metadata: can it be had, can it be read, does it say what the application needs.

use crate::case::Case;
use crate::evidence::Slot;
use crate::evidence::json::escape;
use crate::evidence::metadata::{Kind, Metadata};
use crate::library::When;
use crate::verdict::{Gap, Place, Spot, Step};

group![
    reachable,
    url_typed,
    redirects,
    content_type,
    encoding,
    timely,
    steady,
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
    issuer_url,
    endpoint_form,
    endpoint_ports,
    member_names,
    list_items,
    response_types,
    response_modes,
    grant_types,
    token_auth_methods,
    par,
    request_objects,
    client_algorithms,
    subject_types,
    scopes_syntax,
    locales,
    logout,
];

/// Whether this part of the application sends a browser for an authorization code. All do, unless their rules say
/// that they never use the endpoint.
fn code_flow(case: &Case<'_>) -> bool {
    !matches!(case.library().members.uses.get("authorization_endpoint"), Some(When::Never))
}

/// The step at which this part of the application uses an endpoint.
fn used_at(case: &Case<'_>, name: &str) -> Option<Step> {
    let library = case.library();
    let used = library.members.used_at(name);
    used.or(match name {
        "authorization_endpoint" if code_flow(case) => Some(Step::Authorization),
        "token_endpoint" => Some(Step::Token),
        "jwks_uri" if library.keys.verified => Some(library.keys.fetched),
        _ => None,
    })
}

/// The strings of a list; `None` when it is absent or `null`.
///
/// # Errors
/// [`Gap`] when it is no list of strings; the check of members says so.
fn listed<'m>(metadata: &'m Metadata, name: &str) -> Result<Option<Vec<&'m str>>, Gap> {
    let required = required_members::REQUIRED.contains(&name);
    let blamed = if required { "discovery/required-members" } else { "discovery/member-types" };
    match metadata.present(name) {
        Some(node) if !Kind::Strings.fits(node) => Err(Gap::Unusable(Slot::Discovery, blamed)),
        _ => Ok(metadata.strings(name)),
    }
}

/// The place of one entry of a list.
fn at_item(metadata: &Metadata, name: &str, index: usize) -> Place {
    let item = metadata.member(name).and_then(|node| node.as_array()?.get(index));
    let spot = Spot::Body(format!("/{}/{index}", escape(name)), item.map(|node| node.span.start));
    Place { slot: Slot::Discovery, spot }
}
