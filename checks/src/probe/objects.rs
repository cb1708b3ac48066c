//! Request objects: a request inside a JWT (OpenID Connect Core 1.0 section 6, RFC 9101).
//!
//! Only unsigned ones, and ones whose signature nobody could have made: no key of the client is known here. Each has a
//! `state` of its own inside, so that whoever answers with that one has read it.

use super::params::Known;
use super::reply::{Delivered, delivered_to};
use super::{Authorization, CONTROL_URI, UNKNOWN_CLIENT, state_of};
use crate::evidence::json::Value;
use crate::evidence::metadata::Metadata;
use crate::evidence::{Evidence, Slot};
use crate::probe::oracle::Seen;
use base64::Engine;

/// What is asked; the words are part of slot names.
pub mod what {
    /// A request object, where the metadata says that there are none.
    pub const REQUEST: &str = "request-object";
    /// The address of a request object, where the metadata says that it is not taken.
    pub const REQUEST_URI: &str = "request-uri";
    /// Where there are some: an unsigned one that says what the request says.
    pub const UNSIGNED: &str = "object-unsigned";
    /// One with a signature that fits no key.
    pub const FORGED: &str = "object-forged";
    /// One for another client.
    pub const CLIENT: &str = "object-other-client";
    /// A foreign redirect URI in it, and the registered one beside it.
    pub const FOREIGN_INSIDE: &str = "object-foreign-inside";
    /// The registered redirect URI in it, and a foreign one beside it.
    pub const FOREIGN_BESIDE: &str = "object-foreign-beside";
}

/// What the `state` inside a request object is made of.
pub const INSIDE: &str = "inside-the-object";
/// Where no request object is.
const NO_OBJECT: &str = "https://oidcheck.invalid/request.jwt";

/// Whether the metadata says that there are request objects (OpenID Connect Discovery 1.0 section 3: absent, it says
/// that there are none).
pub fn supported(metadata: &Metadata) -> bool {
    flag(metadata, "request_parameter_supported") == Some(true)
}

/// Whether the metadata lists algorithms of request objects, and `none` is not among them.
pub fn signed_only(metadata: &Metadata) -> bool {
    metadata.strings("request_object_signing_alg_values_supported").is_some_and(|list| !list.contains(&"none"))
}

fn flag(metadata: &Metadata, name: &str) -> Option<bool> {
    metadata.present(name).map(|node| node.value == Value::Bool(true))
}

/// The parameters for request objects that the metadata says are not supported (OpenID Connect Discovery 1.0 section 3:
/// absent, `request` is not, and `request_uri` is).
pub fn unsupported(metadata: &Metadata) -> Vec<(&'static str, &'static str)> {
    let uri = flag(metadata, "request_uri_parameter_supported") == Some(false);
    let both = [(!supported(metadata), ("request", what::REQUEST)), (uri, ("request_uri", what::REQUEST_URI))];
    both.into_iter().filter(|(asked, _)| *asked).map(|(_, pair)| pair).collect()
}

/// What an object says of itself.
struct Object<'a> {
    client_id: &'a str,
    redirect_uri: &'a str,
    audience: &'a str,
    /// The algorithm in its header, and the signature.
    signed: (&'a str, &'a str),
}

impl Object<'_> {
    fn compact(&self) -> String {
        let claims = serde_json::json!({
            "iss": self.client_id, "aud": self.audience, "client_id": self.client_id, "response_type": "code",
            "redirect_uri": self.redirect_uri, "scope": "openid", "state": state_of(INSIDE),
        });
        let encode = |text: &str| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text);
        let (algorithm, signature) = self.signed;
        let header = serde_json::json!({"alg": algorithm}).to_string();
        format!("{}.{}.{}", encode(&header), encode(&claims.to_string()), encode(signature))
    }
}

/// Those of the thorough set.
pub fn questions<'a>(known: &Known<'a>) -> Vec<(&'static str, Authorization<'a>, &'static str)> {
    let plainest = |what: &str| Authorization::new(known.endpoint, known.client_id, known.uri, what);
    let unsigned = Object {
        client_id: known.client_id,
        redirect_uri: known.uri,
        audience: known.metadata.string("issuer").unwrap_or_default(),
        signed: ("none", ""),
    };
    let mut list = Vec::new();
    for (parameter, what) in unsupported(known.metadata) {
        let value = if parameter == "request" { unsigned.compact() } else { NO_OBJECT.to_owned() };
        let why = "is a request object refused, where the metadata says that there are none?";
        list.push((what, plainest(what).set(parameter, &value), why));
    }
    if supported(known.metadata) {
        // As long as one by an RSA key of 2048 bits.
        let signature = "oidcheck".repeat(32);
        let forged = Object { signed: ("RS256", &signature), ..unsigned };
        let stranger = Object { client_id: UNKNOWN_CLIENT, ..unsigned };
        let foreign = Object { redirect_uri: CONTROL_URI, ..unsigned };
        let with = |what: &str, object: &Object<'_>| plainest(what).set("request", &object.compact());
        list.extend([
            (what::UNSIGNED, with(what::UNSIGNED, &unsigned), "is an unsigned request object taken?"),
            (what::FORGED, with(what::FORGED, &forged), "is a request object with a wrong signature refused?"),
            (what::CLIENT, with(what::CLIENT, &stranger), "is a request object for another client refused?"),
            (
                what::FOREIGN_INSIDE,
                with(what::FOREIGN_INSIDE, &foreign),
                "is a foreign redirect URI inside a request object refused?",
            ),
            (
                what::FOREIGN_BESIDE,
                with(what::FOREIGN_BESIDE, &unsigned).set("redirect_uri", CONTROL_URI),
                "is a foreign redirect URI beside a request object refused?",
            ),
        ]);
    }
    list
}

/// What became of a request with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The answer went to the redirect URI that nobody registered.
    Foreign(Delivered),
    /// The object was read, and nothing was found wrong with it.
    Read,
    /// The answer is to what stands beside it.
    PassedOver,
    /// It is refused, in these words.
    Refused(String),
    /// It cannot be told.
    Unclear(String),
}

/// Reads the answer in a slot; `seen` is what the oracle makes of it.
pub fn fate(evidence: &Evidence, slot: &Slot, registered: &str, seen: Seen) -> Fate {
    let to = |uri: &str| evidence.get(slot).and_then(|exchange| delivered_to(exchange, uri));
    if let Some(delivered) = to(CONTROL_URI) {
        return Fate::Foreign(delivered);
    }
    match (to(registered), seen) {
        (Some(delivered), _) | (None, Seen::Accepted(delivered)) if delivered.welcome() => {
            match delivered.state == Some(state_of(INSIDE)) {
                true => Fate::Read,
                false => Fate::PassedOver,
            }
        }
        (Some(delivered), _) | (None, Seen::ErrorThere(delivered) | Seen::Accepted(delivered)) => {
            Fate::Refused(delivered.error.unwrap_or_else(|| "an error without a name".into()))
        }
        (None, Seen::Refused(shape)) => Fate::Refused(shape.words()),
        (None, Seen::AcceptedByLanding) => Fate::Unclear(
            "a request with a request object gets as far as the login; it may be refused behind it".into(),
        ),
        (None, Seen::Unclear(why)) => Fate::Unclear(why),
    }
}
