//! Faults that nobody can see before a login: of the tokens, the token response, userinfo and client authentication.

use super::Fault;
use super::grant::Change;
use super::provider::Serving;
use serde_json::{Map, Value, json};

const OTHER: &str = "https://other.lab.test/op";
const BYTE_ORDER_MARK: &str = "\u{feff}";
const REFUSED: &str = r#"{"error":"invalid_grant","error_description":"code expired"}"#;

pub(crate) fn faults() -> Vec<Fault> {
    let mut all = vec![Fault::unseen("ok", |_| {})];
    all.extend(headers());
    all.extend(claims());
    all.extend(times());
    all.extend(grants());
    all.extend(infos());
    all
}

/// A change of the claims of both tokens, by the time of their issue.
fn claim(id: &str, change: fn(&mut Map<String, Value>, i64)) -> Fault {
    Fault::unseen(id, move |p| p.login.claims = change)
}

fn headers() -> Vec<Fault> {
    let head = |id: &str, change: Change| Fault::unseen(id, move |p| p.login.header = change);
    vec![
        // The second login of a running process, which is not modelled.
        Fault::unseen("rotate-second-login", |_| {}),
        head("tok-no-kid-one", |h| drop(h.shift_remove("kid"))),
        head("kid-mismatch", |h| set(h, "kid", "gone")),
        Fault::unseen("sig-bad", |p| {
            p.login.sign = "rsa2";
            p.login.header = |h| set(h, "kid", "rsa-1");
        }),
        Fault::unseen("alg-none", |p| p.login.sign = "none"),
        Fault::unseen("alg-hs256", |p| p.login.sign = "hs"),
        head("typ-none", |h| drop(h.shift_remove("typ"))),
        head("typ-id+jwt", |h| set(h, "typ", "ID+JWT")),
        head("typ-at+jwt", |h| set(h, "typ", "at+jwt")),
        head("typ-lower", |h| set(h, "typ", "jwt")),
        head("crit-unknown", |h| {
            set(h, "crit", json!(["x"]));
            set(h, "x", 1);
        }),
        head("header-x5c", |h| {
            set(h, "x5t", "AAAA");
            set(h, "jku", "https://other.lab.test/jwks");
        }),
        Fault::unseen("jwe-shape", |p| {
            p.login.compact = |_| "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d".into();
        }),
        Fault::unseen("sig-padding", |p| p.login.compact = |token| format!("{token}==")),
    ]
}

fn set(members: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    members.insert(name.into(), value.into());
}

fn claims() -> Vec<Fault> {
    vec![
        claim("tok-iss-other", |c, _| set(c, "iss", OTHER)),
        claim("tok-iss-slash", |c, _| {
            let issuer = format!("{}/", c["iss"].as_str().expect("a string"));
            set(c, "iss", issuer);
        }),
        claim("tok-iss-missing", |c, _| drop(c.shift_remove("iss"))),
        claim("aud-other", |c, _| set(c, "aud", "other")),
        claim("aud-array-one", |c, _| set(c, "aud", json!(["client"]))),
        claim("aud-extra", |c, _| set(c, "aud", json!(["client", "other"]))),
        claim("aud-extra-azp", |c, _| {
            set(c, "aud", json!(["client", "other"]));
            set(c, "azp", "client");
        }),
        claim("aud-extra-azp-other", |c, _| {
            set(c, "aud", json!(["client", "other"]));
            set(c, "azp", "other");
        }),
        claim("aud-missing", |c, _| drop(c.shift_remove("aud"))),
        claim("aud-empty", |c, _| set(c, "aud", json!([]))),
        claim("aud-number", |c, _| set(c, "aud", 7)),
        claim("azp-other", |c, _| set(c, "azp", "other")),
        claim("nonce-missing", |c, _| drop(c.shift_remove("nonce"))),
        claim("nonce-other", |c, _| set(c, "nonce", "other")),
        claim("sub-missing", |c, _| drop(c.shift_remove("sub"))),
        claim("sub-number", |c, _| set(c, "sub", 42)),
        claim("sub-empty", |c, _| set(c, "sub", "")),
        claim("at_hash-other", |c, _| set(c, "at_hash", "AAAAAAAAAAAAAAAAAAAAAA")),
        claim("at_hash-missing", |c, _| drop(c.shift_remove("at_hash"))),
        claim("tok-email_verified-string", |c, _| set(c, "email_verified", "true")),
        claim("tok-updated_at-string", |c, _| set(c, "updated_at", "2026-01-01T00:00:00Z")),
        claim("tok-auth_time-string", |c, now| set(c, "auth_time", now.to_string())),
        claim("tok-amr-string", |c, _| set(c, "amr", "pwd")),
        claim("tok-address-string", |c, _| set(c, "address", "Main St 1")),
        claim("tok-name-null", |c, _| set(c, "name", Value::Null)),
        claim("tok-preferred_username-missing", |c, _| drop(c.shift_remove("preferred_username"))),
    ]
}

fn times() -> Vec<Fault> {
    vec![
        claim("exp-5s", |c, now| {
            set(c, "iat", now - 305);
            set(c, "exp", now - 5);
        }),
        claim("exp-90s", |c, now| {
            set(c, "iat", now - 390);
            set(c, "exp", now - 90);
        }),
        claim("exp-missing", |c, _| drop(c.shift_remove("exp"))),
        claim("exp-string", |c, now| set(c, "exp", (now + 300).to_string())),
        claim("exp-float", |c, now| set(c, "exp", now as f64 + 300.5)),
        claim("iat-10s", |c, now| set(c, "iat", now + 10)),
        claim("iat-120s", |c, now| set(c, "iat", now + 120)),
        claim("iat-missing", |c, _| drop(c.shift_remove("iat"))),
        claim("iat-old", |c, now| set(c, "iat", now - 90_000)),
        claim("nbf-10s", |c, now| set(c, "nbf", now + 10)),
        claim("nbf-400s", |c, now| {
            set(c, "nbf", now + 400);
            set(c, "exp", now + 900);
        }),
    ]
}

fn grants() -> Vec<Fault> {
    let grant = |id: &str, change: Change| Fault::unseen(id, move |p| p.login.grant = change);
    let served = |id: &str, change: fn(&mut Serving)| Fault::unseen(id, move |p| change(&mut p.login.tokens));
    vec![
        grant("grant-no-id_token", |g| drop(g.shift_remove("id_token"))),
        grant("grant-null-id_token", |g| set(g, "id_token", Value::Null)),
        grant("grant-no-access_token", |g| drop(g.shift_remove("access_token"))),
        grant("grant-no-token_type", |g| drop(g.shift_remove("token_type"))),
        grant("grant-type-lower", |g| set(g, "token_type", "bearer")),
        grant("grant-type-upper", |g| set(g, "token_type", "BEARER")),
        grant("grant-type-mac", |g| set(g, "token_type", "mac")),
        grant("grant-expires-string", |g| set(g, "expires_in", "300")),
        grant("grant-expires-null", |g| set(g, "expires_in", Value::Null)),
        grant("grant-no-expires", |g| drop(g.shift_remove("expires_in"))),
        grant("grant-scope-array", |g| set(g, "scope", json!(["openid", "email"]))),
        grant("grant-refresh-null", |g| set(g, "refresh_token", Value::Null)),
        served("grant-space", |s| s.bytes = |text| format!("\r\n\t {}\n\n", text.replace(',', ",\n   ")).into_bytes()),
        served("grant-type-html", |s| s.content_type = Some("text/html")),
        served("grant-type-plain", |s| s.content_type = Some("text/plain")),
        served("grant-type-none", |s| s.content_type = None),
        served("grant-201", |s| s.status = 201),
        served("grant-redirect", |s| s.redirects = super::provider::Redirects::Reposted),
        served("grant-302", |s| {
            s.status = 302;
            s.content_type = None;
            s.bytes = |_| Vec::new();
        }),
        served("grant-bom", |s| s.bytes = |text| format!("{BYTE_ORDER_MARK}{text}").into_bytes()),
        served("grant-gzip", |s| s.gzip = true),
        served("grant-form", |s| {
            s.content_type = Some("application/x-www-form-urlencoded");
            s.bytes = |text| {
                let members: Map<String, Value> = serde_json::from_str(text).expect("an object");
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                form.extend_pairs(members.iter().map(|(name, value)| (name, text(value))));
                form.finish().into_bytes()
            };
        }),
        served("grant-400", |s| {
            s.status = 400;
            s.bytes = |_| REFUSED.into();
        }),
        served("grant-200-error", |s| s.bytes = |_| REFUSED.into()),
    ]
}

fn infos() -> Vec<Fault> {
    let info = |id: &str, change: Change| Fault::unseen(id, move |p| p.login.person = change);
    let served = |id: &str, change: fn(&mut Serving)| Fault::unseen(id, move |p| change(&mut p.login.userinfo));
    vec![
        info("info-sub-other", |u| set(u, "sub", "mallory")),
        info("info-sub-missing", |u| drop(u.shift_remove("sub"))),
        info("info-sub-number", |u| set(u, "sub", 42)),
        Fault::unseen("info-jwt", |p| {
            p.login.userinfo_signed = true;
            p.login.userinfo.content_type = Some("application/jwt");
        }),
        Fault::unseen("info-jwt-as-json", |p| p.login.userinfo_signed = true),
        served("info-type-html", |s| s.content_type = Some("text/html")),
        served("info-type-plain", |s| s.content_type = Some("text/plain")),
        served("info-type-none", |s| s.content_type = None),
        served("info-type-charset", |s| s.content_type = Some("application/json;charset=UTF-8")),
        served("info-401", |s| {
            s.status = 401;
            s.bytes = |_| Vec::new();
        }),
        served("info-403", |s| {
            s.status = 403;
            s.bytes = |_| br#"{"error":"insufficient_scope"}"#.to_vec();
        }),
        served("info-500", |s| {
            s.status = 500;
            s.content_type = Some("text/html");
            s.bytes = |_| b"<html></html>".to_vec();
        }),
        served("info-201", |s| s.status = 201),
        served("info-redirect", |s| s.redirects = super::provider::Redirects::Slash),
        served("info-html", |s| {
            s.content_type = Some("text/html");
            s.bytes = |_| b"<html></html>".to_vec();
        }),
        served("info-empty", |s| s.bytes = |_| Vec::new()),
        served("info-array", |s| s.bytes = |text| format!("[{text}]").into_bytes()),
        served("info-bom", |s| s.bytes = |text| format!("{BYTE_ORDER_MARK}{text}").into_bytes()),
        info("info-email_verified-string", |u| set(u, "email_verified", "true")),
        info("info-updated_at-string", |u| set(u, "updated_at", "2026-01-01T00:00:00Z")),
        info("info-address-string", |u| set(u, "address", "Main St 1")),
        info("info-email-null", |u| set(u, "email", Value::Null)),
        info("info-preferred_username-missing", |u| drop(u.shift_remove("preferred_username"))),
    ]
}
