//! One case of the real world: what was typed, what was seen, and when it is judged; and the single steps by which it
//! can go wrong.

use crate::faults::{self, Provider, material};
use oidcheck_checks::evidence::{CorsTarget, Distrust, DistrustKind, Evidence, Exchange, Hop, Response, Slot};
use oidcheck_checks::evidence::{Tls, TransportError};
use oidcheck_checks::plan::Plan;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::target::Target;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A JSON object under change.
pub(crate) type Object = Map<String, Value>;

/// Everything that a judgement depends on, apart from the application.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) target: Target,
    pub(crate) evidence: Evidence,
    pub(crate) now: jiff::Timestamp,
}

/// Every application and library of this build.
pub(crate) fn profiles() -> Vec<Profile> {
    Profile::ids().iter().filter_map(|id| Profile::by_id(id)).collect()
}

impl World {
    /// A provider that has what every application of this build asks for, checked for all of them.
    pub(crate) fn good() -> World {
        static GOOD: LazyLock<World> = LazyLock::new(|| World::of(&|_| ()));
        GOOD.clone()
    }

    /// The same with a key on a curve, and one that tokens are encrypted to.
    pub(crate) fn more_keys() -> World {
        World::of(&|provider| {
            let mut encryption = material::public("rsa2");
            encryption.insert("use".into(), json!("enc"));
            encryption.insert("alg".into(), json!("RSA-OAEP"));
            provider.publish([material::public("rsa"), material::public("ec"), encryption]);
            provider.advertise(&["RS256", "ES256"]);
        })
    }

    /// The good provider after a change, checked for all applications.
    pub(crate) fn of(change: &dyn Fn(&mut Provider)) -> World {
        let mut provider = Provider::healthy("good");
        let issuer = provider.issuer().to_owned();
        let everybody = profiles();
        let scopes: BTreeSet<&String> = everybody.iter().flat_map(|p| &p.file.scopes).collect();
        let claims: BTreeSet<&String> =
            everybody.iter().flat_map(|p| &p.file.claims).map(|claim| &claim.name).collect();
        provider.set("scopes_supported", json!(scopes));
        provider.set("claims_supported", json!(claims));
        provider.set("grant_types_supported", json!(["authorization_code", "refresh_token", DEVICE_CODE]));
        provider.set("response_modes_supported", json!(["query", "fragment", "form_post"]));
        provider.set("ui_locales_supported", json!(["en", "de-CH"]));
        provider.set("token_endpoint_auth_signing_alg_values_supported", json!(["RS256", "ES256"]));
        provider.set("device_authorization_endpoint", format!("{issuer}/device"));
        provider.set("end_session_endpoint", format!("{issuer}/logout"));
        provider.set("pushed_authorization_request_endpoint", format!("{issuer}/par"));
        provider.set("request_parameter_supported", false);
        change(&mut provider);
        let app_url = Some("https://app.lab.test/".into());
        let target = Target { typed: provider.typed.clone(), app_url, ..Target::default() };
        let evidence = faults::gather(&provider, &target, &profiles());
        let mut world = World { target, evidence, now: faults::now() };
        world.header(&Slot::Discovery, "Date", Some("Tue, 01 Dec 2026 12:00:00 GMT"));
        world.header(&Slot::Discovery, "Strict-Transport-Security", Some("max-age=31536000"));
        world
    }

    /// Leaves only what the plan would have asked for in this world: a metadata document that names no key set leads
    /// to none.
    pub(crate) fn as_gathered(&self, profiles: &[Profile]) -> World {
        let plan = Plan { target: &self.target, profiles };
        let mut evidence = Evidence::default();
        let place = |slot: &Slot| matches!(slot, Slot::DiscoveryAt(_));
        for (slot, exchange) in self.evidence.iter().filter(|(slot, _)| place(slot)) {
            evidence.record(slot.clone(), exchange.clone());
        }
        loop {
            let mut grew = false;
            for ask in plan.next(&evidence) {
                if let Some(exchange) = self.evidence.get(&ask.slot) {
                    evidence.record(ask.slot, exchange.clone());
                    grew = true;
                }
            }
            if !grew {
                return World { evidence, ..self.clone() };
            }
        }
    }

    /// Takes an exchange away.
    pub(crate) fn forget(&mut self, slot: &Slot) {
        let mut evidence = Evidence::default();
        for (kept, exchange) in self.evidence.iter().filter(|(kept, _)| *kept != slot) {
            evidence.record(kept.clone(), exchange.clone());
        }
        self.evidence = evidence;
    }

    pub(crate) fn exchange(&mut self, slot: &Slot) -> &mut Exchange {
        self.evidence.get_mut(slot).expect("the good world has it")
    }

    pub(crate) fn response(&mut self, slot: &Slot) -> &mut Response {
        self.exchange(slot).outcome.as_mut().expect("the good world has an answer")
    }

    pub(crate) fn status(&mut self, slot: &Slot, status: u16) {
        self.response(slot).status = status;
    }

    /// Sets a header, or takes it away.
    pub(crate) fn header(&mut self, slot: &Slot, name: &str, value: Option<&str>) {
        let headers = &mut self.response(slot).headers;
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    pub(crate) fn body(&mut self, slot: &Slot, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let response = self.response(slot);
        response.body = change(std::mem::take(&mut response.body));
    }

    /// The same with something in the place of its last brace.
    pub(crate) fn last(&mut self, slot: &Slot, text: &[u8]) {
        self.body(slot, |body| [body.strip_suffix(b"}").expect("an object"), text].concat());
    }

    pub(crate) fn no_answer(&mut self, slot: &Slot, why: TransportError) {
        self.exchange(slot).outcome = Err(why);
    }

    /// Lets the answer come only after redirects: to the same host, and the last one to where it says.
    pub(crate) fn redirected(&mut self, slot: &Slot, times: usize, last: fn(&str) -> String) {
        let asked = self.exchange(slot).request.url.clone();
        let hop = |n: usize| if n == 0 { asked.clone() } else { format!("{asked}?hop={n}") };
        let to = |n: usize| if n == times { last(&asked) } else { hop(n) };
        self.exchange(slot).hops = (0..times).map(|n| Hop { url: hop(n), status: 302, location: to(n + 1) }).collect();
        self.response(slot).url = to(times);
    }

    pub(crate) fn gzip(&mut self, slot: &Slot) {
        self.header(slot, "Content-Encoding", Some("gzip"));
        let response = self.response(slot);
        response.encoded_len = Some(response.body.len() / 2);
    }

    /// One certificate serves every URL of the provider, so all exchanges see the distrust.
    pub(crate) fn distrust(&mut self, kind: DistrustKind) {
        for slot in [Slot::Discovery, Slot::Jwks, Slot::Cors(CorsTarget::Discovery)] {
            self.tls(&slot).distrust = Some(Distrust { kind, text: format!("{kind:?}") });
        }
    }

    pub(crate) fn tls(&mut self, slot: &Slot) -> &mut Tls {
        self.exchange(slot).tls.as_mut().expect("the good world is https")
    }

    /// Changes the metadata document.
    pub(crate) fn metadata(&mut self, change: impl FnOnce(&mut Object)) {
        self.json(&Slot::Discovery, |document| change(document.as_object_mut().expect("an object")));
    }

    pub(crate) fn member(&mut self, name: &str, value: Value) {
        self.metadata(|document| {
            document.insert(name.to_owned(), value);
        });
    }

    pub(crate) fn drop_member(&mut self, name: &str) {
        self.metadata(|document| {
            document.shift_remove(name);
        });
    }

    /// Takes an element out of a list.
    pub(crate) fn drop_element(&mut self, name: &str, element: &str) {
        self.metadata(|document| document[name].as_array_mut().expect("a list").retain(|one| one != element));
    }

    /// Changes the text of a URL member.
    pub(crate) fn url(&mut self, name: &str, from: &str, to: &str) {
        self.metadata(|document| {
            let text = document[name].as_str().expect("a URL").replacen(from, to, 1);
            document.insert(name.to_owned(), text.into());
        });
    }

    /// Replaces the keys of the set.
    pub(crate) fn keys(&mut self, keys: Vec<Value>) {
        self.json(&Slot::Jwks, |document| *document = json!({ "keys": keys }));
    }

    /// Sets a member of the signing key.
    pub(crate) fn key(&mut self, name: &str, value: Value) {
        self.json(&Slot::Jwks, |document| document["keys"][0][name] = value);
    }

    pub(crate) fn drop_key_member(&mut self, name: &str) {
        self.json(&Slot::Jwks, |document| {
            document["keys"][0].as_object_mut().expect("a key").shift_remove(name);
        });
    }

    /// Adds an entry to the set, before the signing key.
    pub(crate) fn key_before(&mut self, entry: Value) {
        self.json(&Slot::Jwks, |document| document["keys"].as_array_mut().expect("a set").insert(0, entry));
    }

    fn json(&mut self, slot: &Slot, change: impl FnOnce(&mut Value)) {
        self.body(slot, |body| {
            let mut document = serde_json::from_slice(&body).expect("the good world is JSON");
            change(&mut document);
            document.to_string().into_bytes()
        });
    }
}

/// A public key of the fixture with one member changed.
pub(crate) fn key(name: &str, member: &str, value: Value) -> Value {
    let mut key = material::public(name);
    key.insert(member.to_owned(), value);
    Value::Object(key)
}
