//! What one application needs of a provider, as data.
//!
//! A profile names the client library of each part of the application and says what the application adds: scopes,
//! claims and where it reads them, PKCE, redirect URIs, its own words for a remedy. `library:ID` is a profile made
//! of a library alone.

use crate::data::{self, DataError};
use crate::library::{self, Library};
use crate::verdict::Severity;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where an application reads a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Deserialize)]
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
    /// What happens when it is missing, in a person's words.
    pub without: String,
}

/// When the application sends a PKCE challenge (always S256).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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
}

/// One part of an application, with a client of its own.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PartSpec {
    /// The word used in findings: `web`, `cli`, `api` …
    pub id: String,
    /// The library that it is built on.
    pub library: String,
    /// What the application changes about the library.
    #[serde(default)]
    pub library_changes: toml::Table,
    /// When it sends PKCE.
    #[serde(default)]
    pub pkce: Option<Pkce>,
}

/// A severity that the profile sets for a check, with its reason.
#[derive(Debug, Clone, PartialEq, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    /// Repository and file, or page.
    pub url: String,
    /// The state or the date that was read.
    pub read: String,
}

/// A profile as written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProfileFile {
    /// The id: the name of its file.
    pub id: String,
    /// What people call the application.
    pub title: String,
    /// The versions that the facts hold for.
    #[serde(default)]
    pub versions: String,
    /// One paragraph for people: what to know about its login.
    #[serde(default)]
    pub about: String,
    /// The library, when the application has one part.
    #[serde(default)]
    pub library: Option<String>,
    /// What the application changes about that library.
    #[serde(default)]
    pub library_changes: toml::Table,
    /// The parts, when it has several.
    #[serde(default, rename = "part")]
    pub parts: Vec<PartSpec>,
    /// When it sends PKCE.
    #[serde(default)]
    pub pkce: Pkce,
    /// The scopes that it asks for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The claims that it reads.
    #[serde(default, rename = "claim")]
    pub claims: Vec<Claim>,
    /// The redirect URIs that it sends.
    #[serde(default, rename = "redirect")]
    pub redirects: Vec<Redirect>,
    /// How it authenticates at the token endpoint, in the order in which it tries.
    #[serde(default)]
    pub client_authentication: Vec<ClientAuth>,
    /// The response type that it asks for; `code` when empty.
    #[serde(default)]
    pub response_type: Option<String>,
    /// Further parameters of its authorization request that a provider has to tolerate.
    #[serde(default)]
    pub extra_parameters: BTreeMap<String, String>,
    /// A `state` of the shape that it sends, when that is more than letters and digits.
    #[serde(default)]
    pub state_example: Option<String>,
    /// Its pages may only talk to the issuer's own host (content security policy).
    #[serde(default)]
    pub same_host_only: bool,
    /// What to change, in the application's own words, by check id.
    #[serde(default)]
    pub remedies: BTreeMap<String, String>,
    /// Severities that it sets.
    #[serde(default, rename = "severity")]
    pub severities: Vec<SeverityRule>,
    /// Where the facts come from.
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
}

/// One part with its library resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The word used in findings; `None` when the application has one part.
    pub id: Option<String>,
    /// The library with the application's changes.
    pub library: Library,
    /// When it sends PKCE.
    pub pkce: Pkce,
}

/// A profile ready for judging.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// As written.
    pub file: ProfileFile,
    /// Its parts; at least one.
    pub parts: Vec<Part>,
}

impl Profile {
    /// Reads a profile from TOML. `name` is what errors call the file.
    ///
    /// # Errors
    /// [`DataError`]: broken TOML, an unknown key or library, no library at all.
    pub fn read(name: &str, text: &str) -> Result<Profile, DataError> {
        let file: ProfileFile = data::read(name, text)?;
        let mut parts = Vec::new();
        let resolve = |id: &str, changes: &toml::Table| {
            library::resolve(id, changes).map_err(|e| match e.file.as_str() {
                f if f.starts_with("libraries/") => DataError { file: name.into(), ..e },
                _ => e,
            })
        };
        if let Some(id) = &file.library {
            parts.push(Part { id: None, library: resolve(id, &file.library_changes)?, pkce: file.pkce });
        }
        for part in &file.parts {
            let library = resolve(&part.library, &part.library_changes)?;
            parts.push(Part { id: Some(part.id.clone()), library, pkce: part.pkce.unwrap_or(file.pkce) });
        }
        if parts.is_empty() {
            return Err(DataError::whole(name, "a profile names a `library`, or has at least one [[part]] with one"));
        }
        Ok(Profile { file, parts })
    }

    /// The profile of a library alone: what any application built on it needs.
    pub fn of_library(library: &Library) -> Profile {
        let file = ProfileFile {
            id: format!("library:{}", library.id),
            title: library.title.clone(),
            versions: library.versions.clone(),
            about: format!("Any application that is built on {}.", library.title),
            library: Some(library.id.clone()),
            library_changes: toml::Table::new(),
            parts: Vec::new(),
            pkce: Pkce::Unknown,
            scopes: vec!["openid".into()],
            claims: Vec::new(),
            redirects: Vec::new(),
            client_authentication: Vec::new(),
            response_type: None,
            extra_parameters: BTreeMap::new(),
            state_example: None,
            same_host_only: false,
            remedies: BTreeMap::new(),
            severities: Vec::new(),
            sources: Vec::new(),
        };
        Profile { file, parts: vec![Part { id: None, library: library.clone(), pkce: Pkce::Unknown }] }
    }

    /// Whether the application is a public client: it has no secret to send.
    pub fn public(&self) -> bool {
        matches!(self.file.client_authentication.first(), Some(ClientAuth::None | ClientAuth::BasicEmpty))
    }

    /// The redirect URIs of the application at this address, with what they are for. Those that need an address are
    /// left out when there is none.
    pub fn redirects(&self, app_url: Option<&str>) -> Vec<(String, Redirect)> {
        let origin = app_url.and_then(|u| url::Url::parse(u).ok());
        let fill = |redirect: &Redirect| {
            if !redirect.uri.contains('{') {
                return Some(redirect.uri.clone());
            }
            let parsed = origin.as_ref()?;
            let base = app_url?.trim_end_matches('/');
            let text = redirect.uri.replace("{origin}", &parsed.origin().ascii_serialization());
            Some(text.replace("{base}", base).replace("{host}", parsed.host_str()?))
        };
        self.file.redirects.iter().filter_map(|r| Some((fill(r)?, r.clone()))).collect()
    }

    /// A profile of this build by its id: an application's, or `library:ID`.
    pub fn by_id(id: &str) -> Option<Profile> {
        match id.strip_prefix("library:") {
            Some(library) => library::all().get(library).map(Profile::of_library),
            None => all().get(id).cloned(),
        }
    }

    /// The ids of all profiles of this build, the libraries' ones included.
    pub fn ids() -> Vec<String> {
        let libraries = library::all().keys().map(|id| format!("library:{id}"));
        all().keys().cloned().chain(libraries).collect()
    }
}

/// All application profiles of this build, by id.
///
/// # Panics
/// Never in a released build: a test reads every file.
pub fn all() -> &'static BTreeMap<String, Profile> {
    static ALL: std::sync::OnceLock<BTreeMap<String, Profile>> = std::sync::OnceLock::new();
    ALL.get_or_init(|| {
        let one = |(stem, text): &(&str, &str)| {
            let profile = Profile::read(&format!("profiles/{stem}.toml"), text)
                .unwrap_or_else(|e| panic!("embedded profile: {e}"));
            ((*stem).to_owned(), profile)
        };
        data::PROFILES.iter().map(one).collect()
    })
}
