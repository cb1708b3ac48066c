//! Tokens as they came: a lenient splitter for compact JWS (RFC 7515 section 7.1), and a verifier of our own.
//!
//! A diagnosis has to tell apart what a library lumps together as "invalid token": an opaque string, an encrypted
//! token, an unsigned one, a signature spelt with padding, one made with another key. So nothing is refused here that
//! can still be explained. Only the arithmetic comes from a library; which key is meant is decided here, by the letter
//! of RFC 7515 section 4.1 and OpenID Connect Core 1.0 section 10.1, and by each library's own rules elsewhere.
//!
//! The text of a token never leaves this module: what is shown of it are its header and its claims.

use super::json::{self, Document, Node, Value};
use super::jwks::{Jwks, Key};
use aws_lc_rs::{digest, signature};
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};

/// The value that stands for a signature in a recording: it says that it was taken out, and whether it had verified.
pub const REMOVED_GOOD: &str = "REMOVED-it-verified";
/// See [`REMOVED_GOOD`].
pub const REMOVED_BAD: &str = "REMOVED-it-did-not-verify";

/// Claims that name one token or one session, and are shown nowhere.
pub const UNIQUE: [&str; 2] = ["jti", "sid"];

/// One of the three parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The JOSE header.
    Header,
    /// The claims.
    Payload,
    /// The signature.
    Signature,
}

impl Part {
    /// What a person calls it.
    pub fn word(self) -> &'static str {
        match self {
            Part::Header => "header",
            Part::Payload => "payload",
            Part::Signature => "signature",
        }
    }
}

/// Why a text is no readable JWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotJws {
    /// Nothing.
    Empty,
    /// A text without the shape of a JWT: an opaque token.
    Opaque,
    /// A JWE (RFC 7516): key management and content encryption algorithm.
    Encrypted(String, String),
    /// It starts with a JOSE header and has this many parts, which makes neither a JWS nor a JWE.
    Parts(usize),
    /// A part is not base64url.
    Base64(Part),
    /// A part is no JSON object.
    NotAnObject(Part),
}

impl std::fmt::Display for NotJws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotJws::Empty => f.write_str("it is empty"),
            NotJws::Opaque => f.write_str("it is no JWT but an opaque text"),
            NotJws::Encrypted(alg, enc) => write!(f, "it is encrypted (JWE, {alg} with {enc})"),
            NotJws::Parts(n) => write!(f, "it starts like a JWT and has {n} parts, not 3"),
            NotJws::Base64(part) => write!(f, "its {} is not base64url", part.word()),
            NotJws::NotAnObject(part) => write!(f, "its {} is no JSON object", part.word()),
        }
    }
}

/// A compact JWS, read.
#[derive(Clone, PartialEq)]
pub struct Jws {
    /// The JOSE header.
    pub header: Document,
    /// The claims.
    pub claims: Document,
    /// Parts that are not spelt as RFC 7515 section 2 wants them: with padding, or with `+` and `/`.
    pub misspelt: Vec<Part>,
    /// White space stands before or after it.
    pub blanks_around: bool,
    /// How long the whole token is, in bytes.
    pub length: usize,
    signed: String,
    signature: Vec<u8>,
    removed: Option<bool>,
}

impl std::fmt::Debug for Jws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the signed text nor the signature: debug output ends up in logs.
        f.debug_struct("Jws").field("alg", &self.alg()).field("length", &self.length).finish_non_exhaustive()
    }
}

/// Why a signature was not verified with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unverified {
    /// There is none: `alg` is `none`, or the third part is empty.
    Unsigned,
    /// It is an HMAC with the client secret, which no public key verifies.
    Symmetric,
    /// The algorithm is missing or not known.
    Unknown,
    /// The key is of another type or curve, or cannot be read.
    Key,
    /// The signature is not that of this key.
    Mismatch,
}

/// What came of trying all keys of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// It verifies with the key at this place of the set.
    Good(usize),
    /// It verified, and was taken out of a recording since.
    WasGood,
    /// It verifies with none of them; the flag says that a key of the right id and type is there.
    Bad(bool),
    /// There is none.
    Unsigned,
    /// It needs the client secret.
    Symmetric,
    /// `alg` is missing or not known.
    Unknown,
}

impl Jws {
    /// Reads a compact JWS.
    ///
    /// # Errors
    /// [`NotJws`], which tells an opaque text from an encrypted token and from a broken one.
    pub fn read(text: &str) -> Result<Jws, NotJws> {
        let untrimmed = text.len();
        let text = text.trim();
        let blanks_around = text.len() < untrimmed;
        if text.is_empty() {
            return Err(NotJws::Empty);
        }
        let parts: Vec<&str> = text.split('.').collect();
        let header = decode(parts[0]).and_then(|(bytes, odd)| Some((object(&bytes)?, odd)));
        let (header, odd_header) = match (parts.as_slice(), header) {
            ([_, _, _], Some(header)) => header,
            ([_, _, _, _, _], Some((header, _))) if header.root.get("enc").is_some() => {
                let member = |name| header.root.get(name).and_then(Node::as_str).unwrap_or("?").to_owned();
                return Err(NotJws::Encrypted(member("alg"), member("enc")));
            }
            (parts, Some(_)) if parts.len() > 1 => return Err(NotJws::Parts(parts.len())),
            ([_, _, _], None) if decode(parts[0]).is_none() && parts[0].starts_with("ey") => {
                return Err(NotJws::Base64(Part::Header));
            }
            ([_, _, _], None) if parts[0].starts_with("ey") => return Err(NotJws::NotAnObject(Part::Header)),
            _ => return Err(NotJws::Opaque),
        };
        let (claims, odd_claims) = decode(parts[1]).ok_or(NotJws::Base64(Part::Payload))?;
        let claims = object(&claims).ok_or(NotJws::NotAnObject(Part::Payload))?;
        let removed = match parts[2] {
            REMOVED_GOOD => Some(true),
            REMOVED_BAD => Some(false),
            _ => None,
        };
        let (signature, odd_signature) = match removed {
            Some(_) => (Vec::new(), false),
            None => decode(parts[2]).ok_or(NotJws::Base64(Part::Signature))?,
        };
        let odd = [(Part::Header, odd_header), (Part::Payload, odd_claims), (Part::Signature, odd_signature)];
        let misspelt = odd.into_iter().filter(|(_, odd)| *odd).map(|(part, _)| part).collect();
        let signed = format!("{}.{}", parts[0], parts[1]);
        Ok(Jws { header, claims, misspelt, blanks_around, length: text.len(), signed, signature, removed })
    }

    /// The header's `alg`.
    pub fn alg(&self) -> Option<&str> {
        self.header.root.get("alg").and_then(Node::as_str)
    }

    /// The header's `kid`.
    pub fn kid(&self) -> Option<&str> {
        self.header.root.get("kid").and_then(Node::as_str)
    }

    /// The header's `kid`, when it is no string.
    pub fn odd_kid(&self) -> Option<&Node> {
        self.header.root.get("kid").filter(|node| node.as_str().is_none())
    }

    /// The header's `typ`.
    pub fn typ(&self) -> Option<&str> {
        self.header.root.get("typ").and_then(Node::as_str)
    }

    /// The claim of that name, `null` included.
    pub fn claim(&self, name: &str) -> Option<&Node> {
        self.claims.root.get(name)
    }

    /// A claim that is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claim(name).and_then(Node::as_str)
    }

    /// A NumericDate in seconds (RFC 7519 section 2), fractions cut off. A string of digits counts, for some
    /// libraries take it.
    pub fn seconds(&self, name: &str) -> Option<i64> {
        seconds(self.claim(name)?)
    }

    /// The audiences: a lone string is one, anything but strings is left out.
    pub fn audiences(&self) -> Vec<&str> {
        match self.claim("aud").map(|node| &node.value) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(items)) => items.iter().filter_map(Node::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// How many audiences there are, whatever their type.
    pub fn audience_count(&self) -> usize {
        match self.claim("aud").map(|node| &node.value) {
            Some(Value::Array(items)) => items.len(),
            Some(Value::Null) | None => 0,
            Some(_) => 1,
        }
    }

    /// Whether it carries no signature (RFC 7518 section 3.6).
    pub fn unsigned(&self) -> bool {
        self.removed.is_none()
            && (self.alg().is_some_and(|alg| alg.eq_ignore_ascii_case("none")) || self.signature.is_empty())
    }

    /// Verifies the signature with one key, whatever its `use`, `alg` and `kid` say.
    ///
    /// # Errors
    /// [`Unverified`]: why not.
    pub fn verify(&self, key: &Key) -> Result<(), Unverified> {
        let alg = self.alg().ok_or(Unverified::Unknown)?;
        if self.unsigned() {
            return Err(Unverified::Unsigned);
        }
        if matches!(alg, "HS256" | "HS384" | "HS512") {
            return Err(Unverified::Symmetric);
        }
        let verified = match (key.kty(), key.curve()) {
            (Some("RSA"), _) => {
                let parameters = rsa(alg).ok_or(Unverified::Key)?;
                let member = |name| key.bytes(name).filter(|bytes| !bytes.is_empty()).ok_or(Unverified::Key);
                // A leading zero octet is a common mistake of publishers and changes nothing about the number.
                let number = |bytes: Vec<u8>| bytes.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
                let components = signature::RsaPublicKeyComponents { n: number(member("n")?), e: number(member("e")?) };
                components.verify(parameters, self.signed.as_bytes(), &self.signature)
            }
            (Some("EC"), Some(curve)) => {
                let (parameters, size) = ecdsa(alg, curve).ok_or(Unverified::Key)?;
                let coordinate = |name: &str| {
                    let bytes = key.bytes(name).filter(|bytes| bytes.len() <= size).ok_or(Unverified::Key)?;
                    Ok([vec![0; size - bytes.len()], bytes].concat())
                };
                let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
                signature::UnparsedPublicKey::new(parameters, point).verify(self.signed.as_bytes(), &self.signature)
            }
            (Some("OKP"), Some("Ed25519")) if matches!(alg, "EdDSA" | "Ed25519") => {
                let point = key.bytes("x").ok_or(Unverified::Key)?;
                signature::UnparsedPublicKey::new(&signature::ED25519, point)
                    .verify(self.signed.as_bytes(), &self.signature)
            }
            _ => return Err(Unverified::Key),
        };
        verified.map_err(|_| Unverified::Mismatch)
    }

    /// Tries every key whose type fits, whatever it says about itself.
    pub fn examine(&self, jwks: Option<&Jwks>) -> Signature {
        let Some(alg) = self.alg() else { return Signature::Unknown };
        match self.removed {
            Some(true) => return Signature::WasGood,
            Some(false) => return Signature::Bad(false),
            None if self.unsigned() => return Signature::Unsigned,
            None if alg.starts_with("HS") => return Signature::Symmetric,
            None if !is_signature(alg) => return Signature::Unknown,
            None => {}
        }
        let keys = jwks.map(|jwks| jwks.keys.as_slice()).unwrap_or_default();
        match keys.iter().find(|key| self.verify(key).is_ok()) {
            Some(key) => Signature::Good(key.index),
            None => Signature::Bad(keys.iter().any(|key| self.meant(key).is_ok())),
        }
    }

    /// Whether a key is the one that the header means, by the letter: `kid` equal where the token has one, `use` and
    /// `key_ops` for signatures, `alg` equal where the key has one (RFC 7517 section 4, OpenID Connect Core 1.0 section 10.1).
    ///
    /// # Errors
    /// What speaks against it: lower case, no full stop.
    pub fn meant(&self, key: &Key) -> Result<(), String> {
        let alg = self.alg().unwrap_or_default();
        if !key.algorithms_by_type().contains(&alg) {
            return Err(format!("{} cannot serve {alg}", key.name()));
        }
        if self.kid().is_some() && key.kid() != self.kid() {
            return Err(format!(
                "the token says kid {:?}, the key {:?}",
                self.kid().unwrap_or_default(),
                key.kid().unwrap_or("nothing")
            ));
        }
        if !key.can_sign() {
            return Err(format!("{} is not for signatures", key.name()));
        }
        match key.alg() {
            Some(own) if own != alg && !(alg == "EdDSA" && own == "Ed25519" || alg == "Ed25519" && own == "EdDSA") => {
                Err(format!("the token says alg {alg}, the key {own}"))
            }
            _ => Ok(()),
        }
    }

    /// The text with its signature taken out, and with the claims that make it unique, for a recording; `good` says
    /// whether the signature had verified.
    pub fn redacted(&self, good: bool) -> String {
        let mut signed = self.signed.clone();
        if UNIQUE.iter().any(|name| self.claim(name).is_some()) {
            let mut claims = self.claims.root.plain();
            for name in UNIQUE {
                if let Some(value) = claims.get_mut(name) {
                    *value = "REMOVED".into();
                }
            }
            let header = signed.split('.').next().unwrap_or_default();
            signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        }
        match (self.unsigned(), good) {
            (true, _) => format!("{signed}."),
            (false, true) => format!("{signed}.{REMOVED_GOOD}"),
            (false, false) => format!("{signed}.{REMOVED_BAD}"),
        }
    }
}

/// A number, or a string of digits, as whole seconds.
pub fn seconds(node: &Node) -> Option<i64> {
    let text = match &node.value {
        Value::Number(text) | Value::String(text) => text,
        _ => return None,
    };
    let number: f64 = text.parse().ok()?;
    // Beyond 2^53 a float is no exact number of seconds any more, and no date either.
    (number.abs() < 9e15).then_some(number.trunc() as i64)
}

/// Whether a name is an algorithm of digital signatures that providers use (RFC 7518 section 3.1, RFC 8037, RFC 9864).
pub fn is_signature(alg: &str) -> bool {
    rsa(alg).is_some() || matches!(alg, "ES256" | "ES384" | "ES512" | "EdDSA" | "Ed25519")
}

/// `at_hash` and `c_hash`: the left half of the hash that belongs to the algorithm (OpenID Connect Core 1.0 section
/// 3.1.3.6); `None` for an algorithm without a hash.
pub fn half_hash(alg: &str, text: &str) -> Option<String> {
    let algorithm = match alg {
        // Ed25519 hashes with SHA-512 (RFC 8032 section 5.1).
        "EdDSA" | "Ed25519" => &digest::SHA512,
        _ if alg.ends_with("256") => &digest::SHA256,
        _ if alg.ends_with("384") => &digest::SHA384,
        _ if alg.ends_with("512") => &digest::SHA512,
        _ => return None,
    };
    let hash = digest::digest(algorithm, text.as_bytes());
    let bytes = hash.as_ref();
    Some(URL_SAFE_NO_PAD.encode(&bytes[..bytes.len() / 2]))
}

fn rsa(alg: &str) -> Option<&'static signature::RsaParameters> {
    Some(match alg {
        // Old providers still sign with 1024 bits, and it is jwks/rsa-size that has to say so.
        "RS256" => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
        "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
        "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

/// The parameters of an ECDSA algorithm on its curve (RFC 7518 section 3.4), and the bytes of a coordinate.
fn ecdsa(alg: &str, curve: &str) -> Option<(&'static signature::EcdsaVerificationAlgorithm, usize)> {
    Some(match (alg, curve) {
        ("ES256", "P-256") => (&signature::ECDSA_P256_SHA256_FIXED, 32),
        ("ES384", "P-384") => (&signature::ECDSA_P384_SHA384_FIXED, 48),
        ("ES512", "P-521") => (&signature::ECDSA_P521_SHA512_FIXED, 66),
        _ => return None,
    })
}

/// The bytes of a part; the flag says that it is not spelt as it should be.
fn decode(text: &str) -> Option<(Vec<u8>, bool)> {
    if let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) {
        return Some((bytes, false));
    }
    let lenient = GeneralPurpose::new(
        &URL_SAFE,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone),
    );
    let plain = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    lenient.decode(plain).ok().map(|bytes| (bytes, true))
}

fn object(bytes: &[u8]) -> Option<Document> {
    json::read(bytes).ok().filter(|document| matches!(document.root.value, Value::Object(_)))
}
