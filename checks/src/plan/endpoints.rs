//! What is asked of the other endpoints: they know no person, and each is asked only where the metadata names it.

use super::{Asks, Plan, secret_method};
use crate::case::Facts;
use crate::check::Tier;
use crate::evidence::metadata::Metadata;
use crate::evidence::{CorsTarget, Endpoint, Evidence, Request, SecretChoice, Slot};
use crate::probe::endpoints::userinfo_names::{ANONYMOUS, INVENTED};
use crate::probe::endpoints::{
    DEVICE_UNKNOWN, Landing, Pushed, back_to, device_authorization, device_page_slot, introspection,
    introspection_slot, landing, logout, logout_slot, longer, page, post_logout_uris, pushed, pushed_names,
    pushed_slot, read_pushed, refused, revocation, revocation_slot, userinfo, userinfo_slot, verification_uri,
};
use crate::probe::oracle::{Oracle, names};
use crate::probe::{Authorization, CONTROL_URI, UNKNOWN_CLIENT, authorize_slot};
use crate::profile::{Part, Profile};
use crate::target::Depth;

impl Plan<'_> {
    /// Userinfo for somebody who has no token, and where that is refused, for somebody who invents one.
    pub(super) fn userinfo(endpoint: &str, evidence: &Evidence, asks: &mut Asks<'_>) {
        asks.add(userinfo_slot(ANONYMOUS), userinfo(endpoint, ANONYMOUS), "userinfo without a token");
        if refused(evidence, ANONYMOUS) {
            asks.add(
                userinfo_slot(INVENTED),
                userinfo(endpoint, INVENTED),
                "is a token that nobody issued refused at userinfo?",
            );
        }
    }

    /// Introspection, revocation and logout.
    pub(super) fn other_endpoints(
        &self,
        metadata: &Metadata,
        client_id: &str,
        profile: &Profile,
        tier: Tier,
        facts: &Facts<'_>,
        asks: &mut Asks<'_>,
    ) {
        if let Some(endpoint) = metadata.string("introspection_endpoint") {
            asks.add(
                introspection_slot(),
                introspection(endpoint),
                "is a stranger told about tokens? (a token that nobody issued)",
            );
        }
        let reads = |what: &str| profile.file.browser.as_ref().is_some_and(|b| b.cors.iter().any(|one| one == what));
        let origin = self.target.app_origin();
        if let Some(endpoint) = metadata.string("revocation_endpoint") {
            if profile.public() {
                let origin = origin.clone().filter(|_| reads("revocation"));
                let request = revocation(endpoint, client_id, None, origin.clone());
                let why = "can the client revoke? (a token that nobody issued)";
                if origin.is_some() {
                    asks.add(Slot::Cors(CorsTarget::Revocation), request.clone(), why);
                }
                asks.add(revocation_slot("public"), request, why);
            } else if tier >= Tier::Secret {
                asks.add(
                    revocation_slot("anonymous"),
                    revocation(endpoint, client_id, None, None),
                    "is a client that has a secret and does not show it refused?",
                );
                asks.add(
                    revocation_slot("given"),
                    revocation(endpoint, client_id, Some(secret_method(self.target, profile, facts)), None),
                    "can the client revoke? (a token that nobody issued)",
                );
            }
        }
        if let (Some(endpoint), Some(origin), true) = (metadata.string("userinfo_endpoint"), origin, reads("userinfo"))
        {
            asks.add(
                Slot::Probe(Endpoint::Userinfo, "preflight".into()),
                Request::new("OPTIONS", endpoint)
                    .header("Origin", origin.clone())
                    .header("Access-Control-Request-Method", "GET")
                    .header("Access-Control-Request-Headers", "authorization"),
                "the question that a browser asks before it sends a token to userinfo",
            );
            asks.add(
                Slot::Cors(CorsTarget::Userinfo),
                Request::new("GET", endpoint).header("Accept", "application/json").header("Origin", origin),
                "may the application's pages read userinfo? (without a token)",
            );
        }
        if let Some(endpoint) = metadata.string("end_session_endpoint") {
            asks.add(
                logout_slot("foreign"),
                logout(endpoint, None, CONTROL_URI),
                "does a logout send people to a foreign address?",
            );
            asks.add(
                logout_slot("foreign-client"),
                logout(endpoint, Some(client_id), CONTROL_URI),
                "the same, with the client id",
            );
            for uri in post_logout_uris(self.target, profile) {
                asks.add(
                    logout_slot(&format!("wanted:{uri}")),
                    logout(endpoint, Some(client_id), &uri),
                    "does a logout send people back to the application?",
                );
                if self.target.depth >= Depth::Thorough && back_to(facts.evidence, &format!("wanted:{uri}"), &uri) {
                    asks.add(
                        logout_slot(&format!("longer:{uri}")),
                        logout(endpoint, Some(client_id), &longer(&uri)),
                        "does it also send them to that address with a query added?",
                    );
                }
            }
        }
    }

    /// Pushed requests: the application's redirect URI, and only where that is taken, a foreign one.
    pub(super) fn pushed(
        &self,
        metadata: &Metadata,
        client_id: &str,
        uri: &str,
        profile: &Profile,
        facts: &Facts<'_>,
        asks: &mut Asks<'_>,
    ) {
        let endpoint = metadata.string("pushed_authorization_request_endpoint");
        let Some(endpoint) = endpoint.filter(|_| self.target.depth >= Depth::Standard && !profile.public()) else {
            return;
        };
        let method = secret_method(self.target, profile, facts);
        let kept = |name: &str| read_pushed(facts.evidence, name) == Pushed::Kept;
        let mut push = |uri: &str, name: &str, secret, why| {
            asks.add(pushed_slot(name), pushed(endpoint, client_id, uri, name, method, secret), why);
        };
        push(
            uri,
            pushed_names::EXPECTED,
            SecretChoice::Given,
            "control: is a pushed request with the application's redirect URI taken?",
        );
        if kept(pushed_names::EXPECTED) {
            push(
                CONTROL_URI,
                pushed_names::FOREIGN,
                SecretChoice::Given,
                "is a pushed request with a foreign redirect URI refused?",
            );
        }
        if kept(pushed_names::FOREIGN) {
            push(
                CONTROL_URI,
                pushed_names::FOREIGN_INVENTED,
                SecretChoice::Invented,
                "the same with a wrong secret: can anybody do it?",
            );
        }
    }

    /// The control of the device flow, and the page where people enter the code.
    pub(super) fn device_page(
        &self,
        endpoint: &str,
        profile: &Profile,
        part: &Part,
        facts: &Facts<'_>,
        asks: &mut Asks<'_>,
    ) {
        let started = facts.evidence.get(&Slot::Probe(Endpoint::Device, profile.file.id.clone()));
        let Some(response) = started.and_then(|e| e.outcome.as_ref().ok()).filter(|r| r.status == 200) else { return };
        asks.add(
            Slot::Probe(Endpoint::Device, DEVICE_UNKNOWN.into()),
            device_authorization(endpoint, UNKNOWN_CLIENT, profile, part),
            "control: a client that nobody registered",
        );
        if let Some(uri) = verification_uri(response) {
            asks.add(device_page_slot(profile), page(uri), "is there a page for the code of the device?");
        }
    }

    /// The page to which an ordinary authorization request leads.
    pub(super) fn login_page(
        &self,
        endpoint: &str,
        client_id: &str,
        expected_uri: &str,
        oracle: &Oracle,
        facts: &Facts<'_>,
        asks: &mut Asks<'_>,
    ) {
        // Where the request is refused there is no login page, and without an oracle nobody knows.
        let (false, Ok(metadata)) = (matches!(oracle, Oracle::AllRefused(..) | Oracle::Open), &facts.metadata) else {
            return;
        };
        let expected = names::expected(expected_uri);
        asks.add(
            authorize_slot(&names::plain(&expected)),
            Authorization::new(endpoint, client_id, expected_uri, &names::plain(&expected)).without("prompt").request(),
            "where does an ordinary request land?",
        );
        if let Landing::Next(slot, request) = landing(facts.evidence, metadata, expected_uri) {
            asks.add(slot, request, "the page that people see first");
        }
    }
}
