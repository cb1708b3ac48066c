//! Real keys and certificates, so that nothing that reads them has to be lenient for the sake of a test.
//!
//! The fixture was made once with OpenSSL and Node's `crypto`; any keys of the same kinds and sizes would do as well.

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

fn object(value: &Value) -> Jwk {
    value.as_object().expect("the fixture holds it").clone()
}
