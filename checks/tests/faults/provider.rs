//! A provider: what was typed, two documents, how they are served, and what somebody gets who logs in.

use super::grant::Login;
use super::material::{self, Jwk};
use serde_json::{Map, Value, json};

/// Where the provider listens, over https and over http.
pub(crate) const HTTPS: &str = "https://idp.lab.test:24443";
/// See [`HTTPS`].
pub(crate) const HTTP: &str = "http://idp.lab.test:24444";

/// The provider.
pub(crate) struct Provider {
    /// What the operator typed.
    pub(crate) typed: String,
    /// The metadata document.
    pub(crate) metadata: Map<String, Value>,
    /// The key set; any JSON, for some faults make it none.
    pub(crate) jwks: Value,
    /// How the metadata is served.
    pub(crate) discovery: Serving,
    /// How the key set is served.
    pub(crate) keys: Serving,
    /// Where everything is, whatever the document says.
    pub(crate) base: String,
    /// What a login brings.
    pub(crate) login: Login,
}

/// How a document is served.
pub(crate) struct Serving {
    /// The status.
    pub(crate) status: u16,
    /// The content type, when there is one.
    pub(crate) content_type: Option<&'static str>,
    /// The bytes made of the document's text.
    pub(crate) bytes: fn(&str) -> Vec<u8>,
    /// The redirects before it.
    pub(crate) redirects: Redirects,
    /// Compressed, whatever was asked for.
    pub(crate) gzip: bool,
    /// How long the answer takes, in milliseconds.
    pub(crate) elapsed_ms: u64,
}

/// The redirects before a document.
#[derive(Clone, Copy)]
pub(crate) enum Redirects {
    /// None.
    None,
    /// One to the same path with a final slash.
    Slash,
    /// One to the same path with a final slash, by a 307, so that a POST is repeated there.
    Reposted,
    /// One to another host.
    Host,
    /// One to http.
    Http,
    /// So many in a row on the same host.
    InARow(usize),
}

impl Default for Serving {
    fn default() -> Serving {
        Serving {
            status: 200,
            content_type: Some("application/json"),
            bytes: |text| text.as_bytes().to_vec(),
            redirects: Redirects::None,
            gzip: false,
            elapsed_ms: 12,
        }
    }
}

impl Provider {
    /// A provider without any fault; the id of the fault to come is part of its issuer.
    pub(crate) fn healthy(id: &str) -> Provider {
        let issuer = format!("{HTTPS}/{id}");
        Provider {
            metadata: metadata(&issuer),
            base: issuer.clone(),
            typed: issuer,
            login: Login::default(),
            jwks: json!({ "keys": [material::public("rsa")] }),
            discovery: Serving::default(),
            keys: Serving::default(),
        }
    }

    /// Moves the provider with everything that it has to another issuer.
    pub(crate) fn move_to(&mut self, issuer: String) {
        self.base.clone_from(&issuer);
        let old = self.issuer().to_owned();
        for value in self.metadata.values_mut() {
            if let Some(rest) = value.as_str().and_then(|text| text.strip_prefix(&old)) {
                *value = format!("{issuer}{rest}").into();
            }
        }
        self.typed = issuer;
    }

    /// The issuer of the document, which is a string until a fault changes it.
    pub(crate) fn issuer(&self) -> &str {
        self.text("issuer")
    }

    /// A member that is a string until a fault changes it.
    pub(crate) fn text(&self, member: &str) -> &str {
        self.metadata[member].as_str().expect("faults do not build upon each other")
    }

    /// Sets a member of the metadata.
    pub(crate) fn set(&mut self, member: &str, value: impl Into<Value>) {
        self.metadata.insert(member.to_owned(), value.into());
    }

    /// Takes a member out of the metadata.
    pub(crate) fn remove(&mut self, member: &str) {
        self.metadata.shift_remove(member);
    }

    /// Keeps only these members of the metadata.
    pub(crate) fn keep(&mut self, members: &[&str]) {
        self.metadata.retain(|name, _| members.contains(&name.as_str()));
    }

    /// Sets the algorithms that are advertised for ID tokens.
    pub(crate) fn advertise(&mut self, algorithms: &[&str]) {
        self.set("id_token_signing_alg_values_supported", algorithms);
    }

    /// Publishes these keys.
    pub(crate) fn publish<const N: usize>(&mut self, keys: [Jwk; N]) {
        self.jwks = json!({ "keys": Vec::from(keys) });
    }

    /// Puts something before the keys of the set.
    pub(crate) fn publish_first(&mut self, entry: Value) {
        self.jwks = json!({ "keys": [entry, material::public("rsa")] });
    }
}

fn metadata(issuer: &str) -> Map<String, Value> {
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email"],
        "grant_types_supported": ["authorization_code"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "email", "preferred_username"],
    });
    match document {
        Value::Object(members) => members,
        _ => unreachable!("the literal above is an object"),
    }
}
