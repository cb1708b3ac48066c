//! A recording comes back as it was.

use super::{Recording, from_har, to_har};
use oidcheck_checks::evidence::{
    CorsTarget, Distrust, DistrustKind, Evidence, Exchange, Hop, Older, Request, Response, Slot, Tls, TransportError,
};
use oidcheck_checks::target::Target;
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[ -~]{1,20}", ".{1,8}"]
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::vec((text(), text()), 0..4)
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![proptest::collection::vec(any::<u8>(), 0..40), text().prop_map(String::into_bytes)]
}

fn outcome() -> impl Strategy<Value = Result<Response, TransportError>> {
    let limits = (any::<Option<u32>>(), any::<Option<u32>>());
    let answer = (text(), text(), any::<u16>(), pairs(), bytes(), limits).prop_map(
        |(url, version, status, headers, body, (encoded_len, cut_at))| {
            let size = |n: Option<u32>| n.map(|n| n as usize);
            Ok(Response { url, version, status, headers, body, encoded_len: size(encoded_len), cut_at: size(cut_at) })
        },
    );
    let failure = prop_oneof![
        text().prop_map(TransportError::Dns),
        text().prop_map(TransportError::Redirects),
        any::<u64>().prop_map(TransportError::Timeout),
        any::<u64>().prop_map(TransportError::Deadline),
    ];
    prop_oneof![answer, failure.prop_map(Err)]
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let request = (prop_oneof![Just("GET"), Just("OPTIONS"), Just("POST")], text(), pairs())
        .prop_map(|(method, url, headers)| Request { headers, ..Request::new(method, url) });
    let hops = proptest::collection::vec(
        (text(), any::<u16>(), text()).prop_map(|(url, status, location)| Hop { url, status, location }),
        0..3,
    );
    let distrust = (prop_oneof![Just(DistrustKind::Expired), Just(DistrustKind::WrongName)], text())
        .prop_map(|(kind, text)| Distrust { kind, text });
    let older = prop_oneof![Just(Older::Refused), text().prop_map(Older::Spoken)];
    let chain = proptest::collection::vec(bytes(), 0..3);
    let tls = (text(), chain, proptest::option::of(distrust), proptest::option::of(older))
        .prop_map(|(server_name, chain, distrust, older)| Tls { server_name, chain, distrust, older });
    let started = (0i64..4_000_000_000, 0i32..1_000_000_000);
    (request, outcome(), hops, proptest::option::of(tls), started, any::<u64>()).prop_map(
        |(request, outcome, hops, tls, (second, nano), elapsed_ms)| {
            let started = jiff::Timestamp::new(second, nano).expect("in range");
            Exchange { request, outcome, hops, tls, started, elapsed_ms }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_recording_comes_back_as_it_was(
        a in exchange(), b in exchange(), c in exchange(),
        issuer in text(), app_url in proptest::option::of(text()), profiles in proptest::collection::vec(text(), 0..3),
        at in "https://[a-z]{1,5}/[:/a-z]{0,5}",
    ) {
        let mut evidence = Evidence::default();
        evidence.record(Slot::Discovery, a);
        evidence.record(Slot::DiscoveryAt(at), b.clone());
        evidence.record(Slot::Jwks, b);
        evidence.record(Slot::Cors(CorsTarget::Token), c);
        let target = Target { typed: issuer, app_url, client_id: None, ..Target::default() };
        let recording = Recording { target, profiles, started: jiff::Timestamp::UNIX_EPOCH, evidence };
        let har = to_har(&recording);
        let back = from_har("x.har", &har).expect("reads");
        prop_assert_eq!(to_har(&back), har);
        prop_assert_eq!(back, recording);
    }
}

#[test]
fn what_is_broken_is_named_with_its_place() {
    let recording = Recording {
        target: Target { typed: "https://op.example".into(), app_url: None, client_id: None, ..Target::default() },
        profiles: Vec::new(),
        started: jiff::Timestamp::UNIX_EPOCH,
        evidence: Evidence::default(),
    };
    let good = to_har(&recording);
    let fail = |text: &str| from_har("x.har", text).expect_err("broken").to_string();
    let later = good.replace("\"recording\": 1", "\"recording\": 9");
    assert!(fail(&later).starts_with("x.har:9:"), "{}", fail(&later));
    assert!(fail(&later).contains("recording version 9"), "{}", fail(&later));
    assert!(fail("{\"log\": {").starts_with("x.har:1:9: EOF"), "{}", fail("{\"log\": {"));
    assert!(
        fail("{\"log\": {\"version\": \"1.2\", \"creator\": {\"name\": \"b\", \"version\": \"1\"}, \"entries\": []}}")
            .contains("missing field `_oidcheck`")
    );
}
