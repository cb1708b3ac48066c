//! What is tried after a login, with its tokens and its session, a login at the application itself, and what a mapping
//! file makes of the person.

use super::{
    Claims, Degraded, Evidence, LoginFails, LoginStep, Mutation, Slot, Unsafe, Untidy, groups, of, response, seen,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use oidcheck_checks::evidence::jws::REMOVED_GOOD;
use oidcheck_checks::evidence::{AuthMethod, Question, Request, SecretChoice};
use oidcheck_checks::probe::CONTROL_URI;
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
    .into_iter()
    .chain(tokens())
    .chain(revocations())
    .chain(browser())
    .chain(sessions())
    .chain(logouts())
    .chain(answers())
    .collect()
}

/// Who logs in.
fn slot(step: LoginStep) -> Slot {
    Slot::Login(step, "alice".into())
}

/// The token response again, for another step.
fn again(e: &mut Evidence, step: LoginStep) {
    let answer = e.get_mut(&slot(LoginStep::Tokens)).expect("somebody logged in").clone();
    e.record(slot(step), answer);
}

/// The same with another status.
fn with_status(e: &mut Evidence, step: LoginStep, status: u16) {
    again(e, step);
    response(e, step).status = status;
}

/// The same with other members.
fn with_members(e: &mut Evidence, step: LoginStep, change: fn(&mut Claims)) {
    again(e, step);
    let mut body: Claims = serde_json::from_slice(&response(e, step).body).expect("JSON");
    change(&mut body);
    response(e, step).body = serde_json::Value::Object(body).to_string().into_bytes();
}

/// The same with an ID token that is put together in another way.
fn with_signature(e: &mut Evidence, step: LoginStep, change: fn(&str, &str, &str) -> String) {
    again(e, step);
    let mut body: Claims = serde_json::from_slice(&response(e, step).body).expect("JSON");
    let token = body["id_token"].as_str().expect("a token").to_owned();
    let parts: Vec<&str> = token.split('.').collect();
    body.insert("id_token".into(), change(parts[0], parts[1], parts[2]).into());
    response(e, step).body = serde_json::Value::Object(body).to_string().into_bytes();
}

/// The same with another ID token.
fn with_claims(e: &mut Evidence, step: LoginStep, change: fn(&mut Claims)) {
    again(e, step);
    let mut body: Claims = serde_json::from_slice(&response(e, step).body).expect("JSON");
    let token = body["id_token"].as_str().expect("a token").to_owned();
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims: Claims = serde_json::from_slice(&B64.decode(parts[1]).expect("base64url")).expect("JSON");
    change(&mut claims);
    let claims = B64.encode(serde_json::Value::Object(claims).to_string());
    // As a recording has a token whose signature verified.
    body.insert("id_token".into(), format!("{}.{claims}.{REMOVED_GOOD}", parts[0]).into());
    response(e, step).body = serde_json::Value::Object(body).to_string().into_bytes();
}

/// The authorization response to a question of the session: back at the application with this.
fn back(e: &mut Evidence, question: Question, query: &str) {
    let answer = e.get_mut(&slot(LoginStep::Callback)).expect("somebody logged in").clone();
    e.record(slot(LoginStep::Session(question)), answer);
    super::header(e, LoginStep::Session(question), "Location", Some(&format!("https://app.lab.test/callback?{query}")));
}

/// At a page of the provider with these forms.
fn page(e: &mut Evidence, question: Question, forms: &str) {
    back(e, question, "");
    super::header(e, LoginStep::Session(question), "Location", None);
    let response = response(e, LoginStep::Session(question));
    (response.status, response.body) = (200, forms.as_bytes().to_vec());
}

/// A code at once, and tokens with these claims.
fn code(e: &mut Evidence, question: Question, change: fn(&mut Claims)) {
    back(e, question, "code=REDACTED&state=s");
    with_claims(e, LoginStep::SessionTokens(question), change);
}

fn secret(e: &mut Evidence, step: LoginStep) {
    let exchange = e.get_mut(&slot(step)).expect("it was made");
    exchange.request = exchange.request.clone().auth(AuthMethod::BasicEncoded, "client", SecretChoice::Given);
}

fn tokens() -> Vec<Mutation> {
    vec![
        seen("token-response/code-revokes", "generic", Degraded, "the access token lives on", |e| {
            with_status(e, LoginStep::Replay, 400);
            with_status(e, LoginStep::UserinfoAfter, 200);
        }),
        seen("token-response/code-revokes", "incus", Degraded, "the refresh token lives on", |e| {
            with_status(e, LoginStep::Replay, 400);
            with_status(e, LoginStep::UserinfoAfter, 401);
            with_status(e, LoginStep::RefreshAfter, 200);
        }),
        seen("token-response/code-redirect-uri", "generic", Degraded, "another one is taken", |e| {
            again(e, LoginStep::SessionTokens(Question::OtherUri));
        }),
        seen("token-response/code-verifier", "generic", Unsafe, "another one is taken", |e| {
            again(e, LoginStep::SessionTokens(Question::OtherVerifier));
        }),
        seen("token-response/code-verifier", "generic", Degraded, "another one is taken, with the secret", |e| {
            secret(e, LoginStep::Tokens);
            again(e, LoginStep::SessionTokens(Question::OtherVerifier));
        }),
        seen("token-response/code-redirect-uri", "generic", Untidy, "none is needed", |e| {
            with_status(e, LoginStep::SessionTokens(Question::OtherUri), 400);
            again(e, LoginStep::SessionTokens(Question::NoUri));
        }),
        seen("token-response/code-verifier", "generic", Unsafe, "none is needed", |e| {
            with_status(e, LoginStep::SessionTokens(Question::OtherVerifier), 400);
            again(e, LoginStep::SessionTokens(Question::NoVerifier));
        }),
        seen("refresh/works", "incus", Degraded, "refused", |e| with_status(e, LoginStep::Refreshed, 400)),
        seen("refresh/works", "generic", Untidy, "refused, and not needed", |e| {
            with_status(e, LoginStep::Refreshed, 400)
        }),
        seen("refresh/response", "generic", Untidy, "it may be kept", |e| {
            again(e, LoginStep::Refreshed);
            super::header(e, LoginStep::Refreshed, "Cache-Control", None);
        }),
        seen("refresh/works", "incus", Degraded, "a page", |e| {
            again(e, LoginStep::Refreshed);
            response(e, LoginStep::Refreshed).body = b"<html>".to_vec();
        }),
        seen("refresh/works", "incus", Degraded, "an error with status 200", |e| {
            again(e, LoginStep::Refreshed);
            response(e, LoginStep::Refreshed).body = br#"{"error":"invalid_grant"}"#.to_vec();
        }),
        seen("refresh/works", "generic", Untidy, "no access token", |e| {
            with_members(e, LoginStep::Refreshed, |m| drop(m.shift_remove("access_token")));
        }),
        seen("refresh/response", "generic", Untidy, "an empty refresh token", |e| {
            with_members(e, LoginStep::Refreshed, |m| drop(m.insert("refresh_token".into(), "".into())));
        }),
        seen("refresh/response", "generic", Untidy, "a refresh token that is an object", |e| {
            with_members(e, LoginStep::Refreshed, |m| drop(m.insert("refresh_token".into(), json!({}))));
        }),
        seen("refresh/response", "generic", Untidy, "no life", |e| {
            with_members(e, LoginStep::Refreshed, |m| drop(m.insert("expires_in".into(), 0.into())));
        }),
        seen("refresh/response", "generic", Untidy, "fewer scopes", |e| {
            with_members(e, LoginStep::Refreshed, |m| drop(m.insert("scope".into(), "openid".into())));
        }),
        seen("refresh/id-token-valid", "generic", Degraded, "a signature that does not fit", |e| {
            with_signature(e, LoginStep::Refreshed, |header, claims, _| format!("{header}.{claims}.AAAA"));
        }),
        seen("refresh/id-token-valid", "generic", Degraded, "none", |e| {
            with_signature(e, LoginStep::Refreshed, |_, claims, _| {
                format!("{}.{claims}.", B64.encode(json!({"alg": "none"}).to_string()))
            });
        }),
        seen("refresh/id-token-valid", "generic", Degraded, "it has ended", |e| {
            with_claims(e, LoginStep::Refreshed, |c| drop(c.insert("exp".into(), 1_700_000_000.into())));
        }),
        seen("userinfo/access-token-only", "generic", Untidy, "the ID token is taken", |e| {
            let answer = e.get_mut(&slot(LoginStep::Userinfo)).expect("somebody logged in").clone();
            e.record(slot(LoginStep::UserinfoByIdToken), answer);
        }),
        seen("userinfo/access-token-only", "generic", Untidy, "the refresh token is taken", |e| {
            with_status(e, LoginStep::UserinfoByIdToken, 401);
            let answer = e.get_mut(&slot(LoginStep::Userinfo)).expect("somebody logged in").clone();
            e.record(slot(LoginStep::UserinfoByRefreshToken), answer);
        }),
        seen("refresh/id-token", "generic", Unsafe, "another person", |e| {
            with_claims(e, LoginStep::Refreshed, |c| drop(c.insert("sub".into(), "mallory".into())));
        }),
        seen("refresh/id-token", "generic", Degraded, "another client", |e| {
            with_claims(e, LoginStep::Refreshed, |c| drop(c.insert("aud".into(), "other".into())));
        }),
        seen("refresh/id-token", "generic", Untidy, "another login", |e| {
            with_claims(e, LoginStep::Refreshed, |c| drop(c.insert("auth_time".into(), 1.into())));
        }),
        seen("refresh/authenticated", "generic", Unsafe, "it needs no secret", |e| {
            again(e, LoginStep::Refreshed);
            secret(e, LoginStep::Refreshed);
            again(e, LoginStep::RefreshOpen);
        }),
        seen("refresh/rotation", "incus", Degraded, "it is good twice", |e| {
            again(e, LoginStep::Refreshed);
            again(e, LoginStep::RefreshTwice);
        }),
        seen("refresh/rotation", "incus", Degraded, "nobody minds", |e| {
            again(e, LoginStep::Refreshed);
            with_status(e, LoginStep::RefreshTwice, 400);
            again(e, LoginStep::RefreshLast);
        }),
        seen("userinfo/post", "proxmox", Untidy, "refused", |e| with_status(e, LoginStep::UserinfoPost, 405)),
    ]
}

/// What the login itself brought through the browser.
fn browser() -> Vec<Mutation> {
    fn lands(e: &mut Evidence, rest: &str) {
        super::header(e, LoginStep::Callback, "Location", Some(&format!("https://app.lab.test/callback{rest}")));
    }
    fn answers(e: &mut Evidence, to: &str) {
        let answer = e.get_mut(&slot(LoginStep::Callback)).expect("somebody logged in").clone();
        e.record(slot(LoginStep::Password), answer);
        e.get_mut(&slot(LoginStep::Password)).expect("it is there").request =
            Request::new("POST", "https://op.lab.test/login");
        super::header(e, LoginStep::Password, "Location", Some(to));
        response(e, LoginStep::Password).status = 307;
    }
    vec![
        seen("token-response/code", "generic", LoginFails, "a code in the fragment", |e| lands(e, "#code=c&state=s")),
        seen("token-response/browser", "generic", Degraded, "two codes", |e| lands(e, "?code=c&code=d&state=s")),
        seen("token-response/browser", "xen-orchestra", LoginFails, "two codes, and a library that minds", |e| {
            lands(e, "?code=c&code=c&state=s");
        }),
        seen("token-response/browser", "generic", Degraded, "an access token beside the code", |e| {
            lands(e, "?code=c&access_token=REDACTED&state=s");
        }),
        seen("authorize/password-kept", "generic", Unsafe, "the application gets the password", |e| {
            answers(e, "https://app.lab.test/callback");
        }),
        seen("authorize/password-kept", "generic", Untidy, "the next page gets the password", |e| {
            answers(e, "https://op.lab.test/consent");
        }),
    ]
}

fn revocations() -> Vec<Mutation> {
    vec![
        seen("revocation/refresh-token", "incus", Degraded, "it lives on", |e| {
            with_status(e, LoginStep::RevokeRefresh, 200);
            again(e, LoginStep::RefreshRevoked);
        }),
        seen("revocation/refresh-token", "generic", Untidy, "the access token lives on", |e| {
            with_status(e, LoginStep::RevokeRefresh, 200);
            with_status(e, LoginStep::RefreshRevoked, 400);
            with_status(e, LoginStep::UserinfoEnded, 200);
        }),
        seen("revocation/refresh-token", "generic", Untidy, "it is not taken", |e| {
            with_status(e, LoginStep::RevokeRefresh, 400);
        }),
        seen("revocation/access-token", "generic", Untidy, "it lives on", |e| {
            with_status(e, LoginStep::RevokeAccess, 200);
            with_status(e, LoginStep::UserinfoRevoked, 200);
        }),
        seen("revocation/access-token", "generic", Untidy, "it is not taken", |e| {
            with_status(e, LoginStep::RevokeAccess, 400);
        }),
    ]
}

fn sessions() -> Vec<Mutation> {
    const LOGIN: &str = r#"<form><input type="text"><input type="password"></form>"#;
    vec![
        seen("session/silent", "generic", Untidy, "a login page", |e| page(e, Question::Silent, LOGIN)),
        seen("session/silent", "generic", Unsafe, "another person", |e| {
            code(e, Question::Silent, |c| drop(c.insert("sub".into(), "mallory".into())));
        }),
        seen("session/silent", "generic", Untidy, "another login", |e| {
            code(e, Question::Silent, |c| drop(c.insert("auth_time".into(), 1.into())));
        }),
        seen("session/hint", "generic", Untidy, "refused", |e| {
            code(e, Question::Silent, |_| ());
            back(e, Question::Hint, "error=login_required&state=s");
        }),
        seen("session/hint", "generic", Unsafe, "another person", |e| {
            code(e, Question::Silent, |_| ());
            code(e, Question::Hint, |c| drop(c.insert("sub".into(), "mallory".into())));
        }),
        seen("session/other-person", "generic", Unsafe, "the claims parameter is believed", |e| {
            code(e, Question::Silent, |_| ());
            code(e, Question::OtherSubject, |c| drop(c.insert("sub".into(), "oidcheck-nobody".into())));
        }),
        seen("session/other-person", "generic", Unsafe, "an unsigned hint is believed", |e| {
            code(e, Question::Silent, |_| ());
            back(e, Question::OtherSubject, "error=login_required&state=s");
            code(e, Question::OtherHint, |c| drop(c.insert("sub".into(), "oidcheck-nobody".into())));
        }),
        seen("session/prompt-login", "generic", Untidy, "a code at once", |e| code(e, Question::Prompt, |_| ())),
        seen("session/max-age", "generic", Untidy, "no auth_time", |e| {
            code(e, Question::Silent, |_| ());
            code(e, Question::LongAge, |c| drop(c.shift_remove("auth_time")));
        }),
        seen("session/max-age", "generic", Untidy, "a code at once", |e| {
            code(e, Question::Silent, |_| ());
            code(e, Question::LongAge, |_| ());
            code(e, Question::ShortAge, |_| ());
        }),
        seen("session/max-age", "generic", Untidy, "a login page for a login of now", |e| {
            code(e, Question::Silent, |_| ());
            page(e, Question::LongAge, LOGIN);
        }),
    ]
}

/// Userinfo as a token with these claims besides its own.
fn signed(e: &mut Evidence, more: Value) {
    super::header(e, LoginStep::Userinfo, "Content-Type", Some("application/jwt"));
    let document = e.get(&Slot::Discovery).and_then(|found| found.outcome.as_ref().ok()).expect("the metadata");
    let document: Claims = serde_json::from_slice(&document.body).expect("JSON");
    let response = response(e, LoginStep::Userinfo);
    let mut claims: Claims = serde_json::from_slice(&response.body).expect("JSON");
    claims.insert("iss".into(), document["issuer"].clone());
    claims.extend(more.as_object().expect("an object").clone());
    let part = |text: String| B64.encode(text);
    let claims = part(Value::Object(claims).to_string());
    response.body = format!("{}.{claims}.{}", part(json!({"alg": "RS256"}).to_string()), part("x".into())).into_bytes();
}

fn answers() -> Vec<Mutation> {
    const SIGNED: &[(&str, &str)] = &[("userinfo/signed", "its signature does not verify either")];
    vec![
        seen("token-response/hard-to-guess", "generic", Degraded, "a short code", |e| {
            super::callback(e, "code=REDACTED-of-8-characters&state=s");
        }),
        of("token-response/hard-to-guess", "generic", Degraded, "a short refresh token", |p| {
            p.login.grant = |g| drop(g.insert("refresh_token".into(), "12345678".into()));
        }),
        of("token-response/hard-to-guess", "generic", Degraded, "a refresh token with a line break", |p| {
            p.login.grant = |g| drop(g.insert("refresh_token".into(), "long-enough-not-to-be-guessed\n".into()));
        }),
        of("userinfo/aggregated", "proxmox", Untidy, "a source that is not there", |p| {
            p.login.person = |u| drop(u.insert("_claim_names".into(), json!({"address": "src1"})));
        }),
        seen("userinfo/signed-claims", "proxmox", Untidy, "for nobody", |e| {
            signed(e, json!({}));
        })
        .also(SIGNED),
        seen("userinfo/signed-claims", "proxmox", Degraded, "for another client", |e| {
            signed(e, json!({"aud": "other"}));
        })
        .also(SIGNED),
        seen("userinfo/signed-claims", "proxmox", Untidy, "with a nonce", |e| {
            signed(e, json!({"aud": "client", "nonce": "n"}));
        })
        .also(SIGNED),
        seen("id-token/acr", "generic", Degraded, "none", |e| {
            let callback = e.get_mut(&slot(LoginStep::Callback)).expect("somebody logged in");
            callback.request.url.push_str("&acr_values=gold%20silver");
        }),
    ]
}

fn logouts() -> Vec<Mutation> {
    vec![
        seen("session/logout", "generic", Unsafe, "the session goes on", |e| {
            code(e, Question::Silent, |_| ());
            again(e, LoginStep::Logout);
            response(e, LoginStep::Logout).body.clear();
            back(e, Question::LoggedOut, "code=REDACTED&state=s");
        }),
        seen("session/logout", "generic", Unsafe, "there is no logout endpoint", |e| {
            code(e, Question::Silent, |_| ());
            with_status(e, LoginStep::Logout, 404);
            back(e, Question::LoggedOut, "code=REDACTED&state=s");
        }),
        seen("session/logout-returns", "netbird", Degraded, "a page of the provider", |e| {
            again(e, LoginStep::Logout);
            response(e, LoginStep::Logout).body.clear();
        }),
        seen("session/forged-hint", "generic", Degraded, "the foreign address", |e| {
            with_status(e, LoginStep::ForgedLogout, 302);
            super::header(e, LoginStep::ForgedLogout, "Location", Some(CONTROL_URI));
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
