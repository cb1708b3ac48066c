//! What an application asks for at a provider's endpoints, against what the client may: the response type, the method of
//! PKCE, how the request comes, what userinfo answers, and pages that ask from another origin.

use super::may::May;
use super::model::{Client, Product, Sink, is_open};
use super::rules;
use super::tree::{At, Text};
use crate::check::Check;
use crate::profile::need::Need;
use crate::profile::{Flow, Part, Pkce, Profile, Redirect, RedirectKind};
use crate::verdict::{Effect, Side, Step};
use url::Url;

/// A finding on the client's side.
struct Say<'s, 'a> {
    sink: &'s mut Sink<'a>,
    parts: Vec<String>,
}

impl Say<'_, '_> {
    fn say(&mut self, rule: &'static Check, at: At, what: (Effect, Step), message: String, remedy: String) {
        let finding = self.sink.say(rule, at, (what.0, what.1, Side::Provider), message, remedy);
        finding.parts.clone_from(&self.parts);
    }
}

/// Everything of that.
pub(super) fn against(client: &Client, may: &May, need: &Need, sink: &mut Sink<'_>) {
    let profile = &may.profile;
    off(client, profile, sink);
    response_types(client, may, need, sink);
    pkce_method(client, may, sink);
    pushed(client, profile, need, sink);
    signed_userinfo(client, may, sink);
    origins(client, may, need, sink);
    device_callback(client, profile, need, sink);
}

fn ids<'p>(parts: impl Iterator<Item = &'p Part>) -> Vec<String> {
    parts.filter_map(|part| part.id.clone()).collect()
}

/// The client is not there for a login of this kind.
fn off(client: &Client, profile: &Profile, sink: &mut Sink<'_>) {
    let Some(off) = &client.off else { return };
    let message = format!("{}, so nobody logs in to {} with it", off.why, profile.file.title);
    let mut say = Say { sink, parts: Vec::new() };
    say.say(&rules::CLIENT_TYPE, off.at, (Effect::LoginFails, Step::Authorization), message, off.remedy.to_owned());
}

fn response_types(client: &Client, may: &May, need: &Need, sink: &mut Sink<'_>) {
    let profile = &may.profile;
    let Some(allowed) = &client.response_types else { return };
    let at = allowed.first().map_or(client.at, |kind| kind.at);
    for (wanted, flow) in [("code", Flow::Code), ("id_token", Flow::Implicit)] {
        let asked = |need: &Need| if flow == Flow::Code { need.code } else { need.implicit };
        if !asked(need) || allowed.iter().any(|kind| kind.value == wanted || is_open(&kind.value)) {
            continue;
        }
        // What a setting of the application makes right is no mistake here.
        if may.can_need("", |need| !asked(need)) {
            continue;
        }
        let title = &profile.file.title;
        let message =
            format!("{title} asks for the response type {wanted}, which is not allowed: unsupported_response_type");
        let mut say = Say { sink, parts: ids(profile.parts.iter().filter(|part| part.flow == flow)) };
        let remedy = format!("Add {wanted} to the response types.");
        say.say(&rules::GRANTS, at, (Effect::LoginFails, Step::Authorization), message, remedy);
    }
}

/// Applications that use PKCE send S256. Without PKCE no login works either, since with a method it is required.
fn pkce_method(client: &Client, may: &May, sink: &mut Sink<'_>) {
    let profile = &may.profile;
    let Some(method) = client.pkce_method.as_ref().filter(|method| method.value == "plain") else { return };
    let sends = |part: &&Part| part.flow == Flow::Code && part.pkce == Pkce::Always;
    let parts: Vec<&Part> = profile.parts.iter().filter(sends).collect();
    if parts.is_empty() {
        return;
    }
    let message = format!("only the method plain is taken, and {} sends S256", profile.file.title);
    let mut say = Say { sink, parts: ids(parts.into_iter()) };
    say.say(&rules::PKCE, method.at, (Effect::LoginFails, Step::Authorization), message, "Write S256.".into());
}

fn pushed(client: &Client, profile: &Profile, need: &Need, sink: &mut Sink<'_>) {
    let Some(at) = client.pushed.filter(|_| need.code) else { return };
    let title = &profile.file.title;
    let message = format!(
        "every request has to be pushed first (RFC 9126), which {title} is not known to do; the plain one is refused"
    );
    let mut say = Say { sink, parts: Vec::new() };
    let remedy = "Do not require pushed authorization requests of this client.";
    say.say(&rules::GRANTS, at, (Effect::Degraded, Step::Authorization), message, remedy.into());
}

fn signed_userinfo(client: &Client, may: &May, sink: &mut Sink<'_>) {
    let profile = &may.profile;
    let Some(alg) = client.signed_userinfo.as_ref() else { return };
    let asks = |part: &&Part| {
        let (members, userinfo) = (&part.library.members, &part.library.tokens.userinfo);
        let asked = members.used_at("userinfo_endpoint").is_some() || userinfo.asked_if_advertised;
        asked && userinfo.signed().is_some()
    };
    let parts: Vec<&Part> = profile.parts.iter().filter(asks).collect();
    // What a library that nobody looked at makes of it is only likely.
    let fails = |part: &&Part| part.library.id != "generic" && !part.library.tokens.userinfo.optional;
    let otherwise = may.can(|profile| !profile.parts.iter().any(|part| asks(&part) && fails(&part)));
    let effect = if parts.iter().any(fails) && !otherwise { Effect::LoginFails } else { Effect::Degraded };
    if parts.is_empty() {
        return;
    }
    let message = format!("userinfo is then a signed JWT, and {} expects a JSON object", profile.file.title);
    let mut say = Say { sink, parts: ids(parts.into_iter()) };
    say.say(&rules::TOKEN_FORMAT, alg.at, (effect, Step::Userinfo), message, "Write 'none'.".into());
}

/// Pages of the application ask the provider from their own origin.
fn origins(client: &Client, may: &May, need: &Need, sink: &mut Sink<'_>) {
    let profile = &may.profile;
    let asking = |profile: &Profile| profile.file.browser.as_ref().is_some_and(|browser| !browser.cors.is_empty());
    let Some(browser) = profile.file.browser.as_ref().filter(|_| asking(profile)) else { return };
    let web = |redirect: &&Redirect| redirect.kind == RedirectKind::Web;
    // A client for another part of the application is for no pages.
    let Some(page) = profile.file.redirects.iter().find(web).filter(|_| !may.can(|profile| !asking(profile))) else {
        return;
    };
    let Some(cors) = &client.cors else { return };
    let origins = need.cors_origin.clone().map_or_else(|| own_origins(client), |origin| vec![origin]);
    let allowed = |origin: &str| {
        let same = |text: &Text| text.value == "*" || is_open(&text.value) || text.value.eq_ignore_ascii_case(origin);
        cors.origins.iter().any(same)
    };
    let shut: Vec<&str> = match &cors.endpoints {
        None => Vec::new(),
        // Everybody may read the documents.
        Some(open) => {
            let asked = browser.cors.iter().map(String::as_str).filter(|name| matches!(*name, "token" | "userinfo"));
            asked.filter(|name| open.iter().all(|open| open.value != *name && !is_open(&open.value))).collect()
        }
    };
    let mut say = Say { sink, parts: page.part.iter().cloned().collect() };
    let what = (Effect::LoginFails, Step::Token);
    let title = &profile.file.title;
    if let Some(origin) = origins.iter().find(|origin| !allowed(origin)) {
        let message = format!(
            "pages of {title} ask the provider from {origin}, and it lets no page of that origin read its answers"
        );
        say.say(&rules::CORS, cors.at, what, message, format!("{} {origin}.", cors.remedy));
    } else if !shut.is_empty() && !origins.is_empty() {
        let message = format!("pages of {title} ask {}, which answers no page of another origin", shut.join(" and "));
        say.say(&rules::CORS, cors.at, what, message, format!("Add {} to the endpoints.", shut.join(" and ")));
    }
}

/// The origins that the client's redirect URIs name, those of a program on the person's own machine left out.
fn own_origins(client: &Client) -> Vec<String> {
    let mut found = Vec::new();
    for url in client.redirects.iter().filter_map(|uri| Url::parse(&uri.value).ok()) {
        let origin = url.origin().ascii_serialization();
        let local = matches!(url.host_str(), None | Some("localhost" | "127.0.0.1" | "[::1]"));
        if !local && url.scheme().starts_with("http") && !found.contains(&origin) {
            found.push(origin);
        }
    }
    found
}

/// Dex sends people who entered a device code to a path of its own.
fn device_callback(client: &Client, profile: &Profile, need: &Need, sink: &mut Sink<'_>) {
    if client.product != Product::Dex || !need.device {
        return;
    }
    let registered = client.redirects.iter().any(|uri| uri.value.ends_with("/device/callback") || is_open(&uri.value));
    if registered || client.redirects.is_empty() && client.public == Some(true) {
        return;
    }
    let parts = ids(profile.parts.iter().filter(|part| part.flow == Flow::Device));
    let effect = if parts.is_empty() { Effect::Degraded } else { Effect::LoginFails };
    let at = client.redirects.first().map_or(client.at, |uri| uri.at);
    let message =
        "Dex' device flow ends at /device/callback, which is not registered: Unregistered redirect_uri".to_owned();
    let mut say = Say { sink, parts };
    say.say(&rules::REDIRECT_EXACT, at, (effect, Step::Device), message, "Register /device/callback as well.".into());
}
