//! Steps in the key set.

use super::{Row, Step, change};
use crate::faults::material::{Jwk, public};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oidcheck_checks::verdict::Effect::{Degraded, LoginFails, Unsafe, Untidy};
use serde_json::json;

/// The modulus of the key in RFC 7515 appendix A.2.
const EXAMPLE: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL\
-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBE\
Ma2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb\
54h4FRWyuXpoQ";

pub(crate) fn rows() -> Vec<Row> {
    [points_and_numbers(), uses()].into_iter().flatten().collect()
}

/// The RSA key of the healthy provider and another one, which is advertised.
fn beside(name: &str, key: &'static str, alg: &'static str, edit: fn(&mut Jwk)) -> Step {
    change(name, move |p| {
        let mut other = public(key);
        edit(&mut other);
        p.publish([public("rsa"), other]);
        if alg != "RS256" {
            p.advertise(&["RS256", alg]);
        }
    })
}

/// The RSA key of the healthy provider, edited.
fn only(name: &str, edit: fn(&mut Jwk)) -> Step {
    change(name, move |p| {
        let mut key = public("rsa");
        edit(&mut key);
        p.publish([key]);
    })
}

/// The bytes of a member, edited.
fn edit_bytes(key: &mut Jwk, member: &str, edit: fn(&mut Vec<u8>)) {
    let mut bytes = URL_SAFE_NO_PAD.decode(key[member].as_str().expect("a string")).expect("base64url");
    edit(&mut bytes);
    key.insert(member.into(), URL_SAFE_NO_PAD.encode(bytes).into());
}

fn slip(key: &mut Jwk) {
    edit_bytes(key, "y", |bytes| *bytes.last_mut().expect("not empty") ^= 1);
}

fn points_and_numbers() -> Vec<Row> {
    vec![
        Row {
            check: "jwks/curve-points",
            fails: vec![
                ("proxmox", Degraded, beside("a point off the curve", "ec", "ES256", slip)),
                (
                    "incus",
                    LoginFails,
                    beside("a coordinate too short", "ec", "ES256", |k| edit_bytes(k, "x", |b| b.truncate(31))),
                ),
                (
                    "generic",
                    Degraded,
                    beside("half an Edwards key", "ed", "EdDSA", |k| edit_bytes(k, "x", |b| b.truncate(16))),
                ),
                ("xen-orchestra", Untidy, beside("a point off the curve", "ec", "ES256", slip)),
            ],
            silent: vec![
                ("proxmox", beside("a sound key on P-256", "ec", "ES256", |_| ())),
                ("generic", beside("a sound key on P-384", "ec384", "ES384", |_| ())),
                ("generic", beside("a sound key on P-521", "ec521", "ES512", |_| ())),
                ("generic", beside("a sound Edwards key", "ed", "EdDSA", |_| ())),
            ],
        },
        Row {
            check: "jwks/rsa-numbers",
            fails: vec![
                ("proxmox", Unsafe, only("an exponent of 1", |k| drop(k.insert("e".into(), json!("AQ"))))),
                ("proxmox", Degraded, only("an even exponent", |k| drop(k.insert("e".into(), json!("AQAC"))))),
                (
                    "generic",
                    Unsafe,
                    only("an even modulus", |k| edit_bytes(k, "n", |b| *b.last_mut().expect("long") &= 0xfe)),
                ),
                ("generic", Untidy, only("a zero before the modulus", |k| edit_bytes(k, "n", |b| b.insert(0, 0)))),
                ("xen-orchestra", Untidy, only("an exponent of 1", |k| drop(k.insert("e".into(), json!("AQ"))))),
            ],
            silent: vec![
                ("proxmox", only("an exponent of 3", |k| drop(k.insert("e".into(), json!("Aw"))))),
                ("proxmox", beside("another sound key", "rsa2", "RS256", |_| ())),
            ],
        },
        Row {
            check: "jwks/known-keys",
            fails: vec![
                ("proxmox", Unsafe, only("the key of RFC 7515", |k| drop(k.insert("n".into(), json!(EXAMPLE))))),
                ("xen-orchestra", Untidy, only("the key of RFC 7515", |k| drop(k.insert("n".into(), json!(EXAMPLE))))),
            ],
            // The id alone proves nothing.
            silent: vec![(
                "proxmox",
                only("the id of a known key", |k| drop(k.insert("kid".into(), json!("keystore-CHANGE-ME")))),
            )],
        },
    ]
}

fn uses() -> Vec<Row> {
    vec![
        Row {
            check: "jwks/distinct-keys",
            fails: vec![
                (
                    "proxmox",
                    Untidy,
                    beside("one key with two ids", "rsa", "RS256", |k| drop(k.insert("kid".into(), json!("rsa-new")))),
                ),
                (
                    "generic",
                    Untidy,
                    beside("one key for two algorithms", "rsa", "RS512", |k| {
                        k.insert("kid".into(), json!("rsa-512"));
                        k.insert("alg".into(), json!("RS512"));
                    }),
                ),
            ],
            silent: vec![("proxmox", beside("two keys", "rsa2", "RS256", |_| ()))],
        },
        Row {
            check: "jwks/encryption-keys",
            fails: vec![(
                "proxmox",
                Untidy,
                beside("a key for RSA1_5", "rsa2", "RS256", |k| {
                    k.insert("use".into(), json!("enc"));
                    k.insert("alg".into(), json!("RSA1_5"));
                }),
            )],
            silent: vec![(
                "proxmox",
                beside("a key for RSA-OAEP", "rsa2", "RS256", |k| {
                    k.insert("use".into(), json!("enc"));
                    k.insert("alg".into(), json!("RSA-OAEP"));
                }),
            )],
        },
        Row {
            check: "jwks/usage-consistent",
            fails: vec![
                (
                    "proxmox",
                    Untidy,
                    beside("use sig, key_ops encrypt", "rsa2", "RS256", |k| {
                        drop(k.insert("key_ops".into(), json!(["encrypt"])))
                    }),
                ),
                (
                    "proxmox",
                    Untidy,
                    beside("use enc, alg RS256", "rsa2", "RS256", |k| drop(k.insert("use".into(), json!("enc")))),
                ),
                // These two look at alg, and the good key beside it still serves them.
                (
                    "library:golang-jwt",
                    Untidy,
                    beside("alg ES256 on a key of RSA", "rsa2", "RS256", |k| {
                        drop(k.insert("alg".into(), json!("ES256")))
                    }),
                ),
                (
                    "library:pyoidc",
                    Untidy,
                    beside("alg ES521", "ec", "ES256", |k| drop(k.insert("alg".into(), json!("ES521")))),
                ),
            ],
            silent: vec![
                (
                    "proxmox",
                    beside("use sig, key_ops verify", "rsa2", "RS256", |k| {
                        drop(k.insert("key_ops".into(), json!(["verify"])))
                    }),
                ),
                (
                    "proxmox",
                    beside("use enc, alg RSA-OAEP", "rsa2", "RS256", |k| {
                        k.insert("use".into(), json!("enc"));
                        k.insert("alg".into(), json!("RSA-OAEP"));
                    }),
                ),
                // Said by the check of usage, because no key is left.
                ("proxmox", only("use sig, alg RSA-OAEP", |k| drop(k.insert("alg".into(), json!("RSA-OAEP"))))),
            ],
        },
    ]
}
