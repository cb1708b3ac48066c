//! Asks the modelled provider whatever the plan wants to know, as the gatherer asks a real one.
//!
//! The plan is asked, not imitated, so evidence that a new check needs comes here by itself.

use super::material;
use super::provider::{HTTP, HTTPS, Provider, Redirects, Serving};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oidcheck_checks::evidence::{Evidence, Exchange, Hop, Older, Request, Response, Tls, TransportError};
use oidcheck_checks::plan::Plan;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::target::{Target, WELL_KNOWN};

/// More rounds than any plan needs.
const ROUNDS: usize = 20;

/// When the modelled provider was asked: within the validity of its certificates.
pub(crate) fn now() -> jiff::Timestamp {
    "2026-12-01T12:00:00Z".parse().expect("RFC 3339")
}

/// Everything that can be had from the provider without a login, for these applications.
pub(crate) fn gather(provider: &Provider, target: &Target, profiles: &[Profile]) -> Evidence {
    let plan = Plan { target, profiles };
    let mut evidence = Evidence::default();
    for _ in 0..ROUNDS {
        let asks = plan.next(&evidence);
        if asks.is_empty() {
            return evidence;
        }
        for ask in asks {
            evidence.record(ask.slot, answer(provider, ask.request));
        }
    }
    panic!("the plan still has questions after {ROUNDS} rounds");
}

fn answer(provider: &Provider, request: Request) -> Exchange {
    let url = url::Url::parse(&request.url).ok().filter(|url| url.host_str() == Some("idp.lab.test"));
    let Some(url) = url else {
        let outcome = Err(TransportError::Dns(request.url.clone()));
        return Exchange { request, outcome, hops: Vec::new(), tls: None, started: now(), elapsed_ms: 1 };
    };
    let endpoint = url.path().splitn(3, '/').nth(2).unwrap_or_default();
    match (request.method, endpoint) {
        ("OPTIONS", "jwks" | "token" | "userinfo") => brief(request, 204, ""),
        ("GET", _) if format!("/{endpoint}") == WELL_KNOWN => {
            let text = serde_json::to_string(&provider.metadata).expect("a map of JSON values");
            document(request, &text, &provider.discovery)
        }
        ("GET", "jwks") => document(request, &provider.jwks.to_string(), &provider.keys),
        ("GET", "token") => brief(request, 405, "POST only"),
        ("POST", "token") => brief(request, 400, r#"{"error":"invalid_request"}"#),
        (_, "userinfo") => brief(request, 401, ""),
        _ => brief(request, 404, "not here"),
    }
}

/// A document, with whatever stands before it.
pub(crate) fn document(request: Request, text: &str, serving: &Serving) -> Exchange {
    let hops = hops(&request.url, serving.redirects);
    let url = hops.last().map_or(request.url.as_str(), |hop| hop.location.as_str()).to_owned();
    let body = (serving.bytes)(text);
    let encoded_len = serving.gzip.then_some(body.len() / 2);
    let mut headers = cross_origin();
    headers.extend(serving.content_type.map(|value| header("Content-Type", value)));
    headers.extend(serving.gzip.then(|| header("Content-Encoding", "gzip")));
    headers.push(header("Content-Length", &encoded_len.unwrap_or(body.len()).to_string()));
    let response =
        Response { url, version: "HTTP/1.1".into(), status: serving.status, headers, body, encoded_len, cut_at: None };
    exchange(request, response, hops, serving.elapsed_ms)
}

/// Any other answer: it is there, and it lets a browser application on any origin read it.
fn brief(request: Request, status: u16, body: &str) -> Exchange {
    let mut headers = cross_origin();
    headers.push(header("Access-Control-Allow-Methods", "GET, POST, OPTIONS"));
    headers.push(header("Access-Control-Allow-Headers", "authorization, content-type, accept"));
    headers.push(header("Content-Type", if body.starts_with('{') { "application/json" } else { "text/plain" }));
    let (url, body) = (request.url.clone(), body.as_bytes().to_vec());
    let response = Response { url, version: "HTTP/1.1".into(), status, headers, body, encoded_len: None, cut_at: None };
    exchange(request, response, Vec::new(), 12)
}

fn exchange(request: Request, response: Response, hops: Vec<Hop>, elapsed_ms: u64) -> Exchange {
    let asked = hops.iter().map(|hop| hop.url.as_str()).chain([response.url.as_str()]);
    let tls = asked.filter_map(|url| url::Url::parse(url).ok()).rfind(|url| url.scheme() == "https").map(|url| Tls {
        server_name: url.host_str().unwrap_or_default().to_owned(),
        chain: vec![STANDARD.decode(material::server_certificate()).expect("the fixture is base64")],
        distrust: None,
        older: Some(Older::Refused),
    });
    Exchange { request, outcome: Ok(response), hops, tls, started: now(), elapsed_ms }
}

fn hops(url: &str, redirects: Redirects) -> Vec<Hop> {
    let one = |location: String| vec![Hop { url: url.to_owned(), status: 302, location }];
    match redirects {
        Redirects::None => Vec::new(),
        Redirects::Slash => one(format!("{url}/")),
        Redirects::Reposted => vec![Hop { url: url.to_owned(), status: 307, location: format!("{url}/") }],
        Redirects::Host => one(format!("{}?moved", url.replace("idp.lab.test", "localhost"))),
        Redirects::Http => one(url.replace(HTTPS, HTTP)),
        Redirects::InARow(count) => {
            let numbered = |n: usize| if n == 0 { url.to_owned() } else { format!("{url}?hop={n}") };
            (0..count).map(|n| Hop { url: numbered(n), status: 302, location: numbered(n + 1) }).collect()
        }
    }
}

pub(crate) fn cross_origin() -> Vec<(String, String)> {
    vec![header("Access-Control-Allow-Origin", "*"), header("Cache-Control", "no-store")]
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
