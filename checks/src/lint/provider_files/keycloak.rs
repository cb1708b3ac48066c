//! Clients and realms of Keycloak, as they are exported and imported.

use super::twice;
use crate::lint::model::{Client, Cors, Off, Product, Sink};
use crate::lint::rules;
use crate::lint::tree::{Node, Text};
use crate::verdict::{Effect, Side, Step};
use url::Url;

/// Whether a document is a client or a realm of Keycloak.
pub(in crate::lint) fn is_keycloak(node: &Node) -> bool {
    node.get("clientId").is_some() || node.get("realm").is_some() && node.get("clients").is_some()
}

/// Keycloak's clients; those that every realm brings along are left out.
pub(in crate::lint) fn keycloak(node: &Node, sink: &mut Sink<'_>) -> Vec<Client> {
    twice(node, Effect::Degraded, "only one of them counts", sink);
    const OWN: [&str; 6] =
        ["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"];
    let clients: Vec<&Node> = node.get("clients").map_or_else(|| vec![node], |list| list.items().iter().collect());
    // In a realm they stand side by side; what is given alone is meant.
    let alone = node.get("clients").is_none();
    let oidc = |client: &&Node| alone || client.text_of("protocol").is_none_or(|p| p.value == "openid-connect");
    let own = |client: &&Node| client.text_of("clientId").is_some_and(|id| OWN.contains(&id.value.as_str()));
    let clients = clients.into_iter().filter(oidc).filter(|client| !own(client));
    clients.map(|client| one(client, node, sink)).collect()
}

fn one(node: &Node, realm: &Node, sink: &mut Sink<'_>) -> Client {
    let mut client = Client::new(Product::Keycloak, node.at);
    client.id = node.text_of("clientId");
    client.name = node.text_of("name");
    client.secret = node.text_of("secret");
    client.public = Some(node.bool_of("publicClient").unwrap_or(false));
    let root = node.text_of("rootUrl");
    for uri in node.texts_of("redirectUris").unwrap_or_default() {
        let uri = absolute(uri, root.as_ref());
        if uri.value.ends_with('*') { client.patterns.push(uri) } else { client.redirects.push(uri) }
    }
    let names = |own: &str, of_realm: &str| node.texts_of(own).or_else(|| realm.texts_of(of_realm)).unwrap_or_default();
    let mut scopes = names("defaultClientScopes", "defaultDefaultClientScopes");
    scopes.extend(names("optionalClientScopes", "defaultOptionalClientScopes"));
    client.audience = audiences(node, realm, &scopes);
    if !scopes.is_empty() {
        scopes.push(Text { value: "openid".into(), at: node.at });
        client.scopes = Some(scopes);
    }
    grants(node, &mut client, sink);
    let method = node.path(&["attributes", "pkce.code.challenge.method"]).and_then(Node::text);
    client.pkce_method = method.filter(|method| !method.value.is_empty());
    client.pkce = Some(client.pkce_method.is_some());
    // What every kind of client has is left unsaid, so that the method of a secret stays open.
    client.auth_method = node.text_of("clientAuthenticatorType").filter(|kind| kind.value.starts_with("client-"));
    client.auth_method = client.auth_method.filter(|kind| kind.value != "client-secret").map(method_name);
    client.off = off(node, realm);
    let origins = node.get("webOrigins").map(|list| (list.at, list.texts()));
    client.cors = origins.map(|(at, mut origins)| {
        if origins.iter().any(|origin| origin.value == "+") {
            let of_uris = client.redirects.iter().chain(&client.patterns).filter_map(origin);
            origins.extend(of_uris);
        }
        Cors { at, origins, endpoints: None, remedy: "Under webOrigins, add" }
    });
    client
}

/// The name of an authenticator in the language of OpenID Connect.
fn method_name(kind: Text) -> Text {
    let value = match kind.value.as_str() {
        "client-jwt" => "private_key_jwt",
        "client-secret-jwt" => "client_secret_jwt",
        "client-x509" => "tls_client_auth",
        other => other,
    };
    Text { value: value.to_owned(), at: kind.at }
}

fn origin(uri: &Text) -> Option<Text> {
    let url = Url::parse(uri.value.trim_end_matches('*')).ok()?;
    Some(Text { value: url.origin().ascii_serialization(), at: uri.at })
}

/// Keycloak refuses a login with such a client before anything else.
fn off(node: &Node, realm: &Node) -> Option<Off> {
    let flag = |node: &Node, name: &str, value: bool| {
        node.get(name).filter(|_| node.bool_of(name) == Some(value)).map(|member| member.at)
    };
    let off = |at, why, remedy| Off { at, why, remedy };
    let protocol = node.get("protocol").filter(|p| p.text().is_some_and(|p| p.value != "openid-connect"));
    flag(node, "enabled", false)
        .map(|at| off(at, "the client is switched off", "Set enabled to true."))
        .or_else(|| {
            flag(realm, "enabled", false).map(|at| off(at, "the realm is switched off", "Set enabled to true."))
        })
        .or_else(|| {
            let why = "the client is for services that only take tokens (bearer-only)";
            flag(node, "bearerOnly", true).map(|at| off(at, why, "Set bearerOnly to false."))
        })
        .or_else(|| {
            let remedy = "Make a client of the protocol openid-connect.";
            protocol.map(|p| off(p.at, "the client speaks another protocol than OpenID Connect", remedy))
        })
}

fn grants(node: &Node, client: &mut Client, sink: &mut Sink<'_>) {
    let flag = |name: &str, default: bool| node.bool_of(name).unwrap_or(default);
    let device = node.path(&["attributes", "oauth2.device.authorization.grant.enabled"]);
    let mut grants = vec!["refresh_token"];
    grants.extend(flag("standardFlowEnabled", true).then_some("authorization_code"));
    grants.extend(flag("implicitFlowEnabled", false).then_some("implicit"));
    let device = device.and_then(Node::text).is_some_and(|text| text.value == "true");
    grants.extend(device.then_some("urn:ietf:params:oauth:grant-type:device_code"));
    // What only a service account is left for, nobody logs in through.
    client.service = flag("serviceAccountsEnabled", false) && grants.len() == 1;
    let at = |name: &str| node.get(name).map_or(node.at, |value| value.at);
    let text = |value: &str| Text { value: value.to_owned(), at: at("standardFlowEnabled") };
    client.grants = Some(grants.into_iter().map(text).collect());
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
}

/// A relative redirect URI begins with the root URL (`RedirectUtils.java`). Without one it begins with the server's own
/// address, which stands in no file, and stays as it is.
fn absolute(uri: Text, root: Option<&Text>) -> Text {
    match root.filter(|root| uri.value.starts_with('/') && !root.value.is_empty()) {
        Some(root) => Text { value: format!("{}{}", root.value, uri.value), at: uri.at },
        None => uri,
    }
}

/// The audiences that mappers put into the access token: mappers of the client, and those of its client scopes. `None`
/// when it has a scope that is not at hand.
fn audiences(client: &Node, realm: &Node, scopes: &[Text]) -> Option<Vec<Text>> {
    /// What a realm has from the start; none of these names an application.
    const OWN: [&str; 13] = [
        "acr",
        "address",
        "basic",
        "email",
        "microprofile-jwt",
        "offline_access",
        "openid",
        "organization",
        "phone",
        "profile",
        "roles",
        "service_account",
        "web-origins",
    ];
    let known = realm.get("clientScopes").map(Node::items).unwrap_or_default();
    let mut found = mapped(client);
    for scope in scopes {
        match known.iter().find(|node| node.text_of("name").is_some_and(|name| name.value == scope.value)) {
            Some(node) => found.extend(mapped(node)),
            None if OWN.contains(&scope.value.as_str()) => {}
            None => return None,
        }
    }
    Some(found)
}

fn mapped(node: &Node) -> Vec<Text> {
    let config = |mapper: &Node, key: &str| {
        mapper.path(&["config", key]).and_then(Node::text).filter(|text| !text.value.is_empty())
    };
    let mappers = node.get("protocolMappers").map(Node::items).unwrap_or_default();
    let audience = |mapper: &&Node| mapper.text_of("protocolMapper").is_some_and(|k| k.value == "oidc-audience-mapper");
    let value = |mapper: &Node| {
        config(mapper, "included.client.audience").or_else(|| config(mapper, "included.custom.audience"))
    };
    let elsewhere = |mapper: &&Node| config(mapper, "access.token.claim").is_some_and(|flag| flag.value == "false");
    mappers.iter().filter(audience).filter(|mapper| !elsewhere(mapper)).filter_map(value).collect()
}
