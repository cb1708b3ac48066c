//! What is wrong with a key of the set, whoever reads it.

use super::certificate;
use super::jwks::{Key, Spelling, is_encryption};
use serde::Deserialize;

/// A defect of one entry of the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    /// An EC key on a curve that JOSE does not name.
    UnknownCurve,
    /// A key of a type that JOSE does not name.
    UnknownType,
    /// An RSA key without modulus or exponent, an EC key without coordinates.
    Incomplete,
    /// An entry that is no object.
    NotAnObject,
    /// An `x5c` entry that is no certificate.
    BrokenX5c,
    /// An `x5c` of another key.
    ForeignX5c,
    /// An `x5c` on a key that is not RSA.
    X5cNotRsa,
    /// Private members.
    Private,
    /// A `kid` that is no string.
    KidType,
    /// A modulus spelt otherwise than base64url without padding (how strict: the library's affair).
    Spelling,
    /// A symmetric key.
    Symmetric,
    /// A key of another type than the signing key.
    OtherType,
    /// `use` is `enc`.
    UseEnc,
    /// `key_ops` without `verify`.
    KeyOps,
    /// `alg` is for encryption.
    EncryptionAlg,
}

impl Defect {
    /// What is wrong, in a person's words.
    pub fn words(self) -> &'static str {
        match self {
            Defect::UnknownCurve => "an unknown curve",
            Defect::UnknownType => "an unknown key type",
            Defect::Incomplete => "a member of the key is missing",
            Defect::NotAnObject => "no object",
            Defect::BrokenX5c => "x5c is no certificate",
            Defect::ForeignX5c => "x5c is the certificate of another key",
            Defect::X5cNotRsa => "x5c on a key that is not RSA",
            Defect::Private => "private members are published",
            Defect::KidType => "kid is no string",
            Defect::Spelling => "a member is not base64url without padding",
            Defect::Symmetric => "a symmetric key",
            Defect::OtherType => "a key of another type",
            Defect::UseEnc => "use is enc",
            Defect::KeyOps => "key_ops does not hold verify",
            Defect::EncryptionAlg => "alg is for encryption",
        }
    }
}

/// All of them; a spelling that is not clean is one of them.
pub(super) fn of(key: &Key) -> Vec<Defect> {
    let mut found = Vec::new();
    let needed: &[&str] = match key.kty() {
        Some("RSA") => &["n", "e"],
        Some("EC") => &["crv", "x", "y"],
        Some("OKP") => &["crv", "x"],
        _ => &[],
    };
    let mut add = |defect, when: bool| {
        if when {
            found.push(defect);
        }
    };
    let absent = |name: &&str| key.node.get(name).is_none_or(|n| n.as_str().is_none_or(str::is_empty));
    add(Defect::Incomplete, needed.iter().any(absent));
    add(Defect::UnknownType, !matches!(key.kty(), Some("RSA" | "EC" | "OKP" | "oct")));
    add(Defect::UnknownCurve, key.kty() == Some("EC") && key.curve().is_some() && key.algorithms_by_type().is_empty());
    add(Defect::Symmetric, key.kty() == Some("oct"));
    add(Defect::Private, key.kty() != Some("oct") && !key.private_members().is_empty());
    add(Defect::KidType, key.node.get("kid").is_some_and(|n| n.as_str().is_none() && !n.is_null()));
    add(Defect::UseEnc, key.usage() == Some("enc"));
    add(Defect::EncryptionAlg, key.alg().is_some_and(is_encryption));
    add(Defect::KeyOps, key.operations().is_some_and(|ops| !ops.contains(&"verify")));
    add(Defect::Spelling, key.spelling != Spelling::Clean);
    if let Some(certificates) = key.certificates() {
        let leaf = certificates.first().cloned().flatten();
        add(Defect::BrokenX5c, key.leaf.is_none());
        add(Defect::ForeignX5c, leaf.is_some_and(|der| certificate::public_key_differs(&der, key)));
        add(Defect::X5cNotRsa, key.kty() != Some("RSA"));
    }
    found
}
