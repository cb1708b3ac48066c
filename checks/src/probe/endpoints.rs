//! Questions to the other endpoints of a provider that need nobody to be logged in: introspection, revocation, logout,
//! the page where people enter the code of a device, and the page to which an authorization request leads.

use super::reply::{Reply, read};
use super::{Authorization, FOREIGN, authorize_slot, extra_parameters, oracle::names};
use crate::evidence::metadata::Metadata;
use crate::evidence::{AuthMethod, Endpoint, Evidence, Request, Response, SecretChoice, Slot, encode_pairs};
use crate::profile::{Part, Profile, RedirectKind};
use crate::target::Target;
use url::Url;

/// A token that no provider ever issued.
const DEAD_TOKEN: &str = "oidcheck-dead-0123456789abcdef";
/// So many redirects on the way to the login page are followed.
const HOPS: usize = 4;
/// Stands for the cookies that the answers before have set. The gatherer puts them in, and they are never recorded.
pub const COOKIES_KEPT: &str = "REDACTED";

/// The slot of the metadata as it comes to a request that names a foreign host.
pub fn forwarded_slot() -> Slot {
    Slot::Probe(Endpoint::Metadata, "forwarded-host".into())
}

/// The slot of the metadata when it is asked for again.
pub fn again_slot() -> Slot {
    Slot::Probe(Endpoint::Metadata, "again".into())
}

/// The slot of the key set when it is asked for again.
pub fn keys_again_slot() -> Slot {
    Slot::Probe(Endpoint::Metadata, "keys-again".into())
}

/// The slot of an ordinary authorization request that names a foreign host.
pub fn forwarded_page_slot(uri: &str) -> Slot {
    authorize_slot(&format!("forwarded-host:{uri}"))
}

/// The names of the questions to userinfo that need no login.
pub mod userinfo_names {
    /// Without a token.
    pub const ANONYMOUS: &str = "anonymous";
    /// With a token that nobody issued.
    pub const INVENTED: &str = "invented";
}

/// The slot of a question to userinfo that needs no login.
pub fn userinfo_slot(name: &str) -> Slot {
    Slot::Probe(Endpoint::Userinfo, name.to_owned())
}

/// Asks userinfo as somebody whom nobody gave a token (RFC 6750 section 3).
pub fn userinfo(endpoint: &str, name: &str) -> Request {
    let request = Request::new("GET", endpoint).header("Accept", "application/json");
    if name == userinfo_names::ANONYMOUS {
        return request;
    }
    request.header("Authorization", format!("Bearer {DEAD_TOKEN}"))
}

/// Whether userinfo refused that question as somebody who may not ask.
pub fn refused(evidence: &Evidence, name: &str) -> bool {
    let exchange = evidence.get(&userinfo_slot(name));
    exchange.and_then(|e| e.outcome.as_ref().ok()).is_some_and(|r| matches!(r.status, 400 | 401 | 403))
}

/// The slot of a question to the introspection endpoint.
pub fn introspection_slot() -> Slot {
    Slot::Probe(Endpoint::Introspection, "anonymous".into())
}

/// Asks about a token that nobody issued and shows no credentials (RFC 7662 section 2.1).
pub fn introspection(endpoint: &str) -> Request {
    Request::new("POST", endpoint).header("Accept", "application/json").form(&[("token", DEAD_TOKEN)])
}

/// The slot of a question to the revocation endpoint.
pub fn revocation_slot(name: &str) -> Slot {
    Slot::Probe(Endpoint::Revocation, name.to_owned())
}

/// Revokes a token that nobody issued (RFC 7009 section 2.1), with the secret or with the client id alone.
pub fn revocation(endpoint: &str, client_id: &str, secret: Option<AuthMethod>, origin: Option<String>) -> Request {
    let request = Request::new("POST", endpoint).header("Accept", "application/json");
    let request = match origin {
        Some(origin) => request.header("Origin", origin),
        None => request,
    };
    match secret {
        None => request.form(&[("token", DEAD_TOKEN), ("client_id", client_id)]),
        Some(method) => request.form(&[("token", DEAD_TOKEN)]).auth(method, client_id, SecretChoice::Given),
    }
}

/// The slot of a question to the endpoint for pushed requests.
pub fn pushed_slot(name: &str) -> Slot {
    Slot::Probe(Endpoint::Par, name.to_owned())
}

/// The names of the pushed requests.
pub mod pushed_names {
    /// The control: the redirect URI of the application.
    pub const EXPECTED: &str = "expected";
    /// A redirect URI that nobody registered.
    pub const FOREIGN: &str = "foreign";
    /// The same with a wrong secret.
    pub const FOREIGN_INVENTED: &str = "foreign-invented";
}

/// Pushes the plainest valid request (RFC 9126 section 2.1).
pub fn pushed(
    endpoint: &str,
    client_id: &str,
    uri: &str,
    name: &str,
    method: AuthMethod,
    secret: SecretChoice,
) -> Request {
    let request = Authorization::new(endpoint, client_id, uri, &format!("pushed-{name}")).without("prompt");
    // In the body, the client id goes with the secret or with the assertion.
    let request = if matches!(method, AuthMethod::Post | AuthMethod::PrivateKeyJwt) {
        request.without("client_id")
    } else {
        request
    };
    Request { headers: Vec::new(), ..request.posted() }
        .header("Accept", "application/json")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .auth(method, client_id, secret)
}

/// What became of a pushed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// It is kept under an address of its own.
    Kept,
    /// It is refused, in these words.
    Refused(String),
    /// It cannot be told.
    Unclear(String),
}

/// Reads the answer to a pushed request.
pub fn read_pushed(evidence: &Evidence, name: &str) -> Pushed {
    let Some(exchange) = evidence.get(&pushed_slot(name)) else {
        return Pushed::Unclear("the pushed request was not sent".into());
    };
    let response = match &exchange.outcome {
        Ok(response) => response,
        Err(error) => return Pushed::Unclear(error.to_string()),
    };
    let document = crate::evidence::json::read(&response.body).ok();
    let member = |name: &str| document.as_ref().and_then(|d| d.root.get(name)).and_then(|n| n.as_str());
    match (response.status, member("request_uri"), member("error")) {
        (200 | 201, Some(_), _) => Pushed::Kept,
        (400..=499, _, Some(error)) if response.status != 429 => {
            Pushed::Refused(format!("status {}, {error}", response.status))
        }
        (status, ..) => Pushed::Unclear(format!("the endpoint for pushed requests answers with status {status}")),
    }
}

/// The slot of a question to the end-session endpoint.
pub fn logout_slot(name: &str) -> Slot {
    Slot::Probe(Endpoint::EndSession, name.to_owned())
}

/// A logout of nobody, without a hint about who it is. With a client id some providers look into its registration.
pub fn logout(endpoint: &str, client_id: Option<&str>, uri: &str) -> Request {
    let mut pairs = vec![("post_logout_redirect_uri", uri), ("state", "oidcheck-logout")];
    pairs.extend(client_id.map(|id| ("client_id", id)));
    let join = if endpoint.contains('?') { '&' } else { '?' };
    page(format!("{endpoint}{join}{}", encode_pairs(&pairs)))
}

/// What the logout endpoint answers to somebody who is not logged in, whatever is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoutEndpoint {
    /// It does something, or refuses for a reason.
    Answers,
    /// There is nothing, with this status.
    Missing(u16),
    /// It fails with this status.
    Fails(u16),
}

/// Reads all answers of the logout endpoint together. One that is no dead end shows that it is there.
pub fn logout_endpoint(evidence: &Evidence) -> LogoutEndpoint {
    let asked = evidence.iter().filter(|(slot, _)| matches!(slot, Slot::Probe(Endpoint::EndSession, _)));
    let mut worst = None;
    for (_, exchange) in asked {
        let Ok(response) = &exchange.outcome else { return LogoutEndpoint::Answers };
        let dead = match response.status {
            404 | 405 | 410 if !gives_reason(response) => LogoutEndpoint::Missing(response.status),
            500 | 501 => LogoutEndpoint::Fails(response.status),
            _ => return LogoutEndpoint::Answers,
        };
        worst.get_or_insert(dead);
    }
    worst.unwrap_or(LogoutEndpoint::Answers)
}

/// Whether a refusal speaks of what was sent. A page for what is not there knows nothing of it.
fn gives_reason(response: &Response) -> bool {
    let text = String::from_utf8_lossy(&response.body).to_ascii_lowercase();
    ["redirect_uri", "redirect uri", "id_token", "client_id", "\"error\""].iter().any(|word| text.contains(word))
}

/// Where an application wants people to come back to after a logout.
pub fn post_logout_uris(target: &Target, profile: &Profile) -> Vec<String> {
    let wanted = profile.redirects(target.app_url.as_deref()).into_iter();
    wanted.filter(|(_, redirect)| redirect.kind == RedirectKind::PostLogout).map(|(uri, _)| uri).collect()
}

/// That address with a query added.
pub fn longer(uri: &str) -> String {
    format!("{uri}{}oidcheck=1", if uri.contains('?') { '&' } else { '?' })
}

/// Whether the logout of that name comes back to this address at once, with nothing but `state` behind it.
pub fn back_to(evidence: &Evidence, name: &str, uri: &str) -> bool {
    let response = evidence.get(&logout_slot(name)).and_then(|exchange| exchange.outcome.as_ref().ok());
    let to = response.and_then(sent_to);
    to.is_some_and(|to| {
        let rest = to.as_str().strip_prefix(uri.trim_end_matches('/')).map(|rest| rest.trim_start_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("?state=") || rest.starts_with("&state="))
    })
}

/// Where people are sent after a logout that redirects them at once.
pub fn sent_to(response: &Response) -> Option<Url> {
    let location = response.header("location").filter(|_| matches!(response.status, 301 | 302 | 303 | 307 | 308))?;
    Url::parse(&response.url).ok()?.join(location).ok()
}

/// Whether people are sent to the host that nobody registered.
pub fn foreign(url: &Url) -> bool {
    url.host_str() == Some(FOREIGN)
}

/// The slot of the page where people enter the code of their device.
pub fn device_page_slot(profile: &Profile) -> Slot {
    Slot::Probe(Endpoint::Device, format!("page:{}", profile.file.id))
}

/// What a part of an application sends to the device authorization endpoint besides saying who it is (RFC 8628 section
/// 3.1): its scopes, an audience where one is set, and whatever else its profile knows of.
pub fn device_pairs(profile: &Profile, part: &Part, client_id: &str) -> Vec<(String, String)> {
    let scope = if part.scopes.is_empty() { "openid".to_owned() } else { part.scopes.join(" ") };
    let mut pairs = vec![("scope".to_owned(), scope)];
    if let Some(audience) = extra_parameters(profile, client_id).remove("audience").filter(|value| !value.is_empty()) {
        pairs.push(("audience".into(), audience));
    }
    pairs.extend(device_sends(profile));
    pairs
}

/// What it sends with every request of the device flow, such as an empty `client_secret`.
pub fn device_sends(profile: &Profile) -> Vec<(String, String)> {
    let sends = profile.file.device.iter().flat_map(|device| &device.sends);
    sends.filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Starts the device flow as that part does.
pub fn device_authorization(endpoint: &str, client_id: &str, profile: &Profile, part: &Part) -> Request {
    let pairs = device_pairs(profile, part, client_id);
    let mut form = vec![("client_id", client_id)];
    form.extend(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    Request::new("POST", endpoint).header("Accept", "application/json").form(&form)
}

/// The control of the device flow.
pub const DEVICE_UNKNOWN: &str = "unknown-client";

/// The page that a device authorization response names.
pub fn verification_uri(response: &Response) -> Option<String> {
    let document = crate::evidence::json::read(&response.body).ok()?;
    let uri = document.root.get("verification_uri")?.as_str()?.to_owned();
    Url::parse(&uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https")).then_some(uri)
}

/// A page, as a browser asks for it.
pub fn page(url: impl Into<String>) -> Request {
    Request::new("GET", url).header("Accept", "text/html,application/xhtml+xml").header("Accept-Language", "en")
}

/// Where an ordinary authorization request leads.
#[derive(Debug)]
pub enum Landing<'e> {
    /// The first request is still to be answered.
    Open,
    /// The next request on the way.
    Next(Slot, Request),
    /// The answer that is no redirect, and its slot.
    Page(Slot, &'e Response),
    /// Somebody who is not logged in is sent to the application at once.
    AtApplication,
    /// It cannot be followed, for this reason.
    Lost(String),
}

/// Follows an ordinary authorization request to the page that people see, inside of the provider alone.
pub fn landing<'e>(evidence: &'e Evidence, metadata: &Metadata, expected_uri: &str) -> Landing<'e> {
    let mut slot = authorize_slot(&names::plain(&names::expected(expected_uri)));
    for hop in 1..=HOPS + 1 {
        let Some(exchange) = evidence.get(&slot) else { return Landing::Open };
        if hop == 1 && matches!(read(exchange), Reply::AtRedirect(_)) {
            return Landing::AtApplication;
        }
        let response = match &exchange.outcome {
            Ok(response) => response,
            Err(error) => return Landing::Lost(error.to_string()),
        };
        let Some(to) = sent_to(response) else { return Landing::Page(slot, response) };
        let own = |url: &Url| {
            let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
            metadata.endpoints().any(|(_, endpoint)| origin(endpoint) == Some(url.origin()))
        };
        if !own(&to) {
            let host = to.host_str().unwrap_or_default();
            return Landing::Lost(format!("it leads to {host}, which is no host of the metadata and is not asked"));
        }
        if hop > HOPS {
            break;
        }
        slot = Slot::Probe(Endpoint::AuthorizeHop, format!("page-{hop}:{expected_uri}"));
        if evidence.get(&slot).is_none() {
            return Landing::Next(slot, page(to.as_str()).header("Cookie", COOKIES_KEPT));
        }
    }
    Landing::Lost(format!("more than {HOPS} redirects"))
}
