//! What stands around the documents: clocks, caches, headers, and walls that let browsers pass and programs not.

pub(crate) mod wall;

use crate::case::Case;
use crate::evidence::{Exchange, Response, Slot};

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
