//! The oracles against every combination of how providers match redirect URIs, refuse, and answer a silent request:
//! the inferred rule is right, or it is not told; and the traps that real products set.

#[path = "probing/provider.rs"]
#[expect(dead_code, reason = "shared with the tests of single parameters")]
mod provider;

use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::{AuthMethod, Evidence};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{self, Judged, Outcome, Run};
use oidcheck_checks::target::{Depth, Target};
use oidcheck_checks::verdict::{Effect, Verdict};
use provider::{
    APP, ISSUER, LOOPBACK, Op, REFUSALS, REGISTRATIONS, Refusal, Registration, SILENTS, Silent, Tokens, Twice,
};

fn target() -> Target {
    Target {
        typed: ISSUER.into(),
        client_id: Some("app".into()),
        redirect_uris: vec![APP.into()],
        has_secret: true,
        depth: Depth::Standard,
        ..Target::default()
    }
}

fn judge(op: &Op, target: &Target, profile: &str) -> (Run, Evidence) {
    let profile = Profile::by_id(profile).expect("a profile of this build");
    let evidence = op.gather(target, std::slice::from_ref(&profile));
    let run = report::judge(target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
    (run, evidence)
}

fn run(op: &Op) -> Run {
    judge(op, &target(), "generic").0
}

fn of<'r>(run: &'r Run, check: &str) -> &'r Outcome {
    run.outcomes.iter().find(|o| o.check.id == check).unwrap_or_else(|| panic!("{check} was not selected"))
}

fn worst(outcome: &Outcome) -> Option<Effect> {
    outcome.findings().iter().map(|f| f.effect).max()
}

fn passes(run: &Run, check: &str) -> bool {
    matches!(of(run, check).judged, Judged::Told(Verdict::Pass(_)))
}

fn untold(run: &Run, check: &str) -> bool {
    matches!(of(run, check).judged, Judged::Untold(_))
}

/// What is true of a registration: an attacker's host is let in, another address of the same host is.
fn truth(registration: Registration) -> (bool, bool) {
    match registration {
        Registration::Exact | Registration::FirstUse | Registration::Other => (false, false),
        Registration::PathWildcard | Registration::IgnoresQuery => (false, true),
        Registration::Parsed => (false, true),
        Registration::OpenPrefix | Registration::HostWildcard | Registration::Anything => (true, true),
        Registration::BareDots => (true, false),
    }
}

#[test]
fn the_rule_is_right_or_not_told() {
    let mut told = 0;
    for registration in REGISTRATIONS {
        for refusal in REFUSALS {
            for silent in SILENTS {
                let op = Op { registration, refusal, silent, ..Op::default() };
                let run = run(&op);
                let at = format!("{registration:?} × {refusal:?} × {silent:?}");
                let (foreign, same_host) = truth(registration);
                let outcome = of(&run, "redirect/foreign-host-refused");
                match worst(outcome) {
                    Some(Effect::Unsafe) => assert!(foreign, "{at}: a false alarm: {outcome:#?}"),
                    Some(Effect::Degraded) => assert!(foreign, "{at}: {outcome:#?}"),
                    other => assert_eq!(other, None, "{at}"),
                }
                if passes(&run, "redirect/foreign-host-refused") {
                    assert!(!foreign, "{at}: a wrong pass");
                    told += 1;
                }
                if passes(&run, "redirect/exact") {
                    assert!(!same_host || foreign, "{at}: a wrong pass");
                }
                if worst(of(&run, "redirect/exact")).is_some() {
                    assert!(same_host, "{at}: a false alarm: {:#?}", of(&run, "redirect/exact"));
                }
                let accepted = of(&run, "redirect/accepted");
                if registration == Registration::Other {
                    assert!(!passes(&run, "redirect/accepted"), "{at}: a wrong pass");
                } else {
                    assert_eq!(worst(accepted), None, "{at}: a false alarm: {accepted:#?}");
                    assert_eq!(worst(of(&run, "client/known")), None, "{at}: a false alarm");
                }
            }
        }
    }
    assert!(told > 90, "only {told} combinations were decided");
}

#[test]
fn the_usual_provider_is_decided_in_every_style() {
    for refusal in REFUSALS {
        for silent in [Silent::Query, Silent::Fragment, Silent::FormPost, Silent::Code] {
            let run = run(&Op { refusal, silent, ..Op::default() });
            for check in [
                "client/known",
                "redirect/accepted",
                "redirect/foreign-host-refused",
                "redirect/exact",
                "authorize/application-request",
                "authorize/state-returned",
            ] {
                assert!(passes(&run, check), "{check} with {refusal:?} × {silent:?}: {:#?}", of(&run, check));
            }
        }
    }
}

#[test]
fn each_loose_registration_is_named() {
    let cases = [
        (Registration::Anything, "any host", "redirect/foreign-host-refused"),
        (Registration::OpenPrefix, "a prefix that ends inside the host", "redirect/foreign-host-refused"),
        (Registration::BareDots, "a regular expression whose dots are not escaped", "redirect/foreign-host-refused"),
        (Registration::HostWildcard, "subdomain", "redirect/foreign-host-refused"),
        (Registration::PathWildcard, "any path of the host", "redirect/exact"),
        (Registration::IgnoresQuery, "everything but the query", "redirect/exact"),
        (Registration::Parsed, "parsed URLs, not text", "redirect/exact"),
    ];
    for (registration, words, check) in cases {
        let run = run(&Op { registration, ..Op::default() });
        let messages: Vec<_> = of(&run, check).findings().iter().map(|f| f.message.clone()).collect();
        assert!(messages.iter().any(|m| m.contains(words)), "{registration:?}: {messages:?}");
    }
}

#[test]
fn a_redirect_uri_that_is_not_registered_is_one_failure() {
    for refusal in [Refusal::Page, Refusal::Json, Refusal::OwnErrorPage] {
        let run = run(&Op { registration: Registration::Other, refusal, ..Op::default() });
        let failed: Vec<_> = run
            .outcomes
            .iter()
            .filter(|o| worst(o) == Some(Effect::LoginFails) && !o.check.id.starts_with("jwks/"))
            .map(|o| o.check.id)
            .collect();
        // Where both refusals look alike, the secret that was taken shows that the client is known.
        assert_eq!(failed, ["redirect/accepted"], "{refusal:?}");
        for check in ["redirect/foreign-host-refused", "redirect/exact", "redirect/no-error-bounce"] {
            assert!(untold(&run, check), "{check} with {refusal:?}: the rule of another address was not seen");
        }
    }
    let without = Target { has_secret: false, ..target() };
    let (secretless, _) = judge(&Op { registration: Registration::Other, ..Op::default() }, &without, "generic");
    assert_eq!(worst(of(&secretless, "client/known")), Some(Effect::LoginFails), "it may be either");
    let unknown = run(&Op { known_client: false, ..Op::default() });
    assert_eq!(worst(of(&unknown, "client/known")), Some(Effect::LoginFails));
    assert!(untold(&unknown, "token/secret-accepted"), "an unknown client has no secret there");
}

#[test]
fn variants_of_a_loopback_redirect_uri_are_tried_too() {
    let at = |registration| {
        let target = Target { redirect_uris: vec![LOOPBACK.into()], ..target() };
        judge(&Op { registration, ..Op::default() }, &target, "generic")
    };
    let (exact, evidence) = at(Registration::Exact);
    assert!(passes(&exact, "redirect/exact"));
    let tried = evidence.iter().filter(|(slot, _)| slot.id().contains("mutation:")).count();
    assert!(tried >= 7, "only {tried} variants");
    assert!(!evidence.iter().any(|(_, e)| e.request.url.contains("8444")), "any port is right there");
    assert_eq!(worst(of(&at(Registration::Anything).0, "redirect/foreign-host-refused")), Some(Effect::Unsafe));
    let custom = Target { redirect_uris: vec!["com.example.app:/cb".into()], ..target() };
    let (custom, _) = judge(&Op { registration: Registration::Anything, ..Op::default() }, &custom, "generic");
    assert!(!passes(&custom, "redirect/exact"), "nothing was tried");
}

#[test]
fn a_provider_that_fails_over_a_good_silent_request_still_tells() {
    // django-oauth-toolkit as it comes: 500 for a good request with prompt=none, 400 for a bad one.
    let run = |op: Op| run(&Op { silent: Silent::Fails, ..op });
    let usual = run(Op::default());
    for check in ["client/known", "redirect/accepted", "redirect/foreign-host-refused", "redirect/exact"] {
        assert!(passes(&usual, check), "{check}: {:#?}", of(&usual, check));
    }
    let scope = run(Op { forbidden_scope: Some("email"), ..Op::default() });
    assert_eq!(worst(of(&scope, "authorize/scopes")), Some(Effect::LoginFails));
    let loose = run(Op { registration: Registration::OpenPrefix, ..Op::default() });
    assert!(untold(&loose, "redirect/foreign-host-refused"), "it may fail over the strange address");
    assert!(untold(&run(Op { late: true, ..Op::default() }), "client/known"));
}

#[test]
fn a_code_for_everybody_tells_where_codes_go() {
    // As oauth2-mock-server does: it asks nobody who they are.
    let at =
        |registration, silent, refusal| run(&Op { any_client: true, registration, silent, refusal, ..Op::default() });
    let open = at(Registration::Anything, Silent::Code, Refusal::Page);
    assert_eq!(worst(of(&open, "redirect/foreign-host-refused")), Some(Effect::Unsafe));
    assert_eq!(worst(of(&open, "client/known")), Some(Effect::Untidy), "the login works");
    assert!(passes(&open, "redirect/accepted"));
    assert!(untold(&open, "redirect/no-error-bounce"), "told once");
    let exact = at(Registration::Exact, Silent::Code, Refusal::Json);
    for check in ["redirect/accepted", "redirect/foreign-host-refused", "redirect/exact", "redirect/no-error-bounce"] {
        assert!(passes(&exact, check), "{check}: {:#?}", of(&exact, check));
    }
    // A page may be a refusal, or the login of another kind of client.
    let friendly = at(Registration::Exact, Silent::Code, Refusal::FriendlyPage);
    assert!(untold(&friendly, "redirect/foreign-host-refused"));
    // No code, no proof.
    let login = at(Registration::Anything, Silent::Query, Refusal::Page);
    assert!(untold(&login, "redirect/foreign-host-refused") && untold(&login, "client/known"));
}

#[test]
fn a_403_is_the_provider_or_a_wall() {
    let forbidden = run(&Op { refusal: Refusal::Forbidden, ..Op::default() });
    for check in ["client/known", "redirect/accepted", "redirect/foreign-host-refused", "redirect/exact"] {
        assert!(passes(&forbidden, check), "{check}: {:#?}", of(&forbidden, check));
    }
    let walled = run(&Op { walled: true, ..Op::default() });
    for check in ["client/known", "redirect/accepted", "redirect/foreign-host-refused", "redirect/exact"] {
        assert!(untold(&walled, check), "{check}: {:#?}", of(&walled, check));
    }
}

#[test]
fn who_fails_over_an_unknown_client_can_still_be_asked_about_redirect_uris() {
    let run = run(&Op { fails_over_strangers: true, ..Op::default() });
    for check in ["client/known", "redirect/accepted", "redirect/foreign-host-refused", "redirect/exact"] {
        assert!(passes(&run, check), "{check}: {:#?}", of(&run, check));
    }
}

#[test]
fn which_of_two_redirect_uris_counts_is_no_matter_for_one() {
    for twice in [Twice::First, Twice::Last, Twice::Confused] {
        let run = run(&Op { twice, ..Op::default() });
        assert!(passes(&run, "redirect/exact") && passes(&run, "redirect/foreign-host-refused"), "{twice:?}");
    }
}

#[test]
fn errors_that_are_bounced_anywhere_are_an_open_redirector() {
    let run = run(&Op { refusal: Refusal::Bounce, ..Op::default() });
    assert_eq!(worst(of(&run, "redirect/no-error-bounce")), Some(Effect::Degraded));
    assert!(passes(&run, "redirect/foreign-host-refused"), "an error there is no code there");
}

#[test]
fn who_looks_only_after_the_login_is_never_judged() {
    for op in [
        Op { late: true, ..Op::default() },
        Op { late: true, registration: Registration::Anything, ..Op::default() },
        Op { late_uri: true, ..Op::default() },
    ] {
        let run = run(&op);
        for check in
            ["redirect/accepted", "redirect/foreign-host-refused", "redirect/exact", "redirect/no-error-bounce"]
        {
            assert!(untold(&run, check), "{check} for {op:?}: {:#?}", of(&run, check));
        }
    }
}

#[test]
fn who_looks_one_redirect_later_is_asked_there() {
    let run = |registration| run(&Op { hop: true, registration, ..Op::default() });
    let exact = run(Registration::Exact);
    for check in ["client/known", "redirect/accepted", "redirect/foreign-host-refused", "redirect/exact"] {
        assert!(passes(&exact, check), "{check}: {:#?}", of(&exact, check));
    }
    let prefix = run(Registration::OpenPrefix);
    assert_eq!(worst(of(&prefix, "redirect/foreign-host-refused")), Some(Effect::Unsafe));
    let anything = run(Registration::Anything);
    assert!(untold(&anything, "redirect/foreign-host-refused"), "it may look later still");
}

#[test]
fn the_expected_redirect_uri_goes_first() {
    // A provider that stores the first one it sees must be shown the right one.
    let op = Op { registration: Registration::FirstUse, ..Op::default() };
    let run = run(&op);
    assert!(passes(&run, "redirect/accepted"));
    assert!(passes(&run, "redirect/foreign-host-refused"));
}

#[test]
fn a_dead_code_tells_the_secret_only_with_its_controls() {
    let secret =
        |op: &Op| run(op).outcomes.into_iter().find(|o| o.check.id == "token/secret-accepted").expect("selected");
    let right = |tokens| secret(&Op { tokens, ..Op::default() });
    let wrong = |tokens| secret(&Op { tokens, right_secret: false, ..Op::default() });
    for tokens in [Tokens::ClientFirst, Tokens::Unauthorized, Tokens::OwnErrors, Tokens::RedirectFirst] {
        assert_eq!(right(tokens).word(), "pass", "{tokens:?}");
        assert_eq!(worst(&wrong(tokens)), Some(Effect::LoginFails), "{tokens:?}");
    }
    for tokens in [Tokens::CodeFirst, Tokens::Broken, Tokens::Busy] {
        assert_eq!(right(tokens).word(), "inconclusive", "{tokens:?}");
        assert_eq!(wrong(tokens).word(), "inconclusive", "{tokens:?}");
    }
    assert_eq!(worst(&right(Tokens::AnySecret)), Some(Effect::Degraded));
    // authentik: a right secret is refused because of the redirect URI; a dead refresh token has none.
    let op = Op { registration: Registration::Other, tokens: Tokens::RedirectFirst, ..Op::default() };
    assert_eq!(secret(&op).word(), "pass");
}

#[test]
fn the_method_of_the_application_is_what_is_tried() {
    let op = Op { method: Some(AuthMethod::BasicEncoded), ..Op::default() };
    let with = |profile| judge(&op, &target(), profile).0;
    assert_eq!(worst(of(&with("xen-orchestra"), "token/secret-accepted")), Some(Effect::LoginFails), "it posts");
    assert!(passes(&with("proxmox"), "token/secret-accepted"), "it sends Basic");
}

#[test]
fn the_state_of_the_application_is_sent() {
    let state = Op { mangles_state: true, ..Op::default() };
    assert_eq!(
        worst(of(&judge(&state, &target(), "xen-orchestra").0, "authorize/state-returned")),
        Some(Effect::LoginFails)
    );
    assert!(passes(&run(&state), "authorize/state-returned"), "a plain state has nothing to lose");
}

#[test]
fn the_issuer_is_in_the_answer_where_it_is_promised() {
    let iss = |promises_iss, sends_iss| {
        worst(of(&run(&Op { promises_iss, sends_iss, ..Op::default() }), "authorize/issuer-returned"))
    };
    assert_eq!(iss(true, true), None);
    assert_eq!(iss(true, false), Some(Effect::Degraded));
    assert_eq!(iss(false, false), None);
}

#[test]
fn few_requests_are_sent_and_none_is_a_trap() {
    let (_, evidence) = judge(&Op::default(), &Target { depth: Depth::Quick, ..target() }, "proxmox");
    // Two of them for the login page, and two for userinfo.
    assert!(evidence.len() <= 19, "{} requests in the quick set", evidence.len());
    let tokens = evidence.iter().filter(|(slot, _)| slot.id().starts_with("token:")).count();
    assert!(tokens <= 5, "{tokens} token requests");
    for (slot, exchange) in evidence.iter() {
        let form = exchange.request.form.clone().unwrap_or_default();
        assert!(!form.contains("client_credentials"), "{slot:?}");
        if slot.id().starts_with("authorize:") {
            assert_eq!(exchange.request.method, "GET", "{slot:?}");
            assert!(!exchange.request.follow, "{slot:?}");
            assert!(exchange.request.query("state").is_some_and(|s| s.len() >= 8), "{slot:?}");
        }
    }
}

#[test]
fn the_real_secret_never_goes_with_another_client_id() {
    let (_, evidence) = judge(&Op::default(), &target(), "generic");
    for (slot, exchange) in evidence.iter() {
        if let Some(auth) = &exchange.request.auth
            && auth.client_id != "app"
        {
            assert_ne!(auth.secret, oidcheck_checks::evidence::SecretChoice::Given, "{slot:?}");
        }
    }
}

const CODE: &str = r#"{"device_code":"REDACTED","user_code":"REDACTED","verification_uri":"https://idp.example.com/d","verification_uri_complete":"https://idp.example.com/d?c=x","expires_in":600,"interval":5}"#;

/// The application at an address of its own, whose redirect URI its profile makes.
fn at_app(op: &Op, profile: &str) -> Run {
    let target = Target {
        app_url: Some("https://app.example.com".into()),
        redirect_uris: vec![APP.into()],
        has_secret: false,
        ..target()
    };
    judge(op, &target, profile).0
}

#[test]
fn the_device_flow_starts_with_what_the_application_needs() {
    let device = |status, body| {
        worst(of(&at_app(&Op { device: Some((status, body)), ..Op::default() }, "incus"), "endpoints/device-flow"))
    };
    assert_eq!(device(200, CODE), None);
    assert_eq!(device(400, r#"{"error":"unauthorized_client"}"#), Some(Effect::LoginFails));
    assert_eq!(
        device(
            200,
            r#"{"device_code":"REDACTED","user_code":"REDACTED","verification_uri":"https://idp.example.com/d","expires_in":600}"#
        ),
        Some(Effect::LoginFails),
        "incus needs interval"
    );
    let broken = at_app(&Op { device: Some((503, "")), ..Op::default() }, "incus");
    assert!(untold(&broken, "endpoints/device-flow"));
}

#[test]
fn userinfo_is_closed_to_strangers() {
    let userinfo = |answer| worst(of(&run(&Op { userinfo: answer, ..Op::default() }), "endpoints/userinfo-closed"));
    assert_eq!(userinfo((401, true, "{}")), None);
    assert_eq!(userinfo((401, false, "{}")), Some(Effect::Untidy));
    assert_eq!(userinfo((200, false, r#"{"sub":"alice"}"#)), Some(Effect::Unsafe));
}

#[test]
fn a_browser_must_be_able_to_read_the_tokens() {
    let cors = |allows_origin, tokens| at_app(&Op { public: true, allows_origin, tokens, ..Op::default() }, "netbird");
    assert!(passes(&cors(Some("https://app.example.com"), Tokens::ClientFirst), "cors/token"));
    assert_eq!(worst(of(&cors(None, Tokens::ClientFirst), "cors/token")), Some(Effect::LoginFails));
    assert_eq!(
        worst(of(&cors(Some("https://other.example.com"), Tokens::ClientFirst), "cors/token")),
        Some(Effect::LoginFails)
    );
    assert!(untold(&cors(None, Tokens::Broken), "cors/token"));
    let refused = at_app(&Op { public: false, ..Op::default() }, "netbird");
    assert!(untold(&refused, "cors/token"), "an answer to a client that is refused shows nothing");
    assert_eq!(worst(of(&refused, "token/public-client-accepted")), Some(Effect::LoginFails));
}

#[test]
fn the_application_itself_is_compared() {
    let sends = |url| at_app(&Op { app_sends: Some(url), types: None, ..Op::default() }, "xen-orchestra");
    let right = "https://idp.example.com/authorize?response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&scope=openid+profile&state=s-0123456789";
    for check in ["as-typed", "provider", "redirect-uri", "accepted", "login-starts", "flow"] {
        let check = format!("capture/{check}");
        assert!(passes(&sends(right), &check), "{:#?}", of(&sends(right), &check));
    }
    for (from, to, check, effect) in [
        ("client_id=app", "client_id=other", "capture/as-typed", Effect::LoginFails),
        ("https%3A%2F%2Fapp", "http%3A%2F%2Fapp", "capture/redirect-uri", Effect::LoginFails),
        (
            "https://idp.example.com/authorize",
            "https://old.example.com/authorize",
            "capture/provider",
            Effect::Degraded,
        ),
        ("scope=openid+profile", "scope=profile", "capture/scopes", Effect::LoginFails),
        ("response_type=code", "response_type=id_token", "capture/flow", Effect::LoginFails),
    ] {
        let wrong: &'static str = Box::leak(right.replace(from, to).into_boxed_str());
        let run = sends(wrong);
        assert_eq!(worst(of(&run, check)), Some(effect), "{to}: {:#?}", of(&run, check));
        let others = run.outcomes.iter().filter(|o| o.check.id.starts_with("capture/") && o.check.id != check);
        let loud: Vec<_> = others.filter(|o| worst(o) > Some(Effect::Untidy)).map(|o| o.check.id).collect();
        assert!(loud.is_empty(), "{to} is told once, and {loud:?} tell it too");
    }
    let absent = at_app(&Op::default(), "xen-orchestra");
    assert_eq!(of(&absent, "capture/as-typed").word(), "not-applicable", "it may not be there yet");
}
