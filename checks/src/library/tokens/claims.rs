//! What a library checks of the claims and the header of a token.

use super::super::leeway::{Leeway, LeewayRules};
use super::super::{Refusal, Rule};
use super::reading::Kid;
use super::types::ClaimType;
use crate::evidence::json::{Node, Value};
use crate::evidence::jws::{self, Jws};
use crate::verdict::Step;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One subject of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// `iss`.
    Issuer,
    /// `aud`.
    Audience,
    /// `azp`.
    Party,
    /// `exp`.
    Expiry,
    /// `iat`.
    IssuedAt,
    /// `nbf`.
    NotBefore,
    /// `nonce`.
    Nonce,
    /// `sub`.
    Subject,
    /// `at_hash`.
    AtHash,
    /// The header's `typ`.
    HeaderType,
    /// The header's `crit`.
    Critical,
    /// How the parts are written: base64url, JSON, the header's `kid`.
    Spelling,
    /// The JSON types of all other claims.
    Types,
}

/// What `aud` has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// The client id, or an array that holds it (OpenID Connect Core 1.0 section 3.1.3.7 rule 3).
    #[default]
    Contains,
    /// The same, and nothing else in the array.
    Exclusive,
    /// Not looked at.
    Unchecked,
}

/// What `azp` has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// There with several audiences; the client id wherever it is there.
    #[default]
    Checked,
    /// There and the client id with several audiences; not looked at with one.
    WithSeveral,
    /// The client id wherever it is there; several audiences do not need it.
    IfPresent,
    /// Not looked at.
    Unchecked,
}

/// What `nonce` has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nonce {
    /// One is sent and must come back.
    #[default]
    Required,
    /// One is sent; it is compared if one comes back.
    IfPresent,
    /// None is sent, and none may come back.
    Forbidden,
    /// Not looked at, whether or not one is sent.
    Ignored,
}

/// What is known around a token. What is not known is not compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The issuer of the metadata.
    pub issuer: Option<&'a str>,
    /// The client id.
    pub client_id: Option<&'a str>,
    /// Audiences that the administrator lets stand beside the client id.
    pub further: &'a [String],
    /// The nonce that was sent.
    pub nonce: Option<&'a str>,
    /// The access token that came with an ID token.
    pub access_token: Option<&'a str>,
    /// The access token was taken out of a recording, so nothing can be said about its hash.
    pub access_token_removed: bool,
    /// When the token came, in seconds since 1970.
    pub at: i64,
}

/// The rules of one kind of token.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ClaimRules {
    /// The token is read at all.
    pub read: bool,
    /// The step at which its claims are read, when that is before they are validated.
    pub parsed: Option<Step>,
    /// A token that cannot be read is treated as one without claims, and passes.
    pub unreadable_passes: bool,
    /// `iss` is compared with the issuer of the metadata, byte for byte.
    pub issuer: bool,
    /// One final slash of `iss` does not count in that.
    pub issuer_slash_ignored: bool,
    /// What `aud` has to be.
    pub audience: Audience,
    /// No `aud` at all passes.
    pub audience_missing_passes: bool,
    /// An empty array of audiences passes.
    pub audience_empty_passes: bool,
    /// What `azp` has to be.
    pub authorized_party: Party,
    /// What `nonce` has to be.
    pub nonce: Nonce,
    /// A wrong `at_hash` is refused.
    pub at_hash: bool,
    /// An `at_hash` without an access token is refused.
    pub at_hash_needs_access_token: bool,
    /// Claims that must be there.
    pub required: Vec<String>,
    /// Claims that may not be the empty string.
    pub not_empty: Vec<String>,
    /// JSON types that are enforced while reading.
    pub types: BTreeMap<String, ClaimType>,
    /// `null` counts as a wrong type of a standard claim.
    pub null_refused: bool,
    /// The same for these claims.
    pub null_refused_in: Vec<String>,
    /// `null` counts as absent for a claim that must be there.
    pub null_is_absent: bool,
    /// The values of the header `typ` that are taken, in any case; an absent one always is. Empty: all.
    pub header_types: Vec<String>,
    /// A header `cty` of `JWT` is refused: it announces a token inside of the token (RFC 7519 section 5.2).
    pub nested_refused: bool,
    /// A `crit` with something unknown in it is refused (RFC 7515 section 4.1.11).
    pub critical_refused: bool,
    /// A part that is spelt with padding is refused.
    pub spelling: bool,
    /// White space after the token is refused.
    pub blanks_refused: bool,
    /// A byte order mark before the claims is refused.
    pub byte_order_mark_refused: bool,
    /// Claims that are not UTF-8 are refused.
    pub utf8_only: bool,
    /// A member that stands twice in the header is refused.
    pub header_duplicates_refused: bool,
    /// A known claim that stands twice is refused.
    pub duplicates_refused: bool,
    /// What a `kid` in the header has to be.
    pub kid: Kid,
}

impl Default for ClaimRules {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        ClaimRules {
            read: true,
            parsed: None,
            unreadable_passes: false,
            issuer: true,
            issuer_slash_ignored: false,
            audience: Audience::Contains,
            audience_missing_passes: false,
            audience_empty_passes: false,
            authorized_party: Party::Unchecked,
            nonce: Nonce::Required,
            at_hash: false,
            at_hash_needs_access_token: false,
            required: list(&["exp", "iat", "sub"]),
            not_empty: Vec::new(),
            types: BTreeMap::new(),
            null_refused: false,
            null_refused_in: Vec::new(),
            null_is_absent: false,
            header_types: Vec::new(),
            nested_refused: false,
            critical_refused: true,
            spelling: false,
            blanks_refused: false,
            byte_order_mark_refused: false,
            utf8_only: false,
            header_duplicates_refused: false,
            duplicates_refused: false,
            kid: Kid::Any,
        }
    }
}

/// Claims with an aspect of their own; everything else is [`Aspect::Types`].
fn aspect_of(claim: &str) -> Aspect {
    match claim {
        "iss" => Aspect::Issuer,
        "aud" => Aspect::Audience,
        "azp" => Aspect::Party,
        "exp" => Aspect::Expiry,
        "iat" => Aspect::IssuedAt,
        "nbf" => Aspect::NotBefore,
        "nonce" => Aspect::Nonce,
        "sub" => Aspect::Subject,
        "at_hash" => Aspect::AtHash,
        _ => Aspect::Types,
    }
}

/// Standard claims that are strings (OpenID Connect Core 1.0 section 5.1).
const STRINGS: [&str; 13] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "gender",
    "zoneinfo",
    "locale",
];

impl ClaimRules {
    /// Everything that the library refuses about one aspect, with the claim or header member that it is about.
    /// `step` is where the token is validated.
    pub fn refusals(
        &self,
        aspect: Aspect,
        token: &Jws,
        known: &Known<'_>,
        leeway: &LeewayRules,
        step: Step,
    ) -> Vec<(String, Refusal)> {
        if !self.read {
            return Vec::new();
        }
        let mut found = Vec::new();
        let parsed = self.parsed.unwrap_or(step);
        let mut add = |claim: &str, step, rule, because: String| {
            found.push((claim.to_owned(), Refusal::at(step, rule, because)));
        };
        let absent = |claim: &str| token.claim(claim).is_none_or(|node| node.is_null() && self.null_is_absent);
        for claim in self.required.iter().filter(|claim| aspect_of(claim) == aspect && absent(claim)) {
            add(claim, parsed, Rule::ClaimMissing, format!("it cannot do without {claim}"));
        }
        for claim in self.not_empty.iter().filter(|claim| aspect_of(claim) == aspect && token.text(claim) == Some("")) {
            add(claim, step, Rule::ClaimMissing, format!("it takes no empty {claim}"));
        }
        for (claim, kind) in self.types.iter().filter(|(claim, _)| aspect_of(claim) == aspect) {
            let null_refused = self.null_refused || self.null_refused_in.contains(claim);
            let node = token.claim(claim).filter(|node| !node.is_null() || null_refused);
            if let Some(node) = node.filter(|node| !kind.fits(node)) {
                let because = format!("it wants {} there, not {}", kind.word(), node.kind_inside());
                add(claim, parsed, Rule::ClaimType, because);
            }
        }
        if aspect == Aspect::Types && self.null_refused {
            for claim in STRINGS.iter().filter(|claim| token.claim(claim).is_some_and(Node::is_null)) {
                add(claim, parsed, Rule::ClaimType, "it takes a string there and no null".into());
            }
        }
        if found.is_empty() {
            found.extend(self.values(aspect, token, known, leeway, step, parsed));
        }
        found
    }

    /// The values, once presence and types are right.
    fn values(
        &self,
        aspect: Aspect,
        token: &Jws,
        known: &Known<'_>,
        leeway: &LeewayRules,
        step: Step,
        parsed: Step,
    ) -> Option<(String, Refusal)> {
        let refuse = |claim: &str, rule, because: String| Some((claim.to_owned(), Refusal::at(step, rule, because)));
        match aspect {
            Aspect::Issuer => {
                let expected = known.issuer.filter(|_| self.issuer)?;
                let missing = token.claim("iss").is_none();
                let step = if missing { parsed } else { step };
                let bare = |iss: &'_ str| match self.issuer_slash_ignored {
                    true => iss.strip_suffix('/').unwrap_or(iss).to_owned(),
                    false => iss.to_owned(),
                };
                (token.text("iss").map(bare) != Some(bare(expected))).then(|| {
                    let because = if missing { "it cannot do without iss" } else { "it compares iss byte for byte" };
                    ("iss".to_owned(), Refusal::at(step, Rule::TokenIssuer, because))
                })
            }
            Aspect::Audience => self.audience(token, known, step, parsed),
            Aspect::Party => {
                let client = known.client_id?;
                // Who insists on strings in aud comes no further than that.
                let typed = self.types.contains_key("aud");
                let several = if typed { token.audiences().len() } else { token.audience_count() } > 1;
                let looked = match self.authorized_party {
                    Party::Unchecked => false,
                    Party::WithSeveral => several,
                    Party::IfPresent => token.claim("azp").is_some(),
                    Party::Checked => several || token.claim("azp").is_some(),
                };
                let because = if token.claim("azp").is_none() {
                    "it wants azp where there are several audiences"
                } else {
                    "it wants azp to be its own client id"
                };
                if looked && token.text("azp") != Some(client) {
                    refuse("azp", Rule::TokenParty, because.into())
                } else {
                    None
                }
            }
            Aspect::Expiry => {
                let late = known.at - token.seconds("exp")?;
                if leeway.exp_past.takes(late) {
                    None
                } else {
                    refuse("exp", Rule::TokenExpired, tolerance(leeway.exp_past))
                }
            }
            Aspect::IssuedAt => {
                let ahead = token.seconds("iat")? - known.at;
                if !leeway.iat_ahead.takes(ahead) {
                    return refuse("iat", Rule::TokenIssuedAt, tolerance(leeway.iat_ahead));
                }
                if leeway.iat_ago.takes(-ahead) {
                    None
                } else {
                    refuse("iat", Rule::TokenIssuedAt, tolerance(leeway.iat_ago))
                }
            }
            Aspect::NotBefore => {
                let ahead = token.seconds("nbf")? - known.at;
                if leeway.nbf_ahead.takes(ahead) {
                    None
                } else {
                    refuse("nbf", Rule::TokenNotBefore, tolerance(leeway.nbf_ahead))
                }
            }
            Aspect::Nonce => {
                let (sent, came) = (known.nonce, token.text("nonce"));
                // A provider that gave back what was sent gives nothing back to a library that sends none.
                let echoed = sent.is_some() && came == sent;
                let because = match self.nonce {
                    Nonce::Required if sent.is_some() && !echoed => "it wants the nonce back that it sent",
                    Nonce::IfPresent if sent.is_some() && came.is_some() && !echoed => {
                        "it compares a nonce that is there"
                    }
                    Nonce::Forbidden if came.is_some() && !echoed => {
                        "it sends no nonce and refuses a token that has one"
                    }
                    _ => return None,
                };
                refuse("nonce", Rule::Nonce, because.into())
            }
            Aspect::AtHash => {
                let hash = token.text("at_hash").filter(|_| self.at_hash && !known.access_token_removed)?;
                let Some(access) = known.access_token else {
                    let because = "it has no access token to compare at_hash with";
                    return if self.at_hash_needs_access_token {
                        refuse("at_hash", Rule::AtHash, because.into())
                    } else {
                        None
                    };
                };
                let right = jws::half_hash(token.alg()?, access);
                // An unsigned token has no hash that could be compared, so whatever stands there is wrong.
                if right.as_deref() == Some(hash) {
                    None
                } else {
                    refuse("at_hash", Rule::AtHash, "it compares at_hash with the access token".into())
                }
            }
            Aspect::HeaderType => {
                let other = |typ: &&str| {
                    !self.header_types.is_empty()
                        && !self.header_types.iter().any(|taken| taken.eq_ignore_ascii_case(typ))
                };
                if let Some(typ) = token.typ().filter(other) {
                    let taken = self.header_types.join(", ");
                    return refuse("typ", Rule::HeaderType, format!("it takes {taken} or nothing as typ, not {typ}"));
                }
                let nested = token.header.root.get("cty").and_then(Node::as_str);
                nested.filter(|cty| self.nested_refused && cty.eq_ignore_ascii_case("JWT"))?;
                refuse("cty", Rule::HeaderType, "it reads no token inside of a token".into())
            }
            Aspect::Critical => {
                token.header.root.get("crit").filter(|_| self.critical_refused)?;
                refuse("crit", Rule::Critical, "it knows no critical header member".into())
            }
            Aspect::Spelling => {
                let because = self.unread(token)?;
                Some((String::new(), Refusal::at(parsed, Rule::IdTokenUnreadable, because)))
            }
            Aspect::Subject | Aspect::Types => None,
        }
    }

    fn audience(&self, token: &Jws, known: &Known<'_>, step: Step, parsed: Step) -> Option<(String, Refusal)> {
        if self.audience == Audience::Unchecked {
            return None;
        }
        let at = |step, because: &str| Some(("aud".to_owned(), Refusal::at(step, Rule::TokenAudience, because)));
        match token.claim("aud").map(|node| &node.value) {
            None if self.audience_missing_passes => return None,
            None => return at(step, "it cannot do without aud"),
            Some(Value::Array(items)) if items.is_empty() && self.audience_empty_passes => return None,
            Some(Value::String(_) | Value::Array(_)) => {}
            Some(_) => return at(parsed, "it wants a string or an array of strings in aud"),
        }
        let client = known.client_id?;
        let audiences = token.audiences();
        if !audiences.contains(&client) {
            return at(step, &format!("it wants {client} in aud"));
        }
        let taken = |audience: &str| audience == client || known.further.iter().any(|further| further == audience);
        let alone = audiences.iter().all(|audience| taken(audience));
        if self.audience == Audience::Exclusive && !alone {
            at(step, &format!("it takes no audience besides {client}"))
        } else {
            None
        }
    }
}

fn tolerance(leeway: Leeway) -> String {
    match leeway {
        Leeway::Seconds(0) => "it allows the clocks no difference".into(),
        Leeway::Seconds(seconds) => format!("it allows {seconds} s"),
        Leeway::Unchecked => "it does not look at the time".into(),
    }
}
