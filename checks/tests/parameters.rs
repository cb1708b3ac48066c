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
    for one in ["oidcheck_unknown", "max_age", "claims"] {
        assert_eq!(thorough(Some(one)), ("fail", Some(Effect::Degraded)), "{one}");
    }
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
    assert_eq!(counts, [11, 30, 59], "authorization requests of the three sets");
}

#[test]
fn a_hash_in_place_of_the_secret_is_named() {
    let hash = SecretShape { hashed: true, reserved: true, ..SecretShape::default() };
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
    let odd = SecretShape { reserved: true, ..SecretShape::default() };
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

#[test]
fn the_prompt_of_the_application_is_tried_as_it_sends_it() {
    let mut profile = Profile::by_id("proxmox").expect("a profile of this build");
    profile.file.extra_parameters.insert("prompt".into(), "select_account".into());
    let said = |op: &Op| {
        let target = target(Depth::Quick);
        let evidence = op.gather(&target, std::slice::from_ref(&profile));
        let sent: Vec<_> =
            evidence.iter().filter(|(_, e)| e.request.query("prompt").as_deref() == Some("select_account")).collect();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].1.request.query("display").as_deref(), Some("page"), "with everything else");
        report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH)
    };
    for silent in [Silent::Query, Silent::Ignored] {
        assert_eq!(of(&said(&Op { silent, ..Op::default() }), "authorize/application-request").word(), "pass");
        let refuses = said(&Op { refuses_prompt: Some("select_account"), silent, ..Op::default() });
        assert_eq!(roots(&refuses), ["authorize/application-request"], "{silent:?}");
        let message = &of(&refuses, "authorize/application-request").findings()[0].message;
        assert!(message.contains("prompt=select_account"), "{message}");
    }
}

#[test]
fn an_error_comes_where_the_application_looks() {
    let messages = |op: &Op, profile: &str| -> Vec<String> {
        let outcome = of(&at(op, profile, Depth::Quick).0, "authorize/error-form").clone();
        outcome.findings().iter().map(|f| f.message.clone()).collect()
    };
    let told = |op: &Op| of(&quick(op, "proxmox"), "authorize/error-form").word();
    assert_eq!(told(&Op::default()), "pass");
    assert_eq!(told(&Op { silent: Silent::Ignored, ..Op::default() }), "not-applicable");
    let one = |op: Op, words: &str| {
        let found = messages(&op, "proxmox");
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:?}");
    };
    one(Op { silent: Silent::Fragment, ..Op::default() }, "in the fragment");
    one(Op { silent: Silent::FormPost, ..Op::default() }, "by a form");
    one(Op { adds: &[("code", "abc")], ..Op::default() }, "code comes beside an error");
    one(Op { adds: &[("error_description", "say \"please\"")], ..Op::default() }, "error_description has");
    one(Op { adds: &[("error_uri", "https://idp.example.com/a b")], ..Op::default() }, "error_uri has");
    one(Op { adds: &[("iss", ISSUER), ("iss", ISSUER)], ..Op::default() }, "iss comes twice");
    assert!(
        messages(&Op { adds: &[("session_state", "x"), ("error_hint", "log in")], ..Op::default() }, "proxmox")
            .is_empty()
    );
}

#[test]
fn the_form_of_an_error_is_one_that_a_browser_posts() {
    let target = target(Depth::Quick);
    let mut profile = Profile::by_id("generic").expect("a profile of this build");
    profile.file.extra_parameters.insert("response_mode".into(), "form_post".into());
    let said = |answer: oidcheck_checks::evidence::Response| -> Vec<String> {
        let op = Op { answers: vec![("authorize:application:", answer)], ..Op::default() };
        let evidence = op.gather(&target, std::slice::from_ref(&profile));
        let run = report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
        of(&run, "authorize/error-form").findings().iter().map(|f| f.message.clone()).collect()
    };
    let form = |method: &str| {
        page(200, None, &format!(r#"<form {method} action="{APP}"><input name="error" value="login_required"></form>"#))
    };
    assert!(said(form(r#"method="post""#)).is_empty());
    assert_eq!(said(form("")), ["the form that carries an error is not posted"]);
    let mut typed = form(r#"method="POST""#);
    typed.headers[0].1 = "text/plain".into();
    assert_eq!(said(typed), ["the page that carries an error is none for a browser"]);
    let to = |error: &str| page(302, Some(format!("{APP}?error={error}")), "");
    assert_eq!(said(to("login_required")), ["an error comes in the query, where the application does not look"]);
    assert!(said(to("unsupported_response_mode")).is_empty(), "it has no other way");
}

#[test]
fn a_response_type_that_nobody_knows_is_refused() {
    let said = |op: &Op| {
        let run = at(op, "proxmox", Depth::Thorough).0;
        (of(&run, "authorize/response-type").word(), worst(&run, "authorize/response-type"))
    };
    assert_eq!(said(&Op::default()), ("pass", None));
    assert_eq!(said(&Op { types: None, ..Op::default() }), ("inconclusive", None), "it may look after the login");
    let passes = Op { types: None, silent: Silent::Code, any_client: true, ..Op::default() };
    assert_eq!(said(&passes), ("fail", Some(Effect::Untidy)));
    assert_eq!(said(&Op { types: Some("server_error"), ..Op::default() }), ("fail", Some(Effect::Untidy)));
    assert_eq!(of(&standard(&Op::default(), "proxmox"), "authorize/response-type").word(), "not-applicable");
}

#[test]
fn the_order_of_parameters_and_scopes_does_not_count() {
    let said = |op: &Op| {
        let run = at(op, "proxmox", Depth::Thorough).0;
        (of(&run, "authorize/any-order").word(), worst(&run, "authorize/any-order"))
    };
    assert_eq!(said(&Op::default()), ("pass", None));
    assert_eq!(said(&Op { openid_first: true, ..Op::default() }), ("fail", Some(Effect::Untidy)));
    assert_eq!(said(&Op { late: true, ..Op::default() }), ("inconclusive", None));
    assert_eq!(said(&Op { forbidden_scope: Some("email"), ..Op::default() }).0, "inconclusive", "its own is refused");
}

#[test]
fn an_id_token_through_the_browser_needs_a_nonce() {
    const BOTH: &[&str] = &["code", "code id_token", "id_token"];
    let said = |op: &Op| {
        let run = at(op, "proxmox", Depth::Thorough).0;
        (of(&run, "authorize/nonce-required").word(), worst(&run, "authorize/nonce-required"))
    };
    assert_eq!(said(&Op::default()), ("not-applicable", None), "there is none");
    let listed = Op { response_types: BOTH, ..Op::default() };
    assert_eq!(said(&Op { demands_nonce: true, ..listed.clone() }), ("pass", None));
    assert_eq!(said(&listed), ("inconclusive", None), "login_required says nothing of the nonce");
    let issues = Op { silent: Silent::Code, any_client: true, ..listed.clone() };
    assert_eq!(said(&issues), ("fail", Some(Effect::Degraded)));
    let code_alone = Op { response_types: BOTH, refuses_front: true, ..Op::default() };
    assert_eq!(said(&code_alone), ("not-applicable", None), "this client may not");
}

#[test]
fn a_request_object_is_not_believed_unseen() {
    const SIGNED: &str =
        r#""request_parameter_supported":true,"request_object_signing_alg_values_supported":["RS256"],"#;
    const ANY: &str = r#""request_parameter_supported":true,"#;
    let said = |objects, members, silent| {
        let run = at(&Op { objects, members, silent, ..Op::default() }, "proxmox", Depth::Thorough).0;
        let outcome = of(&run, "authorize/request-object-checked");
        let found: Vec<String> = outcome.findings().iter().map(|f| f.message.clone()).collect();
        (outcome.word(), worst(&run, "authorize/request-object-checked"), found.join("; "))
    };
    let query = |objects, members| said(objects, members, Silent::Query);
    assert_eq!(query(Objects::Refused, SIGNED).0, "pass");
    assert_eq!(query(Objects::PassedOver, SIGNED).0, "pass", "what is not read does no harm");
    assert_eq!(query(Objects::Refused, "").0, "not-applicable");
    let read = query(Objects::Read, SIGNED);
    assert_eq!((read.0, read.1), ("fail", Some(Effect::Degraded)));
    for words in ["signature fits no key", "for another client", "unsigned request object"] {
        assert!(read.2.contains(words), "{words}: {}", read.2);
    }
    assert!(!query(Objects::Read, ANY).2.contains("unsigned"), "the metadata does not rule it out");
    let sends = query(Objects::Obeyed, SIGNED);
    assert_eq!(sends.1, Some(Effect::Unsafe));
    assert!(sends.2.contains("inside a request object"), "{}", sends.2);
    let beside = query(Objects::UsesOuter, SIGNED);
    assert_eq!(beside.1, Some(Effect::Unsafe));
    assert!(beside.2.contains("beside a request object"), "{}", beside.2);
    assert_eq!(said(Objects::Read, SIGNED, Silent::Ignored).0, "inconclusive", "it may be looked at later");
}
