//! How a library finds the key of a token, and what keeps it from finding one.
//!
//! Before a login nobody knows which key a provider will sign with, so the question is asked for every way in which
//! it could sign ([`Signature`]); a library that refuses them all cannot let anybody in.

use super::algorithms::AlgorithmRules;
use super::{Refusal, Rule};
pub use crate::evidence::defects::Defect;
use crate::evidence::jwks::{Jwks, Key, Spelling};
use crate::verdict::Step;
use serde::Deserialize;

/// What happens when several keys fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Several {
    /// Every one is tried.
    #[default]
    TryAll,
    /// Refused as ambiguous.
    Refused,
    /// The first one of the token's type is taken.
    First,
    /// The first one is taken, of whatever type.
    FirstOfAnyType,
    /// The last one is taken.
    Last,
}

/// What `kid` is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kid {
    /// A token's `kid` must be that of the key.
    #[default]
    Matches,
    /// A key without `kid` also fits.
    MatchesOrAbsent,
    /// Not looked at.
    Ignored,
}

/// How a modulus must be spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Base64 {
    /// Anything readable.
    #[default]
    Any,
    /// Padding is fine, `+` and `/` are not.
    Url,
    /// Base64url without padding.
    Clean,
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct KeyRules {
    /// Signatures are verified at all. If not, the key set is never fetched.
    pub verified: bool,
    /// The step at which the set is fetched.
    pub fetched: Step,
    /// The step at which a set of the wrong shape (no `keys`, no array) is noticed; as `fetched` unless said.
    pub shape: Option<Step>,
    /// The step at which a token is validated with it.
    pub used: Step,
    /// What `kid` is good for.
    pub kid: Kid,
    /// A token without `kid` is refused.
    pub kid_required: bool,
    /// Several keys of the token's `kid`.
    pub same_kid: Several,
    /// Several keys that fit a token without `kid`.
    pub without_kid: Several,
    /// A token without `kid` is taken only when the set holds a single key, of whatever type.
    pub lone_key_without_kid: bool,
    /// The key's own `alg` must be that of the token.
    pub alg_matches: bool,
    /// A token whose `kid` is in no key makes it fetch the set again at once.
    pub refetches: bool,
    /// Smallest RSA modulus in bits.
    pub min_rsa_bits: usize,
    /// How strictly the modulus is read.
    pub base64: Base64,
    /// Defects of any entry that make the whole set unusable.
    pub spoiled_by: Vec<Defect>,
    /// Defects that make the one key unusable.
    pub unusable: Vec<Defect>,
    /// Members of any entry whose JSON type is enforced while the set is read: another one makes the whole set unusable.
    pub typed: Vec<String>,
    /// Members that make the one key unusable when they have another JSON type.
    pub typed_if_used: Vec<String>,
    /// `null` counts as another type of those members.
    pub null_refused: bool,
    /// A modulus in digits is read as base64url: another number, so that no signature verifies. True of all.
    #[serde(skip)]
    misreads: bool,
}

impl Default for KeyRules {
    fn default() -> Self {
        KeyRules {
            verified: true,
            fetched: Step::IdToken,
            shape: None,
            used: Step::IdToken,
            kid: Kid::Matches,
            kid_required: false,
            same_kid: Several::TryAll,
            without_kid: Several::TryAll,
            lone_key_without_kid: false,
            alg_matches: true,
            refetches: false,
            min_rsa_bits: 0,
            base64: Base64::Any,
            spoiled_by: Vec::new(),
            unusable: vec![Defect::UseEnc],
            typed: Vec::new(),
            typed_if_used: Vec::new(),
            null_refused: false,
            misreads: true,
        }
    }
}

/// What a check about keys is responsible for, so that one defect fails one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// There is a key for an algorithm that the library takes.
    Presence,
    /// `kid`: there, unique, a string.
    KeyIds,
    /// RSA size.
    Size,
    /// No private or symmetric key is published.
    Privacy,
    /// Every entry can be read.
    Form,
    /// `x5c`.
    Certificates,
    /// `use`, `key_ops` and `alg` allow what the key is for.
    Usage,
    /// The coordinates belong to the curve.
    Points,
    /// Modulus and exponent are those of a sound key.
    Numbers,
}

/// The check that is responsible for the JSON type of a member.
fn concern_of(member: &str) -> Concern {
    match member {
        "kid" => Concern::KeyIds,
        "use" | "key_ops" | "alg" => Concern::Usage,
        "x5c" | "x5t" | "x5t#S256" | "x5u" => Concern::Certificates,
        _ => Concern::Form,
    }
}

impl Defect {
    /// The check that is responsible.
    fn concern(self) -> Concern {
        match self {
            Defect::UnknownCurve
            | Defect::UnknownType
            | Defect::Incomplete
            | Defect::NotAnObject
            | Defect::Spelling
            | Defect::LineBreaks
            | Defect::Digits
            | Defect::OtherType => Concern::Form,
            Defect::EmptyX5c
            | Defect::BrokenX5c
            | Defect::ForeignX5c
            | Defect::X5cNotRsa
            | Defect::Thumbprint
            | Defect::ForeignThumbprint => Concern::Certificates,
            Defect::CoordinateLength | Defect::CoordinateTooLarge | Defect::OffCurve => Concern::Points,
            Defect::HugeExponent => Concern::Numbers,
            Defect::Private | Defect::Symmetric => Concern::Privacy,
            Defect::KidType => Concern::KeyIds,
            Defect::UseEnc | Defect::UseOther | Defect::KeyOps | Defect::EncryptionAlg => Concern::Usage,
        }
    }
}

/// What a concern costs a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// Nothing.
    Nothing,
    /// Some of the ways in which the provider could sign.
    Some(Refusal),
    /// All of them.
    All(Refusal),
}

/// One way in which the provider could sign a token.
#[derive(Debug, Clone, Copy)]
pub struct Signature<'a> {
    /// The key; `None` for a symmetric or no signature.
    pub key: Option<&'a Key>,
    /// The algorithm.
    pub alg: &'a str,
    /// The token's `kid`.
    pub kid: Option<&'a str>,
}

/// All ways in which a provider with this metadata and these keys could sign.
///
/// A key signs with its own `alg`, or with the advertised ones that its type can serve (all of its type when none is
/// advertised). A key without `kid` may still sign tokens that name one. A provider that advertises `HS256` alone
/// signs with the client secret.
pub fn signatures<'a>(jwks: Option<&'a Jwks>, advertised: Option<&[&'a str]>) -> Vec<Signature<'a>> {
    let mut ways = Vec::new();
    for key in jwks.map(Jwks::signers).unwrap_or_default() {
        let by_type = key.algorithms_by_type();
        let mut algs: Vec<&str> = key.alg().filter(|a| by_type.contains(a)).into_iter().collect();
        let listed: Vec<&str> =
            advertised.unwrap_or(&["RS256"]).iter().copied().filter(|a| by_type.contains(a)).collect();
        algs.extend(listed.iter().filter(|a| Some(**a) != key.alg()));
        if algs.is_empty() {
            algs.extend(by_type.first());
        }
        for alg in algs {
            ways.push(Signature { key: Some(key), alg, kid: key.kid() });
            if key.kid().is_none() {
                ways.push(Signature { key: Some(key), alg, kid: Some("") });
            }
        }
    }
    for alg in advertised.unwrap_or_default().iter().filter(|a| a.starts_with("HS")) {
        ways.push(Signature { key: None, alg, kid: None });
    }
    ways
}

impl KeyRules {
    /// These rules with everything switched off but what belongs to one concern.
    fn only(&self, concern: Concern) -> KeyRules {
        let keep = |defects: &[Defect]| defects.iter().copied().filter(|d| d.concern() == concern).collect();
        let types = |members: &[String]| members.iter().filter(|m| concern_of(m) == concern).cloned().collect();
        let ids = concern == Concern::KeyIds;
        KeyRules {
            kid: if ids { self.kid } else { Kid::Ignored },
            kid_required: ids && self.kid_required,
            same_kid: if ids { self.same_kid } else { Several::TryAll },
            without_kid: if ids { self.without_kid } else { Several::TryAll },
            alg_matches: concern == Concern::Usage && self.alg_matches,
            min_rsa_bits: if concern == Concern::Size { self.min_rsa_bits } else { 0 },
            spoiled_by: keep(&self.spoiled_by),
            unusable: keep(&self.unusable),
            typed: types(&self.typed),
            typed_if_used: types(&self.typed_if_used),
            misreads: concern == Concern::Form,
            ..self.clone()
        }
    }

    /// What a concern costs: which of the ways to sign that work apart from it do not work because of it.
    pub fn lost(
        &self,
        algorithms: &AlgorithmRules,
        advertised: Option<&[&str]>,
        jwks: &Jwks,
        concern: Concern,
    ) -> Lost {
        let (plain, narrow) = (self.only(Concern::Presence), self.only(concern));
        if concern != Concern::Presence && narrow == plain {
            return Lost::Nothing;
        }
        let ways = signatures(Some(jwks), advertised);
        let works = |rules: &KeyRules, way: &Signature<'_>| rules.verify(algorithms, advertised, jwks, way);
        let open: Vec<&Signature<'_>> = ways.iter().filter(|way| works(&plain, way).is_ok()).collect();
        if concern == Concern::Presence {
            let none = || Refusal::at(self.used, Rule::NoKey, "there is no key at all");
            let first = || ways.iter().find_map(|way| works(&plain, way).err()).unwrap_or_else(none);
            return if open.is_empty() { Lost::All(first()) } else { Lost::Nothing };
        }
        if !self.verified {
            return Lost::Nothing;
        }
        let spoiled = narrow.spoiled(jwks).filter(|_| !open.is_empty());
        if let Some(refusal) = spoiled {
            return Lost::All(refusal);
        }
        let refused: Vec<Refusal> = open.iter().filter_map(|way| works(&narrow, way).err()).collect();
        match refused.first() {
            None => Lost::Nothing,
            Some(first) if refused.len() == open.len() => Lost::All(first.clone()),
            Some(first) => Lost::Some(first.clone()),
        }
    }

    /// Whether something in the set makes all of it unusable; names the entry and the defect.
    pub fn spoiled(&self, jwks: &Jwks) -> Option<Refusal> {
        let spoils = |defect: Defect| self.spoiled_by.contains(&defect);
        if let Some((index, kind)) = jwks.strangers().first().filter(|_| spoils(Defect::NotAnObject)) {
            return Some(self.spoilt(format!("entry {index} is {kind}")));
        }
        jwks.keys.iter().find_map(|key| {
            let defect = defects(key, self.base64).find(|d| spoils(*d)).map(|defect| defect.words().to_owned());
            let what = defect.or_else(|| self.mistyped(key, &self.typed))?;
            Some(self.spoilt(format!("{}: {what}", key.name())))
        })
    }

    /// One of these members that has another JSON type than it should have.
    fn mistyped(&self, key: &Key, members: &[String]) -> Option<String> {
        key.mistyped.iter().find_map(|name| {
            let node = key.node.get(name).filter(|node| !node.is_null() || self.null_refused)?;
            members.iter().any(|member| member == name).then(|| format!("{name} is {}", node.kind_inside()))
        })
    }

    fn spoilt(&self, what: String) -> Refusal {
        Refusal::at(self.used, Rule::JwksSpoiled, format!("one entry spoils the whole set for it ({what})"))
    }

    /// Whether a token signed that way would be verified.
    ///
    /// # Errors
    /// The [`Refusal`] of this library.
    pub fn verify(
        &self,
        algorithms: &AlgorithmRules,
        advertised: Option<&[&str]>,
        jwks: &Jwks,
        way: &Signature<'_>,
    ) -> Result<(), Refusal> {
        let refuse = |rule, because: String| Err(Refusal::at(self.used, rule, because));
        if algorithms.unreadable.iter().any(|alg| alg == way.alg) {
            return Err(Refusal::at(
                Step::Token,
                Rule::Algorithm,
                format!("it cannot even read a token that says {}", way.alg),
            ));
        }
        if !algorithms.takes(way.alg, advertised) {
            return refuse(Rule::Algorithm, format!("it does not take {}", way.alg));
        }
        let Some(signer) = way.key else { return Ok(()) };
        if !self.verified {
            return Ok(());
        }
        if way.kid.is_none() && self.kid_required {
            return refuse(Rule::NoKey, "it takes no token without kid".into());
        }
        if way.kid.is_none() && self.lone_key_without_kid && jwks.keys.len() > 1 {
            return refuse(Rule::AmbiguousKey, "it takes a token without kid only from a set with one key".into());
        }
        let other_type = jwks.keys.iter().find(|k| k.kty() != signer.kty());
        if let Some(other) =
            other_type.filter(|o| self.spoiled_by.contains(&Defect::OtherType) && o.index < signer.index)
        {
            return refuse(Rule::JwksSpoiled, format!("{} stands before the signing key", other.name()));
        }
        let named_first = jwks.keys.iter().find(|key| way.kid.is_some() && key.kid() == way.kid);
        if let Some(other) = named_first.filter(|_| self.same_kid == Several::FirstOfAnyType)
            && other.index != signer.index
            && signer.kid() == way.kid
        {
            return refuse(Rule::AmbiguousKey, format!("it takes {}, which has the same kid", other.name()));
        }
        let fits = |key: &&Key| {
            self.usable(key, way).is_ok()
                && key.kty() == signer.kty()
                && key.curve() == signer.curve()
                && self.kid_fits(key, way.kid)
        };
        let mut fitting: Vec<&Key> = jwks.keys.iter().filter(fits).collect();
        let named: Vec<&Key> =
            fitting.iter().copied().filter(|key| way.kid.is_some() && key.kid() == way.kid).collect();
        let by_name = self.kid != Kid::Ignored && !named.is_empty();
        if by_name {
            fitting = named;
        }
        let several = if by_name { self.same_kid } else { self.without_kid };
        let chosen = match (fitting.as_slice(), several) {
            ([], _) => {
                let because = self.usable(signer, way).err().unwrap_or_else(|| "no key fits the token's kid".into());
                return refuse(Rule::NoKey, because);
            }
            ([_, _, ..], Several::Refused) => {
                return refuse(Rule::AmbiguousKey, format!("{} keys fit, and it takes none of several", fitting.len()));
            }
            ([first, ..], Several::First | Several::FirstOfAnyType) => vec![*first],
            ([.., last], Several::Last) => vec![*last],
            (all, _) => all.to_vec(),
        };
        if chosen.iter().any(|key| key.index == signer.index) {
            Ok(())
        } else if fitting.iter().any(|key| key.index == signer.index) {
            refuse(Rule::AmbiguousKey, "it takes another key of the same kid".into())
        } else {
            let because = self.usable(signer, way).err().unwrap_or_else(|| "no key fits the token's kid".into());
            refuse(Rule::NoKey, because)
        }
    }

    fn kid_fits(&self, key: &Key, kid: Option<&str>) -> bool {
        match (self.kid, kid) {
            (Kid::Ignored, _) | (_, None) => true,
            (Kid::Matches, Some(kid)) => key.kid() == Some(kid),
            (Kid::MatchesOrAbsent, Some(kid)) => key.kid().is_none_or(|k| k == kid),
        }
    }

    /// Whether the library would use the key at all for such a token.
    fn usable(&self, key: &Key, way: &Signature<'_>) -> Result<(), String> {
        if let Some(defect) = defects(key, self.base64).find(|d| self.unusable.contains(d)) {
            return Err(format!("it does not use {}: {}", key.name(), defect.words()));
        }
        if let Some(what) = self.mistyped(key, &self.typed_if_used) {
            return Err(format!("it does not use {}: {what}", key.name()));
        }
        if self.misreads && key.defects.contains(&Defect::Digits) {
            return Err(format!("it reads another number out of {}: {}", key.name(), Defect::Digits.words()));
        }
        if key.rsa_bits.is_some_and(|bits| bits < self.min_rsa_bits) {
            return Err(format!("it wants RSA keys of {} bits or more", self.min_rsa_bits));
        }
        match key.alg() {
            Some(alg) if self.alg_matches && alg != way.alg => {
                Err(format!("{} says alg {alg}, and it wants that to be the token's {}", key.name(), way.alg))
            }
            _ => Ok(()),
        }
    }
}

/// The defects of one key; how strictly spelling counts is the library's affair.
pub fn defects(key: &Key, base64: Base64) -> impl Iterator<Item = Defect> {
    let spelt = match base64 {
        Base64::Any => key.spelling <= Spelling::Standard,
        Base64::Url => key.spelling <= Spelling::Padded,
        Base64::Clean => key.spelling == Spelling::Clean,
    };
    key.defects.iter().copied().filter(move |defect| *defect != Defect::Spelling || !spelt)
}
