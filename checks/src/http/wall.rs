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
