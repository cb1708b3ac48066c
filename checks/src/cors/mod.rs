//! What a browser lets an application read across origins.

group![browser, token];

use crate::evidence::Exchange;

/// The values of Access-Control-Allow-Origin, and the origin that was sent.
fn allowed(exchange: &Exchange) -> (String, Vec<String>) {
    let sent =
        exchange.request.headers.iter().find(|(name, _)| name == "Origin").map_or("", |(_, value)| value.as_str());
    let named = |name: &str| name.eq_ignore_ascii_case("access-control-allow-origin");
    let headers = exchange.outcome.as_ref().map(|response| response.headers.as_slice()).unwrap_or_default();
    (sent.to_owned(), headers.iter().filter(|(n, _)| named(n)).map(|(_, v)| v.clone()).collect())
}
