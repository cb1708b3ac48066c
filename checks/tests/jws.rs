//! Signatures of every algorithm that providers use, made here and verified by the rules' own verifier; and every kind
//! of text that is no signed token.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oidcheck_checks::evidence::jwks::Jwks;
use oidcheck_checks::evidence::jws::{Jws, NotJws, Part, REMOVED_BAD, Signature, half_hash};
use oidcheck_checks::evidence::{json, login};

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn input(alg: &str) -> String {
    format!("{}.{}", b64(format!(r#"{{"alg":"{alg}","kid":"k"}}"#)), b64(r#"{"sub":"alice","exp":7}"#))
}

fn set(members: &str) -> Jwks {
    let text = format!(r#"{{"keys":[{{"kid":"other","kty":"oct"}},{{"kid":"k",{members}}}]}}"#);
    Jwks::of(json::read(text.as_bytes()).expect("JSON")).expect("a key set")
}

fn check(alg: &str, members: &str, sign: impl Fn(&[u8]) -> Vec<u8>) {
    let input = input(alg);
    let token = Jws::read(&format!("{input}.{}", b64(sign(input.as_bytes())))).expect("a JWS");
    let jwks = set(members);
    assert_eq!(token.examine(Some(&jwks)), Signature::Good(1), "{alg}");
    assert_eq!(token.meant(&jwks.keys[1]), Ok(()), "{alg}");
    let broken = Jws::read(&format!("{input}.{}", b64(sign(b"something else")))).expect("a JWS");
    assert_eq!(broken.examine(Some(&jwks)), Signature::Bad(true), "{alg}");
    assert_eq!(token.examine(None), Signature::Bad(false), "{alg}");
}

#[test]
fn every_algorithm_that_providers_use_verifies() {
    let random = SystemRandom::new();
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    // RFC 8017 appendix A.1.1, with the lengths of a key of 2048 bits: header, modulus, header, exponent.
    let der = rsa.public_key().as_ref();
    let members = format!(r#""kty":"RSA","n":"{}","e":"{}""#, b64(&der[9..265]), b64(&der[267..]));
    let paddings: [(&str, &'static dyn signature::RsaEncoding); 6] = [
        ("RS256", &signature::RSA_PKCS1_SHA256),
        ("RS384", &signature::RSA_PKCS1_SHA384),
        ("RS512", &signature::RSA_PKCS1_SHA512),
        ("PS256", &signature::RSA_PSS_SHA256),
        ("PS384", &signature::RSA_PSS_SHA384),
        ("PS512", &signature::RSA_PSS_SHA512),
    ];
    for (alg, padding) in paddings {
        check(alg, &members, |message| {
            let mut out = vec![0; rsa.public_modulus_len()];
            rsa.sign(padding, &random, message, &mut out).expect("signed");
            out
        });
    }
    let curves = [
        ("ES256", "P-256", &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        ("ES384", "P-384", &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        ("ES512", "P-521", &signature::ECDSA_P521_SHA512_FIXED_SIGNING),
    ];
    for (alg, curve, parameters) in curves {
        let pair = EcdsaKeyPair::generate(parameters).expect("a key");
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let members = format!(r#""kty":"EC","crv":"{curve}","x":"{}","y":"{}""#, b64(x), b64(y));
        check(alg, &members, |message| pair.sign(&random, message).expect("signed").as_ref().to_vec());
    }
    let pair = Ed25519KeyPair::generate().expect("a key");
    let members = format!(r#""kty":"OKP","crv":"Ed25519","x":"{}""#, b64(pair.public_key().as_ref()));
    for alg in ["EdDSA", "Ed25519"] {
        check(alg, &members, |message| pair.sign(message).as_ref().to_vec());
    }
}

#[test]
fn what_is_no_signed_token_is_told_apart() {
    let none = format!("{}.{}.", b64(r#"{"alg":"none"}"#), b64("{}"));
    assert_eq!(Jws::read(&none).expect("a JWS").examine(None), Signature::Unsigned);
    let hmac = format!("{}.AAAA", input("HS256"));
    assert_eq!(Jws::read(&hmac).expect("a JWS").examine(None), Signature::Symmetric);
    let unknown = format!("{}.AAAA", input("XX999"));
    assert_eq!(Jws::read(&unknown).expect("a JWS").examine(None), Signature::Unknown);
    let jwe = format!("{}.a.b.c.d", b64(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#));
    assert_eq!(Jws::read(&jwe), Err(NotJws::Encrypted("RSA-OAEP".into(), "A256GCM".into())));
    assert_eq!(Jws::read(" "), Err(NotJws::Empty));
    assert_eq!(Jws::read("8xLOxBtZp8"), Err(NotJws::Opaque));
    assert_eq!(Jws::read("a.b.c"), Err(NotJws::Opaque));
    assert_eq!(Jws::read(&input("RS256")), Err(NotJws::Parts(2)));
    assert_eq!(Jws::read(&format!("{}.!.AA", b64("{}"))), Err(NotJws::Base64(Part::Payload)));
    assert_eq!(Jws::read(&format!("{}.{}.AA", b64("{}"), b64("[]"))), Err(NotJws::NotAnObject(Part::Payload)));
    let padded = format!("{}.AA==", input("RS256"));
    assert_eq!(Jws::read(&padded).expect("a JWS").misspelt, vec![Part::Signature]);
}

#[test]
fn numeric_dates_and_audiences_are_read_leniently() {
    let claims = b64(r#"{"exp":12.5,"iat":"13","nbf":true,"aud":["a",7,"b"]}"#);
    let token = Jws::read(&format!("{}.{claims}.AA", b64(r#"{"alg":"RS256"}"#))).expect("a JWS");
    assert_eq!((token.seconds("exp"), token.seconds("iat"), token.seconds("nbf")), (Some(12), Some(13), None));
    assert_eq!(token.audiences(), ["a", "b"]);
}

#[test]
fn a_removed_signature_remembers_its_verdict() {
    let token = Jws::read(&format!("{}.AAAA", input("RS256"))).expect("a JWS");
    for (good, expected) in [(true, Signature::WasGood), (false, Signature::Bad(false))] {
        let removed = Jws::read(&token.redacted(good)).expect("still a JWS");
        assert_eq!(removed.examine(None), expected);
    }
    assert!(!format!("{token:?}").contains("AAAA"));
}

#[test]
fn a_recording_holds_no_token_that_can_be_used() {
    let claims = b64(r#"{"sub":"alice","jti":"CANARY-1","sid":"CANARY-2"}"#);
    let jwt = format!("{}.{claims}.Q0FOQVJZ", b64(r#"{"alg":"RS256"}"#));
    let body =
        format!(r#"{{"access_token":"CANARY-3", "id_token" : "{jwt}","expires_in":300,"refresh_token":"CANARY-4"}} "#);
    let out = String::from_utf8(login::redact(body.as_bytes(), None)).expect("text");
    assert!(
        out.contains(r#", "id_token" : ""#)
            && out.ends_with(r#""expires_in":300,"refresh_token":"REMOVED-of-8-characters"} "#),
        "{out}"
    );
    let grant = login::Grant::read(out.as_bytes(), None).expect("JSON");
    let kept = grant.id_token.expect("a token").read.expect("a JWS");
    assert_eq!(
        (kept.text("sub"), kept.text("jti"), kept.text("sid")),
        (Some("alice"), Some("REMOVED"), Some("REMOVED"))
    );
    assert!(!out.contains("CANARY") && !out.contains("Q0FOQVJZ") && !out.contains(&claims));
    let form = format!("access_token=CANARY-5&id_token={jwt}&expires_in=3");
    let out = String::from_utf8(login::redact(form.as_bytes(), None)).expect("text");
    assert!(!out.contains("CANARY") && out.ends_with("&expires_in=3"), "{out}");
    let out = String::from_utf8(login::redact(jwt.as_bytes(), None)).expect("text");
    assert!(out.ends_with(REMOVED_BAD), "{out}");
}

#[test]
fn the_example_of_the_specification_hashes() {
    // OpenID Connect Core 1.0 appendix A.3.
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(half_hash("RS256", token).as_deref(), Some("77QmUPtjPfzWtF2AnpK9RQ"));
    assert_eq!(half_hash("none", token), None);
}
