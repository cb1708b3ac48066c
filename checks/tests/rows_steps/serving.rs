//! Steps in what stands around the documents.

use super::{Row, Step, change, seen};
use crate::faults;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oidcheck_checks::evidence::{Evidence, Response, Slot};
use oidcheck_checks::verdict::Effect::{Degraded, LoginFails, Untidy};

/// Certificates made once for this test: an intermediate that runs out three days after the evidence was gathered, and
/// a root that did so a month before.
const INTERMEDIATE: &str = "MIIBEjCBuaADAgECAgEHMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBHJvb3QwHhcNMjUxMjA0MDAwMDAwWhcNMjYxMjA0MDAwMDAwWjAXMRUwEwYDVQQD\
DAxpbnRlcm1lZGlhdGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASwkBXO/L590t+1v+DnY8x1skBU0Yszc8WZHQb64/OBfShJ1K9QpWs2dr7yZUg3\
N2zxiDyRmhwi8eEOCPA4L+CLMAoGCCqGSM49BAMCA0gAMEUCIBZOLDWjQ11dUTDe9fRUiXTJE8cqHD8nE63dGCBUDU5FAiEAg0PA3BGuZmsXGmxfSsoA\
i8IrdrWpFvAPxHDUDlTtyOA=";
const ROOT: &str = "MIIBCjCBsaADAgECAgEHMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBHJvb3QwHhcNMTYxMjA0MDAwMDAwWhcNMjYxMTA0MDAwMDAwWjAPMQ0wCwYDVQQD\
DARyb290MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsJAVzvy+fdLftb/g52PMdbJAVNGLM3PFmR0G+uPzgX0oSdSvUKVrNna+8mVINzds8Yg8kZoc\
IvHhDgjwOC/gizAKBggqhkjOPQQDAgNIADBFAiEAgEO1AYQFBZLMU8GodZL/xTHoCOQQzazeIQDMgR1KaTUCIC5g6UXKJeK/ZrPp5InvqIufCviF5W/w\
4UUGt2req1ix";

pub(crate) fn rows() -> Vec<Row> {
    [clocks(), headers(), certificates()].into_iter().flatten().collect()
}

fn response<'e>(evidence: &'e mut Evidence, slot: &Slot) -> &'e mut Response {
    evidence.get_mut(slot).and_then(|exchange| exchange.outcome.as_mut().ok()).expect("it came")
}

/// A header of an answer with that value and no other.
fn header(slot: Slot, name: &'static str, value: &'static str) -> Step {
    headers_of(slot, vec![(name, value.to_owned())])
}

fn headers_of(slot: Slot, sent: Vec<(&'static str, String)>) -> Step {
    seen(&format!("{}: {sent:?}", slot.id()), move |evidence| {
        let headers = &mut response(evidence, &slot).headers;
        for (name, value) in &sent {
            headers.retain(|(there, _)| !there.eq_ignore_ascii_case(name));
            headers.push(((*name).to_owned(), value.clone()));
        }
    })
}

/// The metadata with a date that is so many seconds ahead, after so many seconds in a cache.
fn dated(ahead: i64, age: Option<i64>) -> Step {
    let at = faults::now() + jiff::SignedDuration::from_secs(ahead - age.unwrap_or_default());
    let mut sent = vec![("Date", at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())];
    sent.extend(age.map(|age| ("Age", age.to_string())));
    headers_of(Slot::Discovery, sent)
}

fn clocks() -> Vec<Row> {
    vec![Row {
        check: "http/clock",
        fails: vec![
            ("library:golang-jwt", Degraded, dated(10, None)),
            ("library:golang-jwt", LoginFails, dated(400, None)),
            ("library:authlib", Degraded, dated(150, None)),
            ("library:social-auth-core", LoginFails, dated(-700, None)),
            ("xen-orchestra", Untidy, dated(400, None)),
            ("proxmox", Untidy, dated(-90, None)),
        ],
        silent: vec![
            ("library:golang-jwt", dated(2, None)),
            ("library:golang-jwt", dated(-30, None)),
            ("library:authlib", dated(50, None)),
            ("xen-orchestra", dated(30, None)),
            // A copy from a cache is old, and says so.
            ("proxmox", dated(0, Some(3_000))),
            ("proxmox", header(Slot::Discovery, "Date", "yesterday")),
        ],
    }]
}

fn headers() -> Vec<Row> {
    let aged = vec![("Cache-Control", "public, max-age=604800".to_owned()), ("Age", "7200".to_owned())];
    let charset = |name: &str, body: fn(&str) -> Vec<u8>| {
        change(name, move |p| {
            p.discovery.content_type = Some("application/json; charset=ISO-8859-1");
            p.discovery.bytes = body;
        })
    };
    vec![
        Row {
            check: "http/caching",
            fails: vec![
                ("proxmox", Untidy, header(Slot::Jwks, "Cache-Control", "max-age=604800")),
                ("proxmox", Degraded, headers_of(Slot::Jwks, aged)),
                ("generic", Untidy, header(Slot::Discovery, "Cache-Control", "public, S-MaxAge=\"2592000\"")),
            ],
            silent: vec![
                ("proxmox", header(Slot::Jwks, "Cache-Control", "max-age=86400, must-revalidate")),
                ("proxmox", header(Slot::Discovery, "Cache-Control", "no-store")),
                // It never fetches the keys.
                ("xen-orchestra", header(Slot::Jwks, "Cache-Control", "max-age=604800")),
            ],
        },
        Row {
            check: "http/charset",
            fails: vec![
                ("generic", Untidy, charset("another charset", |text| text.as_bytes().to_vec())),
                (
                    "generic",
                    Degraded,
                    charset("another charset and an umlaut", |text| {
                        text.replacen('{', "{\"x_name\":\"Über\",", 1).into_bytes()
                    }),
                ),
            ],
            silent: vec![
                ("generic", header(Slot::Discovery, "Content-Type", "application/json; Charset=\"UTF-8\"")),
                ("generic", header(Slot::Jwks, "Content-Type", "application/json;charset=utf-8")),
            ],
        },
        Row {
            check: "http/strict-transport",
            fails: vec![
                ("generic", Untidy, header(Slot::Discovery, "Strict-Transport-Security", "max-age=0")),
                ("generic", Untidy, header(Slot::Discovery, "Strict-Transport-Security", "includeSubDomains")),
            ],
            silent: vec![
                ("generic", Step::default()),
                ("generic", header(Slot::Discovery, "Strict-Transport-Security", "max-age=300; includeSubDomains")),
            ],
        },
    ]
}

fn certificates() -> Vec<Row> {
    let sent = |name: &str, slot: Slot, certificate: &'static str| {
        seen(name, move |evidence| {
            let tls = evidence.get_mut(&slot).and_then(|exchange| exchange.tls.as_mut()).expect("it came over TLS");
            tls.chain.push(STANDARD.decode(certificate).expect("base64"));
        })
    };
    vec![Row {
        check: "tls/chain-days-left",
        fails: vec![
            ("proxmox", Degraded, sent("an intermediate that runs out", Slot::Discovery, INTERMEDIATE)),
            ("proxmox", Degraded, sent("one at the host of the keys", Slot::Jwks, INTERMEDIATE)),
            ("xen-orchestra", Untidy, sent("one at the host of the keys", Slot::Jwks, INTERMEDIATE)),
        ],
        silent: vec![("proxmox", sent("a root that ran out", Slot::Discovery, ROOT)), ("proxmox", Step::default())],
    }]
}
