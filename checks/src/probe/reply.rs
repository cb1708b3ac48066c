//! What an authorization endpoint said to somebody who is not logged in.

use crate::evidence::{Exchange, Response};
use url::Url;

/// The answer, by where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// At the redirect URI that was sent.
    AtRedirect(Delivered),
    /// At another page: a login, an error page, anything.
    Elsewhere(Shape),
    /// Nothing that says anything: no answer, too many requests, a server error, a bot wall.
    Nothing(String),
}

/// What was delivered to the redirect URI.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivered {
    /// `error`.
    pub error: Option<String>,
    /// `error_description`.
    pub description: Option<String>,
    /// A code or a token came.
    pub granted: bool,
    /// `state`.
    pub state: Option<String>,
    /// `iss` (RFC 9207).
    pub iss: Option<String>,
}

impl Delivered {
    /// Whether the provider found nothing wrong with the request itself (OpenID Connect Core 1.0 section 3.1.2.6).
    pub fn welcome(&self) -> bool {
        self.granted || self.error.as_deref().is_some_and(polite)
    }
}

/// Whether an error says that nothing but the person is missing.
pub fn polite(error: &str) -> bool {
    ["login_required", "interaction_required", "consent_required", "account_selection_required"].contains(&error)
}

/// What two answers are compared by. Bodies never count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The status.
    pub status: u16,
    /// The `Location` without query and fragment, random path segments masked.
    pub location: Option<String>,
    /// The provider sent an OAuth error, to its own page or as JSON.
    pub error: Option<String>,
}

impl Shape {
    /// Whether it looks like a refusal by itself.
    pub fn refusal(&self) -> bool {
        self.error.is_some() || (400..500).contains(&self.status)
    }

    /// In a person's words.
    pub fn words(&self) -> String {
        let error = self.error.as_ref().map(|e| format!(" ({e})")).unwrap_or_default();
        match &self.location {
            Some(to) => format!("{} to {to}{error}", self.status),
            None => format!("status {}{error}", self.status),
        }
    }
}

/// Reads the answer to a probe.
pub fn read(exchange: &Exchange) -> Reply {
    let response = match &exchange.outcome {
        Ok(response) => response,
        Err(error) => return Reply::Nothing(error.to_string()),
    };
    let redirect_uri = exchange.request.parameter("redirect_uri").unwrap_or_default();
    let base = Url::parse(&response.url).ok();
    if let Some(location) = location(response) {
        // A relative Location is the provider's own (RFC 9110 section 10.2.2).
        let absolute = match base.as_ref().map(|base| base.join(location)) {
            _ if location.contains("://") => location.to_owned(),
            Some(Ok(url)) => url.to_string(),
            _ => location.to_owned(),
        };
        if leads_to(&absolute, &redirect_uri) {
            return Reply::AtRedirect(delivered(&absolute));
        }
        let own = delivered(&absolute);
        let bare = absolute.split(['?', '#']).next().unwrap_or_default();
        return Reply::Elsewhere(Shape { status: response.status, location: Some(mask(bare)), error: own.error });
    }
    if let Some(posted) = form_post(&String::from_utf8_lossy(&response.body), &redirect_uri) {
        return Reply::AtRedirect(posted);
    }
    match response.status {
        429 | 403 | 500.. => Reply::Nothing(format!("status {}", response.status)),
        status => Reply::Elsewhere(Shape { status, location: None, error: json_error(&response.body) }),
    }
}

/// How an answer gets to the redirect URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carrier {
    /// In the query of a redirect.
    Query,
    /// In its fragment.
    Fragment,
    /// By a page that posts itself, or should: the method of its form in capitals, and the type of the page.
    Form(String, String),
}

/// An answer that was delivered to the redirect URI of the request, parameter by parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// How it got there.
    pub carrier: Carrier,
    /// What it consists of, without what stood in the redirect URI anyway.
    pub pairs: Vec<(String, String)>,
}

impl Delivery {
    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What came to the redirect URI that the request named; `None` when nothing did.
pub fn delivery(exchange: &Exchange) -> Option<Delivery> {
    let response = exchange.outcome.as_ref().ok()?;
    let redirect_uri = exchange.request.parameter("redirect_uri")?;
    let pairs_of = |text: &str| url::form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>();
    let Some(location) = location(response) else {
        let page = String::from_utf8_lossy(&response.body);
        let form = page.get(page.find("<form")?..)?;
        if !leads_to(&attribute(form, "action")?, &redirect_uri) {
            return None;
        }
        // Without a method, a form is sent by GET (HTML, section 4.10.18.6).
        let method = attribute(form, "method").unwrap_or_else(|| "GET".into()).to_ascii_uppercase();
        let pairs = inputs(&page).collect();
        return Some(Delivery { carrier: Carrier::Form(method, response.media_type().unwrap_or_default()), pairs });
    };
    if !leads_to(location, &redirect_uri) {
        return None;
    }
    let (before, fragment) = location.split_once('#').unwrap_or((location, ""));
    let query = |url: &str| url.split_once('?').map_or(String::new(), |(_, query)| query.to_owned());
    let mut pairs = pairs_of(&query(before));
    for own in pairs_of(&query(redirect_uri.split('#').next().unwrap_or_default())) {
        if let Some(at) = pairs.iter().position(|pair| *pair == own) {
            pairs.remove(at);
        }
    }
    // What matters is where the answer is; a fragment such as `#_` may stand behind any of them (RFC 9700 section 4.1.3).
    let behind = pairs_of(fragment);
    let there = |pairs: &[(String, String)]| pairs.iter().any(|(name, _)| name == "error" || name == "state");
    let carrier = if there(&behind) && !there(&pairs) { Carrier::Fragment } else { Carrier::Query };
    let pairs = if carrier == Carrier::Fragment { behind } else { pairs };
    Some(Delivery { carrier, pairs })
}

/// The first character of an error parameter that it must not have (RFC 6749 sections 4.1.2.1 and 5.2).
pub fn odd(name: &str, value: &str) -> Option<char> {
    // A URI has no space.
    let first = if name == "error_uri" { '!' } else { ' ' };
    value.chars().find(|c| !(first..='~').contains(c) || matches!(c, '"' | '\\'))
}

/// The target of a redirect.
fn location(response: &Response) -> Option<&str> {
    response.header("location").filter(|_| matches!(response.status, 301 | 302 | 303 | 307 | 308))
}

/// What was delivered by a redirect to this URI, whichever one the request named; `None` when the answer is no redirect
/// to it.
pub fn delivered_to(exchange: &Exchange, uri: &str) -> Option<Delivered> {
    let response = exchange.outcome.as_ref().ok()?;
    let location = location(response)?;
    leads_to(location, uri).then(|| delivered(location))
}

/// The address that an answer sends people to, as it stands there: in `Location`, or in a form that posts itself.
pub fn place(exchange: &Exchange) -> Option<String> {
    let response = exchange.outcome.as_ref().ok()?;
    if let Some(location) = response.header("location") {
        return Some(location.to_owned());
    }
    let page = String::from_utf8_lossy(&response.body);
    attribute(page.get(page.find("<form")?..)?, "action")
}

/// Whether a `Location` is the redirect URI with parameters added. Scheme, host and port may be spelt otherwise, since
/// some providers normalise what they send people to.
fn leads_to(location: &str, redirect_uri: &str) -> bool {
    if redirect_uri.is_empty() {
        return false;
    }
    let bare = redirect_uri.split('#').next().unwrap_or_default();
    if let Some(rest) = location.strip_prefix(bare) {
        return rest.is_empty()
            || rest.starts_with(['?', '#', '&'])
            || bare.ends_with(['?', '&'])
            || rest.starts_with("/?") && !bare.contains('?');
    }
    match (Url::parse(location), Url::parse(redirect_uri)) {
        (Ok(a), Ok(b)) => {
            a.scheme() == b.scheme()
                && a.host_str().is_some()
                && a.host_str() == b.host_str()
                && a.port_or_known_default() == b.port_or_known_default()
                && a.path() == b.path()
        }
        _ => false,
    }
}

/// The parameters of a URL, from its query and its fragment (`response_mode` may put them in either).
pub fn delivered(location: &str) -> Delivered {
    let (before, fragment) = location.split_once('#').unwrap_or((location, ""));
    let query = before.split_once('?').map_or("", |(_, query)| query);
    let mut found = Delivered::default();
    for text in [query, fragment] {
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            note(&mut found, &name, value.into_owned());
        }
    }
    found
}

fn note(found: &mut Delivered, name: &str, value: String) {
    match name {
        "error" => found.error = Some(value),
        "error_description" => found.description = Some(value),
        "state" => found.state = Some(value),
        "iss" => found.iss = Some(value),
        "code" | "id_token" | "access_token" | "response" => found.granted = true,
        _ => {}
    }
}

/// The parameters of a page that posts itself to the redirect URI (OAuth 2.0 Form Post Response Mode).
fn form_post(page: &str, redirect_uri: &str) -> Option<Delivered> {
    let action = attribute(page.get(page.find("<form")?..)?, "action")?;
    if !leads_to(&action, redirect_uri) {
        return None;
    }
    let mut found = Delivered::default();
    for (name, value) in inputs(page) {
        note(&mut found, &name, value);
    }
    Some(found)
}

/// Names and values of the inputs of a page.
fn inputs(page: &str) -> impl Iterator<Item = (String, String)> {
    page.split("<input").skip(1).filter_map(|input| {
        let tag = input.split('>').next().unwrap_or_default();
        Some((attribute(tag, "name")?, attribute(tag, "value")?))
    })
}

/// The value of an attribute of the first tag of a text.
fn attribute(text: &str, name: &str) -> Option<String> {
    let tag = text.split('>').next()?;
    let rest = &tag[tag.find(&format!("{name}="))? + name.len() + 1..];
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = rest[1..].split(quote).next()?;
    let entities = [
        ("&#x2F;", "/"),
        ("&#47;", "/"),
        ("&#x3D;", "="),
        ("&#61;", "="),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    Some(entities.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to)))
}

/// The `error` of a JSON refusal.
fn json_error(body: &[u8]) -> Option<String> {
    let document = crate::evidence::json::read(body).ok()?;
    document.root.get("error").and_then(|e| e.as_str()).map(str::to_owned)
}

/// Masks path segments that look made up for one request: long, and of digits or mixed case or dashes.
fn mask(url: &str) -> String {
    let (head, path) = match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('/')?))) {
        Some((scheme, (host, path))) => (format!("{scheme}://{host}/"), path),
        None => (String::new(), url),
    };
    let random = |segment: &str| {
        let digits = segment.chars().any(|c| c.is_ascii_digit());
        let mixed = segment.chars().any(|c| c.is_ascii_uppercase()) && segment.chars().any(|c| c.is_ascii_lowercase());
        segment.len() >= 12 && (digits || mixed)
    };
    let segments: Vec<&str> = path.split('/').map(|s| if random(s) { "*" } else { s }).collect();
    format!("{head}{}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_leads_to_the_redirect_uri_or_not() {
        let app = "https://app.example.com/cb";
        for good in [
            "https://app.example.com/cb",
            "https://app.example.com/cb?error=x",
            "https://app.example.com/cb#error=x",
            "https://APP.example.com:443/cb?code=1",
        ] {
            assert!(leads_to(good, app), "{good}");
        }
        for bad in [
            "https://app.example.com/cb2?error=x",
            "https://app.example.com.evil/cb",
            "https://idp/login?redirect_uri=https://app.example.com/cb",
            "/login",
        ] {
            assert!(!leads_to(bad, app), "{bad}");
        }
        assert!(leads_to("https://app.example.com/?error=x", "https://app.example.com"));
        assert!(leads_to("https://app.example.com/cb?x=1&error=y", "https://app.example.com/cb?x=1"));
    }

    #[test]
    fn errors_are_read_from_query_fragment_and_form() {
        assert_eq!(delivered("https://a/cb#error=login_required&state=s").error.as_deref(), Some("login_required"));
        let page = r#"<html><form method="post" action="https://a/cb"><input type="hidden" name="error" value="login_required"/><input name='state' value='a&amp;b'/></form>"#;
        let posted = form_post(page, "https://a/cb").expect("it posts itself");
        assert_eq!((posted.error.as_deref(), posted.state.as_deref()), (Some("login_required"), Some("a&b")));
        assert_eq!(form_post(r#"<form action="/login">"#, "https://a/cb"), None);
    }

    #[test]
    fn random_segments_are_masked() {
        assert_eq!(mask("https://idp/interaction/Xk29dkLmQ01aa"), "https://idp/interaction/*");
        assert_eq!(
            mask("https://idp/if/flow/default-authentication-flow/"),
            "https://idp/if/flow/default-authentication-flow/"
        );
    }
}
