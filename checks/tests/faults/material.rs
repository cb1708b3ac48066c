//! Real keys and certificates, so that nothing that reads them has to be lenient for the sake of a test.
//!
//! The fixture was made once with OpenSSL and Node's `crypto`; any keys of the same kinds and sizes would do as well.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use std::sync::LazyLock;

static MATERIAL: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../fixtures/library-matrix-keys.json")).expect("the fixture is JSON")
});

/// A JWK under construction.
pub(crate) type Jwk = Map<String, Value>;

/// The public key of that name, as the healthy provider would publish it.
pub(crate) fn public(name: &str) -> Jwk {
    object(&MATERIAL[name]["jwk"])
}

/// The private members of the key of that name.
pub(crate) fn private(name: &str) -> Jwk {
    object(&MATERIAL[name]["private"])
}

/// The certificate of the key of that name, in the spelling of an `x5c` entry.
pub(crate) fn certificate(name: &str) -> Value {
    MATERIAL[name]["x5c"].clone()
}

/// The certificate of the server, in base64.
pub(crate) fn server_certificate() -> &'static str {
    MATERIAL["server_certificate"].as_str().expect("the fixture holds it")
}

/// The signature of a message by the key of that name; `hs` is the client secret.
pub(crate) fn sign(name: &str, alg: &str, message: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    if name == "hs" {
        return hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"any secret does"), message).as_ref().to_vec();
    }
    let pkcs8 = STANDARD.decode(MATERIAL[name]["pkcs8"].as_str().expect("a private key")).expect("base64");
    let ecdsa = |algorithm| {
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8).expect("an EC key");
        pair.sign(&random, message).expect("signed").as_ref().to_vec()
    };
    let rsa = |padding: &'static dyn signature::RsaEncoding| {
        let pair = RsaKeyPair::from_pkcs8(&pkcs8).expect("an RSA key");
        let mut out = vec![0; pair.public_modulus_len()];
        pair.sign(padding, &random, message, &mut out).expect("signed");
        out
    };
    match alg {
        "RS256" => rsa(&signature::RSA_PKCS1_SHA256),
        "RS512" => rsa(&signature::RSA_PKCS1_SHA512),
        "PS256" => rsa(&signature::RSA_PSS_SHA256),
        "ES256" => ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        "ES384" => ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        "ES512" => ecdsa(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
        "EdDSA" => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8).expect("an Ed25519 key");
            pair.sign(message).as_ref().to_vec()
        }
        other => panic!("no fault signs with {other}"),
    }
}

fn object(value: &Value) -> Jwk {
    value.as_object().expect("the fixture holds it").clone()
}
