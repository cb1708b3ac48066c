//! What is wrong with a key of the set, whoever reads it.

use super::certificate;
use super::json::Node;
use super::jwks::{Key, Spelling, is_encryption};
use super::numbers;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
    /// An `x5c` without entries.
    EmptyX5c,
    /// An `x5c` entry that is no certificate.
    BrokenX5c,
    /// An `x5c` of another key.
    ForeignX5c,
    /// An `x5c` on a key that is not RSA.
    X5cNotRsa,
    /// An `x5t` or `x5t#S256` that is no base64url of a digest.
    Thumbprint,
    /// An `x5t` or `x5t#S256` of another certificate than the one in `x5c`.
    ForeignThumbprint,
    /// Private members.
    Private,
    /// A `kid` that is no string.
    KidType,
    /// A modulus spelt otherwise than base64url without padding (how strict: the library's affair).
    Spelling,
    /// A line break inside a member that is base64url.
    LineBreaks,
    /// A modulus written in hexadecimal or decimal digits: read as base64url it is another number.
    Digits,
    /// A coordinate of an EC key that is longer or shorter than those of its curve.
    CoordinateLength,
    /// A coordinate whose number does not fit into those of the curve.
    CoordinateTooLarge,
    /// A point that is not on its curve.
    OffCurve,
    /// An exponent that does not fit into 32 bits.
    HugeExponent,
    /// A symmetric key.
    Symmetric,
    /// A key of another type than the signing key.
    OtherType,
    /// `use` is `enc`.
    UseEnc,
    /// `use` is neither `sig` nor `enc`, or `null`.
    UseOther,
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
            Defect::Incomplete => "a member of the key is missing or no string",
            Defect::NotAnObject => "no object",
            Defect::EmptyX5c => "x5c is empty",
            Defect::BrokenX5c => "x5c is no certificate",
            Defect::ForeignX5c => "x5c is the certificate of another key",
            Defect::X5cNotRsa => "x5c on a key that is not RSA",
            Defect::Thumbprint => "x5t is no thumbprint",
            Defect::ForeignThumbprint => "x5t is not the thumbprint of the certificate in x5c",
            Defect::Private => "private members are published",
            Defect::KidType => "kid is no string",
            Defect::Spelling => "a member is not base64url without padding",
            Defect::LineBreaks => "a member has line breaks in it",
            Defect::Digits => "the modulus is written in digits and not in base64url",
            Defect::CoordinateLength => "a coordinate has another length than the curve",
            Defect::CoordinateTooLarge => "a coordinate is too large for the curve",
            Defect::OffCurve => "the point is not on the curve",
            Defect::HugeExponent => "the exponent does not fit into 32 bits",
            Defect::Symmetric => "a symmetric key",
            Defect::OtherType => "a key of another type",
            Defect::UseEnc => "use is enc",
            Defect::UseOther => "use is neither sig nor enc",
            Defect::KeyOps => "key_ops does not hold verify",
            Defect::EncryptionAlg => "alg is for encryption",
        }
    }
}

/// Members of a key that are strings, or arrays of strings (RFC 7517 section 4, RFC 7518 section 6).
const STRINGS: [&str; 12] = ["kty", "use", "kid", "alg", "crv", "x5u", "x5t", "x5t#S256", "n", "e", "x", "y"];
const LISTS: [&str; 2] = ["x5c", "key_ops"];

/// The members with another JSON type than they should have, `null` included.
pub(super) fn mistyped(key: &Key) -> Vec<&'static str> {
    let text = |name: &&&str| key.node.get(name).is_some_and(|node| node.as_str().is_none());
    let strings = |node: &Node| node.as_array().is_some_and(|items| items.iter().all(|item| item.as_str().is_some()));
    let list = |name: &&&str| key.node.get(name).is_some_and(|node| !strings(node));
    STRINGS.iter().filter(text).chain(LISTS.iter().filter(list)).copied().collect()
}

/// The digest in a thumbprint: in base64url, or in hexadecimal digits that are in base64url themselves, which the
/// wording of RFC 7517 section 4.8 was also taken for.
fn thumbprint(text: &str, length: usize) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    if bytes.len() != 2 * length {
        return Some(bytes).filter(|bytes| bytes.len() == length);
    }
    let digits = std::str::from_utf8(&bytes).ok()?;
    (0..length).map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}

/// What is wrong with the thumbprints beside a certificate, or without one. An empty one counts as absent.
fn thumbprints(key: &Key) -> (bool, bool) {
    let leaf = key.certificates().and_then(|all| all.into_iter().next().flatten()).filter(|_| key.leaf.is_some());
    let (mut malformed, mut foreign) = (false, false);
    for (member, algorithm) in [("x5t", &digest::SHA1_FOR_LEGACY_USE_ONLY), ("x5t#S256", &digest::SHA256)] {
        let Some(text) = key.node.get(member).and_then(Node::as_str).filter(|text| !text.is_empty()) else { continue };
        let read = thumbprint(text, algorithm.output_len());
        malformed |= read.is_none();
        let right = leaf.as_ref().map(|der| digest::digest(algorithm, der));
        foreign |= right.is_some_and(|right| read.as_deref() != Some(right.as_ref()));
    }
    (malformed, foreign)
}

/// What is wrong with the coordinates of an EC key.
fn coordinates(key: &Key) -> Vec<Defect> {
    let there = |member| key.bytes(member).filter(|bytes| !bytes.is_empty());
    let curve = key.curve().filter(|_| key.kty() == Some("EC"));
    let Some((curve, length)) = curve.and_then(|curve| Some((curve, numbers::coordinate_len(curve)?))) else {
        return Vec::new();
    };
    let (Some(x), Some(y)) = (there("x"), there("y")) else { return Vec::new() };
    let large = |bytes: &[u8]| numbers::number(bytes).bits() > 8 * length as u64;
    let found = [
        (Defect::CoordinateLength, x.len() != length || y.len() != length),
        (Defect::CoordinateTooLarge, large(&x) || large(&y)),
        (Defect::OffCurve, numbers::on_curve(curve, &x, &y) == Some(false)),
    ];
    found.into_iter().filter(|(_, is)| *is).map(|(defect, _)| defect).collect()
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
    let usage = key.node.get("use");
    add(Defect::UseEnc, key.usage() == Some("enc"));
    add(Defect::UseOther, usage.is_some_and(Node::is_null) || key.usage().is_some_and(|u| !matches!(u, "sig" | "enc")));
    add(Defect::EncryptionAlg, key.alg().is_some_and(is_encryption));
    add(Defect::KeyOps, key.operations().is_some_and(|ops| !ops.contains(&"verify")));
    add(Defect::Spelling, key.spelling != Spelling::Clean);
    let text = |name: &str| key.node.get(name).and_then(Node::as_str).unwrap_or_default();
    add(Defect::LineBreaks, ["n", "e", "x", "y"].iter().any(|member| text(member).contains(['\n', '\r'])));
    add(Defect::Digits, key.kty() == Some("RSA") && numbers::digits(text("n")).is_some());
    coordinates(key).into_iter().for_each(|defect| add(defect, true));
    let exponent = key.bytes("e").filter(|_| key.kty() == Some("RSA"));
    add(Defect::HugeExponent, exponent.is_some_and(|e| numbers::number(&e).bits() > 31));
    let (malformed, foreign) = thumbprints(key);
    add(Defect::Thumbprint, malformed);
    add(Defect::ForeignThumbprint, foreign);
    match key.certificates() {
        Some(certificates) if certificates.is_empty() => add(Defect::EmptyX5c, true),
        Some(certificates) => {
            let leaf = certificates.first().cloned().flatten();
            add(Defect::BrokenX5c, key.leaf.is_none());
            add(Defect::ForeignX5c, leaf.is_some_and(|der| certificate::public_key_differs(&der, key)));
            add(Defect::X5cNotRsa, key.kty() != Some("RSA"));
        }
        None => {}
    }
    found
}
