//! What an application makes of the tokens, and what it needs of the device flow and of the browser.
//!
//! "No leeway" and "not looked at" are opposites, so every time claim says which of the two it is. What a client
//! library does with keys and algorithms stands in its own file (`checks/libraries`); here stands what the
//! application adds.

use schemars::JsonSchema;
use serde::Deserialize;

/// How far a time claim may be off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Leeway {
    /// So many seconds; 0 is none.
    Seconds(u32),
    /// A word.
    Word(LeewayWord),
}

/// A leeway that is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LeewayWord {
    /// The claim is not looked at.
    Unchecked,
}

impl Leeway {
    /// The seconds; `None` when the claim is not looked at.
    pub fn seconds(self) -> Option<u32> {
        match self {
            Leeway::Seconds(seconds) => Some(seconds),
            Leeway::Word(LeewayWord::Unchecked) => None,
        }
    }
}

/// The leeways of a token; a claim that is not named is as the library has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Leeways {
    /// `exp`.
    pub exp: Option<Leeway>,
    /// `nbf`.
    pub nbf: Option<Leeway>,
    /// `iat`, when it lies in the future.
    pub iat: Option<Leeway>,
}

/// What the application wants in `aud`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// The client id has to be there.
    ClientId,
    /// A value that the administrator sets; see `audience-value`.
    Configured,
    /// Nothing: `aud` is not looked at.
    Unchecked,
}

/// What the application does about further values in `aud`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExtraAudiences {
    /// It takes them.
    Allowed,
    /// It takes them when `azp` names the client.
    NeedAzp,
    /// It refuses the token.
    Refused,
}

/// What the application does about `azp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Azp {
    /// It has to be the client id when it is there.
    IfPresent,
    /// It is not looked at.
    Unchecked,
}

/// What the application needs of a token.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TokenRules {
    /// It has to be a signed JWT; an opaque token is refused.
    pub jwt: bool,
    /// The signature is not verified, so that everything rests on TLS.
    pub unverified: bool,
    /// Its header needs a `kid`, and so does the key.
    pub kid: bool,
    /// The values of the header `typ` that are taken, in any case; an absent one always is. Empty: all.
    pub typ: Vec<String>,
    /// What has to be in `aud`.
    pub audience: Option<Audience>,
    /// The audience that the administrator set, when it is not the client id.
    pub audience_value: Option<String>,
    /// What happens about further audiences.
    pub extra_audiences: Option<ExtraAudiences>,
    /// Values of `aud` that the administrator lets stand beside the client id where others are refused.
    pub further_audiences: Vec<String>,
    /// What happens about `azp`.
    pub azp: Option<Azp>,
    /// How far its times may be off.
    pub leeway: Leeways,
    /// The most bytes that it may have, and with `too-long` why.
    pub max_length: Option<usize>,
    /// What happens when it is longer, in a person's words.
    pub too_long: Option<String>,
    /// Facts about it that were inferred and not confirmed.
    pub unconfirmed: bool,
}

/// What the application needs of the device flow (RFC 8628).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Device {
    /// Members of the answer that RFC 8628 lets a provider leave out and this application needs.
    pub requires: Vec<String>,
    /// Parameters that it sends and a provider has to tolerate, such as an empty `client_secret`.
    pub sends: Vec<String>,
    /// What the person sees when something is missing.
    pub symptom: Option<String>,
}

/// What the application does in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Browser {
    /// The endpoints that its pages ask across origins: `discovery`, `jwks`, `token`, `userinfo`, `revocation`.
    pub cors: Vec<String>,
    /// It opens the provider in a frame, for a silent renewal.
    pub frames: bool,
    /// It needs a secure context, since PKCE in a browser does.
    pub needs_https: bool,
    /// It keeps tokens in cookies, each of which a browser cuts off at about 4 KB.
    pub token_cookies: bool,
}
