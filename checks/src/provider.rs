//! Products, as data: how to recognise one from its metadata, and its own words for a remedy.

use crate::data::{self, DataError};
use crate::evidence::json::Node;
use crate::evidence::metadata::Metadata;
use crate::evidence::{Evidence, Slot};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One thing that must be so for a product to be recognised. All conditions of a sign hold together.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Sign {
    /// Text that the issuer contains.
    pub issuer_contains: Option<String>,
    /// Text that the issuer ends with.
    pub issuer_ends: Option<String>,
    /// The member and the text that its value contains.
    pub member_contains: BTreeMap<String, String>,
    /// The member and the text that its value ends with: the end of an endpoint's path.
    pub member_ends: BTreeMap<String, String>,
    /// Members that are there.
    pub members: Vec<String>,
    /// Members that are not there.
    pub absent: Vec<String>,
    /// A response header and the text that its value contains (lower case).
    pub header_contains: BTreeMap<String, String>,
}

/// What looks like an issuer of a product and is none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WrongIssuer {
    /// A pattern of the whole text.
    pub pattern: String,
    /// Why it is none: lower case, no full stop.
    pub because: String,
    /// What it should be, with `$1` for what the pattern has in brackets.
    #[serde(default)]
    pub right: Option<String>,
}

impl WrongIssuer {
    /// Why this text is wrong and what would be right, if it is of this form.
    pub fn of(&self, text: &str) -> Option<(String, Option<String>)> {
        let pattern = regex_lite::Regex::new(&format!("^(?:{})$", self.pattern)).ok()?;
        pattern.is_match(text).then(|| {
            let right = self.right.as_ref().map(|right| pattern.replace(text, right.as_str()).into_owned());
            (self.because.clone(), right)
        })
    }
}

/// A product.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provider {
    /// The id: the name of its file.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// How it is recognised; one sign is enough. The first product in order of `rank`, then id, wins.
    #[serde(default, rename = "sign")]
    pub signs: Vec<Sign>,
    /// Lower ranks are asked first: 10 where the sign is the product's own, 50 where it is made of paths that others
    /// could choose too, 60 where it covers more than one product.
    #[serde(default)]
    pub rank: i32,
    /// Why `prompt=none` says nothing about a redirect URI on this product, if it does not.
    #[serde(default)]
    pub misleading_silent: Option<String>,
    /// Why an authorization request by POST says nothing on this product, if it does not; it is then not sent.
    #[serde(default)]
    pub misleading_post: Option<String>,
    /// Registrable domains besides the issuer's on which its endpoints normally are.
    #[serde(default)]
    pub other_hosts: Vec<String>,
    /// How an issuer of this product looks, for people who typed something else.
    #[serde(default)]
    pub issuer_form: Option<String>,
    /// Texts that people take for an issuer of this product and that are none.
    #[serde(default, rename = "wrong-issuer")]
    pub wrong_issuers: Vec<WrongIssuer>,
    /// What a person should know about verdicts on this product.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What to change, in its own words, by check id.
    #[serde(default)]
    pub remedies: BTreeMap<String, String>,
    /// What its errors mean that name their cause, however they reach the application.
    #[serde(default, rename = "error")]
    pub errors: Vec<KnownError>,
    /// Where the facts come from.
    #[serde(default)]
    pub provenance: String,
}

/// An error of a product, and what to do about it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KnownError {
    /// What its text contains, such as a code, and no other error's.
    pub says: String,
    /// What to change, in the product's own words.
    pub remedy: String,
}

impl Provider {
    /// What to do about an error, when its text is known.
    pub fn remedy_of(&self, error: &str) -> Option<&str> {
        let known = self.errors.iter().find(|known| {
            let after = error.split_once(&known.says).map(|(_, after)| after);
            // A code is not the start of a longer one.
            after.is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_digit()))
        });
        known.map(|known| known.remedy.as_str())
    }
}

/// All products of this build, in the order in which they are asked.
///
/// # Panics
/// Never in a released build: a test reads every file.
pub fn all() -> &'static [Provider] {
    static ALL: std::sync::OnceLock<Vec<Provider>> = std::sync::OnceLock::new();
    ALL.get_or_init(|| {
        let read = |(stem, text): &(&str, &str)| -> Result<Provider, DataError> {
            data::read(&format!("providers/{stem}.toml"), text)
        };
        let mut all: Vec<Provider> =
            data::PROVIDERS.iter().map(|p| read(p).unwrap_or_else(|e| panic!("embedded provider: {e}"))).collect();
        all.sort_by(|a, b| (a.rank, &a.id).cmp(&(b.rank, &b.id)));
        all
    })
}

/// The product behind a metadata document, when a sign says so.
pub fn recognise(metadata: &Metadata, evidence: &Evidence) -> Option<&'static Provider> {
    all().iter().find(|provider| provider.fits(metadata, evidence))
}

impl Provider {
    /// Whether one of its signs is there. Several products may fit; [`recognise`] takes the first.
    pub fn fits(&self, metadata: &Metadata, evidence: &Evidence) -> bool {
        self.signs.iter().any(|sign| sign.holds(metadata, evidence))
    }
}

impl Sign {
    fn holds(&self, metadata: &Metadata, evidence: &Evidence) -> bool {
        let issuer = metadata.string("issuer").unwrap_or_default();
        let response = evidence.get(&Slot::Discovery).and_then(|e| e.outcome.as_ref().ok());
        let header = |name: &str| response.and_then(|r| r.header(name)).map(str::to_ascii_lowercase);
        let text = |node: &Node| node.as_str().map_or_else(|| node.plain().to_string(), str::to_owned);
        let value = |name: &str| metadata.member(name).map(text);
        self.issuer_contains.as_ref().is_none_or(|t| issuer.contains(t.as_str()))
            && self.issuer_ends.as_ref().is_none_or(|t| issuer.ends_with(t.as_str()))
            && self.member_contains.iter().all(|(name, text)| value(name).is_some_and(|v| v.contains(text.as_str())))
            && self.member_ends.iter().all(|(name, text)| value(name).is_some_and(|v| v.ends_with(text.as_str())))
            && self.members.iter().all(|name| metadata.member(name).is_some())
            && self.absent.iter().all(|name| metadata.member(name).is_none())
            && self.header_contains.iter().all(|(name, text)| header(name).is_some_and(|v| v.contains(text.as_str())))
    }
}
