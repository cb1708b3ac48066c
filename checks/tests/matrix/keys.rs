//! The keys of the set.

use super::world::key;
use super::{Mutation, Of};
use crate::faults::material::{certificate, private, public};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use oidcheck_checks::verdict::Effect::{Degraded, LoginFails, Unsafe, Untidy};
use serde_json::{Value, json};

pub(super) fn mutations() -> Vec<Mutation> {
    let mut all = presence_and_ids();
    all.extend(strength());
    all.extend(form());
    all.extend(usage());
    all
}

fn public_json(name: &str) -> Value {
    Value::Object(public(name))
}

/// The modulus of the signing key, written by somebody else.
fn modulus(spell: fn(Vec<u8>) -> String) -> Value {
    let text = public("rsa")["n"].as_str().expect("an RSA key").to_owned();
    spell(URL_SAFE_NO_PAD.decode(text).expect("as the fixture spells it")).into()
}

fn presence_and_ids() -> Vec<Mutation> {
    let presence = Of("jwks/key-for-algorithm");
    let ids = Of("jwks/key-ids");
    vec![
        presence.fails("generic", LoginFails, "no key at all", |w| w.keys(Vec::new())),
        presence.fails("proxmox", LoginFails, "an EC key alone", |w| w.keys(vec![public_json("ec")])),
        presence.fails("generic", Untidy, "an algorithm without a key", |w| {
            w.member("id_token_signing_alg_values_supported", json!(["RS256", "ES256"]));
        }),
        ids.fails("generic", Untidy, "one key without an id", |w| w.drop_key_member("kid")),
        ids.fails("proxmox", Degraded, "one key without an id, and tokens may have one", |w| w.drop_key_member("kid")),
        ids.fails("netbird", LoginFails, "one key without an id, and tokens need one", |w| w.drop_key_member("kid")),
        ids.fails("proxmox", LoginFails, "two keys without an id", |w| {
            w.keys(vec![key("rsa2", "kid", Value::Null), key("rsa", "kid", Value::Null)]);
        }),
        ids.fails("proxmox", LoginFails, "two keys of one id", |w| {
            w.key_before(key("rsa2", "kid", json!("rsa-1")));
        }),
        ids.fails("proxmox", LoginFails, "an id that is a number", |w| w.key("kid", json!(1))),
    ]
}

fn strength() -> Vec<Mutation> {
    let size = Of("jwks/rsa-size");
    let secret = Of("jwks/public-only");
    vec![
        size.fails("generic", Unsafe, "1024 bits", |w| w.keys(vec![public_json("rsa1024")])),
        size.fails("library:openid-client-5", LoginFails, "1024 bits, refused", |w| {
            w.keys(vec![public_json("rsa1024")]);
        }),
        secret.fails("generic", Unsafe, "private members", |w| {
            for (name, value) in private("rsa") {
                w.key(&name, value);
            }
        }),
        secret.fails("library:go-oidc", LoginFails, "private members, refused", |w| {
            for (name, value) in private("rsa") {
                w.key(&name, value);
            }
        }),
        secret
            .fails("generic", Unsafe, "a symmetric key", |w| {
                w.key_before(json!({ "kty": "oct", "kid": "sym", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0" }));
            })
            .also("jwks/key-form", "python-jose gets past no key of another type, secret or not"),
    ]
}

fn form() -> Vec<Mutation> {
    let form = Of("jwks/key-form");
    let certificates = Of("jwks/certificates");
    vec![
        form.fails("generic", Untidy, "an entry that is null", |w| w.key_before(Value::Null)),
        form.fails("library:go-oidc", LoginFails, "an entry that is null, refused", |w| w.key_before(Value::Null)),
        form.fails("library:go-oidc", LoginFails, "a key without its modulus", |w| {
            w.key_before(json!({ "kty": "RSA", "kid": "broken", "e": "AQAB" }));
        }),
        form.fails("generic", Untidy, "an unknown type", |w| {
            w.key_before(json!({ "kty": "AKP", "kid": "pq", "alg": "ML-DSA-65", "pub": "AAAA" }));
        }),
        form.fails("library:go-oidc", LoginFails, "an unknown curve", |w| {
            w.key_before(json!({ "kty": "EC", "kid": "bp", "crv": "BP-256", "x": "AAAA", "y": "AAAA" }));
        }),
        form.fails("proxmox", LoginFails, "a modulus in plain base64", |w| {
            w.key("n", modulus(|bytes| STANDARD.encode(bytes)));
        }),
        certificates.fails("library:go-oidc", LoginFails, "no certificate", |w| {
            w.key("x5c", json!(["bm90IGEgY2VydA=="]));
        }),
        certificates.fails("generic", Untidy, "of another key", |w| w.key("x5c", json!([certificate("rsa2")]))),
        certificates.fails("incus", LoginFails, "a thumbprint of another one", |w| {
            w.key("x5c", json!([certificate("rsa")]));
            w.key("x5t", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        }),
        certificates.fails("generic", Untidy, "a thumbprint that is none", |w| w.key("x5t", json!("xyz"))),
        certificates
            .fails("incus", LoginFails, "a certificate without its array", |w| w.key("x5c", certificate("rsa"))),
        certificates.fails("generic", Untidy, "no certificates in the array", |w| w.key("x5c", json!([]))),
        form.fails("generic", LoginFails, "a modulus in hexadecimal digits", |w| {
            w.key("n", modulus(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect()));
        }),
        form.fails("generic", Untidy, "a modulus with line breaks", |w| {
            w.key(
                "n",
                modulus(|bytes| {
                    let text = URL_SAFE_NO_PAD.encode(bytes);
                    format!("{}\n{}", &text[..64], &text[64..])
                }),
            );
        }),
    ]
}

fn usage() -> Vec<Mutation> {
    let usage = Of("jwks/key-usage");
    vec![
        usage.fails("generic", LoginFails, "use is enc", |w| w.key("use", json!("enc"))),
        usage.fails("generic", Degraded, "key_ops without verify", |w| {
            w.drop_key_member("use");
            w.key("key_ops", json!(["encrypt"]));
        }),
        usage.fails("incus", LoginFails, "use is a list", |w| w.key("use", json!(["sig"]))),
        usage.fails("generic", Untidy, "key_ops of a public key says sign", |w| {
            w.drop_key_member("use");
            w.key("key_ops", json!(["sign"]));
        }),
        usage.fails("proxmox", LoginFails, "alg is one that is not advertised", |w| w.key("alg", json!("RS512"))),
    ]
}
