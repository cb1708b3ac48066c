//! Faults of how the two documents are served: status, content type, redirects, bytes around the JSON, size, time.

use super::Fault;
use super::provider::{Redirects, Serving};
use serde_json::json;

const HTML: &str = "text/html";
const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(crate) fn faults() -> Vec<Fault> {
    let mut all = metadata_headers();
    all.extend(metadata_bytes());
    all.extend(key_set());
    all
}

/// A fault of how the metadata is served.
fn doc(id: &str, change: fn(&mut Serving)) -> Fault {
    Fault::seen(id, move |p| change(&mut p.discovery))
}

/// A fault of how the key set is served.
fn keys(id: &str, change: fn(&mut Serving)) -> Fault {
    Fault::seen(id, move |p| change(&mut p.keys))
}

fn metadata_headers() -> Vec<Fault> {
    vec![
        doc("doc-type-html", |s| s.content_type = Some(HTML)),
        doc("doc-type-plain", |s| s.content_type = Some("text/plain")),
        doc("doc-type-octet", |s| s.content_type = Some("application/octet-stream")),
        doc("doc-type-none", |s| s.content_type = None),
        doc("doc-type-charset", |s| s.content_type = Some("application/json;charset=UTF-8")),
        doc("doc-type-upper", |s| s.content_type = Some("Application/JSON")),
        doc("doc-type-hal", |s| s.content_type = Some("application/hal+json")),
        doc("doc-201", |s| s.status = 201),
        doc("doc-203", |s| s.status = 203),
        doc("doc-206", |s| s.status = 206),
        doc("doc-404", |s| {
            s.status = 404;
            s.content_type = Some(HTML);
            s.bytes = |_| b"<html>not found</html>".to_vec();
        }),
        doc("doc-500", |s| s.status = 500),
        doc("doc-redirect-slash", |s| s.redirects = Redirects::Slash),
        doc("doc-redirect-host", |s| s.redirects = Redirects::Host),
        doc("doc-redirect-http", |s| s.redirects = Redirects::Http),
        doc("doc-redirect-6", |s| s.redirects = Redirects::InARow(6)),
        doc("doc-redirect-12", |s| s.redirects = Redirects::InARow(12)),
        doc("doc-gzip", |s| s.gzip = true),
        doc("doc-slow-6s", |s| s.elapsed_ms = 6_012),
    ]
}

fn metadata_bytes() -> Vec<Fault> {
    vec![
        doc("doc-html", |s| {
            s.content_type = Some(HTML);
            s.bytes = |_| b"<!doctype html><html></html>".to_vec();
        }),
        doc("doc-empty", |s| s.bytes = |_| Vec::new()),
        doc("doc-array", |s| s.bytes = |text| format!("[{text}]").into_bytes()),
        doc("doc-bom", |s| s.bytes = |text| format!("{BYTE_ORDER_MARK}{text}").into_bytes()),
        doc("doc-dup-last-wrong", |s| s.bytes = |text| with_last(text, r#","issuer":"https://other.lab.test/op"}"#)),
        doc("doc-dup-first-wrong", |s| {
            s.bytes = |text| text.replacen('{', r#"{"issuer":"https://other.lab.test/op","#, 1).into_bytes();
        }),
        doc("doc-trailing", |s| s.bytes = |text| format!("{text}\n<!-- cached -->").into_bytes()),
        doc("doc-trailing-comma", |s| s.bytes = |text| with_last(text, ",}")),
        doc("doc-latin1", |s| {
            s.bytes = |text| {
                let mut bytes = with_last(text, r#","service_name":"caf"#);
                bytes.extend(b"\xe9\"}");
                bytes
            };
        }),
        doc("doc-2mb", |s| s.bytes = |text| with_padding(text, 2_000_000)),
        doc("doc-12mb", |s| s.bytes = |text| with_padding(text, 12_000_000)),
    ]
}

fn key_set() -> Vec<Fault> {
    vec![
        Fault::seen("jwks-empty", |p| p.jwks = json!({ "keys": [] })),
        Fault::seen("jwks-no-keys-member", |p| p.jwks = json!({})),
        Fault::seen("jwks-keys-object", |p| p.jwks = json!({ "keys": p.jwks["keys"][0] })),
        Fault::seen("jwks-bare-array", |p| p.jwks = p.jwks["keys"].take()),
        keys("jwks-404", |s| {
            s.status = 404;
            s.content_type = Some(HTML);
            s.bytes = |_| b"<html>not found</html>".to_vec();
        }),
        keys("jwks-500", |s| s.status = 500),
        keys("jwks-201", |s| s.status = 201),
        keys("jwks-html", |s| {
            s.content_type = Some(HTML);
            s.bytes = |_| b"<!doctype html><html></html>".to_vec();
        }),
        keys("jwks-type-html", |s| s.content_type = Some(HTML)),
        keys("jwks-type-plain", |s| s.content_type = Some("text/plain")),
        keys("jwks-type-none", |s| s.content_type = None),
        keys("jwks-type-jwkset", |s| s.content_type = Some("application/jwk-set+json")),
        keys("jwks-redirect", |s| s.redirects = Redirects::Slash),
        keys("jwks-bom", |s| s.bytes = |text| format!("{BYTE_ORDER_MARK}{text}").into_bytes()),
        keys("jwks-gzip", |s| s.gzip = true),
        keys("jwks-60kb", |s| s.bytes = |text| with_padding(text, 60_000)),
        keys("jwks-2mb", |s| s.bytes = |text| with_padding(text, 2_000_000)),
        keys("jwks-slow-1s", |s| s.elapsed_ms = 1_012),
        keys("jwks-slow-6s", |s| s.elapsed_ms = 6_012),
    ]
}

/// The text of an object with other text in the place of its last brace.
fn with_last(text: &str, last: &str) -> Vec<u8> {
    let open = text.strip_suffix('}').expect("the documents are objects");
    format!("{open}{last}").into_bytes()
}

fn with_padding(text: &str, length: usize) -> Vec<u8> {
    with_last(text, &format!(r#","x_pad":"{}"}}"#, "x".repeat(length)))
}
