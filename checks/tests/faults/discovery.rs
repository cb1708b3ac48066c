//! Faults of the metadata: what was typed against what it says, its members, the algorithms that it advertises.

use super::Fault;
use super::provider::{HTTP, HTTPS};
use oidcheck_checks::library::tokens::Authentication;
use serde_json::{Value, json};

/// Which client authentication a token endpoint takes.
type Accepts = fn(Authentication) -> bool;

const BASIC: Accepts = |method| matches!(method, Authentication::BasicRaw | Authentication::BasicEncoded);
const POST: Accepts = |method| method == Authentication::Post;

/// The members that every set-up reads, each with a value of the wrong JSON type.
const WRONG: [(&str, WrongValue); 7] = [
    ("authorization_endpoint", WrongValue::Number(7)),
    ("token_endpoint", WrongValue::Number(7)),
    ("jwks_uri", WrongValue::Number(7)),
    ("userinfo_endpoint", WrongValue::Number(7)),
    ("response_types_supported", WrongValue::Text("code")),
    ("subject_types_supported", WrongValue::Text("public")),
    ("id_token_signing_alg_values_supported", WrongValue::Text("RS256")),
];

#[derive(Clone, Copy)]
enum WrongValue {
    Number(u8),
    Text(&'static str),
}

/// What OpenID Connect Discovery 1.0 section 3 requires.
const REQUIRED: [&str; 7] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
];

/// What a document by RFC 8414 alone holds.
const OAUTH: [&str; 7] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "response_types_supported",
    "code_challenge_methods_supported",
];

pub(crate) fn faults() -> Vec<Fault> {
    let mut all = issuer();
    all.extend(members());
    all.extend(odd_members());
    all.extend(algorithms());
    all
}

fn issuer() -> Vec<Fault> {
    vec![
        Fault::seen("iss-slash-both", |p| {
            p.set("issuer", format!("{}/", p.issuer()));
            p.typed.push('/');
        }),
        Fault::seen("iss-slash-added", |p| p.set("issuer", format!("{}/", p.issuer()))),
        Fault::seen("iss-slash-typed", |p| p.typed.push('/')),
        Fault::seen("iss-wellknown-typed", |p| p.typed.push_str("/.well-known/openid-configuration")),
        Fault::seen("iss-http", |p| p.set("issuer", p.issuer().replace("https:", "http:"))),
        Fault::seen("iss-other-host", |p| p.set("issuer", "https://other.lab.test/op")),
        Fault::seen("iss-other-path", |p| p.set("issuer", format!("{}-other", p.issuer()))),
        Fault::seen("iss-upper-host", |p| p.set("issuer", p.issuer().replace("idp.lab.test", "IDP.LAB.TEST"))),
        Fault::seen("iss-default-port", |p| {
            p.move_to(p.issuer().replace(":24443", ""));
            p.set("issuer", p.issuer().replace(".test/", ".test:443/"));
        }),
        Fault::seen("iss-missing", |p| p.remove("issuer")),
        Fault::seen("iss-null", |p| p.set("issuer", Value::Null)),
        Fault::seen("iss-number", |p| p.set("issuer", 42)),
        Fault::seen("iss-empty", |p| p.set("issuer", "")),
        Fault::seen("iss-query", |p| p.set("issuer", format!("{}?x=1", p.issuer()))),
        Fault::seen("plain-http", |p| p.move_to(p.issuer().replace(HTTPS, HTTP))),
    ]
}

fn members() -> Vec<Fault> {
    let of_one = |(member, wrong): (&'static str, WrongValue)| {
        [
            Fault::seen(format!("no-{member}"), move |p| p.remove(member)),
            Fault::seen(format!("type-{member}"), move |p| match wrong {
                WrongValue::Number(number) => p.set(member, number),
                WrongValue::Text(text) => p.set(member, text),
            }),
            Fault::seen(format!("null-{member}"), move |p| p.set(member, Value::Null)),
        ]
    };
    WRONG.into_iter().flat_map(of_one).collect()
}

fn odd_members() -> Vec<Fault> {
    let over_http = ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"].map(|member| {
        Fault::seen(format!("http-{member}"), move |p| p.set(member, p.text(member).replace(HTTPS, HTTP)))
    });
    let mut all = vec![
        Fault::seen("bare-minimum", |p| p.keep(&REQUIRED)),
        Fault::seen("oauth-only", |p| p.keep(&OAUTH)),
        Fault::seen("empty-userinfo_endpoint", |p| p.set("userinfo_endpoint", "")),
        Fault::seen("empty-end_session_endpoint", |p| p.set("end_session_endpoint", "")),
        Fault::seen("null-scopes_supported", |p| p.set("scopes_supported", Value::Null)),
        Fault::seen("type-scopes_supported", |p| p.set("scopes_supported", "openid profile")),
        Fault::seen("type-claims_supported", |p| p.set("claims_supported", json!({ "sub": true }))),
        Fault::seen("type-request_parameter_supported", |p| p.set("request_parameter_supported", "true")),
        Fault::seen("type-end_session_endpoint", |p| p.set("end_session_endpoint", 7)),
        Fault::seen("unknown-member", |p| {
            p.set("x_a", json!({ "b": [1] }));
            p.set("x_b", Value::Null);
            p.set("x_c", 1.5);
        }),
        Fault::seen("relative-token_endpoint", |p| {
            p.set("token_endpoint", p.text("token_endpoint").replace(HTTPS, ""));
        }),
        Fault::seen("no-code-in-response_types", |p| p.set("response_types_supported", json!(["id_token"]))),
        // The token endpoint of these insists on one form of client authentication, which only a login shows.
        Fault::seen("auth-silent-basic-only", |p| {
            p.login.accepts = BASIC;
            p.remove("token_endpoint_auth_methods_supported");
        }),
        Fault::seen("auth-silent-post-only", |p| {
            p.login.accepts = POST;
            p.remove("token_endpoint_auth_methods_supported");
        }),
    ];
    all.extend(over_http);
    let advertised: [(&str, &str, Accepts); 4] = [
        ("auth-basic-only", "client_secret_basic", BASIC),
        ("auth-post-only", "client_secret_post", POST),
        ("auth-encoded-only", "client_secret_basic", |method| method == Authentication::BasicEncoded),
        ("auth-raw-only", "client_secret_basic", |method| method == Authentication::BasicRaw),
    ];
    all.extend(advertised.map(|(id, method, accepts)| {
        Fault::seen(id, move |p| {
            p.login.accepts = accepts;
            p.set("token_endpoint_auth_methods_supported", json!([method]));
        })
    }));
    all
}

/// The tokens are signed with RS256, whatever is advertised.
fn algorithms() -> Vec<Fault> {
    let lists: [(&str, &'static [&'static str]); 8] = [
        ("algs-es256-only", &["ES256"]),
        ("algs-hs256-only", &["HS256"]),
        ("algs-none-only", &["none"]),
        ("algs-with-none", &["none", "RS256"]),
        ("algs-empty", &[]),
        ("algs-unknown", &["XX999", "RS256"]),
        // The tokens of these two are not signed at all.
        ("alg-none-listed", &["none", "RS256"]),
        ("alg-none-listed-bare", &["none", "RS256"]),
    ];
    let unsigned = |id: &str| id.starts_with("alg-none");
    let fault = |(id, list): (&'static str, &'static [&'static str])| {
        Fault::seen(id, move |p| {
            p.advertise(list);
            if unsigned(id) {
                p.login.sign = "none";
            }
            if id == "alg-none-listed-bare" {
                p.login.claims = |claims, _| drop(claims.shift_remove("at_hash"));
            }
        })
    };
    lists.into_iter().map(fault).collect()
}
