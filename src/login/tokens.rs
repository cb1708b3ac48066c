//! The token request as the application's library makes it, and userinfo.

use super::{Asking, REDACTED};
use crate::gather::Sender;
use oidcheck_checks::evidence::login::Grant;
use oidcheck_checks::evidence::{Exchange, Hop, Request, Response, SecretChoice};
use oidcheck_checks::library::tokens::Authentication;
use oidcheck_checks::target::Target;
use url::Url;

/// What a token response brings for later, and how the client said who it is.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) access: Option<String>,
    pub(super) refresh: Option<String>,
    pub(super) id: Option<String>,
    pub(super) way: Authentication,
}

impl Given {
    /// What a successful answer holds; nothing of any other.
    pub(super) fn of(exchange: &Exchange, way: Authentication) -> Given {
        let response = exchange.outcome.as_ref().ok().filter(|response| (200..300).contains(&response.status));
        Given::read(response, way)
    }

    /// What an authorization response holds (implicit flow), however it came.
    pub(super) fn in_front(exchange: &Exchange) -> Given {
        Given::read(exchange.outcome.as_ref().ok(), Authentication::None)
    }

    fn read(response: Option<&Response>, way: Authentication) -> Given {
        let grant = response.and_then(|response| Grant::read(&response.body, None).ok());
        let text = |name: &str| Some(grant.as_ref()?.present(name)?.as_str()?.to_owned());
        Given { access: text("access_token"), refresh: text("refresh_token"), id: text("id_token"), way }
    }
}

/// Redeems the code, trying the ways of client authentication that the library tries. Gives the last exchange, without
/// what was sent in it, and the tokens.
///
/// # Errors
/// The code would go over plain http to another machine.
pub(super) async fn redeem(
    sender: &Sender<'_>,
    asking: &Asking,
    url: &str,
    code: &str,
    attempts: &[Authentication],
    proof: Proof,
) -> Result<(Exchange, Given), String> {
    private(url, "the code")?;
    let mut last = None;
    for attempt in ways(attempts, proof) {
        let exchange = post(sender, url, |url| request(asking, url, code, attempt)).await;
        let refused = exchange.outcome.as_ref().is_ok_and(|response| matches!(response.status, 400 | 401));
        last = Some((exchange, attempt));
        if !refused {
            break;
        }
    }
    let (mut exchange, attempt) = last.ok_or("the application knows no way to authenticate at the token endpoint")?;
    let given = Given::of(&exchange, attempt);
    let asked = Asking { verifier: asking.verifier.as_ref().map(|_| REDACTED.to_owned()), ..asking.clone() };
    let evidence = request(&asked, exchange.request.url.as_str(), REDACTED, attempt);
    exchange.request = evidence;
    Ok((exchange, given))
}

/// What the client can prove itself by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// Nothing: it is public.
    Nothing,
    /// A secret.
    Secret,
    /// A private key.
    Key,
}

impl Proof {
    pub(super) fn of(target: &Target) -> Proof {
        match (target.has_key, target.has_secret) {
            (true, _) => Proof::Key,
            (false, true) => Proof::Secret,
            (false, false) => Proof::Nothing,
        }
    }
}

/// The ways that make sense with what was given: without a secret only those that need none.
pub(super) fn ways(attempts: &[Authentication], proof: Proof) -> Vec<Authentication> {
    if proof == Proof::Key {
        return vec![Authentication::PrivateKeyJwt];
    }
    let has_secret = proof == Proof::Secret;
    let public = |way: &Authentication| matches!(way, Authentication::None | Authentication::BasicEmpty);
    let fitting: Vec<Authentication> = attempts.iter().copied().filter(|way| public(way) != has_secret).collect();
    match (fitting.is_empty(), has_secret) {
        (false, _) => fitting,
        (true, true) => vec![Authentication::BasicEncoded, Authentication::Post],
        (true, false) => vec![Authentication::None],
    }
}

fn request(asking: &Asking, url: &str, code: &str, way: Authentication) -> Request {
    let mut pairs = vec![("grant_type", "authorization_code"), ("code", code)];
    if !asking.redirect_uri.is_empty() {
        pairs.push(("redirect_uri", asking.redirect_uri.as_str()));
    }
    if let Some(verifier) = &asking.verifier {
        pairs.push(("code_verifier", verifier));
    }
    as_client(url, &asking.client_id, way, pairs)
}

/// A token request that says which client asks.
fn as_client<'a>(url: &str, client_id: &'a str, way: Authentication, mut pairs: Vec<(&'a str, &'a str)>) -> Request {
    if way == Authentication::None {
        pairs.push(("client_id", client_id));
    }
    let request = Request::new("POST", url).form(&pairs).header("Accept", "application/json");
    let secret = if way == Authentication::BasicEmpty { SecretChoice::Empty } else { SecretChoice::Given };
    match way.method() {
        Some(method) => request.auth(method, client_id, secret),
        None => request,
    }
}

/// Asks for new tokens with a refresh token (RFC 6749 section 6). Gives the exchange without what was sent, and the tokens.
///
/// # Errors
/// The token would go over plain http to another machine.
pub(super) async fn refresh(
    sender: &Sender<'_>,
    client_id: &str,
    url: &str,
    token: &str,
    way: Authentication,
) -> Result<(Exchange, Given), String> {
    private(url, "the refresh token")?;
    let of = |url: &str, token: &str| {
        as_client(url, client_id, way, vec![("grant_type", "refresh_token"), ("refresh_token", token)])
    };
    let mut exchange = post(sender, url, |url| of(url, token)).await;
    let given = Given::of(&exchange, way);
    exchange.request = of(exchange.request.url.as_str(), REDACTED);
    Ok((exchange, given))
}

/// Revokes a token (RFC 7009 section 2.1). Gives the exchange without what was sent.
///
/// # Errors
/// The token would go over plain http to another machine.
pub(super) async fn revoke(
    sender: &Sender<'_>,
    client_id: &str,
    url: &str,
    (kind, token): (&str, &str),
    way: Authentication,
) -> Result<Exchange, String> {
    private(url, "a token")?;
    let of = |token: &str| as_client(url, client_id, way, vec![("token", token), ("token_type_hint", kind)]);
    let mut exchange = sender.send(of(token)).await;
    exchange.request = of(REDACTED);
    Ok(exchange)
}

/// Posts, and posts again where a 307 or 308 of the same origin points to: what most libraries do. The redirect stays
/// in the evidence for those that do not.
async fn post(sender: &Sender<'_>, url: &str, request: impl Fn(&str) -> Request) -> Exchange {
    let exchange = sender.send(request(url)).await;
    let Some((status, next)) = repeated(url, &exchange) else { return exchange };
    let mut second = sender.send(request(&next)).await;
    second.hops.insert(0, Hop { url: url.to_owned(), status, location: next });
    second
}

fn repeated(url: &str, exchange: &Exchange) -> Option<(u16, String)> {
    let response = exchange.outcome.as_ref().ok().filter(|response| matches!(response.status, 307 | 308))?;
    Some((response.status, same_origin(url, response.header("location")?)?))
}

/// Where a redirect leads, if that is on the same origin: what was meant for one server goes to no other.
fn same_origin(url: &str, location: &str) -> Option<String> {
    let from = Url::parse(url).ok()?;
    let next = from.join(location).ok()?;
    (next.origin() == from.origin()).then(|| next.to_string())
}

/// Asks for userinfo.
///
/// # Errors
/// The access token would go over plain http to another machine.
pub(super) async fn userinfo(sender: &Sender<'_>, url: &str, access_token: &str) -> Result<Exchange, String> {
    private(url, "the access token")?;
    let get = |url: &str, token: &str| {
        Request::new("GET", url).header("Accept", "application/json").header("Authorization", format!("Bearer {token}"))
    };
    let mut exchange = sender.send(get(url, access_token)).await;
    let redirect = exchange.outcome.as_ref().ok().filter(|response| matches!(response.status, 301..=308));
    let next = redirect.and_then(|r| Some((r.status, same_origin(url, r.header("location")?)?)));
    if let Some((status, next)) = next {
        exchange = sender.send(get(&next, access_token)).await;
        exchange.hops.insert(0, Hop { url: url.to_owned(), status, location: next });
    }
    exchange.request = get(url, REDACTED);
    Ok(exchange)
}

/// How userinfo is asked besides GET (OpenID Connect Core 1.0 section 5.3.1, RFC 6750 section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Posted {
    InHeader,
    InBody,
}

/// Asks for userinfo by POST.
///
/// # Errors
/// The access token would go over plain http to another machine.
pub(super) async fn post_userinfo(
    sender: &Sender<'_>,
    url: &str,
    access_token: &str,
    how: Posted,
) -> Result<Exchange, String> {
    private(url, "the access token")?;
    let of = |token: &str| {
        let request = Request::new("POST", url).header("Accept", "application/json");
        match how {
            // A type of nothing makes some providers look for a body.
            Posted::InHeader => request.header("Authorization", format!("Bearer {token}")),
            Posted::InBody => request.form(&[("access_token", token)]),
        }
    };
    let mut exchange = sender.send(of(access_token)).await;
    exchange.request = of(REDACTED);
    Ok(exchange)
}

pub(super) fn private(url: &str, what: &str) -> Result<(), String> {
    let here = oidcheck_checks::hosts::is_loopback(&oidcheck_checks::hosts::host(url));
    if url.starts_with("https:") || here { Ok(()) } else { Err(format!("{what} is not sent over plain http to {url}")) }
}
