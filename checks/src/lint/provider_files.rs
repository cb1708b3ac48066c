//! Reads clients out of the configuration files of providers.

use super::model::{Client, Product, Sink};
use super::rules;
use super::tree::{Node, Text};
use crate::data::nearest;
use crate::verdict::{Effect, Side, Step};

/// Keys of a client in Authelia 4.39 (authelia/authelia internal/configuration/schema/identity_providers.go).
const AUTHELIA: [&str; 33] = [
    "client_id",
    "client_name",
    "client_secret",
    "sector_identifier_uri",
    "public",
    "redirect_uris",
    "request_uris",
    "audience",
    "scopes",
    "grant_types",
    "response_types",
    "response_modes",
    "authorization_policy",
    "claims_policy",
    "lifespan",
    "requested_audience_mode",
    "consent_mode",
    "pre_configured_consent_duration",
    "require_pushed_authorization_requests",
    "require_pkce",
    "pkce_challenge_method",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "allow_multiple_auth_methods",
    "jwks_uri",
    "jwks",
    "id_token_signed_response_alg",
    "access_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "authorization_signed_response_alg",
    "introspection_signed_response_alg",
    "request_object_signing_alg",
    "discovery_signed_response_alg",
];

/// Old names and new ones (internal/configuration/deprecation.go).
const AUTHELIA_OLD: [(&str, &str); 5] = [
    ("id", "client_id"),
    ("secret", "client_secret"),
    ("description", "client_name"),
    ("userinfo_signing_algorithm", "userinfo_signed_response_alg"),
    ("sector_identifier", "sector_identifier_uri"),
];

/// Whether a document is Authelia's, whole or a list of its clients.
pub(super) fn is_authelia(node: &Node) -> bool {
    node.path(&["identity_providers", "oidc", "clients"]).is_some()
        || authelia_list(node).iter().any(|item| item.get("authorization_policy").is_some())
}

fn authelia_list(node: &Node) -> &[Node] {
    let list = node.path(&["identity_providers", "oidc", "clients"]).or_else(|| node.get("clients")).unwrap_or(node);
    list.items()
}

/// Authelia's clients.
pub(super) fn authelia(node: &Node, sink: &mut Sink<'_>) -> Vec<Client> {
    let policies = node.path(&["identity_providers", "oidc", "claims_policies"]);
    authelia_list(node).iter().map(|item| authelia_client(item, policies, sink)).collect()
}

fn authelia_client(item: &Node, policies: Option<&Node>, sink: &mut Sink<'_>) -> Client {
    let mut client = Client::new(Product::Authelia, item.at);
    for (key, _) in item.members() {
        authelia_key(key, sink);
    }
    let either = |new: &str| {
        let old = AUTHELIA_OLD.iter().find(|(_, name)| *name == new).map(|(old, _)| *old);
        item.text_of(new).or_else(|| item.text_of(old?))
    };
    client.id = either("client_id");
    client.name = either("client_name");
    client.secret = either("client_secret");
    client.public = Some(item.bool_of("public").unwrap_or(false));
    client.redirects = item.texts_of("redirect_uris").unwrap_or_default();
    client.scopes = item.texts_of("scopes");
    client.grants = item.texts_of("grant_types");
    client.auth_method = item.text_of("token_endpoint_auth_method");
    client.pkce = Some(item.bool_of("require_pkce").unwrap_or(false));
    client.audience = Some(item.texts_of("audience").unwrap_or_default());
    let alg = item.text_of("access_token_signed_response_alg").filter(|alg| alg.value != "none");
    client.access_token_jwt = alg.is_some();
    let policy = item.text_of("claims_policy");
    let policy_node = policy.as_ref().and_then(|name| policies?.get(&name.value));
    if let (Some(name), None, Some(_)) = (&policy, policy_node, policies) {
        let what = (Effect::LoginFails, Step::Discovery, Side::Provider);
        let message = format!("there is no claims policy {:?}, and Authelia does not start", name.value);
        sink.say(&rules::VALUES, name.at, what, message, "Define it under identity_providers.oidc.claims_policies.");
    }
    let listed = |kind: &str| Some(policy_node.and_then(|node| node.texts_of(kind)).unwrap_or_default());
    // A policy that stands in another part of the file cannot be seen in a fragment.
    if policy.is_none() || policy_node.is_some() {
        client.id_token_claims = listed("id_token");
        client.access_token_claims = listed("access_token");
    }
    client
}

fn authelia_key(key: &Text, sink: &mut Sink<'_>) {
    if let Some((_, new)) = AUTHELIA_OLD.iter().find(|(old, _)| *old == key.value) {
        let what = (Effect::Degraded, Step::Discovery, Side::Provider);
        let message = format!("`{}` is the old name of `{new}`: Authelia warns and drops it with version 5", key.value);
        let finding = sink.say(&rules::CURRENT_KEYS, key.at, what, message, format!("Write `{new}`."));
        finding.actual = Some(key.value.clone());
        finding.expected = Some((*new).to_owned());
        return;
    }
    let family = [
        "_response_alg",
        "_response_enc",
        "_response_key_id",
        "_auth_method",
        "_auth_signing_alg",
        "_encryption_alg",
        "_encryption_enc",
    ];
    if AUTHELIA.contains(&key.value.as_str()) || family.iter().any(|end| key.value.ends_with(end)) {
        return;
    }
    unknown_key(key, AUTHELIA.iter().copied(), "Authelia does not start with it", sink);
}

fn unknown_key<'k>(key: &Text, known: impl Iterator<Item = &'k str>, because: &str, sink: &mut Sink<'_>) {
    let near = nearest(&key.value, known);
    let remedy = near.map_or("Remove it.".to_owned(), |near| format!("Did you mean `{near}`?"));
    let what = (Effect::LoginFails, Step::Discovery, Side::Provider);
    sink.say(&rules::KNOWN_KEYS, key.at, what, format!("`{}` is no key of a client; {because}", key.value), remedy);
}

/// Whether a document is an authentik blueprint with a provider.
pub(super) fn is_authentik(node: &Node) -> bool {
    let model = |entry: &Node| entry.text_of("model").is_some_and(|model| model.value.starts_with("authentik_"));
    node.get("entries").is_some_and(|entries| entries.items().iter().any(model))
}

/// authentik's providers, each with the application that names it.
pub(super) fn authentik(node: &Node, sink: &mut Sink<'_>) -> Vec<Client> {
    let entries = node.get("entries").map(Node::items).unwrap_or_default();
    let model = |entry: &&Node, name: &str| entry.text_of("model").is_some_and(|model| model.value == name);
    let applications: Vec<&Node> = entries.iter().filter(|entry| model(entry, "authentik_core.application")).collect();
    let providers = entries.iter().filter(|entry| model(entry, "authentik_providers_oauth2.oauth2provider"));
    providers.map(|entry| authentik_client(entry, &applications, sink)).collect()
}

fn authentik_client(entry: &Node, applications: &[&Node], sink: &mut Sink<'_>) -> Client {
    let mut client = Client::new(Product::Authentik, entry.at);
    let empty = Node { at: entry.at, tag: None, value: super::tree::Value::Map(Vec::new()) };
    let attrs = entry.get("attrs").unwrap_or(&empty);
    client.id = attrs.text_of("client_id");
    client.name = entry.path(&["identifiers", "name"]).or_else(|| attrs.get("name")).and_then(Node::text);
    client.secret = attrs.text_of("client_secret");
    client.public = Some(attrs.text_of("client_type").is_some_and(|kind| kind.value == "public"));
    let uris = attrs.get("redirect_uris").map(Node::items).unwrap_or_default();
    for uri in uris {
        let Some(url) = uri.text_of("url") else { continue };
        let regex = uri.text_of("matching_mode").is_some_and(|mode| mode.value == "regex");
        if regex { client.patterns.push(url) } else { client.redirects.push(url) }
    }
    let what = |effect, step| (effect, step, Side::Provider);
    if uris.is_empty() {
        let message = "the list of redirect URIs is empty, and the first request that comes, from whomever, is stored";
        let at = attrs.get("redirect_uris").map_or(entry.at, |node| node.at);
        sink.say(
            &rules::REDIRECT_EXACT,
            at,
            what(Effect::Unsafe, Step::Authorization),
            message,
            "List the redirect URIs.",
        );
    }
    if attrs.get("signing_key").is_none_or(|key| key.text().is_none() && key.tag.is_none()) {
        let message = "no signing key: tokens are signed with the client secret (HS256) and the JWK set is empty";
        let remedy = "Set signing_key to an RSA certificate.";
        let at = attrs.get("signing_key").map_or(entry.at, |node| node.at);
        sink.say(&rules::TOKEN_FORMAT, at, what(Effect::LoginFails, Step::IdToken), message, remedy);
    }
    if let Some(mode) = attrs.text_of("issuer_mode").filter(|mode| mode.value == "global") {
        let message =
            "in the global mode the issuer has no document of its own, so every application that compares it refuses";
        sink.say(
            &rules::ISSUER,
            mode.at,
            what(Effect::LoginFails, Step::Discovery),
            message,
            "Set issuer_mode: per_provider.",
        );
    }
    subject_mode(attrs.text_of("sub_mode"), sink);
    client.long_sub = attrs.text_of("sub_mode").is_none_or(|mode| mode.value == "hashed_user_id");
    // With the option off, the access token is thin as well.
    if attrs.bool_of("include_claims_in_id_token") == Some(false) {
        client.id_token_claims = Some(Vec::new());
        client.access_token_claims = Some(Vec::new());
    }
    let mappings = attrs.get("property_mappings").map(Node::items).unwrap_or_default();
    let scopes: Vec<Text> = mappings.iter().filter_map(scope_mapping).collect();
    if mappings.is_empty() {
        let message = "no scope mapping: the provider gives no claim at all";
        let remedy = "List the mappings of openid, profile and email under property_mappings.";
        sink.say(&rules::CLAIMS, entry.at, what(Effect::LoginFails, Step::IdToken), message, remedy);
    } else if scopes.len() == mappings.len() {
        client.scopes = Some(scopes);
    }
    let key_of = |node: &Node| node.tag.as_deref() == Some("KeyOf");
    let own = entry.text_of("id");
    let names = |application: &&&Node| {
        let provider = application.path(&["attrs", "provider"]);
        provider
            .is_some_and(|node| key_of(node) && node.text().map(|t| t.value) == own.as_ref().map(|t| t.value.clone()))
    };
    client.slug = applications.iter().find(names).and_then(|a| a.path(&["identifiers", "slug"])).and_then(Node::text);
    client
}

/// `sub` made of something that can pass to another person.
pub(super) fn subject_mode(mode: Option<Text>, sink: &mut Sink<'_>) {
    if let Some(mode) = mode.filter(|mode| matches!(mode.value.as_str(), "user_username" | "user_email" | "user_upn")) {
        let message =
            "the subject is something that can be renamed and given to another person, who then gets the account";
        let what = (Effect::Unsafe, Step::IdToken, Side::Provider);
        let remedy = "Keep the hashed user id, or take user_uuid. Changing it later gives everybody a new account.";
        sink.say(&rules::USERNAME, mode.at, what, message, remedy);
    }
}

/// The scope of a mapping that comes with authentik.
fn scope_mapping(node: &Node) -> Option<Text> {
    let find = node.items().get(1)?.items();
    let name = find.get(1)?.text()?;
    let scope = name.value.strip_prefix("goauthentik.io/providers/oauth2/scope-")?.to_owned();
    Some(Text { value: scope, at: name.at })
}

/// Whether a document is a client or a realm of Keycloak.
pub(super) fn is_keycloak(node: &Node) -> bool {
    node.get("clientId").is_some() || node.get("realm").is_some() && node.get("clients").is_some()
}

/// Keycloak's clients; those that every realm brings along are left out.
pub(super) fn keycloak(node: &Node, sink: &mut Sink<'_>) -> Vec<Client> {
    const OWN: [&str; 6] =
        ["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"];
    let clients: Vec<&Node> = node.get("clients").map_or_else(|| vec![node], |list| list.items().iter().collect());
    let oidc = |client: &&Node| client.text_of("protocol").is_none_or(|p| p.value == "openid-connect");
    let own = |client: &&Node| client.text_of("clientId").is_some_and(|id| OWN.contains(&id.value.as_str()));
    clients.into_iter().filter(oidc).filter(|client| !own(client)).map(|client| keycloak_client(client, sink)).collect()
}

fn keycloak_client(node: &Node, sink: &mut Sink<'_>) -> Client {
    let mut client = Client::new(Product::Keycloak, node.at);
    client.id = node.text_of("clientId");
    client.name = node.text_of("name");
    client.secret = node.text_of("secret");
    client.public = Some(node.bool_of("publicClient").unwrap_or(false));
    for uri in node.texts_of("redirectUris").unwrap_or_default() {
        if uri.value.ends_with('*') { client.patterns.push(uri) } else { client.redirects.push(uri) }
    }
    let mut scopes = node.texts_of("defaultClientScopes").unwrap_or_default();
    scopes.extend(node.texts_of("optionalClientScopes").unwrap_or_default());
    if !scopes.is_empty() {
        scopes.push(Text { value: "openid".into(), at: node.at });
        client.scopes = Some(scopes);
    }
    let flag = |name: &str, default: bool| node.bool_of(name).unwrap_or(default);
    let device = node.path(&["attributes", "oauth2.device.authorization.grant.enabled"]);
    let mut grants = vec!["refresh_token"];
    grants.extend(flag("standardFlowEnabled", true).then_some("authorization_code"));
    grants.extend(flag("implicitFlowEnabled", false).then_some("implicit"));
    let device = device.and_then(Node::text).is_some_and(|text| text.value == "true");
    grants.extend(device.then_some("urn:ietf:params:oauth:grant-type:device_code"));
    let at = |name: &str| node.get(name).map_or(node.at, |value| value.at);
    let text = |value: &str| Text { value: value.to_owned(), at: at("standardFlowEnabled") };
    client.grants = Some(grants.into_iter().map(text).collect());
    client.pkce = Some(node.path(&["attributes", "pkce.code.challenge.method"]).and_then(Node::text).is_some());
    if flag("directAccessGrantsEnabled", false) {
        let what = (Effect::Degraded, Step::Token, Side::Provider);
        let message =
            "the client may log people in with their password (direct access grants), past every second factor";
        sink.say(
            &rules::GRANTS,
            at("directAccessGrantsEnabled"),
            what,
            message,
            "Set directAccessGrantsEnabled to false.",
        );
    }
    let mappers = node.get("protocolMappers").map(Node::items).unwrap_or_default();
    let kind = |mapper: &&Node, kind: &str| mapper.text_of("protocolMapper").is_some_and(|k| k.value == kind);
    let config = |mapper: &Node, key: &str| mapper.path(&["config", key]).and_then(Node::text);
    let audiences = mappers.iter().filter(|mapper| kind(mapper, "oidc-audience-mapper"));
    let value = |mapper: &Node| {
        config(mapper, "included.custom.audience").or_else(|| config(mapper, "included.client.audience"))
    };
    client.audience = Some(audiences.filter_map(value).collect());
    client
}

/// Whether a document is Dex' configuration.
pub(super) fn is_dex(node: &Node) -> bool {
    node.get("staticClients").is_some()
}

/// Dex' clients.
pub(super) fn dex(node: &Node) -> Vec<Client> {
    let one = |item: &Node| {
        let mut client = Client::new(Product::Dex, item.at);
        client.id = item.text_of("id");
        client.name = item.text_of("name");
        client.secret = item.text_of("secret").or_else(|| item.text_of("secretEnv"));
        client.public = Some(item.bool_of("public").unwrap_or(false));
        client.redirects = item.texts_of("redirectURIs").unwrap_or_default();
        client
    };
    node.get("staticClients").map(Node::items).unwrap_or_default().iter().map(one).collect()
}
