//! The authorization request, parameter by parameter: what is missed or refused is named by one check and by no other,
//! and nothing is concluded from a provider that looks only after the login.

#[path = "probing/provider.rs"]
#[expect(dead_code, reason = "shared with the tests of the oracles")]
mod provider;

use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::AuthMethod;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{self, Outcome, Run};
use oidcheck_checks::target::{Depth, SecretShape, Target};
use oidcheck_checks::verdict::Effect;
use provider::{APP, ISSUER, Objects, Op, Silent, Tokens, Twice, json, page};

const S256: &[&str] = &["S256"];

fn target(depth: Depth) -> Target {
    Target {
        typed: ISSUER.into(),
        client_id: Some("app".into()),
        redirect_uris: vec![APP.into()],
        has_secret: true,
        depth,
        ..Target::default()
    }
}

/// With a secret of this form, at the quick set; and how often the token endpoint was asked.
fn secret(op: &Op, profile: &str, secret_shape: SecretShape) -> (Run, usize) {
    let target = Target { secret_shape, ..target(Depth::Quick) };
    let profile = Profile::by_id(profile).expect("a profile of this build");
    let evidence = op.gather(&target, std::slice::from_ref(&profile));
    let requests = evidence.iter().filter(|(slot, _)| slot.id().starts_with("token:")).count();
    (report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH), requests)
}

/// The run, and how many authorization requests it took.
fn at(op: &Op, profile: &str, depth: Depth) -> (Run, usize) {
    let target = target(depth);
    let profile = Profile::by_id(profile).expect("a profile of this build");
    let evidence = op.gather(&target, std::slice::from_ref(&profile));
    let requests = evidence.iter().filter(|(slot, _)| slot.id().starts_with("authorize:")).count();
    (report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH), requests)
}

fn quick(op: &Op, profile: &str) -> Run {
    at(op, profile, Depth::Quick).0
}

fn standard(op: &Op, profile: &str) -> Run {
    at(op, profile, Depth::Standard).0
}

fn of<'r>(run: &'r Run, check: &str) -> &'r Outcome {
    run.outcomes.iter().find(|o| o.check.id == check).unwrap_or_else(|| panic!("{check} was not selected"))
}

fn worst(run: &Run, check: &str) -> Option<Effect> {
    of(run, check).findings().iter().map(|f| f.effect).max()
}

/// The checks beyond the issuer tier that say that nobody can log in.
fn roots(run: &Run) -> Vec<&'static str> {
    let beyond = ["authorize/", "redirect/", "client/", "token/"];
    let failed = run.outcomes.iter().filter(|o| o.findings().iter().any(|f| f.effect == Effect::LoginFails));
    failed.map(|o| o.check.id).filter(|id| beyond.iter().any(|group| id.starts_with(group))).collect()
}

#[test]
fn a_missed_parameter_is_named_and_blamed_once() {
    let demands = Op { methods: S256, demands_pkce: true, ..Op::default() };
    assert_eq!(roots(&quick(&demands, "xen-orchestra")), ["authorize/pkce"], "it sends none");
    assert_eq!(roots(&quick(&demands, "proxmox")), Vec::<&str>::new(), "it sends one");
    let refuses = Op { refuses_pkce: true, ..Op::default() };
    assert_eq!(roots(&quick(&refuses, "proxmox")), ["authorize/pkce"]);
    assert_eq!(roots(&quick(&refuses, "xen-orchestra")), Vec::<&str>::new());
    let nonce = Op { demands_nonce: true, ..Op::default() };
    assert_eq!(roots(&quick(&nonce, "gitea")), ["authorize/nonce-optional"]);
    assert_eq!(roots(&quick(&nonce, "proxmox")), Vec::<&str>::new());
    let scope = Op { forbidden_scope: Some("email"), ..Op::default() };
    let run = quick(&scope, "generic");
    assert_eq!(roots(&run), ["authorize/scopes"]);
    assert!(of(&run, "authorize/scopes").findings()[0].message.ends_with("the scope email"));
    assert_eq!(roots(&quick(&Op { forbidden_scope: Some("openid"), ..Op::default() }, "generic")).len(), 1);
}

#[test]
fn pkce_that_is_looked_at_later_is_an_open_question() {
    let late = Op { methods: S256, late_pkce: true, ..Op::default() };
    assert_eq!(of(&quick(&late, "xen-orchestra"), "authorize/pkce").word(), "inconclusive");
    assert_eq!(of(&standard(&late, "proxmox"), "authorize/pkce-strict").word(), "inconclusive");
    let early = Op { methods: S256, ..Op::default() };
    assert_eq!(of(&quick(&early, "xen-orchestra"), "authorize/pkce").word(), "pass");
    assert_eq!(of(&quick(&Op::default(), "xen-orchestra"), "authorize/pkce").word(), "pass", "none is offered");
    let blind = Op { late: true, ..early };
    for check in ["authorize/pkce", "authorize/scopes", "redirect/single", "redirect/required"] {
        assert_eq!(of(&standard(&blind, "proxmox"), check).word(), "inconclusive", "{check}");
    }
}

#[test]
fn weak_pkce_is_a_notice() {
    let strict = |op: &Op, profile: &str| worst(&standard(op, profile), "authorize/pkce-strict");
    let early = Op { methods: S256, ..Op::default() };
    assert_eq!(strict(&early, "proxmox"), None, "a secret protects the code too");
    assert_eq!(of(&standard(&early, "proxmox"), "authorize/pkce-strict").word(), "pass");
    assert_eq!(strict(&Op { methods: &["plain", "S256"], ..Op::default() }, "proxmox"), Some(Effect::Untidy));
    let public = Op { public: true, ..early };
    assert_eq!(strict(&public, "incus"), Some(Effect::Untidy), "a public client may leave it out");
    assert_eq!(strict(&Op { demands_pkce: true, ..public }, "incus"), None);
}

#[test]
fn two_redirect_uris_never_lead_to_the_foreign_one() {
    for silent in [Silent::Query, Silent::Fragment, Silent::Ignored] {
        let single = |twice| {
            let run = standard(&Op { twice, silent, ..Op::default() }, "proxmox");
            (of(&run, "redirect/single").word(), worst(&run, "redirect/single"))
        };
        assert_eq!(single(Twice::Refused), ("pass", None), "{silent:?}");
        assert_eq!(single(Twice::First), ("fail", Some(Effect::Untidy)), "{silent:?}");
        assert_eq!(single(Twice::Last), ("fail", Some(Effect::Untidy)), "{silent:?}");
    }
    let confused = standard(&Op { twice: Twice::Confused, ..Op::default() }, "proxmox");
    assert_eq!(worst(&confused, "redirect/single"), Some(Effect::Unsafe));
}

#[test]
fn a_request_without_a_redirect_uri_is_refused() {
    for silent in [Silent::Query, Silent::Ignored] {
        let required = |defaults_uri| {
            let run = standard(&Op { defaults_uri, silent, ..Op::default() }, "proxmox");
            (of(&run, "redirect/required").word(), worst(&run, "redirect/required"))
        };
        assert_eq!(required(false), ("pass", None), "{silent:?}");
        assert_eq!(required(true), ("fail", Some(Effect::Untidy)), "{silent:?}");
    }
}

#[test]
fn harmless_parameters_do_no_harm() {
    let thorough = |stops_at| {
        let run = at(&Op { stops_at, methods: S256, ..Op::default() }, "proxmox", Depth::Thorough).0;
        (of(&run, "authorize/extra-parameters").word(), worst(&run, "authorize/extra-parameters"))
    };
    assert_eq!(thorough(None), ("pass", None));
    assert_eq!(thorough(Some("ui_locales")), ("fail", Some(Effect::Degraded)));
    assert_eq!(thorough(Some("oidcheck_unknown")), ("fail", Some(Effect::Degraded)));
    let late = at(&Op { late: true, ..Op::default() }, "proxmox", Depth::Thorough).0;
    assert_eq!(of(&late, "authorize/extra-parameters").word(), "inconclusive");
    assert_eq!(of(&standard(&Op::default(), "proxmox"), "authorize/extra-parameters").word(), "not-applicable");
}

#[test]
fn the_request_is_taken_by_post_too() {
    let post = |op: &Op| {
        let run = at(op, "proxmox", Depth::Thorough).0;
        (of(&run, "authorize/post").word(), worst(&run, "authorize/post"))
    };
    let answers = |posted| post(&Op { posted: Some(posted), ..Op::default() });
    assert_eq!(post(&Op::default()), ("pass", None));
    assert_eq!(post(&Op { silent: Silent::FormPost, ..Op::default() }), ("pass", None));
    assert_eq!(answers(page(405, None, "")), ("fail", Some(Effect::Untidy)));
    assert_eq!(answers(json(400, r#"{"error":"invalid_request"}"#)), ("fail", Some(Effect::Untidy)));
    assert_eq!(answers(page(403, None, "CSRF")), ("inconclusive", None), "a wall against forged forms");
    assert_eq!(answers(page(302, Some("/authorize?client_id=app".into()), "")), ("inconclusive", None));
    assert_eq!(post(&Op { silent: Silent::Ignored, ..Op::default() }), ("inconclusive", None), "it lands anywhere");
    assert_eq!(of(&standard(&Op::default(), "proxmox"), "authorize/post").word(), "not-applicable");
}

#[test]
fn nothing_is_posted_to_a_product_that_answers_every_post_alike() {
    // It is recognised by the end of its authorization endpoint.
    let members = r#""authorization_endpoint":"https://idp.example.com/api/oidc/authorization","#;
    let metadata = format!(
        r#"{{{members}"issuer":"{ISSUER}","token_endpoint":"{ISSUER}/token","jwks_uri":"{ISSUER}/jwks","response_types_supported":["code"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}}"#
    );
    let op = Op { answers: vec![("discovery", json(200, &metadata))], ..Op::default() };
    let target = target(Depth::Thorough);
    let profile = Profile::by_id("proxmox").expect("a profile of this build");
    let evidence = op.gather(&target, std::slice::from_ref(&profile));
    let posted = evidence.iter().filter(|(slot, e)| slot.id().starts_with("authorize:") && e.request.method == "POST");
    assert_eq!(posted.count(), 0);
    let facts = Facts::of(&evidence);
    assert_eq!(facts.provider.map(|provider| provider.id.as_str()), Some("authelia"));
    let run = report::judge(&target, &profile, &facts, jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(of(&run, "authorize/post").word(), "inconclusive");
}

#[test]
fn a_request_object_that_is_not_supported_is_refused() {
    const NEITHER: &str = r#""request_uri_parameter_supported":false,"#;
    let objects = |objects, members, silent| {
        let run = at(&Op { objects, members, silent, ..Op::default() }, "proxmox", Depth::Thorough).0;
        let outcome = of(&run, "authorize/request-objects");
        let said: Vec<String> = outcome.findings().iter().map(|f| f.message.clone()).collect();
        (outcome.word(), said.join("; "))
    };
    let of_silent = |kind, members| objects(kind, members, Silent::Query);
    assert_eq!(of_silent(Objects::Refused, NEITHER).0, "pass");
    let passed = of_silent(Objects::PassedOver, NEITHER).1;
    assert!(passed.contains("passes over the parameter request,") && passed.contains("request_uri,"), "{passed}");
    let read = of_silent(Objects::Read, "").1;
    assert!(read.contains("reads the parameter request,") && !read.contains("request_uri"), "{read}");
    assert!(of_silent(Objects::OtherError, "").1.contains("another error"));
    // Absent, request_uri counts as supported, and request does not.
    assert_eq!(of_silent(Objects::PassedOver, r#""request_parameter_supported":true,"#).0, "not-applicable");
    assert_eq!(objects(Objects::PassedOver, "", Silent::Ignored).0, "inconclusive", "it may be looked at later");
    assert_eq!(of(&standard(&Op::default(), "proxmox"), "authorize/request-objects").word(), "not-applicable");
}

#[test]
fn a_sound_registration_is_asked_little() {
    let op = Op { methods: S256, ..Op::default() };
    let counts: Vec<usize> =
        [Depth::Quick, Depth::Standard, Depth::Thorough].map(|depth| at(&op, "proxmox", depth).1).to_vec();
    assert_eq!(counts, [11, 30, 54], "authorization requests of the three sets");
}

#[test]
fn a_hash_in_place_of_the_secret_is_named() {
    let hash = SecretShape { hashed: true, reserved: true };
    let wrong = Op { right_secret: false, ..Op::default() };
    let (run, requests) = secret(&wrong, "xen-orchestra", hash);
    assert_eq!(roots(&run), ["token/secret-itself"]);
    assert!(requests < 10, "{requests} requests at the token endpoint");
    assert_eq!(roots(&secret(&wrong, "proxmox", SecretShape::default()).0), ["token/secret-accepted"]);
    let (taken, _) = secret(&Op::default(), "proxmox", hash);
    assert_eq!(of(&taken, "token/secret-itself").word(), "pass", "somebody made it the secret");
    let (unknown, _) = secret(&Op { tokens: Tokens::Broken, ..Op::default() }, "proxmox", hash);
    assert_eq!(worst(&unknown, "token/secret-itself"), Some(Effect::Degraded));
}

#[test]
fn the_encoding_of_a_secret_is_that_of_the_library() {
    let odd = SecretShape { hashed: false, reserved: true };
    let message = |takes, profile: &str, shape| {
        let (run, requests) = secret(&Op { method: Some(takes), ..Op::default() }, profile, shape);
        assert!(requests < 10, "{requests} requests at the token endpoint");
        of(&run, "token/secret-accepted").findings().first().map(|f| f.message.clone()).unwrap_or_default()
    };
    assert_eq!(message(AuthMethod::BasicEncoded, "proxmox", odd), "");
    assert!(message(AuthMethod::BasicRaw, "proxmox", odd).contains("the provider takes it as it is"));
    assert_eq!(message(AuthMethod::BasicRaw, "library:pyjwt", odd), "", "it sends it raw");
    assert!(message(AuthMethod::BasicEncoded, "library:pyjwt", odd).contains("the provider takes it form-encoded"));
    assert!(!message(AuthMethod::Post, "proxmox", odd).contains("special characters"), "it is the method");
}
