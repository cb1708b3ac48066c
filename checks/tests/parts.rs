//! One application, or one part of it, does what another does not: what is said of the code flow is not said of a part
//! that logs in by the device flow, and what is said of the nonce is not said of an application that sends none.

#[path = "probing/provider.rs"]
#[allow(dead_code, reason = "the tests of the oracles use the rest")]
mod provider;

#[expect(dead_code, reason = "the libraries test uses the rest of it")]
mod faults;

use faults::grant::{CLIENT, log_in};
use faults::{Provider, gather, now};
use oidcheck_checks::case::Facts;
use oidcheck_checks::check::Tier;
use oidcheck_checks::evidence::{Evidence, LoginStep, Response, Slot};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{Login, Run, judge};
use oidcheck_checks::target::{Depth, Target};
use oidcheck_checks::verdict::Effect;
use provider::{APP, ISSUER, Op, json};

type Claims = serde_json::Map<String, serde_json::Value>;

const CODE: &str = r#"{"device_code":"REDACTED","user_code":"REDACTED","verification_uri":"https://idp.example.com/d","verification_uri_complete":"https://idp.example.com/d?c=x","expires_in":600,"interval":5}"#;

fn incus() -> Profile {
    Profile::by_id("incus").expect("a profile of this build")
}

fn registration(op: &Op, redirect_uris: &[&str]) -> Run {
    let target = Target {
        typed: ISSUER.into(),
        client_id: Some("app".into()),
        redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
        depth: Depth::Standard,
        ..Target::default()
    };
    let evidence = op.gather(&target, &[incus()]);
    judge(&target, &incus(), &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH)
}

/// The parts of the application that a check finds something against.
fn parts<'r>(run: &'r Run, check: &str) -> Vec<&'r str> {
    let outcome = run.outcomes.iter().find(|outcome| outcome.check.id == check).expect("selected");
    outcome.findings().iter().flat_map(|finding| &finding.parts).map(String::as_str).collect()
}

#[test]
fn the_authorization_endpoint_says_nothing_of_a_part_that_never_goes_there() {
    let op = Op { device: Some((200, CODE)), public: true, ..Op::default() };
    let other = "https://app.example.com/other";
    let refused = registration(&op, &[other]);
    assert_eq!(parts(&refused, "client/known"), ["web"]);
    let one = registration(&op, &[APP, other]);
    assert_eq!(parts(&one, "redirect/accepted"), ["web"]);
    for run in [&refused, &one] {
        let beyond = run.findings().into_iter().filter(|(outcome, _)| outcome.check.tier > Tier::Issuer);
        let against_cli: Vec<_> = beyond
            .filter(|(_, finding)| {
                finding.effect == Effect::LoginFails && finding.parts.iter().any(|part| part == "cli")
            })
            .map(|(outcome, _)| outcome.check.id)
            .collect();
        assert!(against_cli.is_empty(), "{against_cli:?}");
    }
    // Where the device endpoint refuses the client as well, that is said of the part.
    let nobody = registration(&Op { device: Some((401, r#"{"error":"invalid_client"}"#)), ..op }, &[other]);
    assert_eq!(parts(&nobody, "client/known"), ["web"]);
    assert_eq!(parts(&nobody, "endpoints/device-flow"), ["cli"]);
    // A client with the device grant alone.
    let error = |error: &str| json(401, &format!(r#"{{"error":"{error}"}}"#));
    let told = vec![("token:public-", error("invalid_client")), ("token:public", error("unauthorized_client"))];
    let no_code = registration(&Op { device: Some((200, CODE)), public: true, answers: told, ..Op::default() }, &[APP]);
    assert_eq!(parts(&no_code, "token/public-client-accepted"), ["web"]);
}

/// A login by code, as it came out for Incus.
fn login(change: impl Fn(&mut Provider), after: impl Fn(&mut Evidence)) -> Run {
    login_to(&incus(), change, after)
}

fn login_to(profile: &Profile, change: impl Fn(&mut Provider), after: impl Fn(&mut Evidence)) -> Run {
    let mut provider = Provider::healthy("good");
    provider.set("device_authorization_endpoint", format!("{}/device", provider.typed));
    change(&mut provider);
    let client_id = Some(CLIENT.to_owned());
    let target = Target { typed: provider.typed.clone(), client_id, ..Target::default() };
    let mut evidence = gather(&provider, &target, std::slice::from_ref(profile));
    log_in(&provider, &mut evidence, true);
    after(&mut evidence);
    judge(&target, profile, &Facts::of(&evidence), now())
}

fn answer(evidence: &mut Evidence, step: LoginStep) -> &mut Response {
    let exchange = evidence.get_mut(&Slot::Login(step, "alice".into())).expect("somebody logged in");
    exchange.outcome.as_mut().expect("an answer")
}

#[test]
fn a_login_by_code_says_of_a_device_login_what_it_can() {
    let refused = login(
        |_| (),
        |evidence| {
            let headers = &mut answer(evidence, LoginStep::Callback).headers;
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
            let to = "https://app.lab.test/callback?error=invalid_request&state=s";
            headers.push(("Location".into(), to.into()));
        },
    );
    assert_eq!(parts(&refused, "token-response/code"), ["web"]);
    let thin = login(|p| p.login.grant = |grant| drop(grant.shift_remove("id_token")), |_| ());
    assert_eq!(parts(&thin, "token-response/id-token-present"), ["web"]);
    assert_eq!(thin.login(), Login::FailsFor(vec!["web".into()]));
    let spent = login(
        |_| (),
        |evidence| {
            let response = answer(evidence, LoginStep::Tokens);
            (response.status, response.body) = (400, br#"{"error":"invalid_grant"}"#.to_vec());
        },
    );
    assert_eq!(parts(&spent, "token-response/status"), ["web"]);
    // What both of them read counts for both.
    let opaque = login(|p| p.login.grant = |grant| drop(grant.insert("access_token".into(), "opaque".into())), |_| ());
    assert_eq!(parts(&opaque, "access-token/jwt-if-needed"), ["web", "cli"]);
}

#[test]
fn a_nonce_that_was_sent_for_another_is_not_missed() {
    let told = |id: &str, nonce: Option<&'static str>| {
        let profile = Profile::by_id(id).expect("a profile of this build");
        let lost: fn(&mut Claims, i64) = |claims, _| drop(claims.shift_remove("nonce"));
        let own: fn(&mut Claims, i64) = |claims, _| drop(claims.insert("nonce".into(), "own".into()));
        let run = login_to(&profile, |p| p.login.claims = if nonce.is_some() { own } else { lost }, |_| ());
        let outcome = run.outcomes.iter().find(|outcome| outcome.check.id == "id-token/nonce").expect("selected");
        outcome.findings().iter().map(|finding| finding.effect).max()
    };
    assert_eq!(told("proxmox", None), Some(Effect::LoginFails), "it sends one and wants it back");
    assert_eq!(told("gitea", None), None, "it sends none");
    assert_eq!(told("xen-orchestra", None), None);
    assert_eq!(told("xen-orchestra", Some("own")), None, "it does not look");
    assert_eq!(told("incus", None), None);
    assert_eq!(told("incus", Some("own")), Some(Effect::LoginFails), "nobody sent that one");
}
