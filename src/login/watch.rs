//! The way of a browser in which nobody types: with the cookies of a login it goes where it is sent, inside the provider
//! alone, and stops at the first page, or where it would leave the provider.

use super::REDACTED;
use super::flow::{arrived, browser, finished, get, parameter, place, redirect, refused};
use super::page::Page;
use crate::gather::Sender;
use crate::gather::jar::Jar;
use oidcheck_checks::evidence::{Exchange, Hop, Request, Response, encode_pairs};
use oidcheck_checks::hosts;
use url::Url;

/// More redirects than any answer has.
const STEPS: usize = 12;
/// So many pages are confirmed on the way out.
const CONFIRMED: usize = 2;

/// Where the way ended.
enum End {
    /// At the application, by this redirect.
    There(Response, Url),
    /// At a page of the provider.
    Page(Response, Url),
    /// Where it leaves the provider for another place than the application.
    Elsewhere(Response, Url),
}

/// Sends an authorization request with the cookies of a login. Gives the exchange that stands for it, and the code when
/// one came.
pub(super) async fn authorize(
    sender: &Sender<'_>,
    jar: &mut Jar,
    first: Request,
    redirect_uri: &str,
) -> (Exchange, Option<String>) {
    let mut hops = Vec::new();
    let mut started = None;
    let end = go(sender, jar, first.clone(), &[redirect_uri], &mut hops, &mut started).await;
    let request = without_hint(first);
    match end {
        Ok(End::There(response, to)) => {
            let code = parameter(&to, "code");
            (finished(request, response, to.as_str(), hops, started), code)
        }
        Ok(End::Elsewhere(response, to)) => (finished(request, response, &place(&to), hops, started), None),
        Ok(End::Page(response, at)) => {
            let page = Page::read(&String::from_utf8_lossy(&response.body));
            // A form_post response (OAuth 2.0 Form Post Response Mode section 2) is as good as a redirect.
            if let Some((pairs, _)) = page.posted(&at, redirect_uri) {
                let code = pairs.iter().find(|(name, _)| name == "code").map(|(_, value)| value.clone());
                let pairs: Vec<(&str, &str)> =
                    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                let to = format!("{redirect_uri}?{}", encode_pairs(&pairs));
                return (finished(request, response, &to, hops, started), code);
            }
            (shown(request, response, &at, hops, started), None)
        }
        Err(exchange) => (Exchange { request, hops, ..*exchange }, None),
    }
}

/// Goes the way of a logout, and confirms it where a page asks. `home` is one of the addresses that people may come back
/// to; with `confirm` false nothing is confirmed.
pub(super) async fn leave(
    sender: &Sender<'_>,
    jar: &mut Jar,
    first: Request,
    homes: &[&str],
    confirm: bool,
) -> Exchange {
    let (mut hops, mut started) = (Vec::new(), None);
    let request = without_hint(first.clone());
    let mut next = first;
    let mut confirmed = 0;
    loop {
        match go(sender, jar, next, homes, &mut hops, &mut started).await {
            Ok(End::There(response, to)) => return finished(request, response, to.as_str(), hops, started),
            Ok(End::Elsewhere(response, to)) => return finished(request, response, to.as_str(), hops, started),
            Ok(End::Page(response, at)) => {
                let page = Page::read(&String::from_utf8_lossy(&response.body));
                let form = page.leaving().filter(|_| confirm && confirmed < CONFIRMED);
                let action = form.as_ref().and_then(|(form, _)| at.join(&form.action).ok());
                let (Some((_, pairs)), Some(action)) = (form, action.filter(|to| inside(to, &at))) else {
                    return shown(request, response, &at, hops, started);
                };
                let pairs: Vec<(&str, &str)> =
                    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                confirmed += 1;
                hops.push(Hop { url: place(&at), status: response.status, location: place(&action) });
                next = browser(Request::new("POST", action.as_str()).form(&pairs))
                    .header("Origin", at.origin().ascii_serialization())
                    .header("Referer", place(&at));
            }
            Err(exchange) => return Exchange { request, hops, ..*exchange },
        }
    }
}

async fn go(
    sender: &Sender<'_>,
    jar: &mut Jar,
    first: Request,
    homes: &[&str],
    hops: &mut Vec<Hop>,
    started: &mut Option<jiff::Timestamp>,
) -> Result<End, Box<Exchange>> {
    let mut request = first;
    loop {
        let Ok(url) = Url::parse(&request.url) else { return Err(Box::new(sender.send(request).await)) };
        if let Some(cookies) = jar.header(&url) {
            request = request.header("Cookie", cookies);
        }
        let exchange = sender.send(request).await;
        started.get_or_insert(exchange.started);
        let Ok(response) = exchange.outcome else { return Err(Box::new(exchange)) };
        jar.take(&url, &response.headers);
        let Some(next) = redirect(&response).and_then(|to| url.join(to).ok()) else {
            return Ok(End::Page(response, url));
        };
        if homes.iter().any(|home| arrived(&next, home)) {
            return Ok(End::There(response, next));
        }
        if !inside(&next, &url) || hops.len() >= STEPS {
            return Ok(End::Elsewhere(response, next));
        }
        hops.push(Hop { url: place(&url), status: response.status, location: place(&next) });
        request = get(next.as_str());
    }
}

/// Whether this is still the provider: the same host, or one of the same domain.
fn inside(next: &Url, here: &Url) -> bool {
    let (there, here) = (hosts::host(next.as_str()), hosts::host(here.as_str()));
    matches!(next.scheme(), "http" | "https") && (there == here || hosts::related(&there, &here))
}

/// A page, without what it says about anybody.
fn shown(request: Request, response: Response, at: &Url, hops: Vec<Hop>, started: Option<jiff::Timestamp>) -> Exchange {
    let skeleton = Page::read(&String::from_utf8_lossy(&response.body)).skeleton();
    let mut exchange = refused(request, response, hops, started);
    if let Ok(response) = &mut exchange.outcome {
        response.body = skeleton.into_bytes();
        response.url = place(at);
    }
    exchange
}

/// The request without the token that it named.
fn without_hint(mut request: Request) -> Request {
    let Some((before, query)) = request.url.split_once('?') else { return request };
    let piece = |piece: &str| match piece.split_once('=') {
        Some((name @ "id_token_hint", _)) => format!("{name}={REDACTED}"),
        _ => piece.to_owned(),
    };
    request.url = format!("{before}?{}", query.split('&').map(piece).collect::<Vec<_>>().join("&"));
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_not_kept() {
        let request = without_hint(Request::new("GET", "https://a.test/end?x=1&id_token_hint=e.y.z&state=s"));
        assert_eq!(request.url, "https://a.test/end?x=1&id_token_hint=REDACTED&state=s");
    }

    #[test]
    fn nobody_leaves_the_provider() {
        let inside =
            |next: &str| super::inside(&Url::parse(next).unwrap(), &Url::parse("https://auth.example.com/x").unwrap());
        assert!(inside("https://auth.example.com/login") && inside("https://sso.example.com/"));
        assert!(!inside("https://evil.test/") && !inside("myapp://auth.example.com/"));
    }
}
