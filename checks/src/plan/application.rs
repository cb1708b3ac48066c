//! What is asked of the application itself, and what its own request is worth at the provider.

use super::{Asks, Plan};
use crate::case::Facts;
use crate::evidence::{Evidence, Request, Slot};
use crate::probe::capture::{endpoint_of, issuer_places, replay, walk};
use crate::probe::oracle::{Oracle, names};
use crate::probe::{Authorization, authorize_slot, redirect_uris};
use crate::profile::Profile;

impl Plan<'_> {
    /// What does the application send people away with? Asked once a run, since some applications remember each time.
    pub(super) fn application(&self, profile: &Profile, evidence: &Evidence, asks: &mut Asks<'_>) {
        for (slot, request) in walk(self.target, profile, evidence).asks {
            asks.add(slot, request, "what does the application itself send? (asked once, without a login)");
        }
    }

    /// Where is the provider to which the application sends people? For a run without an issuer.
    pub(super) fn provider_of_application(&self, evidence: &Evidence, asks: &mut Asks<'_>) {
        for profile in self.profiles {
            self.application(profile, evidence, asks);
            let walk = walk(self.target, profile, evidence);
            if walk.shown.iter().any(|shown| shown.issuer.is_some()) {
                continue;
            }
            for endpoint in walk.shown.iter().filter_map(|shown| shown.request.as_ref()).map(endpoint_of) {
                for url in issuer_places(endpoint) {
                    asks.add(
                        Slot::DiscoveryAt(url.clone()),
                        Request::get_json(&url),
                        "is this the metadata of the provider to which the application sends people?",
                    );
                }
            }
        }
    }

    /// Its own request, and its own redirect URI when that is another one than was expected. Only to the provider that
    /// is examined.
    pub(super) fn application_at_provider(
        &self,
        endpoint: &str,
        client_id: &str,
        profile: &Profile,
        oracle: &Oracle,
        facts: &Facts<'_>,
        asks: &mut Asks<'_>,
    ) {
        let expected = redirect_uris(self.target, profile);
        for request in walk(self.target, profile, facts.evidence).shown.into_iter().filter_map(|shown| shown.request) {
            if endpoint_of(&request) != endpoint.split('?').next().unwrap_or_default() {
                continue;
            }
            let named = |name: String| if oracle.plain() { names::plain(&name) } else { name };
            if let Some(replayed) = replay(&request, !oracle.plain()) {
                let slot = authorize_slot(&named(names::captured(&profile.file.id)));
                asks.add(slot, replayed, "what does the provider make of the application's own request?");
            }
            let Some(uri) = request.query("redirect_uri") else { continue };
            if expected.iter().all(|(known, _)| *known != uri) {
                let name = names::expected(&uri);
                let silent = Authorization::new(endpoint, client_id, &uri, &name);
                let silent = if oracle.plain() { silent.without("prompt") } else { silent };
                asks.add(
                    authorize_slot(&named(name)),
                    silent.request(),
                    "is the redirect URI accepted that the application itself sends, where it is not the expected one?",
                );
            }
        }
    }
}
