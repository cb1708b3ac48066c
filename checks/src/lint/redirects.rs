//! Redirect URIs: are those that the application sends registered, byte for byte, and nothing beyond them?

use super::may::{Fits, May};
use super::model::{Client, Product, Sink, is_open, is_placeholder};
use super::open;
use super::rules;
use super::tree::{At, Text};
use crate::profile::{Profile, Redirect, RedirectKind};
use crate::verdict::{Effect, Side, Step};
use url::Url;

const PROVIDER: Side = Side::Provider;

/// What can be said without knowing the application.
pub(super) fn form(client: &Client, sink: &mut Sink<'_>) {
    for uri in client.patterns.iter().chain(&client.redirects) {
        let regex = client.product == Product::Authentik && client.patterns.contains(uri);
        if !regex && is_open(&uri.value) {
            continue;
        }
        if is_placeholder(&uri.value) {
            if !client.guide {
                let what = (Effect::LoginFails, Step::Authorization, PROVIDER);
                let message = "the redirect URI is left open, and what stands here is taken literally";
                sink.say(&rules::VALUES, uri.at, what, message, "Put in what the application sends.");
            }
            continue;
        }
        let mut say = |effect, message: String, remedy: &str| {
            sink.say(&rules::REDIRECT_FORM, uri.at, (effect, Step::Authorization, PROVIDER), message, remedy).actual =
                Some(uri.value.clone());
        };
        if uri.value.contains(char::is_whitespace) {
            let message =
                "white space inside a redirect URI: it is compared as one text and matches nothing".to_owned();
            say(Effect::LoginFails, message, "Give each URI an entry of its own.");
        } else if uri.value.contains('#') && !regex {
            let (effect, who) = match client.product {
                Product::Authelia => (Effect::LoginFails, "Authelia refuses it although it is registered"),
                _ => (Effect::Degraded, "errors come back another way than codes"),
            };
            let message = format!("a redirect URI may not have a fragment (RFC 6749 section 3.1.2), and {who}");
            say(effect, message, "Use a path, and tell the application to send it.");
        } else if uri.value.starts_with("http://") && !is_loopback(&uri.value) {
            let message = "the code comes back over plain http, where everybody on the way can read it".to_owned();
            say(Effect::Degraded, message, "Serve the application over https.");
        } else if !has_scheme(&uri.value) && !regex && !uri.value.starts_with('/') && uri.value != "*" {
            let message = "a redirect URI has to be absolute, with its scheme".to_owned();
            say(Effect::LoginFails, message, "Begin it with https://.");
        }
    }
    patterns(client, sink);
}

/// Whether a text begins with a scheme, which may be one of a program's own (RFC 8252 section 7.1). What comes before a
/// number is a host and its port.
fn has_scheme(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && rest.starts_with(|c: char| !c.is_ascii_digit())
}

fn is_loopback(uri: &str) -> bool {
    let host = Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
}

fn patterns(client: &Client, sink: &mut Sink<'_>) {
    let say = |sink: &mut Sink<'_>, uri: &Text, effect, message: &str, remedy: &str| {
        sink.say(&rules::REDIRECT_STRICT, uri.at, (effect, Step::Authorization, PROVIDER), message, remedy).actual =
            Some(uri.value.clone());
    };
    for uri in &client.patterns {
        let (effect, message) = match client.product {
            Product::Keycloak => keycloak_pattern(&uri.value),
            _ => regex_pattern(&uri.value),
        };
        let remedy = match client.product {
            Product::Authentik => {
                "Set matching_mode: strict, with one entry for each exact URI. (As a strict entry, the default since 2024.12, this \
                 very text would match nothing.)"
            }
            _ => "List the exact URIs.",
        };
        say(sink, uri, effect, message, remedy);
    }
    for uri in client.redirects.iter().filter(|uri| !is_open(&uri.value)) {
        let looks = uri.value.contains(".*") || uri.value.contains("\\.") || uri.value.starts_with("https://*.");
        if looks {
            let message = "this is a pattern in a place where the text is compared as it stands, so it matches nothing";
            say(sink, uri, Effect::LoginFails, message, "List the exact URIs.");
        }
    }
}

fn regex_pattern(text: &str) -> (Effect, &'static str) {
    let authority = text.split("://").nth(1).unwrap_or(text);
    let host = authority.split('/').next().unwrap_or(authority);
    let bare = host.replace("\\.", "");
    // A placeholder such as YOUR_DOMAIN becomes a name with dots, which nobody escapes.
    let placeholder = bare.contains(['_', '<', '{']);
    let every_path = text.ends_with(".*");
    if bare.contains(".*") || bare.contains(".+") {
        (
            Effect::Unsafe,
            "a regular expression that covers every host: whoever sends people a link receives their codes",
        )
    } else if (bare.contains('.') || placeholder) && every_path {
        let message = "a regular expression that covers every path, and with its dots unescaped hosts that only look alike: they receive codes";
        (Effect::Unsafe, message)
    } else if bare.contains('.') || placeholder {
        (
            Effect::Unsafe,
            "a regular expression whose dots are not escaped covers hosts that only look alike: they receive codes",
        )
    } else if every_path {
        (
            Effect::Unsafe,
            "a regular expression that covers every path: any open redirect of the application gives codes away",
        )
    } else {
        (Effect::Untidy, "a regular expression where an exact text would do")
    }
}

fn keycloak_pattern(text: &str) -> (Effect, &'static str) {
    let bare = text.trim_end_matches('*');
    let path = bare.split("://").nth(1).map_or(bare, |rest| rest.split_once('/').map_or("", |(_, path)| path));
    if bare.is_empty() {
        (Effect::Unsafe, "a lone * covers every URL of the web: whoever sends people a link receives their codes")
    } else if bare.contains("://") && !bare.split("://").nth(1).unwrap_or_default().contains('/') {
        (Effect::Unsafe, "the * comes right after the host, so it covers other hosts that begin alike, and every port")
    } else if path.is_empty() {
        (Effect::Degraded, "the * covers every path: any open redirect of the application gives codes away")
    } else {
        (Effect::Degraded, "the * covers more than the one URI that is sent")
    }
}

/// Whether one of the patterns covers a URI.
fn covered(client: &Client, uri: &str) -> bool {
    client.patterns.iter().any(|pattern| match client.product {
        Product::Keycloak => {
            let start = pattern.value.trim_end_matches('*');
            let below = || Url::parse(uri).is_ok_and(|url| url.path().starts_with(start));
            // What begins with a path begins with an address that stands elsewhere.
            if start.starts_with('/') { below() } else { open::may_be(&format!("{start}${{}}"), uri) }
        }
        _ => regex_lite::Regex::new(&format!("^(?:{})$", pattern.value)).is_ok_and(|regex| regex.is_match(uri)),
    })
}

/// Whether a pattern covers the path on whatever host it names; true as well when that cannot be told.
fn reaches(product: Product, pattern: &str, path: &str) -> bool {
    // A pattern that ends in "anything" covers whatever path it is.
    if pattern.ends_with('*') {
        return true;
    }
    let rest = pattern.split_once("://").map_or(pattern, |(_, rest)| rest);
    let Some(tail) = rest.find('/').and_then(|at| rest.get(at..)) else { return path.is_empty() };
    match product {
        Product::Keycloak => tail == path,
        // Below a path of the application's own it ends in the same way.
        _ => {
            let plain = tail.trim_end_matches('$').replace('\\', "");
            let whole = || regex_lite::Regex::new(&format!("^(?:{tail})$")).map(|regex| regex.is_match(path));
            !path.is_empty() && plain.ends_with(path) || whole().unwrap_or(true)
        }
    }
}

/// What the application sends against what is registered.
pub(super) fn exact(client: &Client, may: &May, app_url: Option<&str>, sink: &mut Sink<'_>) {
    let profile = &may.profile;
    if client.redirects.is_empty() && client.patterns.is_empty() {
        // authentik's empty list has a finding of its own.
        if client.product != Product::Authentik {
            let what = (Effect::LoginFails, Step::Authorization, PROVIDER);
            let message = format!("{} has no redirect URI", client.called());
            sink.say(&rules::REDIRECT_EXACT, client.at, what, message, wanted(may, app_url));
        }
        return;
    }
    let filled = profile.redirects(app_url);
    for redirect in profile.file.redirects.iter().filter(|redirect| redirect.kind != RedirectKind::PostLogout) {
        match filled.iter().find(|(_, of)| of == redirect) {
            Some((uri, _)) => sent(client, may, redirect, uri, app_url, sink),
            None => by_path(client, may, redirect, sink),
        }
    }
}

fn wanted(may: &May, app_url: Option<&str>) -> String {
    let known = || may.profile.redirects(app_url).into_iter().map(|(uri, _)| uri).collect::<Vec<_>>();
    let sends = may.profile.file.redirects.iter().filter(|redirect| redirect.kind != RedirectKind::PostLogout);
    let shown = || sends.map(|redirect| may.shown(redirect)).collect::<Vec<_>>();
    let uris = if app_url.is_some() { known() } else { shown() };
    format!("Register {}.", uris.join(" and "))
}

/// The registered URIs that no redirect of the application accounts for: one of them was perhaps meant for another. Where
/// the application's address is known, only what is sent there counts.
fn strays<'c>(client: &'c Client, may: &May, app_url: Option<&str>) -> Vec<&'c Text> {
    let filled = may.profile.redirects(app_url);
    let known = |text: &Text| match app_url {
        Some(_) => filled.iter().any(|(uri, _)| *uri == text.value || open::may_be(&text.value, uri)),
        None => may.profile.file.redirects.iter().any(|redirect| serves(may, redirect, &text.value)),
    };
    client.redirects.iter().filter(|text| !known(text)).collect()
}

/// Whether a registered URI is one that this redirect may be, wherever the application is.
pub(super) fn serves(may: &May, redirect: &Redirect, uri: &str) -> bool {
    let ends = |(path, origin): (&str, bool)| ends_so(uri, path, origin) || open::may_end_in(uri, path);
    let by_path = || own_path(redirect).is_some_and(ends);
    redirect.uri == uri || !is_fixed(may, uri) && (by_path() || may.sends(redirect, uri).is_some())
}

/// Whether a registered URI is, byte for byte, one that does not depend on where the application is. It is then none of
/// the others, however it ends.
fn is_fixed(may: &May, uri: &str) -> bool {
    may.profile.file.redirects.iter().any(|redirect| redirect.uri == uri)
}

/// The URI is known whole.
fn sent(client: &Client, may: &May, redirect: &Redirect, uri: &str, app_url: Option<&str>, sink: &mut Sink<'_>) {
    let same = |registered: &Text| registered.value == uri || open::may_be(&registered.value, uri);
    if client.redirects.iter().any(same) || covered(client, uri) {
        return;
    }
    let at_url = |text: &str| app_url.is_some_and(|url| text.starts_with(url.trim_end_matches('/')));
    let here = |text: &str| at_url(text) || open::is_anywhere(text);
    if chosen(client, may, redirect, here, uri, sink) {
        return;
    }
    let title = &may.profile.file.title;
    let near = nearest(&strays(client, may, app_url), uri);
    let at = near.map_or(client.at, |text| text.at);
    let message = match near {
        Some(text) => format!("{}, and {title} sends another URI", difference(&text.value, uri)),
        None if redirect.optional && redirect.kind == RedirectKind::Loopback => {
            format!("{uri} is not registered, so nobody can log in with the command line of {title}")
        }
        None => format!("the redirect URI that {title} sends is not registered"),
    };
    missing(&may.profile, redirect, sink, at, message, uri, near);
}

/// Whether a registered URI is what the application sends when it is set so. Where the whole path is a setting, the
/// usual one is told.
fn chosen(
    client: &Client,
    may: &May,
    redirect: &Redirect,
    here: impl Fn(&str) -> bool,
    usual: &str,
    sink: &mut Sink<'_>,
) -> bool {
    // A pattern that holds nothing but one text stands for that text.
    let plain = |text: &str| text.trim_start_matches('^').trim_end_matches('$').replace('\\', "");
    let exact = client.redirects.iter().map(|text| (text, text.value.clone()));
    let all = exact.chain(client.patterns.iter().map(|text| (text, plain(&text.value))));
    let fits = all.filter(|(_, uri)| here(uri)).filter_map(|(text, uri)| Some((text, may.sends(redirect, &uri)?)));
    let by_name = |(_, fits): &(&Text, Fits)| *fits == Fits::ByName;
    let Some((text, fits)) = fits.min_by_key(|found| !by_name(found)) else { return false };
    if fits == Fits::ByPath {
        let what = (Effect::Untidy, Step::Authorization, PROVIDER);
        let title = &may.profile.file.title;
        let message = format!("{title} sends {usual} unless it is set otherwise, and that is not registered");
        let remedy = "Make sure that the application is set to the path that is registered.";
        let finding = sink.say(&rules::REDIRECT_EXACT, text.at, what, message, remedy);
        finding.actual = Some(text.value.clone());
        finding.parts = parts(&may.profile, redirect);
    }
    true
}

fn parts(profile: &Profile, redirect: &Redirect) -> Vec<String> {
    redirect.part.iter().filter(|_| profile.parts.len() > 1).cloned().collect()
}

fn missing(
    profile: &Profile,
    redirect: &Redirect,
    sink: &mut Sink<'_>,
    at: At,
    message: String,
    uri: &str,
    near: Option<&Text>,
) {
    let effect = if redirect.optional { Effect::Degraded } else { Effect::LoginFails };
    let port = redirect.own_port.filter(|port| !uri.contains(&format!(":{port}")));
    let port = port.map(|port| format!(" Without a proxy the address has the port {port}.")).unwrap_or_default();
    let what = (effect, Step::Authorization, PROVIDER);
    let finding = sink.say(&rules::REDIRECT_EXACT, at, what, message, format!("Register {uri} exactly.{port}"));
    finding.expected = Some(uri.to_owned());
    finding.actual = near.map(|text| text.value.clone());
    finding.parts = parts(profile, redirect);
}

/// A registered URI that was probably meant for this one: of the same host, or nearly the same text.
fn nearest<'c>(strays: &[&'c Text], uri: &str) -> Option<&'c Text> {
    let host = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
    let same_host = |text: &&&Text| host(&text.value).is_some() && host(&text.value) == host(uri);
    let score = |text: &&&Text| (strsim::normalized_levenshtein(&text.value, uri) * 1000.0) as u32;
    let best = strays.iter().filter(|text| score(text) > 600).max_by_key(score);
    strays.iter().filter(same_host).max_by_key(score).or(best).copied()
}

fn difference(registered: &str, sent: &str) -> &'static str {
    let bare = |text: &str| text.trim_end_matches('/').to_owned();
    match (Url::parse(registered), Url::parse(sent)) {
        _ if bare(registered) == bare(sent) => "the registered URI differs by the slash at its end",
        (Ok(a), Ok(b)) if a == b => "the registered URI is the same address, but it is compared as text",
        (Ok(a), Ok(b)) if a.host_str() == b.host_str() && a.path() == b.path() && a.port() != b.port() => {
            "the registered URI has another port"
        }
        (Ok(a), Ok(b)) if a.host_str() == b.host_str() && a.scheme() != b.scheme() => {
            "the registered URI has another scheme"
        }
        (Ok(a), Ok(b)) if a.host_str() == b.host_str() => "the registered URI has another path",
        _ => "the registered URI has another host",
    }
}

/// The path of a redirect URI, and whether nothing may stand before it; `None` when more than the path is unknown.
fn own_path(redirect: &Redirect) -> Option<(&str, bool)> {
    let template = redirect.uri.as_str();
    let origin = template.starts_with("{origin}");
    let path = template.strip_prefix("{origin}").or_else(|| template.strip_prefix("{base}"))?;
    (!path.contains('{')).then_some((path, origin))
}

fn ends_so(uri: &str, path: &str, origin: bool) -> bool {
    match Url::parse(uri) {
        Ok(url) if origin => uri == format!("{}{path}", own_origin(uri, &url)),
        Ok(_) => uri.ends_with(path),
        Err(_) => false,
    }
}

/// Only the template is known: some registered URI has to end as it does.
fn by_path(client: &Client, may: &May, redirect: &Redirect, sink: &mut Sink<'_>) {
    let Some((path, origin)) = own_path(redirect) else { return };
    let profile = &may.profile;
    let fits = |uri: &&Text| ends_so(&uri.value, path, origin) && !is_fixed(may, &uri.value);
    if let Some(uri) = client.redirects.iter().find(fits) {
        own_port(profile, redirect, uri, sink);
        return;
    }
    if client.redirects.iter().any(|uri| open::may_end_in(&uri.value, path))
        || client.patterns.iter().any(|pattern| reaches(client.product, &pattern.value, path))
        || chosen(client, may, redirect, |_| true, path, sink)
    {
        return;
    }
    let web = |uri: &&Text| !is_loopback(&uri.value) && uri.value.starts_with("http");
    let score = |uri: &&Text| {
        let own = Url::parse(&uri.value).map(|url| url.path().to_owned()).unwrap_or_default();
        (strsim::normalized_levenshtein(&own, path) * 1000.0) as u32
    };
    let near = strays(client, may, None).into_iter().filter(web).max_by_key(score);
    let title = &profile.file.title;
    let shown = may.shown(redirect);
    let own = shown.strip_prefix(super::may::SOMEWHERE).unwrap_or(path);
    let it = match own.is_empty() {
        true => "the bare origin, without path and slash".to_owned(),
        false => format!("the path {own}"),
    };
    let message = match near {
        Some(uri) if uri.value.ends_with('/') && serves(may, redirect, uri.value.trim_end_matches('/')) => {
            format!("the slash at the end is one too many: {title} sends {it}")
        }
        Some(_) => format!("{title} never sends this: it sends {it}"),
        None => format!("the redirect URI of {title} is not registered: it sends {it}"),
    };
    let at = near.map_or(client.at, |uri| uri.at);
    // The host is that of whatever else is registered.
    let somewhere = near.or_else(|| client.redirects.iter().find(web));
    let somewhere = somewhere.and_then(|uri| Some(own_origin(&uri.value, &Url::parse(&uri.value).ok()?)));
    let expected = somewhere.map_or(shown.clone(), |origin| format!("{origin}{own}"));
    missing(profile, redirect, sink, at, message, &expected, near);
}

/// Scheme, host and port as they are written, so that an upper-case host or a default port stays what it is.
fn own_origin(text: &str, url: &Url) -> String {
    let start = url.scheme().len() + 3;
    let end = text.get(start..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(text.len(), |at| start + at);
    text.get(..end).unwrap_or(text).to_owned()
}

/// The application listens on a port of its own, and the URI has none.
fn own_port(profile: &Profile, redirect: &Redirect, uri: &Text, sink: &mut Sink<'_>) {
    let Some(port) = redirect.own_port else { return };
    if Url::parse(&uri.value).is_ok_and(|url| url.port().is_some()) {
        return;
    }
    let what = (Effect::Degraded, Step::Authorization, PROVIDER);
    let title = &profile.file.title;
    let message = format!(
        "without a port this fits only when a proxy serves {title} on port 443: its own port is {port}, and the browser's \
         address is what it sends"
    );
    let remedy = format!(
        "Register the address as people open it, with :{port} unless a proxy hides it; one for each host name."
    );
    let finding = sink.say(&rules::REDIRECT_EXACT, uri.at, what, message, remedy);
    finding.actual = Some(uri.value.clone());
    finding.parts = parts(profile, redirect);
}
