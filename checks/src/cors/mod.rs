//! What a browser lets an application read across origins.

group![browser, token, userinfo, revocation];

use crate::case::Case;
use crate::evidence::Exchange;
use crate::verdict::{Gap, Verdict};

/// The values of Access-Control-Allow-Origin, and the origin that was sent.
fn allowed(exchange: &Exchange) -> (String, Vec<String>) {
    let sent =
        exchange.request.headers.iter().find(|(name, _)| name == "Origin").map_or("", |(_, value)| value.as_str());
    let named = |name: &str| name.eq_ignore_ascii_case("access-control-allow-origin");
    let headers = exchange.outcome.as_ref().map(|response| response.headers.as_slice()).unwrap_or_default();
    (sent.to_owned(), headers.iter().filter(|(n, _)| named(n)).map(|(_, v)| v.clone()).collect())
}

/// The header that allows the origin that was sent, or what stands in its place.
fn allows(exchange: &Exchange) -> Result<String, String> {
    let (origin, allowed) = allowed(exchange);
    match allowed.as_slice() {
        [one] if one == "*" || *one == origin => Ok(format!("Access-Control-Allow-Origin: {one}")),
        [] => Err("no Access-Control-Allow-Origin".to_owned()),
        values => Err(format!("Access-Control-Allow-Origin: {}", values.join(", "))),
    }
}

/// Why an endpoint that only some browser applications ask is none of this one's business, if it is none.
fn silent(case: &Case<'_>, what: &str, member: &str) -> Result<Option<Verdict>, Gap> {
    let reads = case.profile.file.browser.as_ref().is_some_and(|b| b.cors.iter().any(|one| one == what));
    if !case.library().browser || !reads {
        return Ok(Some(Verdict::not_applicable("this part of the application does not ask it from a browser")));
    }
    if case.metadata()?.string(member).is_none() {
        return Ok(Some(Verdict::not_applicable(format!("the provider has no {member}"))));
    }
    if what == "revocation" && !case.profile.public() {
        return Ok(Some(Verdict::not_applicable("the application has a secret, which no page in a browser may know")));
    }
    if case.target.app_origin().is_none() {
        return Err(Gap::Undecided("--app-url tells which origin to ask for".into()));
    }
    Ok(None)
}
