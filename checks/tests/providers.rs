//! The products: each of their documents is recognised as that product and as no other, and what the files say of
//! remedies can be shown.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read fixtures; the rules do not")]

use oidcheck_checks::evidence::{Evidence, Exchange, Request, Response, Slot, json, metadata::Metadata};
use oidcheck_checks::provider::{self, Provider, Sign};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Ids of checks that a remedy may name although the check is not in this build yet.
const COMING: &[&str] = &[
    "discovery/reachable",
    "discovery/json",
    "discovery/issuer-exact",
    "discovery/required-members",
    "discovery/member-types",
    "discovery/https-endpoints",
    "discovery/endpoint-hosts",
    "discovery/algorithms",
    "discovery/pkce",
    "discovery/scopes",
    "discovery/claims",
    "discovery/content-type",
    "discovery/redirects",
    "discovery/url-typed",
    "discovery/response-types",
    "discovery/token-auth-methods",
    "cors/browser",
    "jwks/reachable",
    "jwks/key-for-algorithm",
    "jwks/key-ids",
    "jwks/rsa-size",
    "jwks/public-only",
    "jwks/certificates",
    "tls/certificate-trusted",
    "tls/certificate-days-left",
];

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn stems(folder: &str, extension: &str) -> Vec<String> {
    let mut stems: Vec<String> = fs::read_dir(at(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    stems.sort();
    stems
}

/// Every fixture: its name, the id of the product (the name up to the first dot), the document.
fn fixtures() -> Vec<(String, String, Value)> {
    let read = |name: String| {
        let text = fs::read_to_string(at(&format!("../fixtures/providers/{name}.json"))).unwrap();
        let id = name.split('.').next().unwrap().to_owned();
        (name, id, serde_json::from_str(&text).unwrap())
    };
    stems("../fixtures/providers", "json").into_iter().map(read).collect()
}

fn metadata(document: &Value) -> Metadata {
    Metadata::of(json::read(document.to_string().as_bytes()).unwrap()).unwrap()
}

fn recognise(document: &Value) -> Option<&'static str> {
    provider::recognise(&metadata(document), &Evidence::default()).map(|p| p.id.as_str())
}

/// The document with every URL on one host.
fn moved(document: &Value) -> Value {
    match document {
        Value::String(text) if text.contains("://") => {
            let path = text.splitn(4, '/').nth(3).map(|rest| format!("/{rest}")).unwrap_or_default();
            format!("https://idp.example.org{path}").into()
        }
        Value::Array(items) => items.iter().map(moved).collect(),
        Value::Object(members) => Value::Object(members.iter().map(|(k, v)| (k.clone(), moved(v))).collect()),
        other => other.clone(),
    }
}

#[test]
fn every_file_is_a_product_and_has_a_document() {
    let files = stems("providers", "toml");
    let mut products: Vec<&str> = provider::all().iter().map(|p| p.id.as_str()).collect();
    products.sort_unstable();
    assert_eq!(files, products, "the id is the name of the file");
    let documents: BTreeSet<String> = fixtures().into_iter().map(|(_, id, _)| id).collect();
    assert_eq!(documents, files.into_iter().collect(), "one document at least for each product, none without");
}

#[test]
fn each_document_is_recognised_as_its_product() {
    for (name, id, document) in fixtures() {
        assert_eq!(recognise(&document), Some(id.as_str()), "{name}");
    }
}

#[test]
fn recognition_does_not_depend_on_a_host_name() {
    for (name, id, document) in fixtures() {
        assert_eq!(recognise(&moved(&document)), Some(id.as_str()), "{name}");
    }
}

#[test]
fn where_two_products_fit_the_rank_decides() {
    for (name, id, document) in fixtures() {
        let metadata = metadata(&document);
        let fits: Vec<&Provider> = provider::all().iter().filter(|p| p.fits(&metadata, &Evidence::default())).collect();
        let own = fits.iter().find(|p| p.id == id).unwrap();
        for other in fits.iter().filter(|p| p.id != id) {
            assert!(own.rank < other.rank, "{name} fits {} too, and not by a higher rank", other.id);
        }
    }
}

#[test]
fn a_document_of_no_known_product_is_recognised_as_none() {
    let with = |issuer: &str, authorization: &str, token: &str, keys: &str, userinfo: &str| {
        json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}{authorization}"),
            "token_endpoint": format!("{issuer}{token}"), "jwks_uri": format!("{issuer}{keys}"),
            "userinfo_endpoint": format!("{issuer}{userinfo}"), "response_types_supported": ["code"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "groups", "offline_access"],
            "claims_supported": ["sub", "iss", "name", "email", "groups"],
        })
    };
    let host = "https://op.example.com";
    let documents = [
        json!({}),
        json!({ "issuer": host }),
        json!({ "issuer": null, "authorization_endpoint": 7, "jwks_uri": ["/oauth/discovery/keys"] }),
        with(host, "/authorize", "/token", "/jwks", "/userinfo"),
        with(host, "/oauth2/authorize", "/oauth2/token", "/oauth2/jwks", "/userinfo"),
        with(host, "/connect/authorize", "/connect/token", "/.well-known/jwks", "/connect/userinfo"),
        with(host, "/oauth/authorize", "/oauth/token", "/.well-known/jwks.json", "/oauth/userinfo"),
        with(&format!("{host}/realms/a"), "/authorize", "/token", "/keys", "/userinfo"),
        with(&format!("{host}/adfs"), "/authorize", "/token", "/keys", "/userinfo"),
        with(&format!("{host}/application/o/app/"), "authorize/", "token/", "jwks/", "userinfo/"),
        with(&format!("{host}/oauth2/openid/app"), "/authorize", "/token", "/jwks", "/userinfo"),
    ];
    for document in documents {
        assert_eq!(recognise(&document), None, "{document}");
    }
}

#[test]
fn a_sign_asks_for_something() {
    for product in provider::all() {
        assert!(!product.signs.is_empty(), "{}", product.id);
        for sign in &product.signs {
            assert_ne!(*sign, Sign::default(), "{}: an empty sign fits everything", product.id);
            let texts = [&sign.member_contains, &sign.member_ends, &sign.header_contains].into_iter().flatten();
            let texts = texts.map(|(_, text)| text).chain(&sign.issuer_contains).chain(&sign.issuer_ends);
            for text in texts {
                assert!(!text.is_empty() && !text.contains("://"), "{}: {text:?}", product.id);
            }
        }
    }
}

fn product(rest: &str) -> Provider {
    oidcheck_checks::data::read("a.toml", &format!("id = \"a\"\ntitle = \"A\"\n{rest}")).unwrap()
}

#[test]
fn a_header_that_is_not_there_is_no_sign() {
    let product = product("[[sign]]\nheader-contains = { x-product = \"a\" }\n");
    let document = metadata(&json!({ "issuer": "https://op.example.com" }));
    let evidence = |headers: &[(&str, &str)]| {
        let response = Response {
            url: String::new(),
            version: "HTTP/1.1".into(),
            status: 200,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: Vec::new(),
            encoded_len: None,
            cut_at: None,
        };
        let exchange = Exchange {
            request: Request::get_json("https://op.example.com/.well-known/openid-configuration"),
            outcome: Ok(response),
            hops: Vec::new(),
            tls: None,
            started: jiff::Timestamp::UNIX_EPOCH,
            elapsed_ms: 0,
        };
        let mut evidence = Evidence::default();
        evidence.record(Slot::Discovery, exchange);
        evidence
    };
    assert!(product.fits(&document, &evidence(&[("X-Product", "An A")])));
    assert!(!product.fits(&document, &evidence(&[("X-Product", "other")])));
    assert!(!product.fits(&document, &evidence(&[])));
    assert!(!product.fits(&document, &Evidence::default()));
}

#[test]
fn the_end_of_a_member_is_compared_at_its_end() {
    let product = product("[[sign]]\nmember-ends = { jwks_uri = \"/keys\" }\n");
    let fits = |value: Value| product.fits(&metadata(&json!({ "jwks_uri": value })), &Evidence::default());
    assert!(fits(json!("https://op.example.com/keys")));
    assert!(!fits(json!("https://op.example.com/keys/")));
    assert!(!fits(json!("https://op.example.com/keys?a")));
    assert!(!fits(json!(["/keys"])));
    assert!(!fits(json!(null)));
}

#[test]
fn a_misspelt_key_is_refused() {
    let text = "id = \"a\"\ntitle = \"A\"\n[[sign]]\nmember-end = { jwks_uri = \"/keys\" }\n";
    let error = oidcheck_checks::data::read::<Provider>("a.toml", text).unwrap_err();
    assert_eq!((error.line, error.help.as_deref()), (4, Some("did you mean `member-ends`?")));
}

#[test]
fn remedies_name_checks() {
    let known: BTreeSet<&str> = oidcheck_checks::CHECKS.iter().map(|c| c.id).chain(COMING.iter().copied()).collect();
    for product in provider::all() {
        for id in product.remedies.keys() {
            assert!(known.contains(id.as_str()), "{}: there is no check {id}", product.id);
        }
    }
}

#[test]
fn every_text_is_fit_to_be_shown() {
    for product in provider::all() {
        let id = &product.id;
        assert!(!product.provenance.is_empty() && !product.notes.is_empty(), "{id}");
        let form = product.issuer_form.as_deref().unwrap_or_default();
        let sentences = || product.remedies.values().chain(&product.notes).map(String::as_str);
        for text in sentences() {
            assert!(text.ends_with('.'), "{id}: a sentence ends with a full stop: {text}");
        }
        for text in sentences().chain([form, &product.title]) {
            assert!(!text.is_empty() && text.trim() == text, "{id}: {text:?}");
            assert!(!text.contains(['\n', '\t']) && !text.contains("  "), "{id}: one line, single spaces: {text:?}");
            assert_eq!(text.matches('`').count() % 2, 0, "{id}: back quotes come in pairs: {text}");
        }
        for host in &product.other_hosts {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
            assert!(host.contains('.') && host.chars().all(plain), "{id}: {host:?} is no domain");
            assert!(!host.starts_with('.') && !host.ends_with('.'), "{id}: {host:?}");
        }
    }
}

/// Where a product's endpoints are on other domains than its issuer, the file says so.
#[test]
fn the_hosts_of_hosted_products_are_named() {
    let registrable = |url: &str| {
        let host = url::Url::parse(url).ok()?.host_str()?.to_owned();
        let labels: Vec<&str> = host.rsplitn(3, '.').collect();
        Some(format!("{}.{}", labels.get(1)?, labels[0]))
    };
    for (name, id, document) in fixtures() {
        if matches!(id.as_str(), "fusionauth" | "kubernetes") || name == "pocket-id.internal" {
            continue; // an issuer that is no URL, no provider for people, an internal name
        }
        let product = provider::all().iter().find(|p| p.id == id).unwrap();
        let issuer = registrable(document["issuer"].as_str().unwrap());
        for (member, value) in document.as_object().unwrap() {
            let url = value.as_str().filter(|_| member.ends_with("_endpoint") || member == "jwks_uri");
            let Some(domain) = url.and_then(registrable) else { continue };
            let known = Some(&domain) == issuer.as_ref() || product.other_hosts.contains(&domain);
            assert!(known, "{name}: {member} is on {domain}");
        }
    }
}

#[test]
fn an_error_that_names_its_cause_brings_its_own_remedy() {
    let entra = provider::all().iter().find(|one| one.id == "entra").unwrap();
    let seen = "status 400, invalid_request: AADSTS9002327: Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.";
    assert!(entra.remedy_of(seen).unwrap().contains("under the platform Web"));
    // Neither the start of a longer code nor another product's words.
    assert_eq!(entra.remedy_of("AADSTS500112: something else"), None);
    assert_eq!(entra.remedy_of("invalid_client: unknown client"), None);
    for provider in provider::all() {
        for known in &provider.errors {
            assert_eq!(provider.remedy_of(&known.says), Some(known.remedy.as_str()), "{}: {}", provider.id, known.says);
            assert!(known.says.len() > 5 && known.remedy.len() > 40, "{}: {}", provider.id, known.says);
        }
    }
}
