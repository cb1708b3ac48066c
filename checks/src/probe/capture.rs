//! What an application shows of itself to somebody who is not logged in: the authorization request that it sends people
//! away with, or its settings.
//!
//! A profile says where to begin. From there the answers lead on, on the application's own host alone: a redirect, or
//! the start URLs of a list. The request that goes to the provider is what is looked for, and it is not sent from here.

use super::scripts;
use crate::evidence::json::{self, Node, Value};
use crate::evidence::{Evidence, Exchange, Request, Slot, encode_pairs};
use crate::profile::{Capture, Profile, ScriptSettings};
use crate::target::{Target, WELL_KNOWN, discovery_url};
use crate::verdict::Spot;
use url::Url;

/// So many answers in a row are followed.
const DEPTH: usize = 5;
/// So many scripts of a page are asked for at a time.
const SCRIPTS: usize = 4;
/// So many start URLs of a list are tried.
const STARTS: usize = 3;
/// So many levels of a path are asked for metadata.
const LEVELS: usize = 6;

/// What an application showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The answer that shows it.
    pub slot: Slot,
    /// Where in it.
    pub spot: Spot,
    /// The authorization request, unless it showed settings alone.
    pub request: Option<Request>,
    /// The issuer in its settings, byte for byte.
    pub issuer: Option<String>,
    /// The client id.
    pub client_id: String,
}

/// All captures of an application as far as they are answered.
#[derive(Debug, Default)]
pub struct Walk<'e> {
    /// What is to be asked next.
    pub asks: Vec<(Slot, Request)>,
    /// What was shown.
    pub shown: Vec<Shown>,
    /// Answers that lead nowhere.
    pub ends: Vec<(Slot, &'e Exchange)>,
}

/// Where an application can be asked; none without its address, or without the setting that the question needs.
pub fn begin(target: &Target, profile: &Profile) -> Vec<(Slot, Request)> {
    let Some(app_url) = target.app_url.as_deref() else { return Vec::new() };
    let given =
        |capture: &&Capture| capture.needs.as_ref().is_none_or(|key| profile.choices.settings.contains_key(key));
    let all = profile.file.captures.iter().filter(given);
    all.filter_map(|capture| Some((capture, request_of(capture, app_url)?)))
        .map(|(capture, request)| (first_slot(profile, capture), request))
        .collect()
}

fn first_slot(profile: &Profile, capture: &Capture) -> Slot {
    Slot::App(format!("{} {}", profile.file.id, capture.request))
}

/// The setting without which an application cannot be asked, when it was not given.
pub fn missing_setting(profile: &Profile) -> Option<&str> {
    let needed = profile.file.captures.iter().filter_map(|capture| capture.needs.as_deref());
    needed.into_iter().find(|key| !profile.choices.settings.contains_key(*key))
}

fn request_of(capture: &Capture, app_url: &str) -> Option<Request> {
    let base = app_url.trim_end_matches('/');
    let origin = Url::parse(app_url).ok()?.origin().ascii_serialization();
    let (method, path) = capture.request.split_once(' ')?;
    let method = if method == "POST" { "POST" } else { "GET" };
    let request = Request::new(method, format!("{base}{path}")).header("Accept", "text/html,application/json");
    if capture.form.is_empty() {
        return Some(request);
    }
    let fill = |text: &String| text.replace("{origin}", &origin).replace("{base}", base);
    let pairs: Vec<(&str, String)> = capture.form.iter().map(|(name, value)| (name.as_str(), fill(value))).collect();
    Some(request.form(&pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()))
}

/// Follows the captures of an application through the answers that are there.
pub fn walk<'e>(target: &Target, profile: &Profile, evidence: &'e Evidence) -> Walk<'e> {
    let mut walk = Walk::default();
    let Some(app_host) = target.app_url.as_deref().map(crate::hosts::host) else { return walk };
    let mut queue: Vec<(Slot, Request, usize)> =
        begin(target, profile).into_iter().map(|(slot, request)| (slot, request, 1)).collect();
    while !queue.is_empty() {
        let (slot, request, depth) = queue.remove(0);
        let Some(exchange) = evidence.get(&slot) else {
            walk.asks.push((slot, request));
            continue;
        };
        let capture = profile.file.captures.iter().find(|capture| slot == first_slot(profile, capture));
        if let Some(settings) = capture.and_then(|capture| capture.script.as_ref()) {
            match in_scripts(profile, settings, exchange, evidence) {
                InScripts::Shown(shown) => walk.shown.push(*shown),
                InScripts::Ask(asks) => walk.asks.extend(asks),
                InScripts::Nowhere => walk.ends.push((slot, exchange)),
            }
            continue;
        }
        match read(&slot, exchange, &app_host) {
            Step::Shown(shown) => walk.shown.push(*shown),
            Step::On(urls) if depth < DEPTH => {
                for url in urls {
                    let next = Slot::App(format!("{} GET {}", profile.file.id, path_of(&url)));
                    if next != slot && queue.iter().all(|(queued, ..)| *queued != next) {
                        let request = Request::new("GET", url.as_str()).header("Accept", "text/html,application/json");
                        queue.push((next, request, depth + 1));
                    }
                }
            }
            Step::On(_) | Step::End => walk.ends.push((slot, exchange)),
        }
    }
    walk
}

/// Scheme and port may change on the way, so the name has both; the query too, since lists tell their entries apart by it.
fn path_of(url: &Url) -> String {
    url.as_str().split('#').next().unwrap_or_default().to_owned()
}

enum InScripts {
    Shown(Box<Shown>),
    Ask(Vec<(Slot, Request)>),
    Nowhere,
}

/// Looks for settings in the scripts of a page, some at a time: most applications load many, and one has them.
fn in_scripts(profile: &Profile, names: &ScriptSettings, page: &Exchange, evidence: &Evidence) -> InScripts {
    let answer = page.outcome.as_ref().ok().filter(|response| response.status == 200);
    let Some((response, base)) = answer.and_then(|r| Some((r, Url::parse(&r.url).ok()?))) else {
        return InScripts::Nowhere;
    };
    let all = scripts::of(&String::from_utf8_lossy(&response.body), &base);
    for some in all.chunks(SCRIPTS) {
        let mut asks = Vec::new();
        for url in some {
            let slot = Slot::App(format!("{} GET {}", profile.file.id, path_of(url)));
            let Some(exchange) = evidence.get(&slot) else {
                asks.push((slot, Request::new("GET", url.as_str()).header("Accept", "*/*")));
                continue;
            };
            let Ok(script) = &exchange.outcome else { continue };
            let text = String::from_utf8_lossy(&script.body);
            let found = |name: &str| scripts::setting(&text, name).map(str::to_owned);
            if let (Some(issuer), Some(client_id)) = (found(&names.issuer), found(&names.client_id)) {
                let spot = Spot::Body(String::new(), text.find(&names.issuer));
                return InScripts::Shown(Box::new(Shown {
                    slot,
                    spot,
                    request: None,
                    issuer: Some(issuer),
                    client_id,
                }));
            }
        }
        if !asks.is_empty() {
            return InScripts::Ask(asks);
        }
    }
    InScripts::Nowhere
}

enum Step {
    Shown(Box<Shown>),
    On(Vec<Url>),
    End,
}

fn read(slot: &Slot, exchange: &Exchange, app_host: &str) -> Step {
    let Ok(response) = &exchange.outcome else { return Step::End };
    let Ok(base) = Url::parse(&response.url) else { return Step::End };
    let shown = |spot, url: &Url| {
        let request = authorization_request(url)?;
        let client_id = request.query("client_id").unwrap_or_default();
        Some(Shown { slot: slot.clone(), spot, request: Some(request), issuer: None, client_id })
    };
    // Incus hands its settings to its own command line.
    let header = |name: &str| response.header(name).filter(|value| !value.is_empty()).map(str::to_owned);
    if let (Some(issuer), Some(client_id)) = (header("x-incus-oidc-issuer"), header("x-incus-oidc-clientid")) {
        let spot = Spot::Header("X-Incus-OIDC-Issuer".into());
        return Step::Shown(Box::new(Shown {
            slot: slot.clone(),
            spot,
            request: None,
            issuer: Some(issuer),
            client_id,
        }));
    }
    let own = |url: &Url| matches!(url.scheme(), "http" | "https") && crate::hosts::host(url.as_str()) == app_host;
    if let Some(to) = super::endpoints::sent_to(response) {
        return match shown(Spot::Header("Location".into()), &to) {
            Some(shown) => Step::Shown(Box::new(shown)),
            None if own(&to) => Step::On(vec![to]),
            None => Step::End,
        };
    }
    let Ok(document) = json::read(&response.body) else { return Step::End };
    let mut texts = Vec::new();
    strings(&document.root, String::new(), &mut texts);
    let parsed = texts.iter().filter_map(|(pointer, text)| Some((pointer, Url::parse(text).ok()?)));
    if let Some(shown) = parsed.into_iter().find_map(|(pointer, url)| shown(Spot::Body(pointer.clone(), None), &url)) {
        return Step::Shown(Box::new(shown));
    }
    let starts = texts.iter().filter(|(pointer, _)| pointer.ends_with("/url"));
    let starts: Vec<Url> = starts.filter_map(|(_, text)| base.join(text).ok()).filter(own).take(STARTS).collect();
    if starts.is_empty() { Step::End } else { Step::On(starts) }
}

/// Every string of a document with its place.
fn strings(node: &Node, pointer: String, found: &mut Vec<(String, String)>) {
    match &node.value {
        Value::String(text) => found.push((pointer, text.clone())),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| strings(item, format!("{pointer}/{i}"), found));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| strings(member, format!("{pointer}/{name}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A URL that is an authorization request (RFC 6749 section 4.1.1; RFC 9126 section 4 for one that was pushed).
fn authorization_request(url: &Url) -> Option<Request> {
    let request = Request::new("GET", url.as_str());
    let has = |name: &str| request.query(name).is_some_and(|value| !value.is_empty());
    let web = matches!(url.scheme(), "http" | "https");
    (web && has("client_id") && (has("response_type") || has("request_uri"))).then_some(request)
}

/// The endpoint to which a request goes.
pub fn endpoint_of(request: &Request) -> &str {
    request.url.split(['?', '#']).next().unwrap_or_default()
}

/// The request of the application once more, as a question that needs nobody: silent, unless the oracle wants to see
/// where an ordinary one lands. What was pushed can be used but once and is not asked again.
pub fn replay(request: &Request, silent: bool) -> Option<Request> {
    if request.query("request_uri").is_some() {
        return None;
    }
    let (endpoint, query) = request.url.split_once('?')?;
    let kept: Vec<&str> = query.split('#').next()?.split('&').filter(|pair| !pair.starts_with("prompt=")).collect();
    let mut query = kept.join("&");
    if silent {
        query.push('&');
        query.push_str(&encode_pairs(&[("prompt", "none")]));
    }
    Some(super::endpoints::page(format!("{endpoint}?{query}")))
}

/// Where the metadata of the provider may be to which an application sends people: one step up the path of its
/// authorization endpoint after the other.
pub fn issuer_places(endpoint: &str) -> Vec<String> {
    let Ok(url) = Url::parse(endpoint) else { return Vec::new() };
    let origin = url.origin().ascii_serialization();
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let above = (0..segments.len().max(1)).rev().take(LEVELS);
    above
        .map(|count| {
            let path: String = segments[..count].iter().map(|segment| format!("/{segment}")).collect();
            format!("{origin}{path}{WELL_KNOWN}")
        })
        .collect()
}

/// The provider behind an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What one would have typed.
    pub typed: String,
    /// Where the metadata was found; `None` when the application names its issuer.
    pub at: Option<String>,
    /// The client id that the application uses.
    pub client_id: String,
}

/// The provider to which an application sends people.
///
/// # Errors
/// Why it is not known, for people.
pub fn provider(target: &Target, profiles: &[Profile], evidence: &Evidence) -> Result<Found, String> {
    let mut whys = Vec::new();
    for profile in profiles {
        let walk = walk(target, profile, evidence);
        for shown in &walk.shown {
            if let Some(issuer) = &shown.issuer {
                return Ok(Found { typed: issuer.clone(), at: None, client_id: shown.client_id.clone() });
            }
        }
        for shown in &walk.shown {
            let Some(endpoint) = shown.request.as_ref().map(endpoint_of) else { continue };
            let mut names = |at: &String| {
                let document = metadata_at(evidence, at)?;
                (document.1 == endpoint).then_some((document.0, at.clone()))
            };
            if let Some((issuer, at)) = issuer_places(endpoint).iter().find_map(&mut names) {
                // An issuer whose own metadata would be somewhere else is named by the place where it was found.
                let typed = if discovery_url(&issuer) == at { issuer } else { at.clone() };
                return Ok(Found { typed, at: Some(at), client_id: shown.client_id.clone() });
            }
            whys.push(format!(
                "it sends people to {endpoint}, and no metadata above that names it as its authorization endpoint"
            ));
        }
        for (slot, exchange) in &walk.ends {
            whys.push(format!("the {}: {}", slot.noun(), ending(exchange)));
        }
    }
    whys.dedup();
    Err(whys.join("; "))
}

/// Issuer and authorization endpoint of the metadata at a place.
fn metadata_at(evidence: &Evidence, at: &str) -> Option<(String, String)> {
    let exchange = evidence.get(&Slot::DiscoveryAt(at.to_owned()))?;
    let response = exchange.outcome.as_ref().ok().filter(|response| response.status == 200)?;
    let document = json::read(&response.body).ok()?;
    let text = |name: &str| document.root.get(name).and_then(Node::as_str).map(str::to_owned);
    Some((text("issuer")?, text("authorization_endpoint")?))
}

/// What became of an answer that leads nowhere.
pub fn ending(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Err(error) => error.to_string(),
        Ok(response) if response.body.is_empty() => format!("status {} with nothing in it", response.status),
        Ok(response) => format!("status {}, and no authorization request in it", response.status),
    }
}
