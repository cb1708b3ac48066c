//! How an OpenID Connect client library behaves, as data with a little logic.
//!
//! A file in `checks/libraries/` answers the questions of the sections below for one library as applications set it
//! up. Every field is a general property, never a list of known faults, so a fault that nobody has seen yet is judged
//! by the same rules. The values come from running the libraries (the provenance stands in each file).
//!
//! The submodules hold the logic by subject: [`issuer`], [`transport`], [`json`], [`members`], [`algorithms`], [`keys`],
//! [`leeway`] and [`tokens`].

pub mod algorithms;
pub mod issuer;
pub mod json;
pub mod keys;
pub mod leeway;
pub mod members;
pub mod tokens;
pub mod transport;

use crate::data::{self, DataError};
use crate::verdict::Step;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

/// One client library as an application uses it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Library {
    /// The id: the name of its file.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The versions that the facts hold for.
    #[serde(default)]
    pub versions: String,
    /// The library whose facts it shares where it says nothing itself.
    #[serde(default)]
    pub inherits: Option<String>,
    /// What ran when this was measured, or where it was read.
    #[serde(default)]
    pub provenance: String,
    /// Issuer comparison.
    #[serde(default)]
    pub issuer: issuer::IssuerRules,
    /// Status, content type, redirects, JSON, limits.
    #[serde(default)]
    pub transport: transport::TransportRules,
    /// What its JSON reader makes of what is no JSON by the letter.
    #[serde(default)]
    pub json: json::JsonRules,
    /// Members of the metadata.
    #[serde(default)]
    pub members: members::MemberRules,
    /// What may sign a token.
    #[serde(default)]
    pub algorithms: algorithms::AlgorithmRules,
    /// How a key is found and what spoils it.
    #[serde(default)]
    pub keys: keys::KeyRules,
    /// The ways in which it authenticates at the token endpoint: it tries them in this order, or picks one by the
    /// metadata. Empty when that is not known.
    #[serde(default)]
    pub client_auth: Vec<String>,
    /// How far clocks may differ.
    #[serde(default)]
    pub leeway: leeway::LeewayRules,
    /// What it makes of the answers of a login.
    #[serde(default)]
    pub tokens: tokens::TokenRules,
    /// It runs in a browser, so cross-origin rules apply.
    #[serde(default)]
    pub browser: bool,
    /// What the log or the person will show, by [`Rule`]. `{seen}`, `{expected}`, `{member}` and `{url}` are filled in.
    #[serde(default)]
    pub symptoms: BTreeMap<Rule, String>,
}

/// The step at which something happens, or that it never does (`never` in TOML).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At this step.
    At(Step),
    /// Never.
    Never,
}

impl When {
    /// The step; `None` for never.
    pub fn step(self) -> Option<Step> {
        match self {
            When::At(step) => Some(step),
            When::Never => None,
        }
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::{IntoDeserializer as _, value::StringDeserializer};
        let word = String::deserialize(deserializer)?;
        if word == "never" {
            return Ok(When::Never);
        }
        let word: StringDeserializer<D::Error> = word.into_deserializer();
        Step::deserialize(word).map(When::At)
    }
}

/// Names a rule by which a library refuses; the key of its symptom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The metadata cannot be had: no connection, no name, time out.
    Unreachable,
    /// The server's certificate is not trusted.
    Certificate,
    /// The status of the metadata answer.
    Status,
    /// The content type of the metadata answer.
    ContentType,
    /// A redirect of the metadata.
    Redirect,
    /// The metadata is no JSON.
    NotJson,
    /// A byte order mark.
    ByteOrderMark,
    /// Text after the document.
    TrailingText,
    /// A byte that is not UTF-8.
    NotUtf8,
    /// Half of a surrogate pair.
    HalfPair,
    /// A member that stands twice.
    Duplicate,
    /// A compressed body that nobody had asked for.
    Compression,
    /// The answer came too late.
    TimeLimit,
    /// The answer is too large.
    SizeLimit,
    /// The URL that the library makes of what was typed.
    DiscoveryUrl,
    /// The issuer of the document differs.
    IssuerDiffers,
    /// There is no issuer.
    IssuerMissing,
    /// The issuer is no string.
    IssuerType,
    /// A member is missing.
    MemberMissing,
    /// A member has the wrong JSON type.
    MemberType,
    /// A URL cannot be parsed.
    MemberUrl,
    /// An endpoint is not https.
    PlainHttp,
    /// The status of the key set.
    JwksStatus,
    /// The content type of the key set.
    JwksContentType,
    /// A redirect of the key set.
    JwksRedirect,
    /// The key set is no JSON, or no key set.
    JwksNotJson,
    /// The key set came too late.
    JwksTimeLimit,
    /// The key set is too large.
    JwksSizeLimit,
    /// A member of the set spoils all of it.
    JwksSpoiled,
    /// No key fits.
    NoKey,
    /// More than one key fits.
    AmbiguousKey,
    /// The algorithm is not accepted.
    Algorithm,
    /// A token from the future, or from too long ago.
    Clock,
    /// The browser refuses for lack of cross-origin headers.
    Cors,
    /// The token endpoint refuses the client.
    ClientRefused,
    /// The status of the token response.
    TokenStatus,
    /// The token endpoint redirects.
    TokenRedirect,
    /// The content type of the token response.
    TokenContentType,
    /// The token response is no JSON.
    TokenNotJson,
    /// A member of the token response is missing.
    TokenMember,
    /// A member of the token response has the wrong JSON type.
    TokenMemberType,
    /// `token_type` is not Bearer.
    TokenType,
    /// The token response holds no ID token.
    IdTokenMissing,
    /// The ID token is no JWS that can be read.
    IdTokenUnreadable,
    /// The signature does not verify.
    Signature,
    /// `iss` of the token.
    TokenIssuer,
    /// `aud` of the token.
    TokenAudience,
    /// `azp` of the token.
    TokenParty,
    /// The token has expired.
    TokenExpired,
    /// The token is from the future, or too old.
    TokenIssuedAt,
    /// The token is not valid yet.
    TokenNotBefore,
    /// `nonce` of the token.
    Nonce,
    /// `at_hash` of the token.
    AtHash,
    /// `typ` in the header.
    HeaderType,
    /// `crit` in the header.
    Critical,
    /// A claim is missing or empty.
    ClaimMissing,
    /// A claim has the wrong JSON type.
    ClaimType,
    /// The access token is no JWT.
    AccessTokenOpaque,
    /// There is no userinfo endpoint to ask.
    UserinfoMissing,
    /// The status of the userinfo response.
    UserinfoStatus,
    /// Userinfo redirects.
    UserinfoRedirect,
    /// The content type of the userinfo response.
    UserinfoContentType,
    /// The userinfo response is no JSON object.
    UserinfoNotJson,
    /// The userinfo response is signed.
    UserinfoSigned,
    /// `sub` of the userinfo response.
    UserinfoSubject,
    /// A claim of the userinfo response has the wrong JSON type.
    UserinfoClaim,
}

/// A library says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where in the login.
    pub step: Step,
    /// By which rule.
    pub rule: Rule,
    /// What a person should know beyond the rule: lower case, no full stop.
    pub because: String,
}

impl Refusal {
    /// A refusal at a step.
    pub fn at(step: Step, rule: Rule, because: impl Into<String>) -> Self {
        Refusal { step, rule, because: because.into() }
    }

    /// The reason with the library's name as its subject where it begins with "it", else behind the name.
    pub fn sentence(&self, library: &str) -> String {
        match self.because.strip_prefix("it ") {
            Some(does) => format!("{library} {does}"),
            None => format!("{library}: {}", self.because),
        }
    }
}

impl Library {
    /// The words that the log or the person will show for a rule; `None` when they are not known.
    pub fn symptom(&self, rule: Rule, fill: &[(&str, &str)]) -> Option<String> {
        let mut text = self.symptoms.get(&rule)?.clone();
        for (name, value) in fill {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        Some(text)
    }
}

/// All libraries of this build, by id.
///
/// # Panics
/// Never in a released build: a test reads every file.
pub fn all() -> &'static BTreeMap<String, Arc<Library>> {
    static ALL: LazyLock<BTreeMap<String, Arc<Library>>> =
        LazyLock::new(|| stems().filter_map(|stem| Some((stem.to_owned(), one(stem)?.clone()))).collect());
    &ALL
}

/// The ids of all libraries of this build, without reading one.
pub fn stems() -> impl Iterator<Item = &'static str> {
    data::LIBRARIES.iter().map(|(stem, _)| *stem)
}

/// The library with this id. Only its file and those it inherits from are read, once.
///
/// # Panics
/// Never in a released build: a test reads every file.
pub fn one(id: &str) -> Option<&'static Arc<Library>> {
    static READ: [OnceLock<Arc<Library>>; data::LIBRARIES.len()] = [const { OnceLock::new() }; data::LIBRARIES.len()];
    let at = stems().position(|stem| stem == id)?;
    let read = || Arc::new(resolve(id, &toml::Table::new()).unwrap_or_else(|e| panic!("embedded library: {e}")));
    Some(READ[at].get_or_init(read))
}

/// A library with its inheritance applied and a profile's changes laid upon it.
///
/// # Errors
/// [`DataError`] when the id is unknown, a file is broken or a change does not fit.
pub fn resolve(id: &str, changes: &toml::Table) -> Result<Library, DataError> {
    let mut table = inherited(id, 0)?;
    data::merge(&mut table, changes);
    if let Ok(library) = table.clone().try_into() {
        return Ok(library);
    }
    // As text once more, for an error that points at a line.
    let merged = toml::to_string(&table).map_err(|e| DataError::whole(id, e.to_string()))?;
    data::read(&format!("library {id} with its changes"), &merged)
}

fn inherited(id: &str, depth: usize) -> Result<toml::Table, DataError> {
    let file = format!("libraries/{id}.toml");
    let Some((_, text)) = data::LIBRARIES.iter().find(|(stem, _)| *stem == id) else {
        let known = data::nearest(id, stems());
        return Err(DataError {
            help: known.map(|k| format!("did you mean `{k}`?")),
            ..DataError::whole(&file, format!("there is no library {id:?}"))
        });
    };
    // Read on its own first, so that an error points into this file and not into the merged text.
    let own: Library = data::read(&file, text)?;
    let over = data::table(&file, text)?;
    match own.inherits {
        Some(_) if depth > 8 => Err(DataError::whole(&file, "inheritance goes in a circle")),
        Some(parent) => {
            let mut base = inherited(&parent, depth + 1)?;
            base.remove("inherits");
            data::merge(&mut base, &over);
            Ok(base)
        }
        None => Ok(over),
    }
}
