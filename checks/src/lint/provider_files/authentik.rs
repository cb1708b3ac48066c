//! Blueprints of authentik (goauthentik/authentik authentik/blueprints/v1, authentik/providers/oauth2/models.py).

use super::{one_of, refused, twice};
use crate::data::nearest;
use crate::lint::model::{Client, Product, Sink, is_open};
use crate::lint::rules;
use crate::lint::tree::{Node, Text, Value};
use crate::verdict::{Effect, Side, Step};

const LABEL: &str = "authentik_providers_oauth2";
const REFUSES: &str = "authentik refuses the blueprint";

/// What stands for a value that is made later.
const OPEN: &str = "${}";

/// What a choice may be.
const CHOICES: [(&str, &[&str]); 3] = [
    ("client_type", &["confidential", "public"]),
    ("sub_mode", &["hashed_user_id", "user_id", "user_uuid", "user_username", "user_email", "user_upn"]),
    ("issuer_mode", &["global", "per_provider"]),
];

/// Whether a document is an authentik blueprint with a provider.
pub(in crate::lint) fn is_authentik(node: &Node) -> bool {
    let model = |entry: &Node| entry.text_of("model").is_some_and(|model| model.value.starts_with("authentik_"));
    node.get("entries").is_some_and(|entries| entries.items().iter().any(model))
}

/// Whether an entry is of a model; the name of a model may be written in capitals.
fn is(entry: &Node, label: &str, name: &str) -> bool {
    entry.text_of("model").is_some_and(|model| {
        model.value.split_once('.').is_some_and(|(l, n)| l == label && n.eq_ignore_ascii_case(name))
    })
}

/// authentik's providers, each with the application that names it. What the blueprint removes is none.
pub(in crate::lint) fn authentik(node: &Node, sink: &mut Sink<'_>) -> Vec<Client> {
    twice(node, Effect::Degraded, "the last one counts, the others are ignored", sink);
    let all = node.get("entries").map(Node::items).unwrap_or_default();
    let removed = |entry: &&Node| entry.text_of("state").is_some_and(|state| state.value == "absent");
    let entries: Vec<&Node> = all.iter().filter(|entry| !removed(entry)).collect();
    let ids: Vec<Text> = all.iter().filter_map(|entry| entry.text_of("id")).collect();
    // In an excerpt the entry may stand elsewhere.
    if node.get("version").is_some() {
        references(node, &ids, sink);
    }
    entries.iter().for_each(|entry| model(entry, sink));
    let providers = entries.iter().filter(|entry| is(entry, LABEL, "oauth2provider"));
    providers.map(|entry| one(entry, &entries, sink)).collect()
}

/// `!KeyOf` names the `id` of an entry of this blueprint.
fn references(node: &Node, ids: &[Text], sink: &mut Sink<'_>) {
    if let Some(name) = node.text().filter(|_| node.tag.as_deref() == Some("KeyOf"))
        && ids.iter().all(|id| id.value != name.value)
    {
        let near = nearest(&name.value, ids.iter().map(|id| id.value.as_str()));
        let remedy =
            near.map_or("Give the entry that is meant this `id`.".into(), |near| format!("Did you mean {near}?"));
        let message = format!("no entry has the id {:?}, and {REFUSES}", name.value);
        refused(sink, &rules::CONSISTENCY, name.at, message, remedy).actual = Some(name.value.clone());
    }
    node.items().iter().for_each(|item| references(item, ids, sink));
    node.members().iter().for_each(|(_, value)| references(value, ids, sink));
}

fn model(entry: &Node, sink: &mut Sink<'_>) {
    const KNOWN: [&str; 6] =
        ["oauth2provider", "scopemapping", "authorizationcode", "accesstoken", "refreshtoken", "devicetoken"];
    let Some(model) = entry.text_of("model") else { return };
    let Some(name) = model.value.strip_prefix(LABEL).and_then(|rest| rest.strip_prefix('.')) else { return };
    if let Some(near) = nearest(name, KNOWN.into_iter()).filter(|near| !near.eq_ignore_ascii_case(name)) {
        let message = format!("there is no model {:?}, and {REFUSES}", model.value);
        refused(sink, &rules::VALUES, model.at, message, format!("Did you mean {LABEL}.{near}?"));
    }
}

/// A value; one with a tag such as `!Env` is made when the blueprint is applied, and is open.
fn value(node: &Node) -> Option<Text> {
    match node.tag.as_deref() {
        None | Some("str" | "int" | "float" | "bool" | "null") => node.text(),
        Some(_) => Some(Text { value: OPEN.into(), at: node.at }),
    }
}

fn one(entry: &Node, entries: &[&Node], sink: &mut Sink<'_>) -> Client {
    let mut client = Client::new(Product::Authentik, entry.at);
    let empty = Node { at: entry.at, tag: None, value: Value::Map(Vec::new()) };
    let attrs = entry.get("attrs").unwrap_or(&empty);
    let of = |name: &str| attrs.get(name).and_then(value);
    let fixed = |name: &str| of(name).filter(|text| !is_open(&text.value));
    client.id = fixed("client_id");
    client.name = entry.path(&["identifiers", "name"]).or_else(|| attrs.get("name")).and_then(Node::text);
    client.secret = of("client_secret");
    client.public = of("client_type")
        .filter(|kind| !is_open(&kind.value))
        .map_or(attrs.get("client_type").is_none().then_some(false), |kind| Some(kind.value == "public"));
    for (key, words) in CHOICES {
        if let Some(choice) = of(key) {
            one_of(&choice, key, words, REFUSES, sink);
        }
    }
    redirects(attrs, entry, &mut client, sink);
    let what = |effect, step| (effect, step, Side::Provider);
    if attrs.get("signing_key").is_none_or(|key| key.text().is_none() && key.tag.is_none()) {
        let message = "no signing key: tokens are signed with the client secret (HS256) and the JWK set is empty";
        let remedy = "Set signing_key to an RSA certificate.";
        let at = attrs.get("signing_key").map_or(entry.at, |node| node.at);
        sink.say(&rules::TOKEN_FORMAT, at, what(Effect::LoginFails, Step::IdToken), message, remedy);
    }
    if let Some(mode) = attrs.text_of("issuer_mode").filter(|mode| mode.value == "global") {
        let message =
            "in the global mode the issuer has no document of its own, so every application that compares it refuses";
        let what = what(Effect::LoginFails, Step::Discovery);
        sink.say(&rules::ISSUER, mode.at, what, message, "Set issuer_mode: per_provider.");
    }
    subject_mode(fixed("sub_mode"), sink);
    client.long_sub = attrs.text_of("sub_mode").is_none_or(|mode| mode.value == "hashed_user_id");
    // With the option off, the access token is thin as well.
    if attrs.bool_of("include_claims_in_id_token") == Some(false) {
        client.id_token_claims = Some(Vec::new());
        client.access_token_claims = Some(Vec::new());
    }
    let mappings = attrs.get("property_mappings");
    let listed = mappings.map(Node::items).unwrap_or_default();
    let scopes: Vec<Text> = listed.iter().filter_map(scope_mapping).collect();
    if listed.is_empty() && mappings.is_none_or(|node| node.tag.is_none()) {
        let message = "no scope mapping: the provider gives no claim at all";
        let remedy = "List the mappings of openid, profile and email under property_mappings.";
        sink.say(&rules::CLAIMS, entry.at, what(Effect::LoginFails, Step::IdToken), message, remedy);
    } else if scopes.len() == listed.len() && !listed.is_empty() {
        client.scopes = Some(scopes);
    }
    let key_of = |node: &Node| node.tag.as_deref() == Some("KeyOf");
    let own = entry.text_of("id");
    let names = |application: &&&Node| {
        let provider = application.path(&["attrs", "provider"]);
        provider
            .is_some_and(|node| key_of(node) && node.text().map(|t| t.value) == own.as_ref().map(|t| t.value.clone()))
    };
    let mut applications = entries.iter().filter(|entry| is(entry, "authentik_core", "application"));
    let slug = applications.find(names).and_then(|a| a.path(&["identifiers", "slug"])).and_then(value);
    client.slug = slug.filter(|slug| !is_open(&slug.value));
    client
}

fn redirects(attrs: &Node, entry: &Node, client: &mut Client, sink: &mut Sink<'_>) {
    let list = attrs.get("redirect_uris");
    for uri in list.map(Node::items).unwrap_or_default() {
        if let Some(mode) = uri.get("matching_mode").and_then(value) {
            one_of(&mode, "matching_mode", &["strict", "regex"], REFUSES, sink);
        }
        // Later versions tell where people land after logging out in the same list.
        if uri.text_of("redirect_uri_type").is_some_and(|kind| kind.value != "authorization") {
            continue;
        }
        let Some(url) = uri.get("url").and_then(value) else { continue };
        let regex = uri.text_of("matching_mode").is_some_and(|mode| mode.value == "regex");
        if regex && url.value != OPEN { client.patterns.push(url) } else { client.redirects.push(url) }
    }
    let Some(text) = list.and_then(value) else {
        if list.is_none_or(|list| list.items().is_empty()) {
            let message =
                "the list of redirect URIs is empty, and the first request that comes, from whomever, is stored";
            let at = list.map_or(entry.at, |node| node.at);
            let what = (Effect::Unsafe, Step::Authorization, Side::Provider);
            sink.say(&rules::REDIRECT_EXACT, at, what, message, "List the redirect URIs.");
        }
        return;
    };
    if !is_open(&text.value) {
        let message = format!("the redirect URIs are one text, as they were up to 2024.10; from 2024.12 on {REFUSES}");
        let remedy = "Write a list, with `matching_mode: strict` and `url` for each.";
        refused(sink, &rules::VALUES, text.at, message, remedy);
    }
    let line = |line: &str| Text { value: line.to_owned(), at: text.at };
    client.redirects.extend(text.value.split_whitespace().map(line));
}

/// `sub` made of something that can pass to another person.
pub(in crate::lint) fn subject_mode(mode: Option<Text>, sink: &mut Sink<'_>) {
    if let Some(mode) = mode.filter(|mode| matches!(mode.value.as_str(), "user_username" | "user_email" | "user_upn")) {
        let message =
            "the subject is something that can be renamed and given to another person, who then gets the account";
        let what = (Effect::Unsafe, Step::IdToken, Side::Provider);
        let remedy = "Keep the hashed user id, or take user_uuid. Changing it later gives everybody a new account.";
        sink.say(&rules::USERNAME, mode.at, what, message, remedy);
    }
}

/// The scope of a mapping that comes with authentik, found by its mark or by its scope. One of the blueprint's own may give
/// any claim.
fn scope_mapping(node: &Node) -> Option<Text> {
    let find = node.items().get(1)?.items();
    let (key, name) = (find.first()?.text()?, find.get(1)?.text()?);
    let scope = match key.value.as_str() {
        "scope_name" => name.value.clone(),
        _ => name.value.strip_prefix("goauthentik.io/providers/oauth2/scope-")?.to_owned(),
    };
    Some(Text { value: scope, at: name.at })
}
