//! The small facts that a profile is made of: claims, redirect URIs, how the client authenticates, notes, templates.

use crate::verdict::{Effect, Severity};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where an application reads a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimPlace {
    /// The ID token and nothing else.
    IdToken,
    /// The access token, which therefore has to be a JWT.
    AccessToken,
    /// The userinfo response.
    Userinfo,
    /// The ID token, then the userinfo response.
    IdTokenOrUserinfo,
}

/// One claim that the application reads.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Where it is read.
    pub read_from: ClaimPlace,
    /// Nobody can log in without it.
    #[serde(default)]
    pub required: bool,
    /// The scope that usually brings it.
    #[serde(default)]
    pub scope: Option<String>,
    /// What happens when it is missing, in a person's words; "nothing happens" where that is all.
    pub without: String,
    /// The part that reads it; every part when absent.
    #[serde(default)]
    pub part: Option<String>,
    /// The application makes the user's name of it.
    #[serde(default)]
    pub username: bool,
    /// The JSON type that it needs.
    #[serde(default, rename = "type")]
    pub kind: ClaimType,
    /// A regular expression that the whole value has to match.
    #[serde(default)]
    pub pattern: Option<String>,
    /// The most characters that it may have, `suffix` included.
    #[serde(default)]
    pub max_length: Option<usize>,
    /// What the application puts behind it before it counts, such as `@realm`.
    #[serde(default)]
    pub suffix: Option<String>,
    /// Of the user's name: names that differ only in case are one name.
    #[serde(default)]
    pub folds_case: bool,
    /// Of the user's name: what becomes of somebody whose name another person has already.
    #[serde(default)]
    pub same_name: SameName,
    /// Of `email`: whether somebody whose address is not verified is let in.
    #[serde(default)]
    pub unverified: Unverified,
    /// What happens when the value has the wrong type, pattern or length, in a person's words.
    #[serde(default)]
    pub wrong: Option<String>,
    /// The fact was inferred and not confirmed, so that a verdict on it is a notice.
    #[serde(default)]
    pub unconfirmed: bool,
}

impl Claim {
    /// Whether anything happens when the claim is missing; some are only looked at when they are there.
    pub fn matters(&self) -> bool {
        self.required || self.without != "nothing happens"
    }
}

/// What becomes of somebody whose `email_verified` is not true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unverified {
    /// They are let in.
    #[default]
    LetIn,
    /// They are refused when the provider says that it is not.
    RefusedIfSaid,
    /// They are refused unless the provider says that it is.
    Refused,
}

/// What becomes of two people with one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SameName {
    /// They share one account: the name is what the application goes by.
    #[default]
    OneAccount,
    /// The application goes by the subject, and lets nobody in under a name that is taken.
    Refused,
    /// Nothing: the application goes by the subject, and many may have one name.
    Apart,
}

/// The JSON type of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimType {
    /// Any.
    #[default]
    Any,
    /// A text.
    String,
    /// A text or a number.
    StringOrNumber,
    /// `true` or `false`; the text `"true"` is none.
    Boolean,
    /// An array of texts.
    Strings,
    /// A text, or an array of texts.
    StringOrStrings,
}

impl ClaimType {
    /// What a person calls it.
    pub fn noun(self) -> &'static str {
        match self {
            ClaimType::Any => "anything",
            ClaimType::String => "a text",
            ClaimType::StringOrNumber => "a text or a number",
            ClaimType::Boolean => "true or false",
            ClaimType::Strings => "an array of texts",
            ClaimType::StringOrStrings => "a text or an array of texts",
        }
    }

    /// Whether a value has it.
    pub fn fits(self, value: &serde_json::Value) -> bool {
        let texts = || value.as_array().is_some_and(|items| items.iter().all(serde_json::Value::is_string));
        match self {
            ClaimType::Any => true,
            ClaimType::String => value.is_string(),
            ClaimType::StringOrNumber => value.is_string() || value.is_number(),
            ClaimType::Boolean => value.is_boolean(),
            ClaimType::Strings => texts(),
            ClaimType::StringOrStrings => value.is_string() || texts(),
        }
    }
}

impl Claim {
    /// One of which nothing is known but its name.
    pub fn of(name: &str) -> Claim {
        Claim {
            name: name.to_owned(),
            read_from: ClaimPlace::IdTokenOrUserinfo,
            required: false,
            scope: None,
            without: "nothing happens".into(),
            part: None,
            username: false,
            kind: ClaimType::Any,
            pattern: None,
            max_length: None,
            suffix: None,
            folds_case: false,
            same_name: SameName::OneAccount,
            unverified: Unverified::LetIn,
            wrong: None,
            unconfirmed: false,
        }
    }

    /// Why the application cannot use this value; `None` when it can. The suffix counts as written.
    pub fn refuses(&self, value: &serde_json::Value) -> Option<String> {
        if !self.kind.fits(value) {
            return Some(format!("it has to be {}", self.kind.noun()));
        }
        let text = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let length = text.chars().count() + self.suffix.as_deref().map_or(0, |suffix| suffix.chars().count());
        if let Some(most) = self.max_length.filter(|most| length > *most) {
            return Some(format!("it has {length} characters{} and may have {most}", self.with_suffix()));
        }
        let pattern = self.pattern.as_ref()?;
        let whole = regex_lite::Regex::new(&format!("^(?:{pattern})$")).ok()?;
        (!whole.is_match(&text)).then(|| format!("it does not match {pattern}"))
    }

    fn with_suffix(&self) -> String {
        self.suffix.as_ref().map(|suffix| format!(" with {suffix:?}")).unwrap_or_default()
    }
}

/// When the application sends a PKCE challenge (always S256).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pkce {
    /// With every authorization request.
    Always,
    /// When the metadata lists S256.
    IfAdvertised,
    /// Never.
    Never,
    /// Not known.
    #[default]
    Unknown,
}

/// How an application authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// HTTP Basic with the secret, both form-encoded first (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// The secret in the body.
    ClientSecretPost,
    /// A public client: only the client id, in the body.
    None,
    /// HTTP Basic with an empty secret, as golang.org/x/oauth2 tries for public clients before `none`.
    BasicEmpty,
    /// A signed assertion (RFC 7523).
    PrivateKeyJwt,
}

/// What a redirect URI is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RedirectKind {
    /// The callback of a web application.
    #[default]
    Web,
    /// A loopback address of a native client (RFC 8252 section 7.3).
    Loopback,
    /// The silent renewal of a browser application.
    Silent,
    /// Where people land after they have logged out.
    PostLogout,
}

/// A redirect URI that the application sends, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Redirect {
    /// The URI; `{origin}` stands for scheme, host and port of `--app-url`, `{base}` for `--app-url` without a final
    /// slash, `{host}` for its host.
    pub uri: String,
    /// The part that sends it; every part when absent.
    #[serde(default)]
    pub part: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub kind: RedirectKind,
    /// The port on which the application is reached unless a proxy stands before it.
    #[serde(default)]
    pub own_port: Option<u16>,
    /// People may do without it: it is a second way in, such as a command line beside a web interface.
    #[serde(default)]
    pub optional: bool,
}

/// A severity that the profile sets for a check, with its reason.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeverityRule {
    /// The check.
    pub check: String,
    /// The severity that it shall have.
    pub level: Severity,
    /// Why.
    pub because: String,
}

/// Where a fact of the profile comes from.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    /// Repository and file, or page.
    pub url: String,
    /// The state or the date that was read.
    pub read: String,
}

/// Something to know before the application is deployed, however well the provider behaves.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Note {
    /// Its name in kebab case, by which it can be waived.
    pub id: String,
    /// What it means for people. `untidy` is a notice; `unsafe` is for what the chosen settings make unsafe.
    #[serde(default = "untidy")]
    pub effect: Effect,
    /// What to know, in one or two sentences.
    pub text: String,
    /// What can be done about it.
    pub remedy: String,
    /// Where it was read or seen.
    pub source: String,
    /// The part that it concerns; every part when absent.
    #[serde(default)]
    pub part: Option<String>,
    /// It holds only when these settings have these values.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// The first version that it holds for.
    #[serde(default)]
    pub since: Option<String>,
    /// The last version that it holds for.
    #[serde(default)]
    pub until: Option<String>,
    /// It was inferred and not confirmed; the report says so.
    #[serde(default)]
    pub unconfirmed: bool,
}

/// What the application makes of a claim, or of a person without one. Claims that no such entry names speak for
/// themselves: the one with `username` is the user name, `email` the e-mail address, `groups` and `roles` the groups.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Becomes {
    /// What it is in the application: `user name`, `user id`, `e-mail`, `groups`, `rights` …
    pub is: String,
    /// The claims that it is made of; the first one that is there counts. A setting that is not set names none.
    #[serde(default)]
    pub claims: Vec<String>,
    /// Where they are read, when that is not where the claim of that name, or the user's name, is read.
    #[serde(default)]
    pub read_from: Option<ClaimPlace>,
    /// The JSON type that it needs, when no claim of that name says so.
    #[serde(default, rename = "type")]
    pub kind: ClaimType,
    /// A regular expression that the whole of each value has to match; others are left out.
    #[serde(default)]
    pub keeps: Option<String>,
    /// What the application puts behind each value.
    #[serde(default)]
    pub suffix: Option<String>,
    /// What it is whatever the claims say, in a person's words.
    #[serde(default)]
    pub text: Option<String>,
    /// What happens when none of the claims is there, in a person's words.
    #[serde(default)]
    pub without: Option<String>,
    /// It holds only when these settings have these values.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// The first version that it holds for.
    #[serde(default)]
    pub since: Option<String>,
    /// The last version that it holds for.
    #[serde(default)]
    pub until: Option<String>,
}

/// A language in which an administrator writes down what becomes of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mapping {
    /// That of OpenStack Keystone.
    Keystone,
}

fn untidy() -> Effect {
    Effect::Untidy
}

/// A place where the application shows without a login what it really sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Capture {
    /// The request, as `GET /path` or `POST /path`, below `--app-url`. Redirects on the application's own host are
    /// followed, and so are the `url` members of a JSON list.
    pub request: String,
    /// The form that is posted; `{origin}` and `{base}` are filled in as in a redirect URI.
    #[serde(default)]
    pub form: BTreeMap<String, String>,
    /// The setting that has to be given with `--set` before the request can be right.
    #[serde(default)]
    pub needs: Option<String>,
    /// The names under which a script of the answered page holds the settings. Of the scripts on the application's own
    /// host a few at a time are fetched, as a browser would, until one has them.
    #[serde(default)]
    pub script: Option<ScriptSettings>,
    /// What the answer shows.
    pub shows: String,
    /// What to mind when asking.
    #[serde(default)]
    pub caution: Option<String>,
}

/// The names of settings in a script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ScriptSettings {
    /// The issuer, or the URL that takes its place.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
}

/// One block of the application's own set-up, for `oidcheck setup`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SetupBlock {
    /// Where it goes.
    pub title: String,
    /// `sh`, `json`, `yaml`, `env`, `toml`, `ini`, `text`.
    pub language: String,
    /// The block. `{issuer}`, `{discovery-url}`, `{client-id}`, `{client-secret}`, `{origin}`, `{base}`, `{host}`, `{realm}` and
    /// the settings of the profile are filled in.
    pub text: String,
    /// It is printed only when these settings have these values.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// It is left out when these settings have these values.
    #[serde(default)]
    pub unless: BTreeMap<String, String>,
}

/// What the application does about the nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Nonce {
    /// It sends one and refuses an ID token without it.
    Required,
    /// It sends one and takes an ID token without it.
    Sent,
    /// It sends none and does not look.
    Absent,
    /// It sends none and refuses an ID token that has one.
    Forbidden,
    /// Not known.
    #[default]
    Unknown,
}

/// How a part of the application gets its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// The authorization code flow.
    #[default]
    Code,
    /// The implicit flow: an ID token from the authorization endpoint.
    Implicit,
    /// The device flow.
    Device,
    /// It gets none: it is handed tokens by another part.
    Bearer,
}

/// When something of the provider is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    /// Once, when the application or its plug-in starts: a provider that is down then stays unknown.
    AtStart,
    /// Afresh for every login.
    EveryLogin,
    /// Kept, and read again when a key is not found.
    UntilUnknownKey,
    /// Kept for some time.
    Cached,
}
