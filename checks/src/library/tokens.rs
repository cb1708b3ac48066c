//! What a library makes of the answers of a login: the token response, the tokens inside it, the userinfo response.
//!
//! Every field is a property that some library has been seen to have; none names a fault. A token is judged aspect by
//! aspect ([`Aspect`]), so that one defect fails one check. Two moments matter: when a token is *read* (a claim that
//! is missing or has another JSON type than the library's structure wants) and when it is *validated* (a value that is
//! not the expected one). Most libraries do both at one step; openidconnect reads while it parses the token response.

mod claims;
mod reading;
mod response;
mod types;
mod userinfo;

pub use claims::{Aspect, Audience, ClaimRules, Known, Nonce, Party};
pub use reading::Kid;
pub use response::{Forms, ResponseRules};
pub use types::ClaimType;
pub use userinfo::UserinfoRules;

use crate::evidence::AuthMethod;
use serde::Deserialize;

/// One way in which a client authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// HTTP Basic, both parts form-encoded first (RFC 6749 section 2.3.1).
    BasicEncoded,
    /// HTTP Basic without that encoding.
    BasicRaw,
    /// HTTP Basic with an empty secret: what golang.org/x/oauth2 tries first for a public client.
    BasicEmpty,
    /// In the form body.
    Post,
    /// A JWT that the client signs with its private key.
    PrivateKeyJwt,
    /// The client id alone.
    None,
}

impl Authentication {
    /// The name that the metadata has for it (OpenID Connect Core 1.0 section 9).
    pub fn metadata_name(self) -> &'static str {
        match self {
            Authentication::BasicEncoded | Authentication::BasicRaw | Authentication::BasicEmpty => {
                "client_secret_basic"
            }
            Authentication::Post => "client_secret_post",
            Authentication::PrivateKeyJwt => "private_key_jwt",
            Authentication::None => "none",
        }
    }

    /// The method of a request; `None` when only the client id is sent.
    pub fn method(self) -> Option<AuthMethod> {
        match self {
            Authentication::BasicEncoded => Some(AuthMethod::BasicEncoded),
            Authentication::BasicRaw | Authentication::BasicEmpty => Some(AuthMethod::BasicRaw),
            Authentication::Post => Some(AuthMethod::Post),
            Authentication::PrivateKeyJwt => Some(AuthMethod::PrivateKeyJwt),
            Authentication::None => None,
        }
    }
}

/// How a library decides on the way.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct AuthenticationRules {
    /// The ways that it knows, the preferred one first.
    pub methods: Vec<Authentication>,
    /// It takes the first one that the metadata lists; when the metadata lists none of them, its first.
    pub by_metadata: bool,
    /// After a refusal it tries the next one.
    pub tries_all: bool,
}

impl Default for AuthenticationRules {
    fn default() -> Self {
        use Authentication::{BasicEncoded, Post};
        AuthenticationRules { methods: vec![BasicEncoded, Post], by_metadata: true, tries_all: false }
    }
}

impl AuthenticationRules {
    /// What the library sends, in the order in which it tries. `advertised` is `token_endpoint_auth_methods_supported`.
    pub fn attempts(&self, advertised: Option<&[&str]>) -> Vec<Authentication> {
        if self.tries_all {
            return self.methods.clone();
        }
        let listed = |method: &&Authentication| advertised.is_some_and(|list| list.contains(&method.metadata_name()));
        let chosen = self.methods.iter().filter(|_| self.by_metadata).find(listed).or(self.methods.first());
        chosen.copied().into_iter().collect()
    }
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TokenRules {
    /// The token request's client authentication.
    pub authentication: AuthenticationRules,
    /// An `iss` in the authorization response that is not the issuer of the metadata is refused (RFC 9207).
    pub response_issuer: bool,
    /// A code that stands twice in the authorization response is refused, or comes out as a list that nobody can redeem.
    pub response_repeated: bool,
    /// The token response.
    pub response: ResponseRules,
    /// The ID token.
    pub id_token: ClaimRules,
    /// The access token, when the library or the application validates it as a JWT; not looked into when absent.
    pub access_token: Option<ClaimRules>,
    /// The userinfo response.
    pub userinfo: UserinfoRules,
}
