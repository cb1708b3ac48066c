//! The token endpoint, asked with a code that never existed: is it there at all, and how does it word what is wrong?

#[path = "probing/provider.rs"]
#[expect(dead_code, reason = "shared with the tests of the oracles")]
mod provider;

use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::{Endpoint, Evidence, Response, Slot, TransportError};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{self, Judged, Outcome, Run};
use oidcheck_checks::target::{Depth, SecretShape, Target};
use oidcheck_checks::verdict::{Effect, Verdict};
use provider::{APP, ISSUER, Op, Slip, Tokens, json, page, with};

fn target() -> Target {
    Target {
        typed: ISSUER.into(),
        client_id: Some("app".into()),
        redirect_uris: vec![APP.into()],
        has_secret: true,
        ..Target::default()
    }
}

fn judge(profile: &str, evidence: impl FnOnce(&Target, &[Profile]) -> Evidence) -> Run {
    let profile = Profile::by_id(profile).expect("a profile of this build");
    let target = target();
    let evidence = evidence(&target, std::slice::from_ref(&profile));
    report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH)
}

fn run(op: &Op) -> Run {
    judge("generic", |target, profiles| op.gather(target, profiles))
}

/// Every answer of the token endpoint is this one.
fn answers(profile: &str, answer: Response) -> Run {
    let op = Op { answers: vec![("token:", answer)], ..Op::default() };
    judge(profile, |target, profiles| op.gather(target, profiles))
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

/// Those of the token endpoint that fail at all.
fn failed(run: &Run) -> Vec<&'static str> {
    run.outcomes
        .iter()
        .filter(|o| worst(o).is_some())
        .map(|o| o.check.id)
        .filter(|id| id.starts_with("token/"))
        .collect()
}

#[test]
fn a_token_endpoint_that_redirects_is_a_failure_before_the_login() {
    let to = |status, location: &str| page(status, Some(location.to_owned()), "");
    for status in [301, 302, 303] {
        let run = answers("generic", to(status, "https://idp.example.com/login?rd=x"));
        assert_eq!(worst(of(&run, "token/reachable")), Some(Effect::LoginFails), "{status}: nobody posts again");
        assert_eq!(failed(&run), ["token/reachable"], "told once");
        assert!(untold(&run, "token/secret-accepted"));
        assert!(!of(&run, "token/reachable").findings()[0].actual.as_deref().unwrap_or_default().contains("rd="));
    }
    let again = |library| worst(of(&answers(library, to(308, "https://idp.example.com/token/")), "token/reachable"));
    assert_eq!(again("library:go-oidc"), Some(Effect::Degraded), "it posts again");
    assert_eq!(again("library:openid-client-6"), Some(Effect::LoginFails), "it follows nothing");
    let worded = answers("generic", to(302, "/error?error=invalid_grant"));
    assert!(untold(&worded, "token/reachable"), "a true code may be answered otherwise");
}

#[test]
fn a_token_endpoint_that_does_not_answer_is_a_failure_before_the_login() {
    let lost = |error: TransportError, all: bool| {
        judge("generic", |target, profiles| {
            let evidence = Op::default().gather(target, profiles);
            let mut changed = Evidence::default();
            for (slot, exchange) in evidence.iter() {
                let mut exchange = exchange.clone();
                if matches!(slot, Slot::Probe(Endpoint::Token, name) if all || name.starts_with("unknown")) {
                    exchange.outcome = Err(error.clone());
                }
                changed.record(slot.clone(), exchange);
            }
            changed
        })
    };
    let refused = || TransportError::Refused("192.0.2.1:443".into());
    let run = lost(refused(), true);
    assert_eq!(worst(of(&run, "token/reachable")), Some(Effect::LoginFails));
    assert_eq!(failed(&run), ["token/reachable"], "told once");
    assert!(untold(&run, "token/secret-accepted") && untold(&run, "token/error-format"));
    assert!(passes(&lost(refused(), false), "token/reachable"), "once is chance");
    assert!(untold(&lost(TransportError::Deadline(9), true), "token/reachable"), "that is this run's own limit");
    for tokens in [Tokens::ClientFirst, Tokens::Busy, Tokens::Broken] {
        assert!(passes(&self::run(&Op { tokens, ..Op::default() }), "token/reachable"), "{tokens:?}: it is there");
    }
}

#[test]
fn an_error_has_the_type_and_the_characters_of_the_specification() {
    let messages = |answer: Response| -> Vec<String> {
        of(&answers("generic", answer), "token/error-format").findings().iter().map(|f| f.message.clone()).collect()
    };
    let one = |answer: Response, words: &str| {
        let found = messages(answer);
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:?}");
    };
    assert_eq!(messages(json(400, r#"{"error":"invalid_grant","error_description":"It's gone, (really)"}"#)).len(), 0);
    let form = page(400, None, "error=invalid_grant&error_description=gone");
    one(form, "as a form");
    one(page(400, None, "<h1>error</h1>"), "without the member error");
    let typed = with(page(400, None, r#"{"error":"invalid_grant"}"#), "Cache-Control", "no-store");
    one(typed, "content type");
    let stored = page(400, None, r#"{"error":"invalid_grant"}"#);
    assert_eq!(messages(stored).len(), 2, "the type and the cache");
    one(json(400, r#"{"error":"ungültig"}"#), "error of the token endpoint");
    one(json(400, r#"{"error":"invalid_grant","error_description":"the \"code\" is gone"}"#), "error_description");
    one(json(400, r#"{"error":"invalid_grant","error_description":"gone\nfor good"}"#), "error_description");
    one(json(400, r#"{"error":"invalid_grant","error_uri":"https://idp.example.com/no such page"}"#), "error_uri");
    assert_eq!(messages(json(400, r#"{"error":"invalid_grant","error_uri":"/errors#7"}"#)).len(), 0);
}

#[test]
fn errors_of_the_token_endpoint_have_their_codes() {
    let codes = |tokens| {
        let run = run(&Op { tokens, ..Op::default() });
        (of(&run, "token/error-codes").word(), worst(of(&run, "token/error-codes")))
    };
    assert_eq!(codes(Tokens::ClientFirst), ("pass", None));
    assert_eq!(codes(Tokens::Unauthorized), ("fail", Some(Effect::Untidy)), "as Keycloak words it");
    assert_eq!(codes(Tokens::OwnErrors), ("fail", Some(Effect::Untidy)));
    assert_eq!(codes(Tokens::Busy), ("inconclusive", None));
    let page = run(&Op { token_page: true, ..Op::default() });
    assert!(untold(&page, "token/error-codes"), "token/error-format says it");
}

#[test]
fn errors_of_the_token_endpoint_are_json() {
    let page = run(&Op { token_page: true, ..Op::default() });
    assert_eq!(worst(of(&page, "token/error-format")), Some(Effect::Untidy));
    assert!(untold(&page, "token/secret-accepted"));
    assert!(passes(&run(&Op::default()), "token/error-format"));
}

/// The thorough set.
fn thorough(op: &Op, profile: &str) -> (Run, Evidence) {
    let target = Target { depth: Depth::Thorough, ..target() };
    let profile = Profile::by_id(profile).expect("a profile of this build");
    let evidence = op.gather(&target, std::slice::from_ref(&profile));
    (report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH), evidence)
}

#[test]
fn a_client_that_has_a_secret_is_nobody_without_it() {
    let said = |slips: &'static [Slip], members| {
        let (run, evidence) = thorough(&Op { slips, members, ..Op::default() }, "proxmox");
        let outcome = of(&run, "token/secret-required");
        let message = outcome.findings().first().map(|f| f.message.clone()).unwrap_or_default();
        let sent = evidence.iter().filter(|(slot, _)| slot.id().starts_with("token:")).count();
        (outcome.word(), worst(outcome), message, sent)
    };
    const JWT: &str = r#""token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_jwt"],"#;
    let sound = said(&[], "");
    assert_eq!((sound.0, sound.3), ("pass", 8));
    assert_eq!(said(&[], JWT).3, 9, "under ten token requests, as politeness wants it");
    for (slip, members, words) in [
        (&[Slip::NoSecret][..], "", "without any secret"),
        (&[Slip::EmptySecret], "", "with an empty secret"),
        (&[Slip::Unsigned], JWT, "that nobody signed"),
    ] {
        let (word, effect, message, _) = said(slip, members);
        assert_eq!((word, effect), ("fail", Some(Effect::Unsafe)), "{slip:?}");
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(said(&[Slip::Unsigned], "").0, "pass", "the metadata knows no such method, so it is not asked");
    let code_first = thorough(&Op { tokens: Tokens::CodeFirst, ..Op::default() }, "proxmox").0;
    assert!(untold(&code_first, "token/secret-required"), "it answers everybody alike");
    assert_eq!(of(&run(&Op::default()), "token/secret-required").word(), "not-applicable", "it is not asked");
    let wrong = thorough(&Op { right_secret: false, ..Op::default() }, "proxmox").0;
    assert!(untold(&wrong, "token/secret-required"), "the secret is wrong, so there is no control");
}

#[test]
fn what_the_token_endpoint_does_not_know_does_no_harm() {
    let said = |slips: &'static [Slip], profile: &str| {
        let run = thorough(&Op { slips, public: profile == "incus", ..Op::default() }, profile).0;
        (of(&run, "token/extra-parameters").word(), worst(of(&run, "token/extra-parameters")))
    };
    for profile in ["proxmox", "incus"] {
        assert_eq!(said(&[], profile), ("pass", None), "{profile}");
        assert_eq!(said(&[Slip::StopsAtUnknown], profile), ("fail", Some(Effect::Degraded)), "{profile}");
    }
}

#[test]
fn a_token_request_of_a_wrong_form_is_refused() {
    let said = |slips: &'static [Slip], profile: &str| {
        let run = thorough(&Op { slips, public: profile == "incus", ..Op::default() }, profile).0;
        let outcome = of(&run, "token/malformed-refused");
        assert!(worst(outcome) <= Some(Effect::Untidy));
        assert_eq!(worst(of(&run, "token/error-format")), None, "405 needs no OAuth error");
        assert_eq!(worst(of(&run, "token/error-codes")), None);
        (outcome.word(), outcome.findings().iter().map(|f| f.message.clone()).collect::<Vec<_>>().join("; "))
    };
    for profile in ["proxmox", "incus"] {
        assert_eq!(said(&[], profile), ("pass", String::new()), "{profile}");
        assert_eq!(said(&[Slip::Get], profile).1, "the token endpoint takes a request by GET", "{profile}");
        assert_eq!(said(&[Slip::Twice], profile).1, "the token endpoint takes a request with two codes", "{profile}");
    }
    assert_eq!(said(&[Slip::Nameless], "incus").1, "the token endpoint takes a request without a client id");
    assert_eq!(said(&[Slip::Nameless], "proxmox").0, "pass", "a client with a secret is asked for with it");
}

#[test]
fn a_secret_that_can_be_guessed_is_told_and_not_shown() {
    let of_right = |secret: &str, right_secret| {
        let target = Target { secret_shape: SecretShape::of(secret), ..target() };
        let profile = Profile::by_id("proxmox").expect("a profile of this build");
        let evidence = Op { right_secret, ..Op::default() }.gather(&target, std::slice::from_ref(&profile));
        let run = report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
        let outcome = of(&run, "token/secret-strength");
        let findings = format!("{:?}", outcome.findings());
        assert!(!findings.contains(secret), "{findings}");
        (outcome.word(), worst(outcome))
    };
    let said = |secret: &str| of_right(secret, true);
    assert_eq!(of_right("proxmox", false).0, "not-applicable", "a refused one is another failure");
    for enough in [
        // As authentik, Keycloak, Google, Entra ID and a UUID are.
        "kVxJ3tDm8cQhPz1aYbN5RwE2uLs7GfTo",
        "GOCSPX-1mVb_9kQmNf2ZxTtR8yLq3WcE7",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "web-secret-for-loopback-only",
    ] {
        assert_eq!(said(enough), ("pass", None), "{enough}");
    }
    for short in ["kVxJ3tDm8cQhPz1a", "0f8fad5bd9cb469fa165"] {
        assert_eq!(said(short), ("fail", Some(Effect::Untidy)), "{short}");
    }
    for weak in ["proxmox", "secret123", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1234567890123456"] {
        assert_eq!(said(weak), ("fail", Some(Effect::Degraded)), "{weak}");
    }
    let hash = "$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$JNRBzwAo0ek5qKn50cFzzvE9RXV88h1wJn5KGiHrD0YKtZaR";
    assert_eq!(said(hash).0, "not-applicable", "it is the hash of one");
}
