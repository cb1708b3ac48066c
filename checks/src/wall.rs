//! Walls in front of a provider: services that challenge whoever does not look like a browser, and proxies that want
//! a login of their own. Client libraries cannot pass either.

use crate::evidence::{Exchange, Response};

/// What stands in the way, in a person's words, when an answer that is no document shows it.
pub(crate) fn in_front_of(exchange: &Exchange, response: &Response) -> Option<String> {
    let header = |name: &str| response.header(name).map(str::to_ascii_lowercase).unwrap_or_default();
    let cookie = |start: &str| {
        response.headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("set-cookie") && value.starts_with(start))
    };
    let refused = matches!(response.status, 202 | 401 | 403 | 405 | 429 | 503);
    let signs = [
        (header("cf-mitigated") == "challenge", "a challenge of Cloudflare"),
        (!header("x-amzn-waf-action").is_empty(), "a challenge of AWS WAF"),
        (refused && !header("x-datadome").is_empty(), "a challenge of DataDome"),
        (refused && (cookie("incap_ses_") || cookie("visid_incap_")), "a challenge of Imperva"),
        (refused && (cookie("_abck=") || cookie("ak_bmsc=")), "a challenge of Akamai"),
        (refused && header("server").contains("ddos-guard"), "a challenge of DDoS-Guard"),
        (response.status == 401 && header("www-authenticate").starts_with("basic"), "a proxy that wants a password"),
    ];
    if let Some((_, what)) = signs.iter().find(|(seen, _)| *seen) {
        return Some((*what).to_owned());
    }
    // A redirect to another host that ends at a page: a single sign-on proxy, or the portal of a network.
    let page = response.media_type().is_some_and(|media| media == "text/html");
    let (asked, came) = (crate::hosts::host(&exchange.request.url), crate::hosts::host(&response.url));
    (page && !exchange.hops.is_empty() && asked != came)
        .then(|| format!("a proxy that sends everybody to {came} first"))
}

/// What to do about it.
pub(crate) fn remedy(what: &str) -> String {
    format!(
        "What answers here is {what}, which a client library cannot pass. Exempt /.well-known/, the key set, the token and the userinfo endpoint from it."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Hop, Request};

    fn seen(status: u16, headers: &[(&str, &str)], hops: &[&str]) -> Option<String> {
        let request = Request::get_json("https://idp.example.org/x");
        let url = hops.last().unwrap_or(&"https://idp.example.org/x").to_string();
        let hop = |to: &&str| Hop { url: request.url.clone(), status: 302, location: (*to).to_owned() };
        let hops = hops.iter().map(hop).collect();
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let version = "HTTP/2".to_owned();
        let response = Response { url, version, status, headers, body: Vec::new(), encoded_len: None, cut_at: None };
        let started = jiff::Timestamp::UNIX_EPOCH;
        let outcome = Ok(response.clone());
        in_front_of(&Exchange { request, outcome, hops, tls: None, started, elapsed_ms: 1 }, &response)
    }

    #[test]
    fn walls_are_recognised_by_what_they_send() {
        assert!(seen(403, &[("CF-Mitigated", "challenge")], &[]).is_some_and(|what| what.contains("Cloudflare")));
        assert!(seen(202, &[("x-amzn-waf-action", "challenge")], &[]).is_some_and(|what| what.contains("AWS")));
        assert!(seen(401, &[("WWW-Authenticate", "Basic realm=\"internal\"")], &[]).is_some());
        let portal = seen(200, &[("content-type", "text/html")], &["https://sso.example.net/login"]);
        assert_eq!(portal.as_deref(), Some("a proxy that sends everybody to sso.example.net first"));
    }

    #[test]
    fn a_provider_behind_a_service_is_no_wall() {
        assert_eq!(seen(404, &[("server", "cloudflare"), ("cf-ray", "1")], &[]), None);
        assert_eq!(seen(200, &[("Set-Cookie", "visid_incap_1=x")], &[]), None);
        assert_eq!(seen(200, &[("content-type", "application/json")], &["https://www.example.net/x"]), None);
        assert_eq!(seen(403, &[("content-type", "text/html")], &[]), None);
    }
}
