//! Reads settings of applications out of their configuration files.

use super::model::{App, Field, Sink};
use super::rules;
use super::tree::{At, Node, Text};
use crate::data::nearest;
use crate::verdict::{Effect, Side, Step};

const APP: Side = Side::Application;

/// Whether a document holds the settings of Xen Orchestra's plug-in.
pub(super) fn is_xen_orchestra(node: &Node) -> bool {
    node.get("discoveryURL").is_some() || node.get("clientID").is_some() && node.get("advanced").is_some()
}

/// Xen Orchestra's plug-in (packages/xo-server-auth-oidc/index.js, `configurationSchema`).
pub(super) fn xen_orchestra(node: &Node, sink: &mut Sink<'_>) -> App {
    const TOP: [&str; 4] = ["discoveryURL", "clientID", "clientSecret", "advanced"];
    const MORE: [&str; 7] =
        ["authorizationURL", "callbackURL", "issuer", "tokenURL", "userInfoURL", "usernameField", "scope"];
    let mut app = App::new("xen-orchestra", node.at, true);
    app.set(Field::Discovery, node.text_of("discoveryURL"));
    app.set(Field::ClientId, node.text_of("clientID"));
    app.set(Field::Secret, node.text_of("clientSecret"));
    let advanced = node.get("advanced");
    let of = |name: &str| advanced.and_then(|advanced| advanced.text_of(name));
    app.set(Field::Username, of("usernameField"));
    app.set(Field::Scopes, of("scope"));
    app.set(Field::Redirect, of("callbackURL"));
    app.set(Field::Issuer, of("issuer"));
    unknown(node, &TOP, "the plug-in refuses the configuration", sink);
    if let Some(advanced) = advanced {
        unknown(advanced, &MORE, "the plug-in refuses the configuration", sink);
    }
    let manual = ["authorizationURL", "issuer", "tokenURL", "userInfoURL"].iter().all(|name| of(name).is_some());
    if app.get(Field::Discovery).is_none() && !manual {
        let message = "neither discoveryURL nor all four URLs under advanced are set, and the plug-in does not load";
        let what = (Effect::LoginFails, Step::Discovery, APP);
        sink.say(&rules::REQUIRED_KEYS, node.at, what, message, "Set discoveryURL.").symptom =
            Some("no login button".into());
    }
    app
}

fn unknown(node: &Node, known: &[&str], because: &str, sink: &mut Sink<'_>) {
    for (key, _) in node.members().iter().filter(|(key, _)| !known.contains(&key.value.as_str())) {
        let near = nearest(&key.value, known.iter().copied());
        let remedy = near.map_or("Remove it.".to_owned(), |near| format!("Did you mean `{near}`?"));
        let message = format!("`{}` is not known here; {because}", key.value);
        sink.say(&rules::KNOWN_KEYS, key.at, (Effect::Degraded, Step::Application, APP), message, remedy);
    }
}

/// Whether a text is Proxmox' domains.cfg with an OpenID realm.
pub(super) fn is_domains_cfg(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("openid:"))
}

/// Proxmox' realms (PVE/Auth/OpenId.pm, `properties`).
pub(super) fn domains_cfg(text: &str, sink: &mut Sink<'_>) -> Vec<App> {
    let mut apps: Vec<App> = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        if !line.starts_with([' ', '\t']) {
            inside = line.starts_with("openid:");
            if inside {
                apps.push(App::new("proxmox", At::new(index + 1, 1), true));
            }
            continue;
        }
        let Some(app) = apps.last_mut().filter(|_| inside) else { continue };
        let trimmed = line.trim_start();
        let (key, value) = trimmed.split_once([' ', '\t']).unwrap_or((trimmed.trim_end(), ""));
        let indent = line.chars().count() - trimmed.chars().count();
        let key = Text { value: key.to_owned(), at: At::new(index + 1, indent + 1) };
        let value_at = At::new(index + 1, indent + key.value.chars().count() + 2);
        let value = Text { value: value.trim().to_owned(), at: value_at };
        proxmox_option(app, &key, value, sink);
    }
    apps
}

/// One option of a realm, in a file or on a command line. False when there is no such option.
pub(super) fn proxmox_option(app: &mut App, key: &Text, value: Text, sink: &mut Sink<'_>) {
    const KNOWN: [&str; 18] = [
        "issuer-url",
        "client-id",
        "client-key",
        "username-claim",
        "autocreate",
        "scopes",
        "prompt",
        "acr-values",
        "groups-claim",
        "groups-autocreate",
        "groups-overwrite",
        "query-userinfo",
        "audiences",
        "default",
        "comment",
        "type",
        "realm",
        "tfa",
    ];
    let field = match key.value.as_str() {
        "issuer-url" => Field::Issuer,
        "client-id" => Field::ClientId,
        "client-key" => Field::Secret,
        "username-claim" => Field::Username,
        "scopes" => Field::Scopes,
        "query-userinfo" => Field::Userinfo,
        "groups-claim" => Field::Groups,
        "audiences" => Field::Audience,
        other if KNOWN.contains(&other) => return,
        other => {
            let near = nearest(other, KNOWN.iter().copied());
            let remedy = near.map_or("Remove it.".to_owned(), |near| format!("Did you mean `{near}`?"));
            let what = (Effect::LoginFails, Step::Application, APP);
            let message = format!("`{other}` is no option of an OpenID realm, and Proxmox refuses it");
            sink.say(&rules::KNOWN_KEYS, key.at, what, message, remedy);
            return;
        }
    };
    app.set(field, Some(value));
}

/// Whether a document is `incus config show`. Another product has a key `oidc.config`.
pub(super) fn is_incus(node: &Node) -> bool {
    let settings = node.get("config").unwrap_or(node);
    let own = |key: &str| {
        ["oidc.issuer", "oidc.client.", "oidc.audience", "oidc.claim", "oidc.scopes"].iter().any(|k| key.starts_with(k))
    };
    settings.members().iter().any(|(key, _)| own(&key.value))
}

/// Incus (internal/server/cluster/config/config.go).
pub(super) fn incus(node: &Node, sink: &mut Sink<'_>) -> App {
    let settings = node.get("config").unwrap_or(node);
    let mut app = App::new("incus", settings.at, true);
    for (key, value) in settings.members().iter().filter(|(key, _)| key.value.starts_with("oidc.")) {
        incus_key(&mut app, key, value.text(), sink);
    }
    app
}

/// One setting of Incus.
pub(super) fn incus_key(app: &mut App, key: &Text, value: Option<Text>, sink: &mut Sink<'_>) {
    const KNOWN: [&str; 5] = ["oidc.issuer", "oidc.client.id", "oidc.audience", "oidc.claim", "oidc.scopes"];
    let field = match key.value.as_str() {
        "oidc.issuer" => Field::Issuer,
        "oidc.client.id" => Field::ClientId,
        "oidc.audience" => Field::Audience,
        "oidc.claim" => Field::Username,
        "oidc.scopes" => Field::Scopes,
        other => {
            let near = nearest(other, KNOWN.iter().copied());
            let secret = other.contains("secret");
            let remedy = match near {
                _ if secret => "Remove it: Incus is a public client and has no secret.".to_owned(),
                Some(near) => format!("Did you mean `{near}`?"),
                None => "Remove it.".into(),
            };
            let message = format!("Incus has no setting `{other}`");
            sink.say(&rules::KNOWN_KEYS, key.at, (Effect::LoginFails, Step::Application, APP), message, remedy);
            return;
        }
    };
    app.set(field, value);
}

/// Whether a text is NetBird's setup.env.
pub(super) fn is_setup_env(text: &str) -> bool {
    let settings = |line: &str| line.trim_start().trim_start_matches("export ").trim_start().starts_with("NETBIRD_");
    text.lines().any(settings)
}

/// NetBird's setup.env (infrastructure_files/setup.env.example).
pub(super) fn setup_env(text: &str, sink: &mut Sink<'_>) -> App {
    let mut app = App::new("netbird", At::new(1, 1), true);
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        if trimmed.starts_with('#') {
            continue;
        }
        let Some((key, value)) = trimmed.split_once('=') else { continue };
        loose(line, key, value, index + 1, sink);
        unclosed(line, value, index + 1, sink);
        let comment = value.starts_with([' ', '\t']) && value.trim_start().starts_with('#');
        let value = if comment { "" } else { value.trim_start() };
        let indent = line.chars().count() - trimmed.chars().count();
        let key = key.trim_start_matches("export ").trim();
        let quote = value.starts_with(['"', '\'']);
        let bare = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']).to_owned();
        let prefix = trimmed.chars().count() - value.chars().count();
        let at = At::new(index + 1, indent + prefix + 1 + usize::from(quote));
        netbird_key(
            &mut app,
            &Text { value: key.into(), at: At::new(index + 1, indent + 1) },
            Text { value: bare, at },
            sink,
        );
    }
    app
}

/// A line that a shell does not take for a setting, since white space stands around its sign.
fn loose(line: &str, key: &str, value: &str, number: usize, sink: &mut Sink<'_>) {
    let name = key.trim().trim_start_matches("export ").trim();
    let behind = value.starts_with([' ', '\t']) && !value.trim().is_empty() && !value.trim().starts_with('#');
    let plain = name.starts_with("NETBIRD_") && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && (behind || key.ends_with([' ', '\t'])) {
        let at = At::new(number, line.chars().count() - line.trim_start().chars().count() + 1);
        let message = format!("white space stands around the =, so the shell that reads this file does not set {name}");
        let what = (Effect::LoginFails, Step::Application, APP);
        sink.say(&rules::VALUES, at, what, message, format!("Write {name}=\"VALUE\"."));
    }
}

/// A quote that is opened and not closed: a shell reads on until the next one.
fn unclosed(line: &str, value: &str, number: usize, sink: &mut Sink<'_>) {
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return };
    if line.trim_start().starts_with("NETBIRD_") && value.matches(quote).count() == 1 {
        let at = At::new(number, line.chars().count() - value.chars().count() + 1);
        let message =
            "the quote that opens here is not closed, so a shell takes the next lines for a part of this value";
        let what = (Effect::LoginFails, Step::Application, APP);
        sink.say(&rules::VALUES, at, what, message, "Close the quote at the end of the line.");
    }
}

/// One line of setup.env, in the file or in a guide.
pub(super) fn netbird_key(app: &mut App, key: &Text, value: Text, sink: &mut Sink<'_>) {
    const KNOWN: [&str; 28] = [
        "NETBIRD_DOMAIN",
        "NETBIRD_AUTH_OIDC_CONFIGURATION_ENDPOINT",
        "NETBIRD_AUTH_CLIENT_ID",
        "NETBIRD_AUTH_CLIENT_SECRET",
        "NETBIRD_AUTH_AUDIENCE",
        "NETBIRD_AUTH_SUPPORTED_SCOPES",
        "NETBIRD_AUTH_USER_ID_CLAIM",
        "NETBIRD_USE_AUTH0",
        "NETBIRD_DASH_AUTH_USE_AUDIENCE",
        "NETBIRD_AUTH_REDIRECT_URI",
        "NETBIRD_AUTH_SILENT_REDIRECT_URI",
        "NETBIRD_TOKEN_SOURCE",
        "NETBIRD_AUTH_DEVICE_AUTH_PROVIDER",
        "NETBIRD_AUTH_DEVICE_AUTH_CLIENT_ID",
        "NETBIRD_AUTH_DEVICE_AUTH_AUDIENCE",
        "NETBIRD_AUTH_DEVICE_AUTH_SCOPE",
        "NETBIRD_AUTH_DEVICE_AUTH_USE_ID_TOKEN",
        "NETBIRD_AUTH_PKCE_REDIRECT_URL_PORTS",
        "NETBIRD_AUTH_PKCE_USE_ID_TOKEN",
        "NETBIRD_AUTH_PKCE_AUDIENCE",
        "NETBIRD_AUTH_PKCE_DISABLE_PROMPT_LOGIN",
        "NETBIRD_AUTH_PKCE_LOGIN_FLAG",
        "NETBIRD_MGMT_IDP",
        "NETBIRD_IDP_MGMT_CLIENT_ID",
        "NETBIRD_IDP_MGMT_CLIENT_SECRET",
        "NETBIRD_MGMT_IDP_SIGNKEY_REFRESH",
        "NETBIRD_AUTH_AUTHORITY",
        "NETBIRD_AUTH_JWT_CERTS",
    ];
    let field = match key.value.as_str() {
        "NETBIRD_AUTH_OIDC_CONFIGURATION_ENDPOINT" => Field::Discovery,
        "NETBIRD_AUTH_CLIENT_ID" => Field::ClientId,
        "NETBIRD_AUTH_CLIENT_SECRET" => Field::Secret,
        "NETBIRD_AUTH_AUDIENCE" => Field::Audience,
        "NETBIRD_AUTH_SUPPORTED_SCOPES" => Field::Scopes,
        "NETBIRD_AUTH_USER_ID_CLAIM" => Field::Username,
        "NETBIRD_USE_AUTH0" => Field::Auth0,
        "NETBIRD_AUTH_REDIRECT_URI" => Field::Redirect,
        "NETBIRD_AUTH_SILENT_REDIRECT_URI" => Field::Silent,
        "NETBIRD_AUTH_PKCE_REDIRECT_URL_PORTS" => Field::Ports,
        "NETBIRD_MGMT_IDP_SIGNKEY_REFRESH" => Field::KeyRefresh,
        other => {
            // There are many more keys that have nothing to do with a login: only a slip of a known one is told.
            let near = nearest(other, KNOWN.iter().copied()).filter(|near| strsim::levenshtein(near, other) <= 2);
            if let Some(near) = near.filter(|near| *near != other && other.starts_with("NETBIRD_")) {
                let what = (Effect::Degraded, Step::Application, APP);
                let message = format!("`{other}` is not read by NetBird's setup");
                sink.say(&rules::KNOWN_KEYS, key.at, what, message, format!("Did you mean `{near}`?"));
            }
            return;
        }
    };
    app.set(field, Some(value));
}

/// Whether a document is NetBird's management.json.
pub(super) fn is_management_json(node: &Node) -> bool {
    node.get("HttpConfig").is_some() || node.get("PKCEAuthorizationFlow").is_some()
}

/// NetBird's management.json (management/internals/server/config/config.go).
pub(super) fn management_json(node: &Node, sink: &mut Sink<'_>) -> App {
    let mut app = App::new("netbird", node.at, false);
    let http = |name: &str| node.path(&["HttpConfig", name]).and_then(Node::text);
    app.set(Field::Issuer, http("AuthIssuer"));
    app.set(Field::Discovery, http("OIDCConfigEndpoint"));
    app.set(Field::ClientId, http("AuthClientID"));
    app.set(Field::Audience, http("AuthAudience"));
    app.set(Field::Username, http("AuthUserIDClaim"));
    app.set(Field::KeyRefresh, http("IdpSignKeyRefreshEnabled"));
    let pkce = |name: &str| node.path(&["PKCEAuthorizationFlow", "ProviderConfig", name]);
    app.set(Field::Scopes, pkce("Scope").and_then(Node::text));
    for uri in pkce("RedirectURLs").map(Node::texts).unwrap_or_default() {
        loopback_form(&uri, sink);
    }
    literal_null(node, sink);
    app
}

fn loopback_form(uri: &Text, sink: &mut Sink<'_>) {
    let port = uri.value.strip_prefix("http://localhost:");
    if port.is_none_or(|port| port.is_empty() || port.bytes().any(|byte| !byte.is_ascii_digit())) {
        let what = (Effect::LoginFails, Step::Authorization, APP);
        let message = "the command line listens on http://localhost:PORT, without a path and without a slash";
        let finding = sink.say(&rules::REDIRECT_EXACT, uri.at, what, message, "Write http://localhost:53000.");
        finding.parts = vec!["cli".into()];
        finding.actual = Some(uri.value.clone());
    }
}

/// configure.sh writes the text `null` for a member that the metadata lacks.
fn literal_null(node: &Node, sink: &mut Sink<'_>) {
    for (key, value) in node.members() {
        if let super::tree::Value::Scalar(text, false) = &value.value
            && text == "null"
        {
            let what = (Effect::LoginFails, Step::Discovery, Side::Provider);
            let message =
                format!("`{}` is the text \"null\": the metadata had no such member when configure.sh ran", key.value);
            let remedy = "Check the discovery URL, then run configure.sh again.";
            sink.say(&rules::VALUES, value.at, what, message, remedy);
        }
        literal_null(value, sink);
    }
    node.items().iter().for_each(|item| literal_null(item, sink));
}
