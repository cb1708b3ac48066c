//! The application's side: the templates of its profile filled in, or a table of what to enter.

use super::{Block, SECRET, Wish, provider};
use oidcheck_checks::profile::need::Need;
use oidcheck_checks::profile::{RedirectKind, choice};
use oidcheck_checks::target;
use std::collections::BTreeMap;

/// The blocks.
pub fn write(wish: &Wish<'_>, client: &Need) -> Vec<Block> {
    let settings = &wish.profile.settings;
    let holds = |pairs: &BTreeMap<String, String>| pairs.iter().all(|(key, value)| settings.get(key) == Some(value));
    let wanted = wish.profile.file.setup.iter();
    let wanted = wanted.filter(|block| holds(&block.when) && (block.unless.is_empty() || !holds(&block.unless)));
    let blocks: Vec<Block> =
        wanted.map(|block| Block::new(fill(&block.title, wish), &block.language, fill(&block.text, wish))).collect();
    if blocks.is_empty() { vec![table(wish, client)] } else { blocks }
}

/// What the placeholders stand for. The settings come first, since their values may hold placeholders themselves.
fn fill(template: &str, wish: &Wish<'_>) -> String {
    let parsed = url::Url::parse(wish.app_url).ok();
    let origin = parsed.as_ref().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let host = parsed.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let redirects = wish.profile.redirects(Some(wish.app_url));
    let first = redirects.iter().find(|(_, redirect)| redirect.kind == RedirectKind::Web);
    let discovery = target::discovery_url(wish.issuer);
    let endpoints = provider::endpoints(wish);
    let values = [
        ("issuer", wish.issuer),
        ("discovery-url", discovery.as_str()),
        ("client-id", wish.client_id),
        ("client-secret", SECRET),
        ("origin", origin.as_str()),
        ("base", wish.app_url.trim_end_matches('/')),
        ("host", host),
        ("redirect-uri", first.map_or("", |(uri, _)| uri.as_str())),
        ("authorization-endpoint", endpoints.authorization.as_str()),
        ("token-endpoint", endpoints.token.as_str()),
        ("userinfo-endpoint", endpoints.userinfo.as_str()),
    ];
    let text = choice::filled(template, &wish.profile.settings);
    values.iter().fold(text, |text, (key, value)| text.replace(&format!("{{{key}}}"), value))
}

/// For an application whose own format is not known.
fn table(wish: &Wish<'_>, client: &Need) -> Block {
    let endpoints = provider::endpoints(wish);
    let mut rows = vec![
        ("Issuer", wish.issuer.to_owned()),
        ("Discovery URL", target::discovery_url(wish.issuer)),
        ("Authorization URL", endpoints.authorization),
        ("Token URL", endpoints.token),
        ("Userinfo URL", endpoints.userinfo),
        ("Client ID", wish.client_id.to_owned()),
    ];
    if !client.public {
        rows.push(("Client secret", SECRET.to_owned()));
    }
    rows.push(("Scopes", client.scopes.join(" ")));
    Block::new(format!("{}: what it asks for", wish.profile.file.title), "text", rows_of(&rows))
}

/// A table of names and values.
pub(super) fn rows_of(rows: &[(&str, String)]) -> String {
    let widest = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    rows.iter().map(|(name, value)| format!("{name:widest$}  {value}\n")).collect()
}
