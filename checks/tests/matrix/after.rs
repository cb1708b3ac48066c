//! What is tried after a login, the used code once more and a login at the application itself, and what a mapping file
//! makes of the person.

use super::{Degraded, LoginFails, LoginStep, Mutation, Slot, Unsafe, groups, of, response, seen};
use oidcheck_checks::evidence::Request;
use serde_json::{Value, json};

pub(super) fn mutations() -> Vec<Mutation> {
    vec![
        seen("token-response/code-once", "generic", Unsafe, "the used code works again", |e| {
            let again = e.get_mut(&Slot::Login(LoginStep::Tokens, "alice".into())).expect("somebody logged in").clone();
            e.record(Slot::Login(LoginStep::Replay, "alice".into()), again);
        }),
        seen("app/lets-in", "proxmox", LoginFails, "the application gives no ticket", |e| {
            let mut answer = e.get_mut(&Slot::Login(LoginStep::Tokens, "alice".into())).expect("logged in").clone();
            answer.request = Request::new("POST", "https://app.lab.test/api2/json/access/openid/login");
            e.record(Slot::Login(LoginStep::Application, "alice".into()), answer);
            response(e, LoginStep::Application).status = 401;
        }),
        of("app/mapping", "keystone", LoginFails, "no address, so that no rule fits", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                c.shift_remove("email");
            };
            p.login.person = |u| drop(u.shift_remove("email"));
        })
        .also(&[("claims/present-where-read", "other applications read the address without any mapping")]),
        of("app/mapping", "keystone", Degraded, "no group that the rules let through", |p| {
            p.login.claims = |c, _| drop(c.insert("groups".into(), json!(["others"])));
            p.login.person = |u| drop(u.insert("groups".into(), json!(["others"])));
        }),
    ]
}

/// What the administrator of Keystone wrote: everybody with an address, in the groups that they are in.
pub(super) fn mapping() -> Value {
    json!([{
        "local": [{ "user": { "name": "{0}" } }, { "groups": "{1}", "domain": { "name": "Default" } }],
        "remote": [{ "type": "HTTP_OIDC_EMAIL" }, { "type": "HTTP_OIDC_GROUPS", "whitelist": ["admins"] }],
    }])
}
