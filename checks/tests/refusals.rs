//! What further faults made of the libraries that ran against them.
//!
//! The measurement of `fixtures/library-matrix.tsv` covers every library; these faults were met later. Run against them
//! were openidconnect 4.0.1 (its parsers), zitadel/oidc 3.48.1, go-oidc 3.21.0, golang-jwt 5.3.1 with
//! keyfunc 3.7.0, Authlib's Flask client 1.9.10, openid-client 6.8.9 and passport-openidconnect 0.1.2; NetBird was read.
//! Each row says which of them refused, and at which step. All others have to let people in, but for those whose rules
//! said something about the fault before: nothing is guessed.

#[expect(dead_code, reason = "the libraries test uses the rest of it")]
mod faults;

use faults::Provider;
use faults::grant::{CLIENT, log_in};
use faults::material::{certificate, public};
use faults::matrix::Answer;
use oidcheck_checks::case::Facts;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{self, Run};
use oidcheck_checks::target::Target;
use oidcheck_checks::verdict::Effect;
use serde_json::{Value, json};
use std::collections::BTreeMap;

struct Row {
    fault: &'static str,
    /// The check that has to say something of it whoever reads it.
    check: &'static str,
    change: fn(&mut Provider),
    /// Letters of steps, as in the measurement, each with the libraries that refused there.
    refused: &'static [(char, &'static [&'static str])],
    /// Libraries that did not run and whose rules spoke of this before.
    before: &'static [&'static str],
}

const RUST: &[&str] = &["openidconnect-rs-3", "openidconnect-rs-4", "proxmox-8", "proxmox-9"];
const GO_JOSE: &[&str] = &["dex-connector", "go-oidc", "incus", "zitadel-oidc"];
const OAUTH2: &[&str] = &["dex-connector", "go-oidc", "golang-jwt", "incus", "netbird", "zitadel-oidc"];
const ZITADEL: &[&str] = &["incus", "zitadel-oidc"];
const OPENID_CLIENT: &[&str] = &["openid-client-6", "openid-client-6-verified"];

/// Sets a member of the signing key.
fn key(p: &mut Provider, member: &str, value: Value) {
    p.jwks["keys"][0][member] = value;
}

/// Publishes another key beside the signing key.
fn beside(p: &mut Provider, kty: &str, member: &str, change: impl Fn(&Value) -> Value) {
    let mut other = public(kty);
    let value = change(&other[member]);
    other.insert("kid".into(), "other".into());
    other.insert(member.into(), value);
    p.jwks = json!({ "keys": [public("rsa"), other] });
}

fn claim(p: &mut Provider, change: fn(&mut serde_json::Map<String, Value>, i64)) {
    p.login.claims = change;
}

/// A coordinate with a zero byte before it.
fn longer(value: &Value) -> Value {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let bytes = URL_SAFE_NO_PAD.decode(value.as_str().expect("a string")).expect("base64url");
    URL_SAFE_NO_PAD.encode([vec![0], bytes].concat()).into()
}

fn keys() -> Vec<Row> {
    let certificates = "jwks/certificates";
    let usage = "jwks/key-usage";
    vec![
        Row {
            fault: "x5t is that of another certificate",
            check: certificates,
            change: |p| {
                key(p, "x5c", json!([certificate("rsa")]));
                key(p, "x5t", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAA"));
            },
            refused: &[('V', GO_JOSE), ('V', &["golang-jwt"])],
            before: &[],
        },
        Row {
            fault: "x5t is no digest",
            check: certificates,
            change: |p| key(p, "x5t", json!("xyz")),
            refused: &[('V', GO_JOSE)],
            before: &[],
        },
        Row {
            fault: "x5c is a string",
            check: certificates,
            change: |p| key(p, "x5c", certificate("rsa")),
            refused: &[('V', GO_JOSE), ('V', &["authlib", "golang-jwt"])],
            before: &[],
        },
        Row {
            fault: "x5c is empty",
            check: certificates,
            change: |p| key(p, "x5c", json!([])),
            refused: &[],
            before: &[],
        },
        Row {
            fault: "use is an array",
            check: usage,
            change: |p| key(p, "use", json!(["sig"])),
            refused: &[('V', GO_JOSE), ('V', RUST), ('V', &["authlib", "golang-jwt", "openid-client-6-verified"])],
            before: &[],
        },
        Row {
            fault: "use is null",
            check: usage,
            change: |p| key(p, "use", Value::Null),
            refused: &[('V', &["authlib", "openid-client-6-verified"])],
            before: &[],
        },
        Row {
            fault: "alg is null",
            check: usage,
            change: |p| key(p, "alg", Value::Null),
            refused: &[('V', &["authlib", "openid-client-6-verified"])],
            before: &[],
        },
        Row {
            fault: "key_ops is a string",
            check: usage,
            change: |p| key(p, "key_ops", json!("verify")),
            refused: &[('V', &["authlib", "golang-jwt"])],
            before: &[],
        },
        Row {
            fault: "key_ops says verify twice",
            check: usage,
            change: |p| key(p, "key_ops", json!(["verify", "verify"])),
            refused: &[],
            before: &[],
        },
        Row {
            fault: "a key of P-384 says P-256",
            check: "jwks/curve-points",
            change: |p| beside(p, "ec384", "crv", |_| json!("P-256")),
            refused: &[('V', GO_JOSE), ('V', &["authlib", "golang-jwt"])],
            before: &[],
        },
        Row {
            fault: "a coordinate with a byte too many",
            check: "jwks/curve-points",
            change: |p| beside(p, "ec", "x", longer),
            refused: &[('V', GO_JOSE)],
            before: &[],
        },
        Row {
            fault: "an exponent of 2048 bits",
            check: "jwks/rsa-numbers",
            change: |p| {
                let modulus = public("rsa")["n"].clone();
                beside(p, "rsa2", "e", |_| modulus.clone());
            },
            refused: &[('V', &["golang-jwt"])],
            before: &[],
        },
        Row {
            fault: "line breaks in the modulus",
            check: "jwks/key-form",
            change: |p| {
                let text = p.jwks["keys"][0]["n"].as_str().expect("an RSA key").to_owned();
                key(p, "n", format!("{}\n{}", &text[..64], &text[64..]).into());
            },
            refused: &[('V', RUST), ('V', &["authlib"])],
            before: &[],
        },
    ]
}

fn tokens() -> Vec<Row> {
    let readable = "id-token/readable";
    vec![
        Row {
            fault: "kid in the header is a number",
            check: readable,
            change: |p| p.login.header = |h| drop(h.insert("kid".into(), 1.into())),
            refused: &[
                ('T', RUST),
                ('V', GO_JOSE),
                ('V', &["authlib", "golang-jwt", "openid-client-6-verified"]),
                ('A', &["netbird"]),
            ],
            before: &["mozilla-django-oidc", "pyjwt"],
        },
        Row {
            fault: "kid in the header is null",
            check: readable,
            change: |p| p.login.header = |h| drop(h.insert("kid".into(), Value::Null)),
            refused: &[('V', &["authlib", "golang-jwt", "openid-client-6-verified"]), ('A', &["netbird"])],
            before: &["mozilla-django-oidc", "pyjwt"],
        },
        Row {
            fault: "a byte order mark before the claims",
            check: readable,
            change: |p| p.login.payload = |text| format!("\u{feff}{text}").into_bytes(),
            refused: &[
                ('T', RUST),
                ('V', GO_JOSE),
                ('V', &["golang-jwt", "passport-openidconnect"]),
                ('A', &["netbird"]),
            ],
            before: &[],
        },
        Row {
            fault: "claims in Latin-1",
            check: readable,
            change: |p| {
                p.login.payload = |text| {
                    let place = text.find("Alice").expect("her name");
                    let mut bytes = text.into_bytes();
                    bytes[place] = 0xe4;
                    bytes
                };
            },
            refused: &[('T', RUST), ('V', &["authlib"])],
            before: &[],
        },
        Row {
            fault: "half of a surrogate pair in a claim",
            check: readable,
            change: |p| p.login.payload = |text| text.replace("Alice", "Al\\ud800ice").into_bytes(),
            refused: &[('T', RUST)],
            before: &[],
        },
        Row {
            fault: "sub stands twice",
            check: readable,
            change: |p| p.login.payload = |text| text.replacen('{', "{\"sub\":\"admin\",", 1).into_bytes(),
            refused: &[('T', RUST)],
            before: &[],
        },
        Row {
            fault: "alg stands twice in the header",
            check: readable,
            change: |p| p.login.head = |text| text.replacen('{', "{\"alg\":\"none\",", 1),
            refused: &[('T', RUST), ('V', GO_JOSE)],
            before: &[],
        },
        Row {
            fault: "a line break after the token",
            check: readable,
            change: |p| {
                p.login.grant = |g| {
                    let token = g["id_token"].as_str().expect("a token").to_owned();
                    g.insert("id_token".into(), format!("{token}\n").into());
                };
            },
            refused: &[('T', RUST), ('V', &["authlib"])],
            before: &[],
        },
        Row {
            fault: "audiences that are no strings",
            check: "id-token/audience",
            change: |p| claim(p, |c, _| drop(c.insert("aud".into(), json!([CLIENT, null, 7])))),
            refused: &[
                ('T', RUST),
                ('V', GO_JOSE),
                ('V', OPENID_CLIENT),
                ('V', &["authlib", "golang-jwt", "passport-openidconnect"]),
                ('A', &["netbird"]),
            ],
            // They want azp beside more than one audience.
            before: &["generic", "openid-client-5", "pyoidc", "social-auth-core", "spring-security"],
        },
        Row {
            fault: "iat is null",
            check: "id-token/issued-at",
            change: |p| claim(p, |c, _| drop(c.insert("iat".into(), Value::Null))),
            refused: &[
                ('T', RUST),
                ('V', GO_JOSE),
                ('V', OPENID_CLIENT),
                ('V', &["authlib", "golang-jwt", "passport-openidconnect"]),
                ('A', &["netbird"]),
            ],
            before: &[],
        },
        Row {
            fault: "nbf is null",
            check: "id-token/not-before",
            change: |p| claim(p, |c, _| drop(c.insert("nbf".into(), Value::Null))),
            refused: &[('V', OPENID_CLIENT), ('V', &["authlib", "golang-jwt"]), ('A', &["netbird"])],
            before: &[],
        },
        Row {
            fault: "auth_time is null",
            check: "id-token/typed-claims",
            change: |p| claim(p, |c, _| drop(c.insert("auth_time".into(), Value::Null))),
            refused: &[('V', OPENID_CLIENT)],
            before: &["openidconnect-rs-3", "proxmox-8"],
        },
        Row {
            fault: "amr holds null",
            check: "id-token/typed-claims",
            change: |p| claim(p, |c, _| drop(c.insert("amr".into(), json!([null])))),
            refused: &[('T', RUST), ('V', ZITADEL)],
            before: &[],
        },
    ]
}

fn answers() -> Vec<Row> {
    let expires = "token-response/expires-in";
    vec![
        Row {
            fault: "expires_in with a fraction",
            check: expires,
            change: |p| p.login.grant = |g| drop(g.insert("expires_in".into(), json!(599.97))),
            refused: &[('T', OAUTH2), ('T', RUST)],
            before: &[],
        },
        Row {
            fault: "expires_in is a date",
            check: expires,
            change: |p| p.login.grant = |g| drop(g.insert("expires_in".into(), json!("2030-01-01T00:00:00Z"))),
            refused: &[('T', OAUTH2), ('T', RUST), ('T', &["authlib"])],
            before: &[],
        },
        Row {
            fault: "expires_in is negative",
            check: expires,
            change: |p| p.login.grant = |g| drop(g.insert("expires_in".into(), json!(-1))),
            refused: &[('T', OPENID_CLIENT), ('T', RUST)],
            before: &[],
        },
        Row {
            fault: "token_type is an array",
            check: "token-response/token-type",
            change: |p| p.login.grant = |g| drop(g.insert("token_type".into(), json!(["Bearer"]))),
            refused: &[('T', OAUTH2), ('T', RUST), ('T', OPENID_CLIENT), ('U', &["authlib"])],
            before: &["generic", "mod-auth-openidc", "nimbus", "spring-security"],
        },
        Row {
            fault: "half of a surrogate pair in the metadata",
            check: "discovery/json",
            change: |p| p.discovery.bytes = |text| text.replacen('{', r#"{"x_name":"\ud800","#, 1).into_bytes(),
            refused: &[('D', RUST)],
            before: &[],
        },
        Row {
            fault: "null among the algorithms",
            check: "discovery/required-members",
            change: |p| p.set("id_token_signing_alg_values_supported", json!([null, "RS256"])),
            refused: &[],
            before: &["generic", "nimbus", "pyoidc", "spring-security"],
        },
    ]
}

fn runs(row: &Row) -> BTreeMap<String, Run> {
    let mut provider = Provider::healthy("further");
    (row.change)(&mut provider);
    let target = Target { typed: provider.typed.clone(), client_id: Some(CLIENT.to_owned()), ..Target::default() };
    let ids = Profile::ids().into_iter().filter(|id| id.starts_with("library:"));
    let profiles: Vec<Profile> = ids.filter_map(|id| Profile::by_id(&id)).collect();
    let mut evidence = faults::gather(&provider, &target, &profiles);
    log_in(&provider, &mut evidence, true);
    let facts = Facts::of(&evidence);
    let judge = |profile: &Profile| {
        let id = profile.file.id.trim_start_matches("library:").to_owned();
        (id, report::judge(&target, profile, &facts, faults::now()))
    };
    profiles.iter().map(judge).collect()
}

fn answer(run: &Run) -> Answer {
    let fails = run.findings().into_iter().filter(|(_, finding)| finding.effect == Effect::LoginFails);
    Answer::earliest(fails.map(|(_, finding)| finding.step))
}

#[test]
fn who_was_seen_to_refuse_refuses_and_nobody_else() {
    let mut wrong = Vec::new();
    for row in [keys(), tokens(), answers()].into_iter().flatten() {
        let runs = runs(&row);
        for (library, run) in runs.iter().filter(|(library, _)| !row.before.contains(&library.as_str())) {
            let at = row.refused.iter().find(|(_, names)| names.contains(&library.as_str()));
            let (expected, ours) = (at.map_or("ok".to_owned(), |(step, _)| step.to_string()), answer(run).word());
            if expected != ours {
                let why: Vec<_> = run
                    .findings()
                    .iter()
                    .filter(|(_, f)| f.effect == Effect::LoginFails)
                    .map(|(o, f)| format!("{}: {}", o.check.id, f.message))
                    .collect();
                wrong.push(format!("{}: {library}: {expected} was seen, {ours} is said {why:?}", row.fault));
            }
        }
        let said = |run: &Run| run.findings().iter().any(|(outcome, _)| outcome.check.id == row.check);
        let silent = runs.iter().filter(|(_, run)| !said(run)).map(|(library, _)| library.as_str());
        let silent: Vec<&str> =
            silent.filter(|library| *library != "netbird" && *library != "axa-oidc-client").collect();
        if !silent.is_empty() {
            wrong.push(format!("{}: {} says nothing for {silent:?}", row.fault, row.check));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_number_that_is_none_is_read_by_python_alone() {
    let row = Row {
        fault: "NaN",
        check: "discovery/json",
        change: |p| p.discovery.bytes = |text| text.replacen('{', "{\"x_ttl\":NaN,", 1).into_bytes(),
        refused: &[],
        before: &[],
    };
    for (library, run) in runs(&row) {
        let expected = if library == "authlib" { "ok" } else { "D" };
        assert_eq!(answer(&run).word(), expected, "{library}");
    }
}

#[test]
fn a_modulus_in_digits_verifies_nothing_for_anybody_who_verifies() {
    let row = Row {
        fault: "hexadecimal",
        check: "jwks/key-form",
        change: |p| {
            use base64::Engine as _;
            use base64::engine::general_purpose::URL_SAFE_NO_PAD;
            let text = p.jwks["keys"][0]["n"].as_str().expect("an RSA key").to_owned();
            let bytes = URL_SAFE_NO_PAD.decode(text).expect("base64url");
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            key(p, "n", digits.concat().into());
        },
        refused: &[],
        before: &[],
    };
    for (library, run) in runs(&row) {
        let verifies = oidcheck_checks::library::one(&library).expect("it is there").keys.verified;
        assert_eq!(answer(&run) != Answer::LogsIn, verifies, "{library}");
        let of_keys = run.findings().into_iter().filter(|(outcome, _)| outcome.check.id.starts_with("jwks/"));
        let messages: Vec<&str> = of_keys.map(|(_, finding)| finding.message.as_str()).collect();
        assert!(messages.iter().any(|message| message.contains("written in digits")), "{library}: {messages:?}");
        assert!(!messages.iter().any(|message| message.contains("divided")), "{library}: {messages:?}");
    }
}
