//! What stands around the documents: clocks, caches and headers.

use crate::case::Case;
use crate::evidence::{Exchange, Response, Slot};
use crate::verdict::{Finding, Gap, Verdict};

group![clock, caching, charset, strict_transport];

/// The two documents as far as they came, with the key set only where the library fetches it.
fn documents<'a>(case: &Case<'a>) -> Vec<(Slot, &'a Exchange, &'a Response)> {
    let wanted = [(Slot::Discovery, true), (Slot::Jwks, case.library().keys.verified)];
    let read = |(slot, wanted): (Slot, bool)| {
        let exchange = case.exchange(&slot).ok().filter(|_| wanted)?;
        Some((slot, exchange, exchange.outcome.as_ref().ok()?))
    };
    wanted.into_iter().filter_map(read).collect()
}

/// The documents that could be read, and why one that the library reads could not: a page in its place has headers of
/// its own, which say nothing about the document.
fn readable<'a>(case: &Case<'a>) -> (Vec<(Slot, &'a Exchange, &'a Response)>, Option<Gap>) {
    let verified = case.library().keys.verified;
    let (discovery, jwks) = (case.discovery().err(), verified.then(|| case.jwks().err()).flatten());
    let mut found = documents(case);
    found.retain(|(slot, _, _)| if *slot == Slot::Jwks { jwks.is_none() } else { discovery.is_none() });
    (found, discovery.or(jwks))
}

/// What was found; without findings the gap, if there is one, for half of the evidence is no pass.
fn told(findings: Vec<Finding>, gap: Option<Gap>, note: impl Into<String>) -> Result<Verdict, Gap> {
    match gap {
        Some(gap) if findings.is_empty() => Err(gap),
        _ => Ok(Verdict::from(findings, note)),
    }
}

/// A directive of `Cache-Control`, with its value in seconds.
fn cache_seconds(response: &Response, directive: &str) -> Option<u64> {
    let values = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cache-control"));
    let parts = values.flat_map(|(_, value)| value.split(','));
    let read = |part: &str| {
        let (name, seconds) = part.split_once('=')?;
        (name.trim().eq_ignore_ascii_case(directive)).then(|| seconds.trim().trim_matches('"').parse().ok())?
    };
    parts.into_iter().find_map(read)
}
