//! Faults of the keys in the set. The token is signed with RS256 by `rsa-1`, unless the fault's name says otherwise.

use super::Fault;
use super::material::{Jwk, certificate, private, public};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub(crate) fn faults() -> Vec<Fault> {
    let mut all = ids();
    all.extend(signing_key());
    all.extend(neighbours());
    all.extend(algorithms());
    all
}

fn with(mut key: Jwk, member: &str, value: impl Into<Value>) -> Jwk {
    key.insert(member.to_owned(), value.into());
    key
}

fn without(mut key: Jwk, member: &str) -> Jwk {
    key.shift_remove(member);
    key
}

fn rsa() -> Jwk {
    public("rsa")
}

/// What spells the modulus of a key in another way.
fn respelt(key: Jwk, spell: fn(&str, Vec<u8>) -> String) -> Jwk {
    let text = key["n"].as_str().expect("an RSA key").to_owned();
    let bytes = URL_SAFE_NO_PAD.decode(&text).expect("as the fixture spells it");
    with(key, "n", spell(&text, bytes))
}

/// A token that does not name its key.
fn nameless(header: &mut Jwk) {
    header.shift_remove("kid");
}

fn ids() -> Vec<Fault> {
    vec![
        Fault::seen("key-no-kid", |p| p.publish([without(rsa(), "kid")])),
        Fault::seen("key-no-kid-two", |p| p.publish([without(public("rsa2"), "kid"), without(rsa(), "kid")])),
        Fault::seen("tok-no-kid-two", |p| {
            p.login.header = nameless;
            p.publish([public("rsa2"), rsa()]);
        }),
        Fault::seen("tok-no-kid-mixed", |p| {
            p.login.header = nameless;
            p.publish([public("ec"), rsa()]);
        }),
        Fault::seen("no-kid-at-all", |p| {
            p.login.header = nameless;
            p.publish([without(rsa(), "kid")]);
        }),
        Fault::seen("kid-dup-right-first", |p| p.publish([rsa(), with(public("rsa2"), "kid", "rsa-1")])),
        Fault::seen("kid-dup-wrong-first", |p| p.publish([with(public("rsa2"), "kid", "rsa-1"), rsa()])),
        Fault::seen("kid-dup-types", |p| p.publish([with(public("ec"), "kid", "rsa-1"), rsa()])),
        Fault::seen("kid-number", |p| p.publish([with(rsa(), "kid", 1)])),
        // The first fetch, which is ours; the right key comes with the second one.
        Fault::seen("jwks-stale-first", |p| p.publish([with(public("rsa2"), "kid", "old")])),
    ]
}

fn signing_key() -> Vec<Fault> {
    vec![
        Fault::seen("key-no-alg", |p| p.publish([without(rsa(), "alg")])),
        Fault::seen("key-no-use", |p| p.publish([without(rsa(), "use")])),
        Fault::seen("key-use-enc", |p| p.publish([with(rsa(), "use", "enc")])),
        Fault::seen("key-ops-encrypt", |p| {
            p.publish([with(without(rsa(), "use"), "key_ops", json!(["encrypt"]))]);
        }),
        Fault::seen("key-alg-rs512", |p| p.publish([with(rsa(), "alg", "RS512")])),
        Fault::seen("key-alg-ps256", |p| p.publish([with(rsa(), "alg", "PS256")])),
        Fault::seen("key-alg-oaep", |p| p.publish([with(rsa(), "alg", "RSA-OAEP")])),
        Fault::seen("key-1024", |p| {
            p.login.sign = "rsa1024";
            p.publish([public("rsa1024")]);
        }),
        Fault::seen("key-leading-zero", |p| {
            p.publish([respelt(rsa(), |_, bytes| URL_SAFE_NO_PAD.encode([vec![0], bytes].concat()))]);
        }),
        Fault::seen("key-padding", |p| {
            p.publish([respelt(rsa(), |text, _| format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4)))]);
        }),
        Fault::seen("key-std-base64", |p| p.publish([respelt(rsa(), |_, bytes| STANDARD.encode(bytes))])),
        Fault::seen("key-private", |p| {
            let mut key = rsa();
            key.extend(private("rsa"));
            p.publish([key]);
        }),
        Fault::seen("key-x5c-good", |p| p.publish([with(rsa(), "x5c", json!([certificate("rsa")]))])),
        Fault::seen("key-x5c-broken", |p| p.publish([with(rsa(), "x5c", json!(["bm90IGEgY2VydA=="]))])),
        Fault::seen("key-x5c-other", |p| p.publish([with(rsa(), "x5c", json!([certificate("rsa2")]))])),
        Fault::seen("key-x5c-ec", |p| {
            p.advertise(&["ES256", "RS256"]);
            p.login.sign = "ec";
            p.publish([with(public("ec"), "x5c", json!([certificate("ec")]))]);
        }),
    ]
}

fn neighbours() -> Vec<Fault> {
    vec![
        Fault::seen("set-unknown-kty", |p| {
            p.publish_first(json!({ "kty": "AKP", "kid": "pq", "alg": "ML-DSA-65", "pub": "AAAA" }));
        }),
        Fault::seen("set-unknown-crv", |p| {
            p.publish_first(json!({ "kty": "EC", "kid": "bp", "crv": "BP-256", "x": "AAAA", "y": "AAAA" }));
        }),
        Fault::seen("set-broken-key", |p| p.publish_first(json!({ "kty": "RSA", "kid": "broken", "e": "AQAB" }))),
        Fault::seen("set-null-key", |p| p.publish_first(Value::Null)),
        Fault::seen("set-oct", |p| {
            p.publish_first(json!({ "kty": "oct", "kid": "sym", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0" }));
        }),
        Fault::seen("set-okp", |p| p.publish([public("ed"), rsa()])),
        Fault::seen("set-enc-first", |p| {
            p.publish([with(with(public("rsa2"), "use", "enc"), "alg", "RSA-OAEP"), rsa()]);
        }),
        Fault::seen("set-ec-same-kid", |p| p.publish([with(public("ec"), "kid", "rsa-1")])),
    ]
}

/// Tokens signed with another algorithm than RS256: advertised, with its key alone, or not, with its key beside.
fn algorithms() -> Vec<Fault> {
    let pairs =
        [("ES256", "ec"), ("ES384", "ec384"), ("ES512", "ec521"), ("PS256", "ps"), ("RS512", "rs512"), ("EdDSA", "ed")];
    let of_one = |(algorithm, key): (&'static str, &'static str)| {
        let id = format!("alg-{}", algorithm.to_ascii_lowercase());
        let listed = Fault::seen(format!("{id}-listed"), move |p| {
            p.advertise(&["RS256", algorithm]);
            p.login.sign = key;
            p.publish([public(key)]);
        });
        let unlisted = Fault::seen(id, move |p| {
            p.login.sign = key;
            p.publish([rsa(), public(key)]);
        });
        [listed, unlisted]
    };
    let mut all: Vec<Fault> = pairs.into_iter().flat_map(of_one).collect();
    all.push(Fault::seen("alg-hs256-listed", |p| {
        p.advertise(&["HS256"]);
        p.login.sign = "hs";
        p.publish([]);
    }));
    all
}
