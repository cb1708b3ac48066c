//! The page to which an authorization request leads, and documents that are asked for again or under another name.

#[path = "probing/provider.rs"]
#[allow(dead_code, reason = "the tests of the oracles use the rest")]
mod provider;
#[path = "probing/telling.rs"]
#[allow(dead_code, reason = "the tests of the endpoints use the rest")]
mod telling;

use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::Response;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report;
use oidcheck_checks::target::{Depth, Target};
use provider::{APP, ISSUER, Op, Silent, json, page, with};
use telling::{answers, judge, told, word};

#[test]
fn a_login_page_that_anybody_may_frame_is_told() {
    let told = |headers: &[(&str, &str)]| {
        let answer = headers.iter().fold(page(200, None, "<form>"), |page, (name, value)| with(page, name, value));
        let op = answers("", &[("authorize-hop:page-", answer)]);
        word(&told(&op, "generic", "authorize/no-framing"))
    };
    assert_eq!(told(&[("X-Frame-Options", "DENY")]), "pass");
    assert_eq!(told(&[("X-Frame-Options", "sameorigin")]), "pass");
    assert_eq!(told(&[("Content-Security-Policy", "default-src 'self'; frame-ancestors 'self'")]), "pass");
    assert_eq!(told(&[("Content-Security-Policy", "default-src 'self'"), ("X-Frame-Options", "DENY")]), "pass");
    assert_eq!(told(&[]), "degraded");
    assert_eq!(told(&[("X-Frame-Options", "ALLOW-FROM https://app.example.com")]), "degraded");
    assert_eq!(told(&[("Content-Security-Policy", "frame-ancestors *"), ("X-Frame-Options", "DENY")]), "degraded");
    assert_eq!(told(&[("Content-Security-Policy-Report-Only", "frame-ancestors 'none'")]), "degraded");
    assert_eq!(told(&[("Content-Security-Policy", "frame-ancestors https:")]), "degraded");
}

#[test]
fn a_provider_that_says_something_else_the_next_time_is_told() {
    let told = |depth, answers: &[(&'static str, Response)]| {
        let client_id = Some("app".into());
        let target =
            Target { typed: ISSUER.into(), client_id, redirect_uris: vec![APP.into()], depth, ..Target::default() };
        let profile = Profile::by_id("generic").expect("a profile of this build");
        let evidence =
            Op { answers: answers.to_vec(), ..Op::default() }.gather(&target, std::slice::from_ref(&profile));
        let run = report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
        let outcome = run.outcomes.into_iter().find(|o| o.check.id == "discovery/steady").expect("selected");
        (word(&outcome), outcome.findings().first().map(|f| f.message.clone()).unwrap_or_default())
    };
    let standard = |name, answer| told(Depth::Standard, &[(name, answer)]);
    assert_eq!(told(Depth::Standard, &[]).0, "pass");
    assert_eq!(told(Depth::Quick, &[("metadata:again", json(503, ""))]).0, "not-applicable");
    let (word, message) = standard("metadata:again", json(200, r#"{"issuer":"https://node2.example.net"}"#));
    assert!(word == "degraded" && message.starts_with("issuer is another one"), "{word}: {message}");
    let (word, message) = standard("metadata:again", json(502, "<html>"));
    assert!(word == "degraded" && message.contains("cannot be had every time"), "{word}: {message}");
    let (word, message) = standard("metadata:keys-again", json(200, r#"{"keys":[{"kty":"RSA","kid":"other"}]}"#));
    assert!(word == "degraded" && message.contains("other keys"), "{word}: {message}");
}

#[test]
fn where_the_login_page_sends_the_password_is_told() {
    let told = |form: &'static str| {
        let op = answers("", &[("authorize-hop:page-", page(200, None, form))]);
        word(&told(&op, "generic", "authorize/password-form"))
    };
    assert_eq!(told("<form method=post action=/login><input type=password></form>"), "pass");
    assert_eq!(told("<form method=post action='http://login.example.net/'><input type=password></form>"), "unsafe");
    assert_eq!(told("<form method=post action='http://127.0.0.1:9/'><input type=password></form>"), "pass");
    assert_eq!(told("<form method=get><input name=u><input type='password'></form>"), "degraded");
    // A script sends it, and a search is no login.
    assert_eq!(told("<form><input type=password></form>"), "pass");
    assert_eq!(told("<form method=get action='http://search.example.net/'><input name=q></form>"), "not-applicable");
    assert_eq!(told("<div id=app></div>"), "not-applicable");
}

#[test]
fn the_way_to_the_login_page_stays_inside_the_provider() {
    let told =
        |answer| word(&told(&answers("", &[("authorize-hop:page-1", answer)]), "generic", "authorize/no-framing"));
    assert_eq!(told(page(302, Some("https://elsewhere.example.net/login".into()), "")), "inconclusive");
    assert_eq!(told(page(400, None, "no session")), "inconclusive");
    assert_eq!(told(page(302, Some("/step".into()), "")), "pass", "the page behind it");
    let code = Op { silent: Silent::Code, ..Op::default() };
    assert_eq!(word(&self::told(&code, "generic", "authorize/no-framing")), "not-applicable");
    let (_, evidence) =
        judge(&answers("", &[("authorize-hop:page-", page(302, Some("/step".into()), ""))]), "generic", true);
    let hops = evidence.iter().filter(|(slot, _)| slot.id().starts_with("authorize-hop:page-")).count();
    assert_eq!(hops, 4, "it ends");
}

#[test]
fn the_login_page_keeps_its_address_to_itself() {
    let told = |policies: &[&str], body: &str| {
        let answer = page(200, None, body);
        let answer = policies.iter().fold(answer, |answer, policy| with(answer, "Referrer-Policy", policy));
        word(&told(&answers("", &[("authorize-hop:page-1", answer)]), "generic", "authorize/no-referrer"))
    };
    for safe in ["no-referrer", "same-origin", "strict-origin-when-cross-origin", "unsafe-url, no-referrer", "nonsense"]
    {
        assert_eq!(told(&[safe], ""), "pass", "{safe}");
    }
    assert_eq!(told(&[], "<form>"), "pass", "browsers give away the host alone");
    for wide in ["unsafe-url", "no-referrer-when-downgrade", "no-referrer, unsafe-url", "unsafe-url, nonsense"] {
        assert_eq!(told(&[wide], ""), "untidy", "{wide}");
    }
    let meta = r#"<head><META NAME="referrer" CONTENT="unsafe-url"></head>"#;
    assert_eq!(told(&["no-referrer"], meta), "untidy", "the page goes before the header");
    assert_eq!(told(&["unsafe-url"], r#"<meta content="no-referrer" name=referrer>"#), "pass");
    assert_eq!(told(&["no-referrer"], r#"<meta name="description" content="unsafe-url">"#), "pass");
    let code = Op { silent: Silent::Code, any_client: true, ..Op::default() };
    assert_eq!(word(&self::told(&code, "generic", "authorize/no-referrer")), "not-applicable");
}

#[test]
fn a_host_that_anybody_can_name_is_not_believed() {
    let told = |depth, answers: Vec<(&'static str, Response)>| {
        let target = Target {
            typed: ISSUER.into(),
            client_id: Some("app".into()),
            redirect_uris: vec![APP.into()],
            depth,
            ..Target::default()
        };
        let profile = Profile::by_id("generic").expect("a profile of this build");
        let evidence = Op { answers, ..Op::default() }.gather(&target, std::slice::from_ref(&profile));
        let named =
            evidence.iter().filter(|(_, e)| e.request.headers.iter().any(|(name, _)| name == "X-Forwarded-Host"));
        let named = named.count();
        let run = report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
        let outcome = run.outcomes.into_iter().find(|o| o.check.id == "endpoints/forwarded-host").expect("selected");
        (word(&outcome), outcome.findings().len(), named)
    };
    assert_eq!(told(Depth::Standard, vec![]), ("not-applicable", 0, 0));
    assert_eq!(told(Depth::Thorough, vec![]), ("pass", 0, 2));
    let poisoned = json(200, r#"{"issuer":"https://oidcheck.invalid","jwks_uri":"https://idp.example.com/jwks"}"#);
    assert_eq!(told(Depth::Thorough, vec![("metadata:", poisoned.clone())]), ("degraded", 1, 2));
    let login = page(302, Some("https://oidcheck.invalid/login?client_id=app".into()), "");
    let both = vec![("metadata:", poisoned), ("authorize:forwarded-host:", login)];
    assert_eq!(told(Depth::Thorough, both), ("degraded", 2, 2));
    assert_eq!(
        told(Depth::Thorough, vec![("metadata:", page(403, None, "no"))]),
        ("pass", 0, 2),
        "nothing is believed"
    );
}
