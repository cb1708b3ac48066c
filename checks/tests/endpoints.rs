//! The endpoints that know no person: what real products were seen to answer there, and what it means.

#[path = "probing/provider.rs"]
#[allow(dead_code, reason = "the tests of the oracles use the rest")]
mod provider;
#[path = "probing/telling.rs"]
mod telling;

use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::{Evidence, Response};
use oidcheck_checks::profile::{Choices, Profile};
use oidcheck_checks::report::{self, Run};
use oidcheck_checks::target::{Depth, Target};
use oidcheck_checks::verdict::Effect;
use provider::{APP, ISSUER, Op, json, page, with};
use telling::{ORIGIN, answers, judge, told, word};

const INTROSPECTION: &str = r#""introspection_endpoint":"https://idp.example.com/introspect","#;
const REVOCATION: &str = r#""revocation_endpoint":"https://idp.example.com/revoke","#;
const LOGOUT: &str = r#""end_session_endpoint":"https://idp.example.com/logout","#;

#[test]
fn introspection_is_closed_open_or_unclear() {
    let told = |answer| {
        word(&told(&answers(INTROSPECTION, &[("introspection:", answer)]), "generic", "endpoints/introspection-closed"))
    };
    // Authelia and Keycloak; oauth2-mock-server; Dex and authentik.
    assert_eq!(told(json(401, r#"{"error":"request_unauthorized"}"#)), "pass");
    assert_eq!(told(json(400, r#"{"error":"invalid_client"}"#)), "pass");
    assert_eq!(told(json(200, r#"{"active":false}"#)), "untidy");
    assert_eq!(told(json(404, "")), "untidy");
    assert_eq!(told(json(503, "")), "inconclusive");
    assert_eq!(told(page(302, Some("/login".into()), "")), "inconclusive");
    let (_, evidence) = judge(&Op::default(), "generic", true);
    assert!(evidence.iter().all(|(slot, _)| !slot.id().starts_with("introspection")), "nothing is asked unannounced");
}

#[test]
fn revocation_takes_the_client_and_asks_for_its_secret() {
    let told = |given, anonymous| {
        let op = answers(REVOCATION, &[("revocation:given", given), ("revocation:anonymous", anonymous)]);
        word(&told(&op, "generic", "endpoints/revocation"))
    };
    let refused = || json(401, r#"{"error":"invalid_client"}"#);
    assert_eq!(told(json(200, ""), refused()), "pass");
    assert_eq!(told(json(200, ""), json(200, "")), "untidy");
    assert_eq!(told(refused(), refused()), "untidy", "the token endpoint took the secret");
    // Keycloak says so with status 200.
    assert_eq!(told(json(200, r#"{"error":"invalid_token"}"#), refused()), "untidy");
    assert_eq!(told(json(503, ""), refused()), "inconclusive");
    let mut op = answers(REVOCATION, &[("revocation:", refused())]);
    op.right_secret = false;
    assert_eq!(word(&self::told(&op, "generic", "endpoints/revocation")), "inconclusive", "the secret is wrong");
    assert_eq!(
        word(
            &judge(&answers(REVOCATION, &[("revocation:", refused())]), "generic", false)
                .0
                .outcomes
                .into_iter()
                .find(|o| o.check.id == "endpoints/revocation")
                .unwrap()
        ),
        "not-applicable"
    );
    let public = |answer| {
        let op = Op {
            public: true,
            ..answers(
                REVOCATION,
                &[
                    ("revocation:", answer),
                    ("cors:revocation", with(json(200, ""), "Access-Control-Allow-Origin", ORIGIN)),
                ],
            )
        };
        word(&self::told(&op, "netbird", "endpoints/revocation"))
    };
    assert_eq!(public(json(200, "")), "pass");
    assert_eq!(public(refused()), "inconclusive");
}

#[test]
fn the_secret_is_sent_with_one_revocation_alone() {
    let (_, evidence) = judge(&answers(REVOCATION, &[("revocation:", json(200, ""))]), "generic", true);
    let sent: Vec<_> = evidence.iter().filter(|(slot, _)| slot.id().starts_with("revocation:")).collect();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent.iter().filter(|(_, e)| e.request.auth.is_some()).count(), 1);
}

#[test]
fn a_logout_that_redirects_anywhere_is_an_open_redirector() {
    let told = |foreign, with_client| {
        let op = answers(LOGOUT, &[("end-session:foreign-client", with_client), ("end-session:foreign", foreign)]);
        word(&told(&op, "generic", "endpoints/no-logout-bounce"))
    };
    let there = || page(302, Some("https://oidcheck.invalid/callback?state=oidcheck-logout".into()), "");
    let refused = || page(400, None, "Missing parameters: id_token_hint");
    // Keycloak as it should be, and with a wildcard; Zitadel; Hydra; authentik.
    assert_eq!(told(refused(), refused()), "pass");
    assert_eq!(told(refused(), there()), "degraded");
    assert_eq!(told(there(), refused()), "degraded");
    assert_eq!(told(page(302, Some("/logged-out".into()), ""), refused()), "pass");
    let kept = "/flows/x/?next=%2Fend-session%2F%3Fpost_logout_redirect_uri%3Dhttps%253A%252F%252Foidcheck.invalid";
    assert_eq!(told(page(302, Some(kept.into()), ""), page(302, Some(kept.into()), "")), "pass");
    let refresh = r#"<meta http-equiv="refresh" content="0;url=https://oidcheck.invalid/callback">"#;
    assert_eq!(told(page(200, None, refresh), refused()), "degraded");
    let asks = r#"<a href="https://oidcheck.invalid/callback">log out</a>"#;
    assert_eq!(told(page(200, None, asks), refused()), "inconclusive");
    assert_eq!(told(page(200, None, "Do you want to log out?"), refused()), "pass");
    assert_eq!(told(page(500, None, ""), refused()), "inconclusive");
}

#[test]
fn a_logout_endpoint_that_is_not_there_is_told_once() {
    let told = |profile, answer: fn() -> Response| {
        let op = Op { public: profile == "netbird", ..answers(LOGOUT, &[("end-session:", answer())]) };
        let run = judge(&op, profile, profile != "netbird").0;
        let word = |id: &str| word(run.outcomes.iter().find(|o| o.check.id == id).expect("selected"));
        [word("endpoints/logout-reachable"), word("endpoints/no-logout-bounce"), word("endpoints/logout-returns")]
    };
    let gone = || page(404, None, "<h1>Not Found</h1>");
    assert_eq!(told("generic", gone), ["untidy", "inconclusive", "not-applicable"]);
    assert_eq!(told("netbird", gone), ["degraded", "inconclusive", "inconclusive"], "it sends people there");
    assert_eq!(told("generic", || page(405, None, "")), ["untidy", "inconclusive", "not-applicable"]);
    assert_eq!(told("generic", || page(500, None, "oops")), ["untidy", "inconclusive", "not-applicable"]);
    // A server in trouble is another matter, and so is a refusal that gives its reason.
    assert_eq!(told("generic", || page(503, None, ""))[0], "inconclusive");
    let reason = || json(404, r#"{"error":"invalid_request","error_description":"unknown client"}"#);
    assert_eq!(told("generic", reason), ["pass", "pass", "not-applicable"]);
    assert_eq!(told("generic", || page(400, None, "no"))[0], "pass");
    assert_eq!(told("generic", || page(302, Some("/login".into()), ""))[0], "pass");
    // One answer that is no dead end shows that it is there.
    let mixed =
        answers(LOGOUT, &[("end-session:foreign-client", page(404, None, "")), ("end-session:", page(200, None, ""))]);
    assert_eq!(word(&self::told(&mixed, "generic", "endpoints/logout-reachable")), "pass");
}

#[test]
fn userinfo_takes_no_text_for_a_token() {
    let refused = || with(json(401, "{}"), "WWW-Authenticate", "Bearer");
    let told = |anonymous, invented| {
        let op = answers("", &[("userinfo:anonymous", anonymous), ("userinfo:invented", invented)]);
        told(&op, "generic", "endpoints/userinfo-closed")
    };
    let alice = || json(200, r#"{"sub":"alice"}"#);
    assert_eq!(word(&told(refused(), refused())), "pass");
    assert_eq!(word(&told(refused(), alice())), "unsafe");
    assert_eq!(word(&told(json(400, ""), alice())), "unsafe", "whatever it says to somebody without a token");
    assert_eq!(word(&told(refused(), json(403, ""))), "untidy");
    assert_eq!(word(&told(refused(), json(200, "{}"))), "untidy");
    assert_eq!(word(&told(refused(), json(503, ""))), "inconclusive");
    assert_eq!(told(json(403, ""), json(403, "")).findings().len(), 1, "one answer is told once");
    // Who answers everybody is not asked again, and neither is who is not there.
    for answer in [alice(), json(404, "")] {
        let (_, evidence) = judge(&answers("", &[("userinfo:anonymous", answer)]), "generic", true);
        assert!(evidence.iter().all(|(slot, _)| slot.id() != "userinfo:invented"));
    }
    let (_, evidence) = judge(&Op::default(), "generic", true);
    let asked = evidence.iter().find(|(slot, _)| slot.id() == "userinfo:invented").expect("it was asked").1;
    let sent = asked.request.headers.iter().find(|(name, _)| name == "Authorization").expect("a token");
    assert!(sent.1.starts_with("Bearer oidcheck-dead-"), "it says by whom it was invented");
}

#[test]
fn a_logout_leads_back_where_the_provider_tells() {
    let told = |wanted, foreign| {
        let op =
            Op { public: true, ..answers(LOGOUT, &[("end-session:wanted", wanted), ("end-session:foreign", foreign)]) };
        word(&told(&op, "netbird", "endpoints/logout-returns"))
    };
    let bad = || page(400, None, "Invalid redirect uri");
    let hint = || page(400, None, "post_logout_redirect_uri requires id_token_hint");
    let back = || page(302, Some("https://app.example.com/?state=oidcheck-logout".into()), "");
    assert_eq!(told(back(), bad()), "pass");
    assert_eq!(told(page(200, None, "Do you want to log out?"), bad()), "pass");
    assert_eq!(told(bad(), bad()), "degraded");
    assert_eq!(told(hint(), hint()), "inconclusive");
    assert_eq!(told(page(302, Some("/login".into()), ""), page(302, Some("/login".into()), "")), "inconclusive");
    let generic = self::told(&answers(LOGOUT, &[("end-session:", bad())]), "generic", "endpoints/logout-returns");
    assert_eq!(word(&generic), "not-applicable");
}

#[test]
fn a_logout_leads_to_no_variant_of_the_address() {
    const BACK: &str = "https://app.example.com/?state=oidcheck-logout";
    let told = |depth, wanted: &str, longer: Response| {
        let wanted = page(302, Some(wanted.into()), "");
        let refused = page(400, None, "Invalid redirect uri");
        let answers = vec![("end-session:longer", longer), ("end-session:wanted", wanted), ("end-session:", refused)];
        let op = Op { members: LOGOUT, public: true, answers, ..Op::default() };
        let target = Target {
            typed: ISSUER.into(),
            app_url: Some(ORIGIN.into()),
            client_id: Some("app".into()),
            depth,
            ..Target::default()
        };
        let profile = Profile::by_id("netbird").expect("a profile of this build");
        let evidence = op.gather(&target, std::slice::from_ref(&profile));
        let run = report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
        word(run.outcomes.iter().find(|o| o.check.id == "endpoints/logout-exact").expect("selected"))
    };
    let thorough = |wanted, longer| told(Depth::Thorough, wanted, longer);
    let refused = || page(400, None, "Invalid redirect uri");
    let there = |to: &str| page(302, Some(to.into()), "");
    assert_eq!(thorough(BACK, refused()), "pass");
    assert_eq!(thorough(BACK, there("/logged-out")), "pass");
    assert_eq!(thorough(BACK, there(BACK)), "pass", "the registered one in its place");
    assert_eq!(thorough(BACK, there("https://app.example.com/?oidcheck=1&state=oidcheck-logout")), "untidy");
    assert_eq!(thorough(BACK, page(503, None, "")), "inconclusive");
    assert_eq!(thorough("/login", refused()), "not-applicable", "it does not come back at once");
    assert_eq!(told(Depth::Standard, BACK, refused()), "not-applicable");
}

const CODE: &str = r#"{"device_code":"REDACTED","user_code":"REDACTED","verification_uri":"https://idp.example.com/d","verification_uri_complete":"https://idp.example.com/d?c=x","expires_in":600,"interval":5}"#;

#[test]
fn the_page_for_the_device_code_has_to_be_there() {
    let op = |answer| Op { device: Some((200, CODE)), public: true, ..answers("", &[("device:page", answer)]) };
    let told = |answer| word(&told(&op(answer), "incus", "endpoints/device-page"));
    assert_eq!(told(page(200, None, "<form>")), "pass");
    assert_eq!(told(page(302, Some("/login".into()), "")), "pass");
    assert_eq!(told(page(404, None, "")), "login-fails");
    assert_eq!(told(page(503, None, "")), "inconclusive");
    let refused = Op { device: Some((400, r#"{"error":"unauthorized_client"}"#)), public: true, ..Op::default() };
    let outcome = self::told(&refused, "incus", "endpoints/device-page");
    assert_eq!(word(&outcome), "inconclusive", "endpoints/device-flow says why");
}

#[test]
fn a_device_flow_has_numbers_time_and_a_client_that_counts() {
    let op = |from: &str, to: &str| {
        let body: &'static str = Box::leak(CODE.replace(from, to).into_boxed_str());
        Op { device: Some((200, body)), public: true, ..Op::default() }
    };
    let told = |op: &Op| word(&told(op, "incus", "endpoints/device-flow"));
    assert_eq!(told(&op("600", "600")), "pass");
    assert_eq!(told(&op("600", "60")), "degraded", "authentik as it comes");
    assert_eq!(told(&op(":5", r#":"5""#)), "degraded");
    // Dex gives a code to whoever asks.
    let anybody = Op { answers: vec![("device:unknown-client", json(200, CODE))], ..op("600", "600") };
    assert_eq!(told(&anybody), "inconclusive");
}

#[test]
fn the_device_flow_is_asked_for_as_the_application_asks() {
    let op = Op { device: Some((200, CODE)), public: true, ..Op::default() };
    let forms = |profile: Profile| -> Vec<String> {
        let (client_id, redirect_uris) = (Some("app".into()), vec![APP.into()]);
        let target = Target { typed: ISSUER.into(), client_id, redirect_uris, ..Target::default() };
        let evidence = op.gather(&target, std::slice::from_ref(&profile));
        let asked = evidence.iter().filter(|(slot, _)| slot.id().starts_with("device:"));
        asked.filter_map(|(_, exchange)| exchange.request.form.clone()).collect()
    };
    // As Incus 6.0.4 sends them; the control differs in the client alone.
    let fixed = "scope=openid%20offline_access%20email";
    let empty = "client_secret=&client_assertion=&client_assertion_type=";
    let incus = forms(Profile::by_id("incus").expect("a profile of this build"));
    assert_eq!(incus.len(), 2);
    for client in ["app", "oidcheck-unknown-client-4f1c"] {
        assert!(incus.contains(&format!("client_id={client}&{fixed}&{empty}")), "{incus:?}");
    }
    let settings = [("audience".to_owned(), "incus".to_owned())].into();
    let choices = Choices { settings, ..Choices::default() };
    let incus = forms(Profile::by_id_with("incus", &choices).expect("a profile").expect("its settings"));
    assert!(incus.contains(&format!("client_id=app&{fixed}&audience=incus&{empty}")), "{incus:?}");

    // Who minds the empty secret refuses that request.
    let minds = Op { device: Some((401, r#"{"error":"invalid_client"}"#)), ..op };
    let outcome = told(&minds, "incus", "endpoints/device-flow");
    assert_eq!(word(&outcome), "login-fails");
    assert!(outcome.findings()[0].remedy.as_ref().is_some_and(|text| text.contains("client_secret=")));
}

#[test]
fn an_audience_that_is_the_client_id_is_sent_as_such() {
    let (_, evidence) = judge(&Op { public: true, ..Op::default() }, "netbird", false);
    let audiences: Vec<_> = evidence.iter().filter_map(|(_, exchange)| exchange.request.query("audience")).collect();
    assert!(!audiences.is_empty() && audiences.iter().all(|audience| audience == "app"), "{audiences:?}");
}

#[test]
fn a_browser_reads_userinfo_only_after_its_preflight() {
    let allow = |answer: Response, origin: &str| with(answer, "Access-Control-Allow-Origin", origin);
    let preflight = || allow(with(json(200, ""), "Access-Control-Allow-Headers", "content-type, Authorization"), "*");
    let told = |preflight, real| {
        let op = Op { public: true, ..answers("", &[("userinfo:preflight", preflight), ("cors:userinfo", real)]) };
        word(&told(&op, "netbird", "cors/userinfo"))
    };
    assert_eq!(told(preflight(), allow(json(401, ""), ORIGIN)), "pass");
    // authentik's refusals have no such header, its answers have.
    assert_eq!(told(preflight(), json(401, "")), "inconclusive");
    assert_eq!(told(json(200, ""), allow(json(401, ""), ORIGIN)), "login-fails", "no origin is allowed");
    assert_eq!(
        told(allow(with(json(200, ""), "Access-Control-Allow-Headers", "*"), "*"), json(401, "")),
        "login-fails"
    );
    assert_eq!(told(Response { status: 405, ..preflight() }, json(401, "")), "login-fails");
    assert_eq!(word(&self::told(&Op::default(), "generic", "cors/userinfo")), "not-applicable");
}

#[test]
fn a_browser_reads_the_answer_to_a_revocation() {
    let told = |real: Response| {
        let op =
            Op { public: true, ..answers(REVOCATION, &[("cors:revocation", real), ("revocation:", json(200, ""))]) };
        word(&told(&op, "netbird", "cors/revocation"))
    };
    assert_eq!(told(with(json(200, ""), "Access-Control-Allow-Origin", ORIGIN)), "pass");
    assert_eq!(told(json(200, "")), "degraded");
    assert_eq!(told(json(401, "")), "inconclusive");
    let op = Op {
        public: true,
        ..answers(
            REVOCATION,
            &[("cors:", with(json(200, ""), "Access-Control-Allow-Origin", "*")), ("revocation:", json(200, ""))],
        )
    };
    let (_, evidence) = judge(&op, "netbird", false);
    let requests: Vec<_> =
        evidence.iter().filter(|(slot, _)| slot.id().contains("revocation")).map(|(_, e)| &e.request).collect();
    assert!(requests.len() == 2 && requests[0] == requests[1], "one request for both questions");
}

/// A run of a client with a secret, or without.
fn pushing(op: &Op, depth: Depth, has_secret: bool) -> (Run, Evidence) {
    let target = Target {
        typed: ISSUER.into(),
        client_id: Some("app".into()),
        redirect_uris: vec![APP.into()],
        has_secret,
        depth,
        ..Target::default()
    };
    let profile = Profile::by_id("generic").expect("a profile of this build");
    let evidence = op.gather(&target, std::slice::from_ref(&profile));
    let run = report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
    (run, evidence)
}

#[test]
fn a_pushed_request_is_looked_at_as_any_other() {
    const PAR: &str = r#""pushed_authorization_request_endpoint":"https://idp.example.com/par","#;
    let kept = || json(201, r#"{"request_uri":"urn:ietf:params:oauth:request_uri:x","expires_in":60}"#);
    let no = || json(400, r#"{"error":"invalid_request"}"#);
    let pushed = |depth, secret, expected: Response, foreign: Response, invented: Response| {
        let list = [("par:foreign-invented", invented), ("par:foreign", foreign), ("par:expected", expected)];
        let op = answers(PAR, &list);
        let (run, evidence) = pushing(&op, depth, secret);
        let told = run.outcomes.iter().find(|o| o.check.id == "redirect/pushed").map(word);
        (told, evidence.iter().filter(|(slot, _)| slot.id().starts_with("par:")).count())
    };
    let standard = |expected, foreign, invented| pushed(Depth::Standard, true, expected, foreign, invented);
    assert_eq!(standard(kept(), no(), no()), (Some("pass"), 2));
    assert_eq!(standard(kept(), kept(), no()), (Some("pass"), 3), "RFC 9126 section 2.4 allows it");
    assert_eq!(standard(kept(), kept(), kept()), (Some(Effect::Degraded.word()), 3));
    assert_eq!(standard(no(), no(), no()), (Some("inconclusive"), 1), "both are refused");
    assert_eq!(standard(kept(), page(400, None, "sorry"), no()), (Some("inconclusive"), 2), "a wall, perhaps");
    assert_eq!(standard(kept(), json(429, r#"{"error":"slow_down"}"#), no()), (Some("inconclusive"), 2));
    assert_eq!(standard(kept(), kept(), page(503, None, "")), (Some("inconclusive"), 3));
    assert_eq!(pushed(Depth::Quick, true, kept(), kept(), kept()), (Some("not-applicable"), 0));
    assert_eq!(pushed(Depth::Standard, false, kept(), kept(), kept()).1, 0, "without its secret nothing is pushed");
}

#[test]
fn the_address_of_a_pushed_request_is_measured() {
    const PAR: &str = r#""pushed_authorization_request_endpoint":"https://idp.example.com/par","#;
    let told = |uri: &str| {
        let kept = json(201, &format!(r#"{{"request_uri":"{uri}","expires_in":60}}"#));
        let op = answers(PAR, &[("par:foreign", json(400, r#"{"error":"invalid_request"}"#)), ("par:expected", kept)]);
        let (run, _) = pushing(&op, Depth::Standard, true);
        run.outcomes.iter().find(|o| o.check.id == "endpoints/pushed-uri").map(word)
    };
    assert_eq!(told("urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c"), Some("pass"));
    assert_eq!(told("urn:ietf:params:oauth:request_uri:1234567890123456789"), Some(Effect::Degraded.word()));
    assert_eq!(told("https://idp.example.com/pushed/77"), Some(Effect::Degraded.word()));
}
