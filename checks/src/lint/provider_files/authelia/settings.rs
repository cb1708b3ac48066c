//! What stands beside Authelia's clients, under `identity_providers.oidc`.

use super::{STOPS, list, old_name};
use crate::lint::model::{Client, Cors, Sink, is_open};
use crate::lint::provider_files::{one_of, refused};
use crate::lint::rules;
use crate::lint::tree::{Node, Text};
use url::Url;

/// Old names and new ones (internal/configuration/deprecation.go).
const OLD: [(&str, &str); 6] = [
    ("access_token_lifespan", "lifespans.access_token"),
    ("authorize_code_lifespan", "lifespans.authorize_code"),
    ("id_token_lifespan", "lifespans.id_token"),
    ("refresh_token_lifespan", "lifespans.refresh_token"),
    ("issuer_private_key", "jwks"),
    ("issuer_certificate_chain", "jwks"),
];

/// Endpoints that may answer pages of other origins.
const ENDPOINTS: [&str; 7] = [
    "authorization",
    "device-authorization",
    "pushed-authorization-request",
    "token",
    "introspection",
    "revocation",
    "userinfo",
];

/// Judges them.
pub(super) fn judge(oidc: &Node, sink: &mut Sink<'_>) {
    for (key, _) in oidc.members() {
        if let Some((_, new)) = OLD.iter().find(|(old, _)| *old == key.value) {
            old_name(key, new, sink);
        }
    }
    if let Some(clients) =
        oidc.get("clients").filter(|clients| clients.items().is_empty() && clients.members().is_empty())
        && clients.text().is_none_or(|text| !is_open(&text.value))
    {
        let message = format!("there is no client, and {STOPS}");
        refused(sink, &rules::REQUIRED_KEYS, clients.at, message, "Add a client, or remove identity_providers.oidc.");
    }
    if let Some(when) = oidc.text_of("enforce_pkce").filter(|when| !when.value.is_empty()) {
        one_of(&when, "enforce_pkce", &["never", "public_clients_only", "always"], STOPS, sink);
    }
    let Some(cors) = oidc.get("cors") else { return };
    for endpoint in list(cors, "endpoints").unwrap_or_default() {
        one_of(&endpoint, "endpoints", &ENDPOINTS, STOPS, sink);
    }
    let origins = list(cors, "allowed_origins").unwrap_or_default();
    let from_clients = cors.bool_of("allowed_origins_from_client_redirect_uris") == Some(true);
    for origin in origins.iter().filter(|origin| !is_open(&origin.value)) {
        one_origin(origin, origins.len() > 1 || from_clients, sink);
    }
}

/// The pages that may ask from another origin; `None` when that may stand in a part that is not at hand.
pub(super) fn cors(oidc: &Node, whole: bool, clients: &[Client]) -> Option<Cors> {
    let remedy =
        "Set identity_providers.oidc.cors with the endpoints token, userinfo and revocation, and under allowed_origins";
    let Some(cors) = oidc.get("cors") else {
        return whole.then(|| Cors { at: oidc.at, origins: Vec::new(), endpoints: Some(Vec::new()), remedy });
    };
    let mut origins = list(cors, "allowed_origins").unwrap_or_default();
    if cors.bool_of("allowed_origins_from_client_redirect_uris") == Some(true) {
        let uris = clients.iter().flat_map(|client| &client.redirects);
        let web = uris.filter_map(|uri| Some((uri, Url::parse(&uri.value).ok()?)));
        let web = web.filter(|(_, url)| url.scheme().starts_with("http"));
        origins.extend(web.map(|(uri, url)| Text { value: url.origin().ascii_serialization(), at: uri.at }));
    }
    let endpoints = Some(list(cors, "endpoints").unwrap_or_default());
    Some(Cors { at: cors.at, origins, endpoints, remedy: "Under allowed_origins, add" })
}

fn one_origin(origin: &Text, others: bool, sink: &mut Sink<'_>) {
    let rest = origin.value.split_once("://").map_or(origin.value.as_str(), |(_, rest)| rest);
    let (message, remedy) = if origin.value == "*" && others {
        ("`*` stands beside other origins", "Keep `*` alone, or better the origins.")
    } else if rest.contains('/') {
        ("an origin ends after its host and port", "Remove the slash and what follows it.")
    } else if rest.contains('?') {
        ("an origin has no query", "Remove the query.")
    } else {
        return;
    };
    let message = format!("{message}, and {STOPS}");
    refused(sink, &rules::VALUES, origin.at, message, remedy).actual = Some(origin.value.clone());
}
