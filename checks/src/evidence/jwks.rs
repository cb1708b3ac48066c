//! The published keys: a lenient view that keeps what it does not understand.
//!
//! A library with a strict type for keys would refuse the very sets that have to be explained, so every member is
//! read for itself (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).

use super::certificate::{self, Certificate};
use super::defects::{self, Defect};
use super::json::{Document, Node, Value};
use super::numbers;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// Members that belong to a private or symmetric key and never into a published set (RFC 7518 sections 6.2.2, 6.3.2, 6.4).
pub const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// How a base64url member is written, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// Base64url without padding, as RFC 7515 section 2 wants it.
    Clean,
    /// With `=` at its end.
    Padded,
    /// With `+` or `/`.
    Standard,
    /// Neither.
    Unreadable,
}

/// One key of the set.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Its place in the array.
    pub index: usize,
    /// The value as published.
    pub node: Node,
    /// What is wrong with it: found once, since every library is asked about every key many times.
    pub defects: Vec<Defect>,
    /// The members with another JSON type than RFC 7517 gives them, `null` included.
    pub mistyped: Vec<&'static str>,
    /// The worst spelling of its public members.
    pub spelling: Spelling,
    /// Size of an RSA modulus in bits.
    pub rsa_bits: Option<usize>,
    /// The first certificate of `x5c`, if it is one.
    pub leaf: Option<Certificate>,
}

impl Key {
    fn new(index: usize, node: Node) -> Key {
        let (defects, mistyped) = (Vec::new(), Vec::new());
        let mut key = Key { index, node, defects, mistyped, spelling: Spelling::Clean, rsa_bits: None, leaf: None };
        key.spelling = ["n", "e", "x", "y"].iter().filter_map(|m| key.spelt(m)).max().unwrap_or(Spelling::Clean);
        key.rsa_bits = key.modulus_bits();
        let leaf = key.certificates().and_then(|all| all.into_iter().next().flatten());
        key.leaf = leaf.and_then(|der| certificate::read(&der));
        key.defects = defects::of(&key);
        key.mistyped = defects::mistyped(&key);
        key
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.node.get(name).and_then(Node::as_str)
    }

    /// Key type.
    pub fn kty(&self) -> Option<&str> {
        self.text("kty")
    }

    /// Key id, when it is a string.
    pub fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// The algorithm that the key is meant for.
    pub fn alg(&self) -> Option<&str> {
        self.text("alg")
    }

    /// `sig`, `enc` or something else.
    pub fn usage(&self) -> Option<&str> {
        self.text("use")
    }

    /// The curve of an EC or OKP key.
    pub fn curve(&self) -> Option<&str> {
        self.text("crv")
    }

    /// The operations, if there is a list of them.
    pub fn operations(&self) -> Option<Vec<&str>> {
        self.node.get("key_ops").and_then(Node::as_array).map(|ops| ops.iter().filter_map(Node::as_str).collect())
    }

    /// The private or symmetric members that it should not have.
    pub fn private_members(&self) -> Vec<&str> {
        self.node.members().iter().map(|(name, _)| name.as_str()).filter(|n| PRIVATE_MEMBERS.contains(n)).collect()
    }

    /// Whether a token can be signed with it as far as its own members say.
    pub fn can_sign(&self) -> bool {
        self.usage().is_none_or(|u| u == "sig")
            && self.operations().is_none_or(|ops| ops.iter().any(|o| matches!(*o, "sign" | "verify")))
            && self.alg().is_none_or(|alg| !is_encryption(alg))
            && self.kty() != Some("oct")
    }

    /// The signature algorithms that it can serve, by its own `alg` or else by type and curve.
    pub fn algorithms(&self) -> Vec<&str> {
        if let Some(alg) = self.alg().filter(|a| !is_encryption(a)) {
            return vec![alg];
        }
        self.algorithms_by_type().to_vec()
    }

    /// The signature algorithms that its type and curve can serve, whatever its `alg` says (RFC 7518 section 3.1, RFC 8037 section 3.1).
    pub fn algorithms_by_type(&self) -> &'static [&'static str] {
        match (self.kty(), self.curve()) {
            (Some("RSA"), _) => &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
            (Some("EC"), Some("P-256")) => &["ES256"],
            (Some("EC"), Some("P-384")) => &["ES384"],
            (Some("EC"), Some("P-521")) => &["ES512"],
            (Some("EC"), Some("secp256k1")) => &["ES256K"],
            (Some("OKP"), Some("Ed25519")) => &["EdDSA", "Ed25519"],
            (Some("OKP"), Some("Ed448")) => &["EdDSA", "Ed448"],
            _ => &[],
        }
    }

    /// How a binary member is spelt; `None` when it is absent or no string.
    fn spelt(&self, member: &str) -> Option<Spelling> {
        // Line breaks are a defect of their own.
        let text = self.text(member)?.replace(['\n', '\r'], "");
        let text = text.as_str();
        Some(if URL_SAFE_NO_PAD.decode(text).is_ok() {
            Spelling::Clean
        } else if URL_SAFE.decode(text).is_ok() || STANDARD.decode(text).is_ok() && !text.contains(['+', '/']) {
            Spelling::Padded
        } else if STANDARD.decode(text).is_ok() || STANDARD_NO_PAD.decode(text).is_ok() {
            Spelling::Standard
        } else {
            Spelling::Unreadable
        })
    }

    /// The bytes of a binary member, however it is spelt.
    pub fn bytes(&self, member: &str) -> Option<Vec<u8>> {
        let text = self.text(member)?;
        if let Some(bytes) = numbers::digits(text).filter(|_| member == "n") {
            return Some(bytes);
        }
        let text = text.replace(['\n', '\r'], "").trim_end_matches('=').replace('+', "-").replace('/', "_");
        URL_SAFE_NO_PAD.decode(text).ok()
    }

    fn modulus_bits(&self) -> Option<usize> {
        if self.kty() != Some("RSA") {
            return None;
        }
        let modulus = self.bytes("n")?;
        let first = modulus.iter().position(|b| *b != 0)?;
        Some((modulus.len() - first) * 8 - modulus[first].leading_zeros() as usize)
    }

    /// The certificates of `x5c` as DER; an entry that is no base64 is `None`.
    pub fn certificates(&self) -> Option<Vec<Option<Vec<u8>>>> {
        let entries = self.node.get("x5c")?.as_array()?;
        Some(entries.iter().map(|e| e.as_str().and_then(|text| STANDARD.decode(text).ok())).collect())
    }

    /// What a person calls it: its id and type, or its place.
    pub fn name(&self) -> String {
        match (self.kid(), self.kty()) {
            (Some(kid), Some(kty)) => format!("key {kid:?} ({kty})"),
            (Some(kid), None) => format!("key {kid:?}"),
            (None, Some(kty)) => format!("key {} ({kty}, without kid)", self.index),
            (None, None) => format!("key {}", self.index),
        }
    }
}

/// Whether an algorithm encrypts rather than signs (RFC 7518 section 4.1).
pub fn is_encryption(alg: &str) -> bool {
    ["RSA-OAEP", "RSA1_5", "ECDH-ES", "A128", "A192", "A256", "dir", "PBES2"].iter().any(|p| alg.starts_with(p))
}

/// A JWK set as published.
#[derive(Debug, Clone, PartialEq)]
pub struct Jwks {
    /// The document as read.
    pub document: Document,
    /// The entries of `keys` that are objects.
    pub keys: Vec<Key>,
}

impl Jwks {
    /// Takes the keys out of a document; `Err` says what is wrong with its shape.
    ///
    /// # Errors
    /// A person's sentence when the document is no object with an array `keys` (RFC 7517 section 5).
    pub fn of(document: Document) -> Result<Jwks, String> {
        let keys = match (&document.root.value, document.root.get("keys")) {
            (Value::Object(_), Some(Node { value: Value::Array(items), .. })) => items
                .iter()
                .enumerate()
                .filter(|(_, node)| matches!(node.value, Value::Object(_)))
                .map(|(index, node)| Key::new(index, node.clone()))
                .collect(),
            (Value::Object(_), Some(other)) => return Err(format!("`keys` is {}, not an array", other.kind())),
            (Value::Object(_), None) => return Err("there is no member `keys`".into()),
            _ => return Err(format!("the document is {}, not an object", document.root.kind())),
        };
        Ok(Jwks { document, keys })
    }

    /// A set without keys.
    pub fn empty() -> Jwks {
        let root = Node { span: 0..0, value: Value::Object(Vec::new()) };
        Jwks { document: Document::plain(root), keys: Vec::new() }
    }

    /// The keys that a provider would sign with: those that can sign, or all of them when none says that it can.
    pub fn signers(&self) -> Vec<&Key> {
        let able: Vec<&Key> = self.keys.iter().filter(|key| key.can_sign()).collect();
        if able.is_empty() { self.keys.iter().filter(|k| k.kty() != Some("oct")).collect() } else { able }
    }

    /// The entries of `keys` that are no objects, by index and kind.
    pub fn strangers(&self) -> Vec<(usize, &'static str)> {
        let items = self.document.root.get("keys").and_then(Node::as_array).unwrap_or_default();
        let strange = |n: &Node| !matches!(n.value, Value::Object(_));
        items.iter().enumerate().filter(|(_, n)| strange(n)).map(|(i, n)| (i, n.kind())).collect()
    }
}
