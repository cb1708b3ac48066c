//! What is wrong with the way to a document, alike for the metadata and for the key set.

use crate::case::Case;
use crate::evidence::{Exchange, Response, Slot};
use crate::library::transport::Doc;
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Side, Spot, Verdict};

/// Slower than this is worth a word even where the library waits longer, in milliseconds.
const SLOW_MS: u64 = 2_000;

/// What asks for documents that come in time and in a size that can be read.
pub(crate) const LIMITS: Clause = Clause::local("time and size limits of the client library");

/// A document that the library fetches, as it came.
pub(crate) struct Fetched<'a> {
    doc: Doc,
    slot: Slot,
    /// "the metadata".
    noun: &'static str,
    exchange: &'a Exchange,
    response: &'a Response,
}

impl<'a> Fetched<'a> {
    /// The metadata.
    pub(crate) fn metadata(case: &Case<'a>) -> Result<Fetched<'a>, Gap> {
        let exchange = case.exchange(&Slot::Discovery)?;
        let response = case.response(&Slot::Discovery, "discovery/reachable")?;
        Ok(Fetched { doc: Doc::Metadata, slot: Slot::Discovery, noun: "the metadata", exchange, response })
    }

    /// The key set. `Ok(Err)` holds the verdict where the library never fetches it.
    pub(crate) fn keys(case: &Case<'a>) -> Result<Result<Fetched<'a>, Verdict>, Gap> {
        let keys = &case.library().keys;
        if !keys.verified {
            return Ok(Err(Verdict::not_applicable("the library never fetches the keys")));
        }
        let exchange = case.exchange(&Slot::Jwks)?;
        let response = case.response(&Slot::Jwks, "jwks/reachable")?;
        Ok(Ok(Fetched { doc: Doc::Jwks(keys.fetched), slot: Slot::Jwks, noun: "the key set", exchange, response }))
    }

    /// Redirects on the way; `plain` is the clause that asks for https, `detour` the one that asks for the document.
    pub(crate) fn redirects(&self, case: &Case<'_>, plain: Clause, detour: Clause) -> Verdict {
        let Some(first) = self.exchange.hops.first() else { return Verdict::pass("no redirect") };
        let refusal = case.library().transport.redirects(self.doc, self.exchange);
        let place = Place { slot: self.slot.clone(), spot: Spot::Header("Location".into()) };
        // Whoever is on the way can put in a document of their own, and with it the keys or the endpoints.
        if let Some(hop) = self.exchange.downgraded() {
            let finding = Finding::new(format!("a redirect leads {} over plain http", self.noun), place, plain)
                .expected("https all the way")
                .actual(format!("{} to {}", hop.status, hop.location));
            return Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Unsafe));
        }
        let times = crate::report::count(self.exchange.hops.len(), "redirect");
        let finding = Finding::new(format!("{} is reached only after {times}", self.noun), place, detour)
            .expected("status 200 at once")
            .actual(format!("{} to {}; the document came from {}", first.status, first.location, self.response.url));
        Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy))
    }

    /// A document that is larger than the library reads, or than `large` bytes; `remedy` is for the second.
    pub(crate) fn size(&self, case: &Case<'_>, large: (usize, &'static str)) -> Option<Finding> {
        let refusal = case.library().transport.size(self.doc, self.response);
        if refusal.is_none() && (self.response.body.len() <= large.0 || self.response.cut_at.is_some()) {
            return None;
        }
        let place = Place { slot: self.slot.clone(), spot: Spot::Body(String::new(), None) };
        let who = if refusal.is_some() { "the library reads" } else { "some libraries read" };
        let finding = Finding::new(format!("{} is larger than {who}", self.noun), place, LIMITS)
            .expected("a few kilobytes")
            .actual(format!("{} bytes", self.response.body.len()));
        let finding = if refusal.is_some() { finding } else { finding.remedy(large.1) };
        Some(case.weigh(finding, refusal.as_ref(), Effect::Untidy))
    }

    /// Whether it comes within the time that the library waits.
    pub(crate) fn time(&self, case: &Case<'_>) -> Verdict {
        let refusal = case.library().transport.time(self.doc, self.exchange);
        if refusal.is_none() && self.exchange.elapsed_ms <= SLOW_MS {
            return Verdict::pass(format!("{} ms", self.exchange.elapsed_ms));
        }
        let place = Place { slot: self.slot.clone(), spot: Spot::Time };
        let finding = Finding::new(format!("{} comes slowly", self.noun), place, LIMITS)
            .expected(format!("at most {SLOW_MS} ms"))
            .actual(format!("{} ms from here", self.exchange.elapsed_ms))
            .side(Side::Network);
        Verdict::fail(case.weigh(finding, refusal.as_ref(), Effect::Untidy))
    }
}
