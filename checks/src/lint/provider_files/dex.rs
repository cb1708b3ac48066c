//! Dex' configuration (dexidp/dex cmd/dex/config.go, storage/storage.go, server/oauth2.go).

use super::{refused, twice};
use crate::data::nearest;
use crate::lint::model::{Client, Cors, Product, Sink, is_open};
use crate::lint::rules;
use crate::lint::tree::{Node, Text, Value};
use crate::verdict::{Effect, Side, Step};

const STOPS: &str = "Dex does not start";

/// Whether a document is Dex' configuration.
pub(in crate::lint) fn is_dex(node: &Node) -> bool {
    node.get("staticClients").is_some()
}

/// Dex' clients.
pub(in crate::lint) fn dex(node: &Node, sink: &mut Sink<'_>) -> Vec<Client> {
    twice(node, Effect::Degraded, "only one of them counts", sink);
    // Dex does not start without one, so what has none is an excerpt.
    let whole = node.get("storage").is_some();
    if whole && node.text_of("issuer").is_none_or(|issuer| issuer.value.is_empty()) {
        let message = format!("there is no `issuer`, and {STOPS}");
        refused(sink, &rules::REQUIRED_KEYS, node.at, message, "Set issuer to the URL that browsers use.");
    }
    if let Some(oauth2) = node.get("oauth2") {
        typed(oauth2, &["responseTypes"], sink);
    }
    typed(node, &["staticClients"], sink);
    let responses = node.path(&["oauth2", "responseTypes"]).map(Node::texts).filter(|list| !list.is_empty());
    let clients = node.get("staticClients").map(Node::items).unwrap_or_default();
    let mut clients: Vec<Client> = clients.iter().map(|item| one(item, sink)).collect();
    let cors = node.get("web").map(|web| {
        let origins = web.get("allowedOrigins").map(Node::texts).unwrap_or_default();
        Cors { at: web.at, origins, endpoints: None, remedy: "Under web.allowedOrigins, add" }
    });
    for client in &mut clients {
        client.response_types.clone_from(&responses);
        client.cors.clone_from(&cors);
    }
    clients
}

fn one(item: &Node, sink: &mut Sink<'_>) -> Client {
    const KEYS: [&str; 16] = [
        "id",
        "idEnv",
        "secret",
        "secretEnv",
        "redirectURIs",
        "postLogoutRedirectURIs",
        "backchannelLogoutURI",
        "refreshTokenLifetime",
        "trustedPeers",
        "public",
        "name",
        "logoURL",
        "allowedConnectors",
        "mfaChain",
        "ssoSharedWith",
        "clientCredentialsClaims",
    ];
    for (key, _) in item.members().iter().filter(|(key, _)| !KEYS.contains(&key.value.as_str())) {
        // Later versions may have other keys; one that is like a known one is misspelt.
        if let Some(near) = nearest(&key.value, KEYS.into_iter()).filter(|near| near.len() > 4) {
            let what = (Effect::Degraded, Step::Discovery, Side::Provider);
            let message = format!("`{}` is no key of a client, and Dex ignores it without a word", key.value);
            sink.say(&rules::KNOWN_KEYS, key.at, what, message, format!("Did you mean `{near}`?"));
        }
    }
    typed(item, &["redirectURIs", "trustedPeers"], sink);
    let mut client = Client::new(Product::Dex, item.at);
    let env = |name: &str| item.text_of(name).map(|text| Text { value: format!("${{{}}}", text.value), at: text.at });
    // `$NAME` is what Argo CD fills in, in the configuration of the Dex that it starts.
    let variable = |text: Text| match text.value.strip_prefix('$') {
        Some(name) if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_:.-".contains(c)) => {
            Text { value: format!("${{{name}}}"), at: text.at }
        }
        _ => text,
    };
    client.id = item.text_of("id");
    client.name = item.text_of("name");
    client.secret =
        item.text_of("secret").filter(|text| !text.value.is_empty()).map(variable).or_else(|| env("secretEnv"));
    client.public = Some(item.bool_of("public").unwrap_or(false));
    client.redirects = item.texts_of("redirectURIs").unwrap_or_default();
    // A token is for the client that asked for it, or by the scope audience:server:client_id: for a peer.
    client.audience = client.id.clone().map(|id| vec![id]);
    client
}

/// Members that have to be lists.
fn typed(node: &Node, lists: &[&str], sink: &mut Sink<'_>) {
    for (key, value) in node.members().iter().filter(|(key, _)| lists.contains(&key.value.as_str())) {
        let single = value.text().filter(|text| !is_open(&text.value));
        if single.is_some() || matches!(value.value, Value::Map(_)) {
            let message = format!("`{}` is no list, and {STOPS}", key.value);
            refused(sink, &rules::VALUES, value.at, message, "Put it in brackets.");
        }
    }
}
