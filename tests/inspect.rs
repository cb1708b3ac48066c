//! `oidcheck inspect`: tokens of the embedded provider, explained; and nothing of them that could be used again.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{oidcheck, said};
use oidcheck::gather::{self, Options, secrets::Secret, tls};
use oidcheck::login::{Credentials, PERSONA, Way};
use oidcheck_checks::evidence::{Evidence, LoginStep, Slot};
use oidcheck_checks::plan::Plan;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::target::Target;
use std::sync::LazyLock;

/// The token response and the key set of one login at the embedded provider.
static GIVEN: LazyLock<(String, String)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let local = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let provider = runtime.block_on(oidcheck_op::start(oidcheck_op::Options::default())).unwrap();
    let pem = provider.ca_pem.clone().unwrap();
    let mut options = Options { extra_roots: tls::read_pem(pem.as_bytes()).unwrap(), ..Options::default() };
    options.secrets.client = Some(Secret::new("web-secret-for-loopback-only"));
    let target = Target {
        typed: provider.issuer.clone(),
        client_id: Some("web".into()),
        redirect_uris: vec!["https://app.example.test/callback".into()],
        has_secret: true,
        tier: Some(oidcheck_checks::check::Tier::Issuer),
        ..Target::default()
    };
    let profiles = [Profile::by_id("generic").unwrap()];
    let plan = Plan { target: &target, profiles: &profiles };
    let who = Credentials { username: Secret::new("alice"), password: Secret::new("alice-password"), totp: None };
    let evidence: Evidence = local.block_on(async {
        let mut evidence = gather::gather(&plan, &options, &|_| {}).await;
        let way = Way::Form(who);
        let after = oidcheck::login::After::default();
        oidcheck::login::log_in(&target, &profiles, &way, PERSONA, &options, after, &mut evidence).await.unwrap();
        evidence
    });
    let body = |slot: &Slot| {
        let response = evidence.get(slot).unwrap().outcome.as_ref().unwrap();
        String::from_utf8(response.body.clone()).unwrap()
    };
    (body(&Slot::Login(LoginStep::Tokens, PERSONA.into())), body(&Slot::Jwks))
});

fn member(name: &str) -> String {
    let response: serde_json::Value = serde_json::from_str(&GIVEN.0).unwrap();
    response[name].as_str().unwrap().to_owned()
}

#[test]
fn a_token_response_is_explained_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("jwks.json");
    std::fs::write(&keys, &GIVEN.1).unwrap();
    let keys = keys.display().to_string();
    for format in ["human", "json"] {
        let mut command = oidcheck();
        command.args(["inspect", "-", "--jwks", &keys, "--client-id", "web", "--profile", "generic"]);
        let run = said(command.args(["--format", format]).write_stdin(GIVEN.0.clone()));
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.contains("verified with key") && run.contains("u-7f3a9c52"), "{run:?}");
        let id_token = member("id_token");
        for part in id_token.split('.').chain([member("access_token").as_str(), id_token.as_str()]) {
            assert!(!run.contains(part), "{format}: {part}");
        }
    }
}

#[test]
fn a_lone_token_is_taken_from_a_file_and_judged_for_each_application() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, format!("Bearer {}\n", member("id_token"))).unwrap();
    let file = file.display().to_string();
    let other = common::run(&["inspect", &file, "--client-id", "other", "--profile", "library:openidconnect-rs-4"]);
    assert_eq!(other.code, 1, "{other:?}");
    assert!(
        other.contains("aud does not hold the client id") && other.contains("give --issuer or --jwks"),
        "{other:?}"
    );
    let all = common::run(&["inspect", &file]);
    assert!(all.contains("Xen Orchestra"), "{all:?}");
}

#[test]
fn what_is_no_token_is_named_and_not_shown() {
    let run = |text: &str| said(oidcheck().args(["inspect", "-"]).write_stdin(text.to_owned()));
    for (text, why) in [
        ("CANARY", "opaque"),
        ("", "empty"),
        (r#"{"error":"CANARY"}"#, "neither id_token nor access_token"),
        ("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.CANARY.b.c.d", "encrypted"),
    ] {
        let said = run(text);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.contains(why) && !said.contains("CANARY"), "{said:?}");
    }
    let claims = "eyJqdGkiOiJDQU5BUlkifQ";
    let hidden = run(&format!("eyJhbGciOiJSUzI1NiJ9.{claims}.Q0FOQVJZ"));
    assert!(!hidden.contains("CANARY") && !hidden.contains(claims) && hidden.contains("(not shown)"), "{hidden:?}");
}
