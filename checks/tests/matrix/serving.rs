//! How the two documents are served: certificate, connection, status, headers, redirects, time, and the bytes around
//! the JSON.

use super::{Mutation, Of};
use oidcheck_checks::evidence::{CorsTarget, DistrustKind, Older, Slot, TransportError};
use oidcheck_checks::verdict::Effect::{Degraded, LoginFails, Unsafe, Untidy};
use serde_json::json;

const DOC: Slot = Slot::Discovery;
const KEYS: Slot = Slot::Jwks;
const CORS: Slot = Slot::Cors(CorsTarget::Discovery);
const PAGE: &[u8] = b"<!doctype html><title>Oops</title>";

pub(super) fn mutations() -> Vec<Mutation> {
    let mut all = certificate();
    all.extend(answer());
    all.extend(headers());
    all.extend(redirects());
    all.extend(time_and_size());
    all.extend(bytes());
    all.extend(cors());
    all
}

fn certificate() -> Vec<Mutation> {
    let trusted = Of("tls/certificate-trusted");
    let left = Of("tls/certificate-days-left");
    let old = Of("tls/old-protocols");
    vec![
        trusted.fails("generic", LoginFails, "expired", |w| w.distrust(DistrustKind::Expired)),
        trusted.fails("proxmox", LoginFails, "not yet valid", |w| w.distrust(DistrustKind::NotYetValid)),
        trusted.fails("incus", LoginFails, "for another name", |w| w.distrust(DistrustKind::WrongName)),
        trusted.fails("xen-orchestra", LoginFails, "unknown issuer", |w| w.distrust(DistrustKind::UnknownIssuer)),
        trusted.fails("netbird", LoginFails, "revoked", |w| w.distrust(DistrustKind::Revoked)),
        trusted.fails("virtuozzo", LoginFails, "anything else", |w| w.distrust(DistrustKind::Other)),
        trusted.fails("generic", LoginFails, "of the key set alone", |w| {
            let tls = w.tls(&KEYS);
            tls.server_name = "keys.lab.test".into();
            tls.distrust = Some(oidcheck_checks::evidence::Distrust { kind: DistrustKind::Other, text: "no".into() });
        }),
        left.fails("generic", Degraded, "three days before its end", |w| {
            w.now = "2036-11-20T00:00:00Z".parse().expect("RFC 3339");
        }),
        old.fails("generic", Degraded, "TLS 1.0 beside the new ones", |w| {
            w.tls(&DOC).older = Some(Older::Spoken("TLS 1.0".into()));
        }),
    ]
}

fn answer() -> Vec<Mutation> {
    let doc = Of("discovery/reachable");
    let keys = Of("jwks/reachable");
    vec![
        doc.fails("generic", LoginFails, "status 404 and a page", |w| {
            w.status(&DOC, 404);
            w.body(&DOC, |_| PAGE.to_vec());
            w.header(&DOC, "Content-Type", Some("text/html"));
        }),
        doc.fails("generic", LoginFails, "status 503", |w| w.status(&DOC, 503)),
        doc.fails("generic", LoginFails, "status 201", |w| w.status(&DOC, 201)),
        doc.fails("generic", LoginFails, "no name", |w| w.no_answer(&DOC, TransportError::Dns("no such name".into()))),
        doc.fails("proxmox", LoginFails, "refused", |w| w.no_answer(&DOC, TransportError::Refused("it".into()))),
        doc.fails("incus", LoginFails, "no answer in time", |w| w.no_answer(&DOC, TransportError::Timeout(10))),
        doc.fails("netbird", LoginFails, "redirects in a circle", |w| {
            w.no_answer(&DOC, TransportError::Redirects("redirects go in a circle".into()));
        }),
        doc.fails("xen-orchestra", LoginFails, "a broken compression", |w| {
            w.no_answer(&DOC, TransportError::Encoding("gzip".into()));
        }),
        doc.fails("generic", LoginFails, "no TLS on the port", |w| {
            w.exchange(&DOC).tls = None;
            w.no_answer(&DOC, TransportError::Tls("no TLS".into()));
        }),
        keys.fails("generic", LoginFails, "status 404 and a page", |w| {
            w.status(&KEYS, 404);
            w.body(&KEYS, |_| PAGE.to_vec());
            w.header(&KEYS, "Content-Type", Some("text/html"));
        })
        .also("jwks/json", "a library that does not look at the status takes the page for the set"),
        keys.fails("proxmox", LoginFails, "status 500", |w| w.status(&KEYS, 500)),
        keys.fails("proxmox", LoginFails, "status 201", |w| w.status(&KEYS, 201)),
        keys.fails("incus", LoginFails, "no answer in time", |w| w.no_answer(&KEYS, TransportError::Timeout(10))),
    ]
}

fn headers() -> Vec<Mutation> {
    let doc_type = Of("discovery/content-type");
    let keys_type = Of("jwks/content-type");
    let doc_gzip = Of("discovery/encoding");
    let keys_gzip = Of("jwks/encoding");
    vec![
        doc_type.fails("generic", LoginFails, "text/html", |w| w.header(&DOC, "Content-Type", Some("text/html"))),
        doc_type.fails("proxmox", LoginFails, "octet-stream", |w| {
            w.header(&DOC, "Content-Type", Some("application/octet-stream"));
        }),
        doc_type.fails("generic", Untidy, "no header", |w| w.header(&DOC, "Content-Type", None)),
        doc_type.fails("library:oidc-client-ts", LoginFails, "capital letters", |w| {
            w.header(&DOC, "Content-Type", Some("Application/JSON"));
        }),
        keys_type.fails("proxmox", LoginFails, "text/plain", |w| w.header(&KEYS, "Content-Type", Some("text/plain"))),
        keys_type.fails("generic", Untidy, "no header", |w| w.header(&KEYS, "Content-Type", None)),
        doc_gzip.fails("generic", Untidy, "gzip", |w| w.gzip(&DOC)),
        doc_gzip.fails("generic", Untidy, "the name of a character set", |w| {
            w.header(&DOC, "Content-Encoding", Some("UTF-8"));
        }),
        doc_gzip.fails("library:nimbus", LoginFails, "gzip, and it is not undone", |w| w.gzip(&DOC)),
        keys_gzip.fails("generic", Untidy, "gzip", |w| w.gzip(&KEYS)),
        keys_gzip.fails("library:pyjwt", LoginFails, "gzip, and it is not undone", |w| w.gzip(&KEYS)),
    ]
}

fn redirects() -> Vec<Mutation> {
    let doc = Of("discovery/redirects");
    let keys = Of("jwks/redirects");
    vec![
        doc.fails("generic", Untidy, "one", |w| w.redirected(&DOC, 1, |url| format!("{url}/"))),
        doc.fails("library:openidconnect-rs-4", LoginFails, "one, and none is followed", |w| {
            w.redirected(&DOC, 1, |url| format!("{url}/"));
        }),
        doc.fails("proxmox", LoginFails, "twelve", |w| w.redirected(&DOC, 12, |url| format!("{url}/"))),
        doc.fails("generic", Unsafe, "to plain http", |w| {
            w.redirected(&DOC, 1, |url| url.replacen("https:", "http:", 1))
        }),
        keys.fails("generic", Unsafe, "to plain http", |w| {
            w.redirected(&KEYS, 1, |url| url.replacen("https:", "http:", 1))
        }),
        keys.fails("generic", Untidy, "one", |w| w.redirected(&KEYS, 1, |url| format!("{url}/"))),
        keys.fails("library:openidconnect-rs-4", LoginFails, "one, and none is followed", |w| {
            w.redirected(&KEYS, 1, |url| format!("{url}/"));
        }),
    ]
}

fn time_and_size() -> Vec<Mutation> {
    let doc = Of("discovery/timely");
    let keys = Of("jwks/timely");
    vec![
        doc.fails("generic", Untidy, "three seconds", |w| w.exchange(&DOC).elapsed_ms = 3_000),
        doc.fails("library:openid-client-5", LoginFails, "four seconds", |w| w.exchange(&DOC).elapsed_ms = 4_000),
        doc.fails("generic", Untidy, "two megabytes, which it reads", |w| {
            w.last(&DOC, format!(",\"x_pad\":\"{}\"}}", "x".repeat(2_000_000)).as_bytes());
        }),
        doc.fails("library:mod-auth-openidc", LoginFails, "two megabytes", |w| {
            w.last(&DOC, format!(",\"x_pad\":\"{}\"}}", "x".repeat(2_000_000)).as_bytes());
        }),
        keys.fails("generic", Untidy, "three seconds", |w| w.exchange(&KEYS).elapsed_ms = 3_000),
        keys.fails("generic", Untidy, "sixty kilobytes, which it reads", |w| {
            w.last(&KEYS, format!(",\"x_pad\":\"{}\"}}", "x".repeat(60_000)).as_bytes());
        }),
        keys.fails("library:nimbus", LoginFails, "one second", |w| w.exchange(&KEYS).elapsed_ms = 1_000),
        keys.fails("library:nimbus", LoginFails, "sixty kilobytes", |w| {
            w.last(&KEYS, format!(",\"x_pad\":\"{}\"}}", "x".repeat(60_000)).as_bytes());
        }),
    ]
}

fn bytes() -> Vec<Mutation> {
    let doc = Of("discovery/json");
    let keys = Of("jwks/json");
    vec![
        doc.fails("generic", LoginFails, "a page", |w| w.body(&DOC, |_| PAGE.to_vec())),
        doc.fails("generic", LoginFails, "a login page", |w| {
            w.body(&DOC, |_| b"<html><form><input type=\"password\"></form></html>".to_vec());
        }),
        doc.fails("proxmox", LoginFails, "nothing", |w| w.body(&DOC, |_| Vec::new())),
        doc.fails("incus", LoginFails, "half of it", |w| w.body(&DOC, |body| body[..body.len() / 2].to_vec())),
        doc.fails("netbird", LoginFails, "inside of an array", |w| {
            w.body(&DOC, |body| [b"[", body.as_slice(), b"]"].concat());
        }),
        doc.fails("xen-orchestra", LoginFails, "a comma too many", |w| w.last(&DOC, b",}")),
        doc.fails("virtuozzo", LoginFails, "nested too deep", |w| {
            w.last(&DOC, format!(",\"x\":{}{}}}", "[".repeat(200), "]".repeat(200)).as_bytes());
        }),
        doc.fails("generic", LoginFails, "a byte order mark", |w| {
            w.body(&DOC, |body| [b"\xef\xbb\xbf", body.as_slice()].concat());
        }),
        doc.fails("generic", LoginFails, "text behind it", |w| {
            w.body(&DOC, |body| [&body[..], b"\n<!-- -->"].concat())
        }),
        doc.fails("proxmox", LoginFails, "a byte that is not UTF-8", |w| w.last(&DOC, b",\"x_name\":\"caf\xe9\"}")),
        doc.fails("proxmox", LoginFails, "a member twice", |w| w.last(&DOC, b",\"scopes_supported\":[\"openid\"]}")),
        keys.fails("generic", LoginFails, "a page", |w| w.body(&KEYS, |_| PAGE.to_vec())),
        keys.fails("proxmox", LoginFails, "half of it", |w| w.body(&KEYS, |body| body[..body.len() / 2].to_vec())),
        keys.fails("generic", LoginFails, "no member keys", |w| w.body(&KEYS, |_| b"{}".to_vec())),
        keys.fails("incus", LoginFails, "keys is an object", |w| {
            w.body(&KEYS, |_| json!({ "keys": { "kty": "RSA" } }).to_string().into_bytes());
        }),
        keys.fails("proxmox", LoginFails, "a bare array", |w| w.body(&KEYS, |_| b"[]".to_vec())),
        keys.fails("proxmox", LoginFails, "a byte order mark", |w| {
            w.body(&KEYS, |body| [b"\xef\xbb\xbf", body.as_slice()].concat());
        }),
        keys.fails("generic", LoginFails, "text behind it", |w| {
            w.body(&KEYS, |body| [&body[..], b"\n<!-- -->"].concat());
        }),
        keys.fails("proxmox", LoginFails, "keys stands twice", |w| w.last(&KEYS, b",\"keys\":[]}"))
            .also("jwks/key-for-algorithm", "the set that counts is the last one, and it is empty"),
    ]
}

fn cors() -> Vec<Mutation> {
    let cors = Of("cors/browser");
    vec![
        cors.fails("netbird", LoginFails, "no header", |w| w.header(&CORS, "Access-Control-Allow-Origin", None)),
        cors.fails("library:oidc-client-ts", LoginFails, "another origin", |w| {
            w.header(&CORS, "Access-Control-Allow-Origin", Some("https://other.lab.test"));
        }),
        cors.fails("library:axa-oidc-client", LoginFails, "the header twice", |w| {
            let twice = ("access-control-allow-origin".to_owned(), "https://app.lab.test".to_owned());
            w.response(&CORS).headers.push(twice);
        }),
    ]
}
