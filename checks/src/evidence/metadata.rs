//! The provider's metadata: what each known member should be, and what it is.

use super::json::{Document, Node, Value, escape};
use crate::verdict::Spot;
use std::collections::BTreeMap;
use url::Url;

/// The JSON type that a specification gives a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string that is a URL.
    Url,
    /// An array of strings.
    Strings,
    /// A boolean.
    Boolean,
    /// An object.
    Object,
}

impl Kind {
    /// The type in a person's words.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Url => "a string (URL)",
            Kind::Strings => "an array of strings",
            Kind::Boolean => "a boolean",
            Kind::Object => "an object",
        }
    }

    /// Whether a value has this type.
    pub fn fits(self, node: &Node) -> bool {
        match self {
            Kind::Url => node.as_str().is_some(),
            Kind::Strings => node.as_array().is_some_and(|items| items.iter().all(|i| i.as_str().is_some())),
            Kind::Boolean => matches!(node.value, Value::Bool(_)),
            Kind::Object => matches!(node.value, Value::Object(_)),
        }
    }
}

/// The members that OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2 and the logout, PAR, DPoP, mTLS, CIBA
/// and RFC 9207 documents define, with their types.
pub const KNOWN: &[(&str, Kind)] = &[
    ("issuer", Kind::Url),
    ("authorization_endpoint", Kind::Url),
    ("token_endpoint", Kind::Url),
    ("userinfo_endpoint", Kind::Url),
    ("jwks_uri", Kind::Url),
    ("registration_endpoint", Kind::Url),
    ("end_session_endpoint", Kind::Url),
    ("introspection_endpoint", Kind::Url),
    ("revocation_endpoint", Kind::Url),
    ("device_authorization_endpoint", Kind::Url),
    ("pushed_authorization_request_endpoint", Kind::Url),
    ("backchannel_authentication_endpoint", Kind::Url),
    ("check_session_iframe", Kind::Url),
    ("service_documentation", Kind::Url),
    ("op_policy_uri", Kind::Url),
    ("op_tos_uri", Kind::Url),
    ("scopes_supported", Kind::Strings),
    ("response_types_supported", Kind::Strings),
    ("response_modes_supported", Kind::Strings),
    ("grant_types_supported", Kind::Strings),
    ("acr_values_supported", Kind::Strings),
    ("subject_types_supported", Kind::Strings),
    ("id_token_signing_alg_values_supported", Kind::Strings),
    ("id_token_encryption_alg_values_supported", Kind::Strings),
    ("id_token_encryption_enc_values_supported", Kind::Strings),
    ("userinfo_signing_alg_values_supported", Kind::Strings),
    ("userinfo_encryption_alg_values_supported", Kind::Strings),
    ("userinfo_encryption_enc_values_supported", Kind::Strings),
    ("request_object_signing_alg_values_supported", Kind::Strings),
    ("request_object_encryption_alg_values_supported", Kind::Strings),
    ("request_object_encryption_enc_values_supported", Kind::Strings),
    ("token_endpoint_auth_methods_supported", Kind::Strings),
    ("token_endpoint_auth_signing_alg_values_supported", Kind::Strings),
    ("introspection_endpoint_auth_methods_supported", Kind::Strings),
    ("introspection_endpoint_auth_signing_alg_values_supported", Kind::Strings),
    ("revocation_endpoint_auth_methods_supported", Kind::Strings),
    ("revocation_endpoint_auth_signing_alg_values_supported", Kind::Strings),
    ("display_values_supported", Kind::Strings),
    ("claim_types_supported", Kind::Strings),
    ("claims_supported", Kind::Strings),
    ("claims_locales_supported", Kind::Strings),
    ("ui_locales_supported", Kind::Strings),
    ("code_challenge_methods_supported", Kind::Strings),
    ("dpop_signing_alg_values_supported", Kind::Strings),
    ("authorization_details_types_supported", Kind::Strings),
    ("prompt_values_supported", Kind::Strings),
    ("backchannel_token_delivery_modes_supported", Kind::Strings),
    ("claims_parameter_supported", Kind::Boolean),
    ("request_parameter_supported", Kind::Boolean),
    ("request_uri_parameter_supported", Kind::Boolean),
    ("require_request_uri_registration", Kind::Boolean),
    ("require_pushed_authorization_requests", Kind::Boolean),
    ("require_signed_request_object", Kind::Boolean),
    ("tls_client_certificate_bound_access_tokens", Kind::Boolean),
    ("authorization_response_iss_parameter_supported", Kind::Boolean),
    ("frontchannel_logout_supported", Kind::Boolean),
    ("frontchannel_logout_session_supported", Kind::Boolean),
    ("backchannel_logout_supported", Kind::Boolean),
    ("backchannel_logout_session_supported", Kind::Boolean),
    ("backchannel_user_code_parameter_supported", Kind::Boolean),
    ("mtls_endpoint_aliases", Kind::Object),
];

/// The type of a known member.
pub fn kind_of(member: &str) -> Option<Kind> {
    KNOWN.iter().find(|(name, _)| *name == member).map(|(_, kind)| *kind)
}

/// Members whose value is a URL that somebody will ask.
pub fn is_endpoint(member: &str) -> bool {
    member.ends_with("_endpoint") || matches!(member, "jwks_uri" | "check_session_iframe")
}

/// A metadata document whose root is an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// The document as read.
    pub document: Document,
    /// Where each member stands among those of the root, and its URL: checks of dozens of applications ask for them.
    members: BTreeMap<String, (usize, Option<Url>)>,
}

impl Metadata {
    /// The metadata, if the root is an object.
    pub fn of(document: Document) -> Option<Metadata> {
        let Value::Object(entries) = &document.root.value else { return None };
        let url = |name: &str, node: &Node| {
            let wanted = is_endpoint(name) || kind_of(name) == Some(Kind::Url);
            Url::parse(node.as_str().filter(|_| wanted)?).ok()
        };
        // Of several of one name the last counts, as for nearly every parser.
        let place = |(at, (name, node)): (usize, &(String, Node))| (name.clone(), (at, url(name, node)));
        let members = entries.iter().enumerate().map(place).collect();
        Some(Metadata { document, members })
    }

    /// The member, `null` included.
    pub fn member(&self, name: &str) -> Option<&Node> {
        let (at, _) = self.members.get(name)?;
        self.document.root.members().get(*at).map(|(_, node)| node)
    }

    /// The member as an absolute URL; only for known members that are URLs, and for endpoints.
    pub fn url(&self, name: &str) -> Option<&Url> {
        self.members.get(name)?.1.as_ref()
    }

    /// The member, unless it is absent or `null`.
    pub fn present(&self, name: &str) -> Option<&Node> {
        self.member(name).filter(|node| !node.is_null())
    }

    /// The member as a string that is not empty.
    pub fn string(&self, name: &str) -> Option<&str> {
        self.present(name).and_then(Node::as_str).filter(|s| !s.is_empty())
    }

    /// The strings of an array member; `None` when it is absent or no array.
    pub fn strings(&self, name: &str) -> Option<Vec<&str>> {
        self.present(name).and_then(Node::as_array).map(|items| items.iter().filter_map(Node::as_str).collect())
    }

    /// The known members and the unknown ones that look like endpoints, with URLs as values.
    pub fn endpoints(&self) -> impl Iterator<Item = (&str, &str)> {
        self.document
            .root
            .members()
            .iter()
            .enumerate()
            .filter(|(at, (name, _))| is_endpoint(name) && self.members.get(name).is_some_and(|(last, _)| last == at))
            .filter_map(|(_, (name, node))| Some((name.as_str(), node.as_str()?)))
    }

    /// Where a member stands.
    pub fn spot(&self, name: &str) -> Spot {
        Spot::Body(format!("/{}", escape(name)), self.member(name).map(|node| node.span.start))
    }
}
