//! What may be asked now, given what is known. Pure: the same evidence gives the same asks.

mod application;
mod endpoints;
mod tokens;

pub use tokens::{login_ways, method_word, other_encoding, other_method, secret_method};

use crate::case::Facts;
use crate::check::{Tier, reached};
use crate::evidence::metadata::Metadata;
use crate::evidence::{CorsTarget, Endpoint, Evidence, Request, Slot};
use crate::probe::endpoints::{again_slot, device_authorization, forwarded_page_slot, forwarded_slot, keys_again_slot};
use crate::probe::oracle::{Oracle, Seen, establish, hop_of, hop_slot, names};
use crate::probe::params::{self, Known};
use crate::probe::token;
use crate::probe::{
    Authorization, CONTROL_URI, FOREIGN, FORWARDED_HOST, UNKNOWN_CLIENT, application_request, authorization_endpoint,
    authorize_slot, mutations, prompt_of, redirect_uris, sends_people, varied,
};
use crate::profile::{Flow, Profile};
use crate::target::{Depth, Target};

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

/// The asks of one step: what is already answered is not asked again.
struct Asks<'a> {
    evidence: &'a Evidence,
    list: Vec<Ask>,
}

impl Asks<'_> {
    fn add(&mut self, slot: Slot, request: Request, why: &'static str) {
        if self.evidence.get(&slot).is_none() && self.list.iter().all(|ask| ask.slot != slot) {
            self.list.push(Ask { slot, request, why });
        }
    }
}

impl Plan<'_> {
    /// Everything that can be asked now and has not been answered. Empty when the plan is done and nothing is under way.
    pub fn next(&self, evidence: &Evidence) -> Vec<Ask> {
        let mut asks = Asks { evidence, list: Vec::new() };
        if self.target.typed.is_empty() {
            self.provider_of_application(evidence, &mut asks);
            return asks.list;
        }
        let url = self.target.discovery_url();
        asks.add(Slot::Discovery, Request::get_json(&url), "the provider's metadata");
        if self.profiles.iter().any(|p| p.parts.iter().any(|part| part.library.browser)) {
            let origin = self.target.app_origin().unwrap_or_else(|| PLACEHOLDER_ORIGIN.into());
            let request = Request::get_json(&url).header("Origin", origin);
            asks.add(
                Slot::Cors(CorsTarget::Discovery),
                request,
                "the metadata as a browser on the application's origin gets it",
            );
        }
        if evidence.get(&Slot::Discovery).is_some() {
            let facts = Facts::of(evidence);
            if let Ok(metadata) = &facts.metadata {
                if let Some(uri) = metadata.string("jwks_uri") {
                    asks.add(Slot::Jwks, Request::get_json(uri), "the keys that sign the tokens");
                }
                for profile in self.profiles {
                    self.registration(profile, &facts, &mut asks);
                }
            } else {
                self.elsewhere(&facts, &mut asks);
            }
        }
        asks.list
    }

    /// Where the metadata may be when it is not at what was typed: one step up the path after the other, and the
    /// RFC 8414 form. Only for a document that is not there, not for a host that does not answer.
    fn elsewhere(&self, facts: &Facts<'_>, asks: &mut Asks<'_>) {
        let answered = facts.evidence.get(&Slot::Discovery).is_some_and(|e| e.outcome.is_ok());
        for url in if answered { crate::target::elsewhere(&self.target.typed) } else { Vec::new() } {
            asks.add(
                Slot::DiscoveryAt(url.clone()),
                Request::get_json(&url),
                "another place where the metadata may be",
            );
        }
    }

    /// The client and the secret tier.
    fn registration(&self, profile: &Profile, facts: &Facts<'_>, asks: &mut Asks<'_>) {
        let tier = reached(self.target, profile);
        let (Some(client_id), Ok(metadata)) = (self.target.client_id.as_deref(), &facts.metadata) else { return };
        if tier < Tier::Client {
            return;
        }
        if let Some(endpoint) = metadata.string("userinfo_endpoint") {
            Self::userinfo(endpoint, facts.evidence, asks);
        }
        if self.target.depth >= Depth::Standard {
            let request = Request::get_json(self.target.discovery_url());
            asks.add(again_slot(), request, "the metadata again: does every node say the same?");
            // After the first answer, so that a load balancer has a reason to take another node.
            let answered = facts.evidence.get(&Slot::Jwks).is_some();
            if let Some(uri) = metadata.string("jwks_uri").filter(|_| answered) {
                asks.add(keys_again_slot(), Request::get_json(uri), "the keys again: has every node the same?");
            }
        }
        if self.target.depth >= Depth::Thorough {
            asks.add(
                forwarded_slot(),
                Request::get_json(self.target.discovery_url()).header(FORWARDED_HOST, FOREIGN),
                "does the metadata follow a host that anybody can name?",
            );
        }
        self.application(profile, facts.evidence, asks);
        let device = profile.parts.iter().find(|part| part.flow == Flow::Device);
        if let Some((endpoint, part)) = metadata.string("device_authorization_endpoint").zip(device) {
            let request = device_authorization(endpoint, client_id, profile, part);
            asks.add(Slot::Probe(Endpoint::Device, profile.file.id.clone()), request, "does the device flow start?");
            self.device_page(endpoint, profile, part, facts, asks);
        }
        self.other_endpoints(metadata, client_id, profile, tier, facts, asks);
        let uris = redirect_uris(self.target, profile);
        let Some((first, _)) = uris.first() else { return };
        let browser = profile.parts.iter().any(|part| part.library.browser);
        if let (Some(endpoint), Some(origin), true) =
            (metadata.string("token_endpoint"), self.target.app_origin(), browser)
        {
            // The real request, since a preflight proves nothing on several products. Waits for the redirect URI below.
            if facts.evidence.get(&authorize_slot(&names::expected(first))).is_some() {
                let request = token::dead_code(endpoint, client_id, first, None).header("Origin", origin);
                asks.add(
                    Slot::Cors(CorsTarget::Token),
                    request,
                    "may the application's pages read the token response?",
                );
            }
        }
        if let Some(endpoint) = authorization_endpoint(metadata) {
            self.authorization(endpoint, client_id, profile, metadata, facts, asks);
        }
        // A provider may store the first redirect URI that it sees, so the token probes wait for the expected one too.
        let expected = facts.evidence.get(&authorize_slot(&names::expected(first))).is_some();
        if expected && tier >= Tier::Secret {
            self.pushed(metadata, client_id, first, profile, facts, asks);
        }
        if let Some(endpoint) = metadata.string("token_endpoint").filter(|_| expected) {
            tokens::token_probes(self.target, endpoint, client_id, first, profile, tier, facts, asks);
        }
    }

    fn authorization(
        &self,
        endpoint: &str,
        client_id: &str,
        profile: &Profile,
        metadata: &Metadata,
        facts: &Facts<'_>,
        asks: &mut Asks<'_>,
    ) {
        let evidence = facts.evidence;
        let uris = redirect_uris(self.target, profile);
        let Some((first, _)) = uris.first() else { return };
        let silent = |uri: &str, client: &str, name: &str| Authorization::new(endpoint, client, uri, name);
        let expected = names::expected(first);
        asks.add(
            authorize_slot(&expected),
            silent(first, client_id, &expected).request(),
            "is the application's redirect URI accepted?",
        );
        if evidence.get(&authorize_slot(&expected)).is_none() {
            return;
        }
        asks.add(
            authorize_slot(names::UNKNOWN),
            silent(first, UNKNOWN_CLIENT, names::UNKNOWN).request(),
            "control: a client that nobody registered",
        );
        asks.add(
            authorize_slot(names::CONTROL),
            silent(CONTROL_URI, client_id, names::CONTROL).request(),
            "control: a redirect URI that nobody registered",
        );
        for (uri, _) in &uris[1..] {
            let name = names::expected(uri);
            asks.add(
                authorize_slot(&name),
                silent(uri, client_id, &name).request(),
                "is this redirect URI accepted too?",
            );
        }
        let controls =
            [names::UNKNOWN, names::CONTROL].iter().all(|name| evidence.get(&authorize_slot(name)).is_some());
        if !controls {
            return;
        }
        let oracle = establish(evidence, first, facts.provider);
        self.login_page(endpoint, client_id, first, &oracle, facts, asks);
        if self.target.depth >= Depth::Thorough {
            let ordinary = silent(first, client_id, "forwarded-host").without("prompt").request();
            asks.add(
                forwarded_page_slot(first),
                ordinary.header(FORWARDED_HOST, FOREIGN),
                "are people sent to a host that anybody can name?",
            );
        }
        let plain = |uri: &str, client: &str, name: &str| {
            let name = names::plain(name);
            let request = silent(uri, client, &name).without("prompt").request();
            (authorize_slot(&name), request)
        };
        if oracle == Oracle::Open {
            for (uri, client, name) in [
                (first.as_str(), client_id, expected.as_str()),
                (CONTROL_URI, client_id, names::CONTROL),
                (first, UNKNOWN_CLIENT, names::UNKNOWN),
            ] {
                let (slot, request) = plain(uri, client, name);
                asks.add(slot, request, "where does an ordinary request land?");
            }
        }
        let second = |name: &str, asks: &mut Asks<'_>| {
            if let Some(url) = hop_of(evidence, name) {
                let request = Request::new("GET", url)
                    .header("Accept", "text/html,application/xhtml+xml")
                    .header("Accept-Language", "en");
                asks.add(hop_slot(name), request, "what does the provider say one redirect later?");
            }
        };
        let undecided = matches!(oracle, Oracle::Blind(_) | Oracle::Open);
        if undecided
            && [expected.as_str(), names::CONTROL, names::UNKNOWN].iter().all(|name| hop_of(evidence, name).is_some())
        {
            for name in [expected.as_str(), names::CONTROL, names::UNKNOWN] {
                second(name, asks);
            }
        }
        if !matches!(oracle, Oracle::Silent | Oracle::Anyone | Oracle::Failing | Oracle::Landing(_) | Oracle::Hop(_)) {
            return;
        }
        self.application_at_provider(endpoint, client_id, profile, &oracle, facts, asks);
        // Where it lands says nothing: some products answer every POST with the same redirect.
        let plainest = oracle.seen(evidence, &expected);
        if self.target.depth >= Depth::Thorough
            && matches!((&oracle, plainest), (Oracle::Silent | Oracle::Anyone, Seen::Accepted(_)))
            && facts.provider.is_none_or(|provider| provider.misleading_post.is_none())
        {
            let name = params::name(params::what::POST, first);
            let request = silent(first, client_id, &name).posted();
            asks.add(authorize_slot(&name), request, "is the request taken by POST, too?");
        }
        let mut own = Vec::new();
        for part in profile.parts.iter().filter(|part| sends_people(part)) {
            let fits = |redirect: &crate::profile::Redirect| redirect.part.is_none() || redirect.part == part.id;
            let Some((uri, _)) = uris.iter().find(|(_, redirect)| fits(redirect)) else { continue };
            let request = application_request(endpoint, client_id, uri, profile, part, metadata);
            if let Some(prompt) = prompt_of(profile) {
                // No silent request can have it.
                let slot = authorize_slot(&names::plain(&names::prompted(&profile.file.id, uri)));
                let request = request.clone().set("prompt", prompt).request();
                asks.add(slot, request, "is the prompt taken that the application sends?");
            }
            own.push((names::application(&profile.file.id, uri), request));
        }
        let mut probe = |name: String, request: Authorization<'_>, why| {
            let (name, request) =
                if oracle.plain() { (names::plain(&name), request.without("prompt")) } else { (name, request) };
            asks.add(authorize_slot(&name), request.request(), why);
        };
        if oracle.plain() {
            for (uri, _) in &uris[1..] {
                let name = names::expected(uri);
                probe(name.clone(), silent(uri, client_id, &name), "where does a request with this redirect URI land?");
            }
        }
        if let Some(uri) = varied(&uris) {
            for mutation in mutations::of(uri, self.target.depth) {
                let name = names::mutation(uri, mutation.name);
                probe(
                    name.clone(),
                    silent(&mutation.uri, client_id, &name),
                    "is a redirect URI that differs a little refused?",
                );
            }
        }
        for (name, request) in own {
            probe(name, request, "the request as the application sends it");
        }
        let known =
            Known { endpoint, client_id, uri: first, metadata, evidence, oracle: &oracle, depth: self.target.depth };
        for question in known.questions(profile) {
            probe(question.name, question.request, question.why);
        }
        if matches!(oracle, Oracle::Hop(_)) {
            let sent: Vec<String> = evidence
                .iter()
                .filter_map(|(slot, _)| match slot {
                    Slot::Probe(Endpoint::Authorize, name) => name.strip_prefix("plain:").map(str::to_owned),
                    _ => None,
                })
                .collect();
            for name in sent {
                second(&name, asks);
            }
            return;
        }
        if let Some(state) = &profile.file.state_example {
            let name = format!("state:{}", profile.file.id);
            probe(
                name.clone(),
                silent(first, client_id, &name).set("state", state),
                "does the state of the application come back unchanged?",
            );
        }
    }
}
