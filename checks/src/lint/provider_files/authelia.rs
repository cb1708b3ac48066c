//! Authelia's configuration (authelia/authelia internal/configuration/validator/identity_providers.go, 4.39 and main).

mod settings;

use super::{one_of, refused, twice, unknown_key};
use crate::lint::model::{Client, Product, Sink, is_open};
use crate::lint::rules;
use crate::lint::tree::{At, Node, Text, Value};
use crate::verdict::{Effect, Side, Step};
use std::collections::BTreeSet;

const STOPS: &str = "Authelia does not start";

/// Keys of a client in Authelia 4.39 (authelia/authelia internal/configuration/schema/identity_providers.go).
const KEYS: [&str; 33] = [
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

/// Keys that belong to a client, by their ends.
const FAMILIES: [&str; 7] = [
    "_response_alg",
    "_response_enc",
    "_response_key_id",
    "_auth_method",
    "_auth_signing_alg",
    "_encryption_alg",
    "_encryption_enc",
];

/// Old names and new ones (internal/configuration/deprecation.go).
const OLD: [(&str, &str); 5] = [
    ("id", "client_id"),
    ("secret", "client_secret"),
    ("description", "client_name"),
    ("userinfo_signing_algorithm", "userinfo_signed_response_alg"),
    ("sector_identifier", "sector_identifier_uri"),
];

/// What a value may be; a wrong one stops Authelia.
const WORDS: [(&str, &[&str]); 7] = [
    ("consent_mode", &["auto", "implicit", "explicit", "pre-configured"]),
    ("pkce_challenge_method", &["", "plain", "S256"]),
    ("requested_audience_mode", &["", "explicit", "implicit"]),
    (
        "token_endpoint_auth_method",
        &["", "none", "client_secret_post", "client_secret_basic", "private_key_jwt", "client_secret_jwt"],
    ),
    (
        "grant_types",
        &[
            "authorization_code",
            "implicit",
            "client_credentials",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
    ),
    ("response_modes", &["form_post", "query", "fragment", "jwt", "form_post.jwt", "query.jwt", "fragment.jwt"]),
    ("id_token_signed_response_alg", &SIGNED),
];

/// Signing algorithms; which of them there is a key for is another question.
const SIGNED: [&str; 12] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256", "HS384", "HS512"];

/// Whether a document is Authelia's, whole or a list of its clients.
pub(in crate::lint) fn is_authelia(node: &Node) -> bool {
    node.path(&["identity_providers", "oidc", "clients"]).is_some()
        || entries(node).iter().any(|item| item.get("authorization_policy").is_some())
}

fn entries(node: &Node) -> &[Node] {
    let list = node.path(&["identity_providers", "oidc", "clients"]).or_else(|| node.get("clients")).unwrap_or(node);
    list.items()
}

/// Where a client stands.
struct File<'n> {
    oidc: Option<&'n Node>,
    /// It is the whole of the provider's part.
    whole: bool,
}

impl File<'_> {
    /// Whether something is defined at a path under `oidc`; `None` when it may stand in a part that is not at hand.
    fn defines(&self, path: &[&str], name: &str) -> Option<bool> {
        let node = self.oidc.and_then(|oidc| oidc.path(path)).filter(|node| !node.members().is_empty());
        match node {
            Some(node) => Some(node.get(name).is_some()),
            None => self.whole.then_some(false),
        }
    }
}

/// Authelia's clients.
pub(in crate::lint) fn authelia(node: &Node, sink: &mut Sink<'_>) -> Vec<Client> {
    let oidc = node.path(&["identity_providers", "oidc"]);
    // Without a key there is no provider, so what is beside one is all of it.
    let whole = oidc.is_some_and(|oidc| oidc.get("jwks").is_some() || oidc.get("issuer_private_key").is_some());
    twice(node, Effect::LoginFails, STOPS, sink);
    if let Some(oidc) = oidc {
        settings::judge(oidc, sink);
    }
    let file = File { oidc, whole };
    let mut clients: Vec<Client> = entries(node).iter().map(|item| one(item, &file, sink)).collect();
    let cors = oidc.and_then(|oidc| settings::cors(oidc, whole, &clients));
    clients.iter_mut().for_each(|client| client.cors.clone_from(&cors));
    let mut seen = BTreeSet::new();
    for id in clients.iter().filter_map(|client| client.id.as_ref()).filter(|id| !is_open(&id.value)) {
        if !seen.insert(id.value.as_str()) {
            let message = format!("{:?} is the id of more than one client, and {STOPS}", id.value);
            refused(sink, &rules::CONSISTENCY, id.at, message, "Give each client an id of its own.");
        }
    }
    clients
}

/// A list as Authelia reads it: one text is split at its commas, and an empty list counts for none.
fn list(node: &Node, name: &str) -> Option<Vec<Text>> {
    let member = node.get(name)?;
    let texts = match (&member.value, member.text()) {
        (Value::Scalar(_, plain), Some(text)) if !is_open(&text.value) => {
            let mut column = text.at.column + usize::from(!plain);
            let piece = |piece: &str| {
                let at = At::new(text.at.line, column);
                column += piece.chars().count() + 1;
                Text { value: piece.to_owned(), at }
            };
            text.value.split(',').map(piece).collect()
        }
        _ => member.texts(),
    };
    Some(texts).filter(|texts| !texts.is_empty())
}

fn one(item: &Node, file: &File<'_>, sink: &mut Sink<'_>) -> Client {
    let mut client = Client::new(Product::Authelia, item.at);
    for (key, _) in item.members() {
        known(key, sink);
    }
    let either = |new: &str| {
        let old = OLD.iter().find(|(_, name)| *name == new).map(|(old, _)| *old);
        item.get(new).or_else(|| item.get(old?)).and_then(Node::text)
    };
    client.id = either("client_id");
    client.name = either("client_name");
    client.public = Some(item.bool_of("public").unwrap_or(false));
    // An empty secret is none.
    client.secret = either("client_secret").filter(|secret| client.public == Some(false) || !secret.value.is_empty());
    client.redirects = item.texts_of("redirect_uris").unwrap_or_default();
    client.scopes = list(item, "scopes");
    client.grants = list(item, "grant_types");
    client.auth_method = item.text_of("token_endpoint_auth_method");
    // The method alone requires it as well (internal/oidc/client.go).
    client.pkce_method = item.text_of("pkce_challenge_method").filter(|method| !method.value.is_empty());
    let of_all = |key: &str| file.oidc.and_then(|oidc| oidc.text_of(key));
    client.pkce = Some(
        item.bool_of("require_pkce") == Some(true)
            || client.pkce_method.is_some()
            || of_all("enforce_pkce").is_some_and(|when| when.value == "always"),
    );
    client.response_types = list(item, "response_types");
    let required = |node: Option<&Node>| {
        let node = node?.get("require_pushed_authorization_requests")?;
        node.text().filter(|text| text.value == "true").map(|text| text.at)
    };
    client.pushed = required(Some(item)).or_else(|| required(file.oidc));
    client.signed_userinfo =
        either("userinfo_signed_response_alg").filter(|alg| alg.value != "none" && !alg.value.is_empty());
    client.audience = Some(list(item, "audience").unwrap_or_default());
    let services = |grants: &[Text]| grants.iter().all(|grant| grant.value == "client_credentials");
    client.service = client.grants.as_deref().is_some_and(services);
    let alg = item.text_of("access_token_signed_response_alg").filter(|alg| alg.value != "none");
    client.access_token_jwt = alg.is_some();
    values(item, &client, file, sink);
    let policy = item.text_of("claims_policy").filter(|name| !is_open(&name.value));
    let node = policy.as_ref().and_then(|name| file.oidc?.path(&["claims_policies", &name.value]));
    let listed = |kind: &str| Some(node.and_then(|node| list(node, kind)).unwrap_or_default());
    // A policy that stands in another part of the file cannot be seen in a fragment.
    if item.get("claims_policy").is_none() || node.is_some() {
        client.id_token_claims = listed("id_token");
        client.access_token_claims = listed("access_token");
    }
    client
}

/// Values that Authelia refuses at its start.
fn values(item: &Node, client: &Client, file: &File<'_>, sink: &mut Sink<'_>) {
    for (key, words) in WORDS {
        for value in list(item, key).unwrap_or_default() {
            one_of(&value, key, words, STOPS, sink);
        }
    }
    for (key, value) in item.members().iter().filter(|(key, _)| key.value.ends_with("_signed_response_alg")) {
        let own = WORDS.iter().any(|(other, _)| *other == key.value);
        if let Some(value) = value.text().filter(|value| !own && value.value != "none") {
            one_of(&value, &key.value, &SIGNED, STOPS, sink);
        }
    }
    let named = |key: &str| item.text_of(key).filter(|name| !name.value.is_empty() && !is_open(&name.value));
    let mut undefined = |name: &Text, key: &str, kind: &str, place: &str| {
        let message = format!("there is no {kind} {:?} for `{key}`, and {STOPS}", name.value);
        let remedy = format!("Define it under identity_providers.oidc.{place}.");
        refused(sink, &rules::VALUES, name.at, message, remedy).actual = Some(name.value.clone());
    };
    if let Some(name) = named("claims_policy")
        && file.defines(&["claims_policies"], &name.value) == Some(false)
    {
        undefined(&name, "claims_policy", "claims policy", "claims_policies");
    }
    if let Some(name) = named("lifespan")
        && file.defines(&["lifespans", "custom"], &name.value) == Some(false)
    {
        undefined(&name, "lifespan", "lifespan", "lifespans.custom");
    }
    let policy =
        named("authorization_policy").filter(|name| !matches!(name.value.as_str(), "one_factor" | "two_factor"));
    if let Some(name) = policy {
        // `deny` is a reserved name, `bypass` a word of the access control.
        let other = matches!(name.value.as_str(), "deny" | "bypass")
            && file.defines(&["authorization_policies"], &name.value) != Some(true);
        if other || file.defines(&["authorization_policies"], &name.value) == Some(false) {
            undefined(
                &name,
                "authorization_policy",
                "policy",
                "authorization_policies, or take one_factor or two_factor",
            );
        }
    }
    let Some(id) = client.id.as_ref().filter(|id| !is_open(&id.value)) else { return };
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    if id.value.chars().count() > 100 || !id.value.chars().all(fits) {
        let message =
            format!("a client id may have 100 characters of A-Z, a-z, 0-9, -, ., _ and ~; with another one {STOPS}");
        refused(sink, &rules::VALUES, id.at, message, "Choose a plain client id.").actual = Some(id.value.clone());
    }
}

fn known(key: &Text, sink: &mut Sink<'_>) {
    if let Some((_, new)) = OLD.iter().find(|(old, _)| *old == key.value) {
        old_name(key, new, sink);
    } else if key.value.ends_with("_lifespan") {
        let message = format!("`{}` is no key of a client; {STOPS} with it", key.value);
        let remedy = "Define a lifespan under identity_providers.oidc.lifespans.custom, and name it with `lifespan`.";
        refused(sink, &rules::KNOWN_KEYS, key.at, message, remedy);
    } else if !KEYS.contains(&key.value.as_str()) && !FAMILIES.iter().any(|end| key.value.ends_with(end)) {
        unknown_key(key, KEYS.iter().copied(), "Authelia does not start with it", sink);
    }
}

fn old_name(key: &Text, new: &str, sink: &mut Sink<'_>) {
    let what = (Effect::Degraded, Step::Discovery, Side::Provider);
    let message = format!("`{}` is the old name of `{new}`: Authelia warns and drops it with version 5", key.value);
    let finding = sink.say(&rules::CURRENT_KEYS, key.at, what, message, format!("Write `{new}`."));
    finding.actual = Some(key.value.clone());
    finding.expected = Some(new.to_owned());
}
