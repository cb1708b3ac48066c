//! What may be asked now, given what is known. Pure: the same evidence gives the same asks.

use crate::case::Facts;
use crate::evidence::{CorsTarget, Evidence, Request, Slot};
use crate::profile::Profile;
use crate::target::Target;

/// The origin sent for a browser application whose own one is not known: an answer that allows any origin allows it,
/// and nothing else may be read from the answer.
pub const PLACEHOLDER_ORIGIN: &str = "https://app.invalid";

/// One question to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Where the answer goes.
    pub slot: Slot,
    /// The request.
    pub request: Request,
    /// Why it is asked, for `--dry-run`.
    pub why: &'static str,
}

/// What is to be found out.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The target.
    pub target: &'a Target,
    /// The applications.
    pub profiles: &'a [Profile],
}

impl Plan<'_> {
    /// Everything that can be asked now and has not been answered. Empty when the plan is done and nothing is under way.
    pub fn next(&self, evidence: &Evidence) -> Vec<Ask> {
        let mut asks = Vec::new();
        let mut ask = |slot: Slot, request: Request, why| {
            if evidence.get(&slot).is_none() {
                asks.push(Ask { slot, request, why });
            }
        };
        let url = self.target.discovery_url();
        ask(Slot::Discovery, Request::get_json(&url), "the provider's metadata");
        if self.profiles.iter().any(|p| p.parts.iter().any(|part| part.library.browser)) {
            let origin = self.target.app_origin().unwrap_or_else(|| PLACEHOLDER_ORIGIN.into());
            let request = Request::get_json(&url).header("Origin", origin);
            ask(
                Slot::Cors(CorsTarget::Discovery),
                request,
                "the metadata as a browser on the application's origin gets it",
            );
        }
        if evidence.get(&Slot::Discovery).is_some() {
            let facts = Facts::of(evidence);
            if let Some(uri) = facts.metadata.as_ref().ok().and_then(|m| m.string("jwks_uri")) {
                ask(Slot::Jwks, Request::get_json(uri), "the keys that sign the tokens");
            }
        }
        asks
    }
}
