//! How tokens and the answer around them are written: what one JSON reader takes and the other refuses.

use super::{BOTH, BOTH_ID, LoginFails, Mutation, Untidy, claim, groups, of};
use serde_json::{Value, json};

pub(super) fn mutations() -> Vec<Mutation> {
    vec![
        of("token-response/expires-in", "proxmox", LoginFails, "a text", |p| {
            p.login.grant = |g| drop(g.insert("expires_in".into(), "300".into()));
        }),
        of("id-token/readable", "generic", LoginFails, "encrypted", |p| {
            p.login.compact = |_| "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d".into();
        })
        .also(&[("access-token/jwt-if-needed", BOTH)]),
        of("id-token/typed-claims", "proxmox", LoginFails, "the text true", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("email_verified")(c, "true".into());
            };
        }),
        of("token-response/expires-in", "incus", LoginFails, "a fraction", |p| {
            p.login.grant = |g| drop(g.insert("expires_in".into(), json!(599.97)));
        }),
        of("token-response/token-type", "incus", LoginFails, "a list", |p| {
            p.login.grant = |g| drop(g.insert("token_type".into(), json!(["Bearer"])));
        }),
        of("id-token/readable", "incus", LoginFails, "a byte order mark before the claims", |p| {
            p.login.payload = |text| format!("\u{feff}{text}").into_bytes();
        })
        .also(&[("access-token/jwt-if-needed", BOTH)]),
        of("id-token/readable", "proxmox", LoginFails, "sub stands twice", |p| {
            p.login.payload = |text| text.replacen('{', "{\"sub\":\"admin\",", 1).into_bytes();
        }),
        of("id-token/readable", "generic", Untidy, "an address stands twice", |p| {
            p.login.payload = |text| text.replacen('{', "{\"email\":\"a@example.test\",", 1).into_bytes();
        }),
        of("id-token/issued-at", "incus", LoginFails, "null", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("iat")(c, Value::Null);
            };
        })
        .also(&[("access-token/times", BOTH)]),
        of("access-token/times", "incus", LoginFails, "iat is a text", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("iat")(c, at.to_string().into());
            };
        })
        .also(&[("id-token/issued-at", BOTH_ID)]),
    ]
}
