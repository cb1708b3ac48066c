//! Steps in the metadata.

use super::{Row, change, set};
use oidcheck_checks::verdict::Effect::{Degraded, LoginFails, Unsafe, Untidy};
use serde_json::json;

const OP: &str = "https://idp.lab.test:24443/good";

pub(crate) fn rows() -> Vec<Row> {
    [lists(), flags(), urls(), names()].into_iter().flatten().collect()
}

fn lists() -> Vec<Row> {
    const METHODS: &str = "token_endpoint_auth_methods_supported";
    const GRANTS: &str = "grant_types_supported";
    vec![
        Row {
            check: "discovery/response-types",
            fails: vec![
                ("proxmox", Degraded, set("response_types_supported", json!(["id_token", "code id_token"]))),
                ("generic", Degraded, set("response_types_supported", json!([]))),
            ],
            silent: vec![("proxmox", set("response_types_supported", json!(["id_token token", "code"])))],
        },
        Row {
            check: "discovery/response-modes",
            fails: vec![("generic", Untidy, set("response_modes_supported", json!(["form_post", "fragment"])))],
            silent: vec![("generic", set("response_modes_supported", json!(["query", "jwt"])))],
        },
        Row {
            check: "discovery/grant-types",
            fails: vec![
                ("proxmox", Degraded, set(GRANTS, json!(["client_credentials"]))),
                (
                    "netbird",
                    Untidy,
                    change("a scope without its grant", |p| {
                        p.set("scopes_supported", json!(["openid", "profile", "email", "offline_access"]));
                        p.set(GRANTS, json!(["authorization_code"]));
                    }),
                ),
            ],
            silent: vec![
                ("proxmox", change("no list", |p| p.remove(GRANTS))),
                ("xen-orchestra", set(GRANTS, json!(["authorization_code", "urn:example:own"]))),
            ],
        },
        Row {
            check: "discovery/token-auth-methods",
            fails: vec![
                ("proxmox", Degraded, set(METHODS, json!(["client_secret_post"]))),
                ("xen-orchestra", Degraded, set(METHODS, json!(["client_secret_basic", "private_key_jwt"]))),
                ("library:spring-security", Degraded, set(METHODS, json!(["private_key_jwt"]))),
            ],
            silent: vec![
                ("xen-orchestra", change("no list", |p| p.remove(METHODS))),
                ("xen-orchestra", set(METHODS, json!(["client_secret_post"]))),
                ("library:spring-security", set(METHODS, json!(["client_secret_post"]))),
                // Providers serve public clients without listing `none`.
                ("incus", set(METHODS, json!(["client_secret_basic"]))),
            ],
        },
        Row {
            check: "discovery/subject-types",
            fails: vec![("proxmox", Untidy, set("subject_types_supported", json!(["Public"])))],
            silent: vec![("proxmox", set("subject_types_supported", json!(["pairwise", "ephemeral"])))],
        },
        Row {
            check: "discovery/scopes-syntax",
            fails: vec![
                ("proxmox", Untidy, set("scopes_supported", json!(["openid profile email"]))),
                ("xen-orchestra", Untidy, set("scopes_supported", json!(["openid", "profile", "e\"mail"]))),
            ],
            silent: vec![(
                "proxmox",
                set("scopes_supported", json!(["openid", "profile", "email", "https://x.test/a.b:c"])),
            )],
        },
        Row {
            check: "discovery/locales",
            fails: vec![("generic", Untidy, set("ui_locales_supported", json!(["en", "de_DE"])))],
            silent: vec![(
                "generic",
                set("claims_locales_supported", json!(["EN-us", "zh-Hant-TW", "x-klingon", "i-default"])),
            )],
        },
        Row {
            check: "discovery/list-items",
            fails: vec![
                ("generic", Untidy, set("userinfo_signing_alg_values_supported", json!(["RS256, ES256"]))),
                ("generic", Untidy, set("display_values_supported", json!(["page", ""]))),
            ],
            silent: vec![
                ("generic", set("acr_values_supported", json!(["level of assurance 2", "0"]))),
                ("generic", set("display_values_supported", json!(["page", "page"]))),
            ],
        },
        Row {
            check: "discovery/client-algorithms",
            fails: vec![
                ("proxmox", Untidy, set("token_endpoint_auth_signing_alg_values_supported", json!(["RS256", "none"]))),
                ("proxmox", Untidy, set("dpop_signing_alg_values_supported", json!(["ES256", "HS256"]))),
            ],
            silent: vec![
                ("proxmox", set("token_endpoint_auth_signing_alg_values_supported", json!(["HS256", "RS256"]))),
                ("proxmox", set("request_object_signing_alg_values_supported", json!(["none", "RS256"]))),
            ],
        },
    ]
}

fn flags() -> Vec<Row> {
    let par = |required: bool| {
        change(&format!("pushed requests, required: {required}"), move |p| {
            p.set("pushed_authorization_request_endpoint", format!("{OP}/par"));
            p.set("require_pushed_authorization_requests", required);
        })
    };
    vec![
        Row {
            check: "discovery/par",
            fails: vec![("proxmox", LoginFails, par(true)), ("incus", LoginFails, par(true))],
            silent: vec![("proxmox", par(false))],
        },
        Row {
            check: "discovery/request-objects",
            fails: vec![("generic", Degraded, set("require_signed_request_object", json!(true)))],
            silent: vec![
                ("generic", set("request_parameter_supported", json!(true))),
                ("generic", set("require_request_uri_registration", json!(true))),
            ],
        },
        Row {
            check: "discovery/logout",
            fails: vec![
                ("generic", Untidy, set("backchannel_logout_session_supported", json!(true))),
                ("generic", Untidy, set("frontchannel_logout_session_supported", json!(true))),
            ],
            silent: vec![
                ("generic", set("backchannel_logout_supported", json!(true))),
                ("generic", set("frontchannel_logout_session_supported", json!(false))),
                ("generic", set("end_session_endpoint", json!(format!("{OP}/logout")))),
            ],
        },
    ]
}

fn urls() -> Vec<Row> {
    let issuer = |issuer: &'static str| {
        change(&format!("issuer {issuer}, and typed so"), move |p| {
            p.typed = issuer.to_owned();
            p.set("issuer", issuer);
        })
    };
    let moved = |port: u16| {
        change(&format!("issuer without a port, token endpoint on {port}"), move |p| {
            p.move_to("https://idp.lab.test/good".to_owned());
            p.set("token_endpoint", format!("https://idp.lab.test:{port}/good/token"));
        })
    };
    vec![
        Row {
            check: "discovery/issuer-url",
            fails: vec![
                ("proxmox", Untidy, issuer("https://people@idp.lab.test:24443/good")),
                ("proxmox", Unsafe, issuer("https://people:secret@idp.lab.test:24443/good")),
                ("xen-orchestra", Unsafe, issuer("http://idp.lab.test:24443/good")),
                ("library:openid-client-6", LoginFails, issuer("http://idp.lab.test:24443/good")),
            ],
            silent: vec![
                // Whatever else is wrong with it, an issuer that differs is one failure.
                ("proxmox", set("issuer", json!(format!("{OP}?tenant=1")))),
                ("proxmox", issuer("https://idp.lab.test:24443/good")),
            ],
        },
        Row {
            check: "discovery/endpoint-form",
            fails: vec![
                ("proxmox", Degraded, set("token_endpoint", json!(format!("{OP}/token#now")))),
                ("generic", Degraded, set("authorization_endpoint", json!(format!("{OP}/{{tenant}}/authorize")))),
                ("generic", Degraded, set("jwks_uri", json!(format!(" {OP}/jwks")))),
                ("generic", Degraded, set("authorization_endpoint", json!(format!("{OP}/authorize?a=1&amp;b=2")))),
                ("generic", Untidy, set("revocation_endpoint", json!(format!("{OP}/revoke#now")))),
                (
                    "generic",
                    Untidy,
                    set("mtls_endpoint_aliases", json!({ "token_endpoint": "http://m.lab.test/token" })),
                ),
            ],
            silent: vec![
                ("proxmox", set("authorization_endpoint", json!(format!("{OP}/authorize?policy=1")))),
                ("generic", set("mtls_endpoint_aliases", json!({ "token_endpoint": "https://m.lab.test/token" }))),
            ],
        },
        Row {
            check: "discovery/endpoint-ports",
            fails: vec![
                ("proxmox", Degraded, moved(8443)),
                ("proxmox", Untidy, set("token_endpoint", json!("https://idp.lab.test:8443/good/token"))),
                ("generic", Untidy, set("revocation_endpoint", json!("https://idp.lab.test/good/revoke"))),
            ],
            silent: vec![("proxmox", moved(443))],
        },
    ]
}

fn names() -> Vec<Row> {
    let misspelt = |right: &'static str, wrong: &'static str| {
        change(&format!("{wrong} for {right}"), move |p| {
            let value = p.metadata.shift_remove(right).unwrap_or_else(|| json!(format!("{OP}/there")));
            p.set(wrong, value);
        })
    };
    vec![
        Row {
            check: "discovery/member-names",
            fails: vec![
                ("proxmox", Untidy, misspelt("end_session_endpoint", "end_sesion_endpoint")),
                ("xen-orchestra", Untidy, misspelt("userinfo_endpoint", "userInfoEndpoint")),
            ],
            silent: vec![
                // Said by the check of required members, with the hint.
                ("proxmox", misspelt("authorization_endpoint", "authorisation_endpoint")),
                ("proxmox", set("x_end_session_endpoint_note", json!("moved"))),
                ("proxmox", set("sso_session_endpoint", json!(format!("{OP}/sso")))),
            ],
        },
        Row {
            check: "discovery/required-members",
            fails: vec![("proxmox", LoginFails, misspelt("authorization_endpoint", "authorisation_endpoint"))],
            silent: vec![
                ("proxmox", misspelt("grant_types_supported", "grant_type_supported")),
                // As Apple's: it goes on with the claims of the ID token.
                ("library:mod-auth-openidc", change("no userinfo", |p| p.remove("userinfo_endpoint"))),
            ],
        },
    ]
}
