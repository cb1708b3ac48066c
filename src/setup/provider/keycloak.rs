//! Keycloak: a client as JSON, for Clients → Import client or `kcadm.sh create clients -f`.
//!
//! Facts: keycloak/keycloak services RedirectUtils.java, AuthorizationEndpointChecker.java; 26.5 was run. There is no
//! `groups` claim without a mapper, `aud` of the access token never holds the client without one, and a scope that no
//! client scope is called is refused.

use super::Made;
use crate::setup::{Block, SECRET, Wish};
use oidcheck_checks::profile::need::Need;
use serde_json::{Map, Value, json};

/// Client scopes that every realm has, beside those that are always there.
const KNOWN: [&str; 6] = ["profile", "email", "address", "phone", "offline_access", "microprofile-jwt"];

/// The block.
pub(super) fn write(wish: &Wish<'_>, client: &Need) -> Made {
    let mut made = Made::default();
    let asked: Vec<&str> = client.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid").collect();
    let optional: Vec<&str> = asked.iter().copied().filter(|scope| *scope == "offline_access").collect();
    let mut default = vec!["basic", "acr", "web-origins"];
    default.extend(asked.iter().filter(|scope| **scope != "offline_access"));
    let mut attributes = Map::new();
    // What Keycloak demands it demands of the device flow as well (26.5, run), in which nobody sends PKCE.
    if client.pkce && !client.device {
        attributes.insert("pkce.code.challenge.method".into(), "S256".into());
    }
    attributes.insert("oauth2.device.authorization.grant.enabled".into(), client.device.to_string().into());
    if !client.post_logout.is_empty() {
        attributes.insert("post.logout.redirect.uris".into(), client.post_logout.join("##").into());
    }
    let mut value = json!({
        "clientId": wish.client_id,
        "name": wish.profile.file.title,
        "enabled": true,
        "protocol": "openid-connect",
        "publicClient": client.public,
        "standardFlowEnabled": client.code,
        "implicitFlowEnabled": client.implicit,
        "directAccessGrantsEnabled": false,
        "serviceAccountsEnabled": false,
        "redirectUris": client.redirects,
        "webOrigins": client.cors_origin.iter().collect::<Vec<_>>(),
        "defaultClientScopes": default,
        "optionalClientScopes": optional,
        "protocolMappers": mappers(client),
        "attributes": attributes,
    });
    if let Some(object) = value.as_object_mut().filter(|_| !client.public) {
        object.insert("clientAuthenticatorType".into(), "client-secret".into());
        object.insert("secret".into(), SECRET.into());
    }
    let title = "Keycloak: Clients → Import client, in the realm of the issuer";
    made.blocks.push(Block::new(title, "json", format!("{value:#}")));
    let unknown: Vec<&str> = asked.iter().copied().filter(|scope| !KNOWN.contains(scope)).collect();
    if !unknown.is_empty() {
        made.notes.push(format!(
            "Keycloak has no client scope {} until you make it (Client scopes → Create), and refuses a request for it with \
             invalid_scope.",
            unknown.join(", ")
        ));
    }
    made
}

fn mappers(client: &Need) -> Vec<Value> {
    let mut out = Vec::new();
    let groups = |list: &[String]| list.iter().any(|claim| claim == "groups");
    if groups(&client.id_token_claims) || client.scopes.iter().any(|scope| scope == "groups") {
        out.push(json!({
            "name": "groups",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-group-membership-mapper",
            "config": {
                "claim.name": "groups", "full.path": "false",
                "id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true",
            },
        }));
    }
    if let Some(audience) = &client.audience {
        out.push(json!({
            "name": "audience",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-audience-mapper",
            "config": {
                "included.custom.audience": audience, "id.token.claim": "false", "access.token.claim": "true",
            },
        }));
    }
    out
}
