//! The ID token, judged as the application will judge it. Each check answers for one aspect, so that one defect fails one check.

group![
    readable,
    signature,
    algorithm,
    issuer,
    audience,
    authorized_party,
    expiry,
    lifetime,
    issued_at,
    not_before,
    auth_time,
    nonce,
    acr,
    subject,
    at_hash,
    header_type,
    critical,
    key_references,
    typed_claims,
    size,
];

pub(crate) use auth_time::impossible as impossible_auth_time;

use crate::evidence::json::Node;
use crate::library::tokens::ClaimType;

/// The types of the claims that OpenID Connect Core 1.0 sections 2 and 5.1 define; those with an aspect of their own
/// are left out.
const STANDARD: [(&str, ClaimType); 23] = [
    ("name", ClaimType::String),
    ("given_name", ClaimType::String),
    ("family_name", ClaimType::String),
    ("middle_name", ClaimType::String),
    ("nickname", ClaimType::String),
    ("preferred_username", ClaimType::String),
    ("profile", ClaimType::String),
    ("picture", ClaimType::String),
    ("website", ClaimType::String),
    ("email", ClaimType::String),
    ("email_verified", ClaimType::Boolean),
    ("gender", ClaimType::String),
    ("birthdate", ClaimType::String),
    ("zoneinfo", ClaimType::String),
    ("locale", ClaimType::String),
    ("phone_number", ClaimType::String),
    ("phone_number_verified", ClaimType::Boolean),
    ("address", ClaimType::Object),
    ("updated_at", ClaimType::Number),
    ("auth_time", ClaimType::Number),
    ("acr", ClaimType::String),
    ("amr", ClaimType::Strings),
    ("sid", ClaimType::String),
];

/// The type of a standard claim.
pub(crate) fn kind_of(claim: &str) -> Option<ClaimType> {
    STANDARD.iter().find(|(name, _)| *name == claim).map(|(_, kind)| *kind)
}

/// The first standard claim with another type than it should have, `null` included.
pub(crate) fn mistyped(claims: &Node) -> Option<(&'static str, ClaimType)> {
    STANDARD.iter().copied().find(|(name, kind)| claims.get(name).is_some_and(|node| !kind.fits(node)))
}
