//! What was typed against what the metadata says, and its members.

use super::{Mutation, Of};
use oidcheck_checks::evidence::Slot;
use oidcheck_checks::target::WELL_KNOWN;
use oidcheck_checks::verdict::Effect::{Degraded, LoginFails, Unsafe, Untidy};
use serde_json::{Value, json};

pub(super) fn mutations() -> Vec<Mutation> {
    let mut all = issuer();
    all.extend(required());
    all.extend(types());
    all.extend(urls());
    all.extend(lists());
    all
}

fn issuer() -> Vec<Mutation> {
    let typed = Of("discovery/url-typed");
    let exact = Of("discovery/issuer-exact");
    vec![
        typed.fails("generic", LoginFails, "the whole discovery URL", |w| w.target.typed.push_str(WELL_KNOWN)),
        Of("discovery/reachable").fails("generic", LoginFails, "the document is elsewhere", |w| {
            let exchange = w.exchange(&Slot::Discovery).clone();
            let url = exchange.request.url.replace("/good/", "/realms/good/");
            w.evidence.record(Slot::DiscoveryAt(url), exchange);
            w.status(&Slot::Discovery, 404);
        }),
        exact.fails("generic", LoginFails, "a final slash", |w| w.url("issuer", "/good", "/good/")),
        exact.fails("proxmox", LoginFails, "a final slash typed", |w| w.target.typed.push('/')),
        exact.fails("incus", LoginFails, "http for https", |w| w.url("issuer", "https:", "http:")),
        exact.fails("generic", LoginFails, "a capital letter", |w| w.url("issuer", "idp.", "IDP.")),
        exact.fails("generic", LoginFails, "another path", |w| w.url("issuer", "/good", "/better")),
        exact.fails("xen-orchestra", Degraded, "another host, which nobody compares", |w| {
            w.url("issuer", "idp.lab.test", "sso.lab.test");
        }),
    ]
}

fn required() -> Vec<Mutation> {
    let needed = Of("discovery/required-members");
    vec![
        needed.fails("generic", LoginFails, "no issuer", |w| w.drop_member("issuer")),
        needed.fails("proxmox", LoginFails, "issuer is null", |w| w.member("issuer", Value::Null)),
        needed.fails("incus", LoginFails, "issuer is a number", |w| w.member("issuer", json!(42))),
        needed.fails("generic", LoginFails, "no authorization_endpoint", |w| w.drop_member("authorization_endpoint")),
        needed.fails("xen-orchestra", LoginFails, "no token_endpoint", |w| w.drop_member("token_endpoint")),
        needed.fails("generic", LoginFails, "token_endpoint is relative", |w| w.member("token_endpoint", json!("/t"))),
        needed.fails("generic", LoginFails, "no jwks_uri", |w| w.drop_member("jwks_uri")),
        needed.fails("proxmox", LoginFails, "jwks_uri is a number", |w| w.member("jwks_uri", json!(7))),
        needed.fails("proxmox", LoginFails, "no response_types_supported", |w| {
            w.drop_member("response_types_supported");
        }),
        needed.fails("generic", Untidy, "no subject_types_supported", |w| w.drop_member("subject_types_supported")),
        needed.fails("proxmox", LoginFails, "no algorithms", |w| {
            w.drop_member("id_token_signing_alg_values_supported");
        }),
        needed.fails("incus", LoginFails, "no device endpoint", |w| w.drop_member("device_authorization_endpoint")),
        needed
            .fails("netbird", LoginFails, "userinfo_endpoint is empty", |w| w.member("userinfo_endpoint", json!("")))
            .also(
                "discovery/member-types",
                "who does without the endpoint may still parse every URL while reading, and an empty one is none",
            ),
    ]
}

fn types() -> Vec<Mutation> {
    let typed = Of("discovery/member-types");
    vec![
        typed.fails("generic", LoginFails, "a list is a string", |w| w.member("scopes_supported", json!("openid"))),
        typed.fails("proxmox", LoginFails, "a flag is a string", |w| {
            w.member("request_parameter_supported", json!("false"));
        }),
        typed.fails("generic", LoginFails, "a list is an object", |w| w.member("claims_supported", json!({}))),
        typed.fails("generic", LoginFails, "a URL is a number", |w| w.member("end_session_endpoint", json!(7))),
        typed.fails("incus", Untidy, "a URL is empty", |w| w.member("end_session_endpoint", json!(""))),
        typed.fails("generic", Untidy, "a list is null", |w| w.member("scopes_supported", Value::Null)),
    ]
}

fn urls() -> Vec<Mutation> {
    let https = Of("discovery/https-endpoints");
    let hosts = Of("discovery/endpoint-hosts");
    vec![
        Of("discovery/issuer-url").fails("keystone", LoginFails, "an issuer of 80 characters", |w| {
            w.target.typed = format!("{}/{}", w.target.typed, "t".repeat(60));
            w.member("issuer", json!(w.target.typed));
        }),
        https.fails("generic", Unsafe, "token_endpoint over http", |w| w.url("token_endpoint", "https:", "http:")),
        https.fails("proxmox", Unsafe, "jwks_uri over http", |w| w.url("jwks_uri", "https:", "http:")),
        https.fails("library:openid-client-6", LoginFails, "token_endpoint over http, refused", |w| {
            w.url("token_endpoint", "https:", "http:");
        }),
        hosts.fails("generic", Degraded, "another owner", |w| w.url("token_endpoint", "idp.lab.test", "op.other.test")),
        hosts.fails("generic", Untidy, "keys of another owner", |w| {
            w.url("jwks_uri", "idp.lab.test", "keys.other.test")
        }),
        hosts.fails("proxmox", LoginFails, "the loopback address", |w| {
            w.url("authorization_endpoint", "idp.lab.test", "127.0.0.1");
        }),
        hosts.fails("netbird", LoginFails, "a host that the page may not ask", |w| {
            w.url("userinfo_endpoint", "idp.lab.test", "api.lab.test");
        }),
    ]
}

fn lists() -> Vec<Mutation> {
    const ALGORITHMS: &str = "id_token_signing_alg_values_supported";
    let algorithms = Of("discovery/algorithms");
    let pkce = Of("discovery/pkce");
    let scopes = Of("discovery/scopes");
    let claims = Of("discovery/claims");
    vec![
        algorithms.fails("proxmox", LoginFails, "none alone", |w| w.member(ALGORITHMS, json!(["none"]))).also(
            "jwks/key-for-algorithm",
            "for a library that takes unsigned tokens the list is fine, and the published key is one that it will not take",
        ),
        algorithms.fails("proxmox", LoginFails, "an unknown one alone", |w| w.member(ALGORITHMS, json!(["XX999"]))),
        algorithms.fails("proxmox", LoginFails, "an empty list", |w| w.member(ALGORITHMS, json!([]))),
        algorithms.fails("generic", Untidy, "none beside RS256", |w| w.member(ALGORITHMS, json!(["RS256", "none"]))),
        algorithms.fails("generic", Untidy, "ES256 alone", |w| w.member(ALGORITHMS, json!(["ES256"]))).also(
            "jwks/key-for-algorithm",
            "the list is one that can be served; what is missing is the key for it",
        ),
        pkce.fails("proxmox", Untidy, "not advertised", |w| w.drop_member("code_challenge_methods_supported")),
        pkce.fails("netbird", Degraded, "plain alone", |w| {
            w.member("code_challenge_methods_supported", json!(["plain"]));
        }),
        scopes.fails("generic", Untidy, "no profile", |w| w.drop_element("scopes_supported", "profile")),
        scopes.fails("generic", Degraded, "no openid", |w| w.drop_element("scopes_supported", "openid")),
        scopes.fails("incus", Degraded, "no offline_access", |w| w.drop_element("scopes_supported", "offline_access")),
        claims.fails("xen-orchestra", Degraded, "no preferred_username", |w| {
            w.drop_element("claims_supported", "preferred_username");
        }),
        claims.fails("proxmox", Untidy, "no email", |w| w.drop_element("claims_supported", "email")),
    ]
}
