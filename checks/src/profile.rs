//! What one application needs of a provider, as data.
//!
//! A profile names the client library of each part of the application and says what the application adds: scopes,
//! claims and where it reads them, PKCE, redirect URIs, what it makes of the tokens, its own words for a remedy, and
//! what to know before it is deployed. Settings and versions change facts ([`choice`]). `library:ID` is a profile made
//! of a library alone. The language is described in `checks/profiles/README.md` and `profile.schema.json`, both
//! generated from these types.

pub mod choice;
mod facts;
pub mod need;
mod through;
mod token;

pub use choice::{Choices, Setting, VersionFact};
pub use facts::*;
pub use through::{Answered, Through};
pub use token::*;

use crate::data::{self, DataError};
use crate::library::{self, Library};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

/// One part of an application, with a client of its own.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PartSpec {
    /// The word used in findings: `web`, `cli`, `api` …
    pub id: String,
    /// The library that it is built on.
    pub library: String,
    /// What the application changes about the library.
    #[serde(default)]
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub library_changes: toml::Table,
    /// When it sends PKCE.
    #[serde(default)]
    pub pkce: Option<Pkce>,
    /// How it gets its tokens.
    #[serde(default)]
    pub flow: Flow,
    /// The scopes that it asks for, when they are not those of the profile.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// How it authenticates at the token endpoint, when that is not as the profile says.
    #[serde(default)]
    pub client_authentication: Option<Vec<ClientAuth>>,
    /// What it does about the nonce, when that is not as the profile says.
    #[serde(default)]
    pub nonce: Option<Nonce>,
}

/// A profile as written.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
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
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
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
    /// What it makes of a person, where the claims do not say it by themselves.
    #[serde(default, rename = "person")]
    pub person: Vec<Becomes>,
    /// The language of the file with which an administrator maps claims to users and groups (`--mapping`).
    #[serde(default)]
    pub mapping: Option<Mapping>,
    /// The redirect URIs that it sends.
    #[serde(default, rename = "redirect")]
    pub redirects: Vec<Redirect>,
    /// What stands in the redirect URIs of other programs under its name, about which the profile says nothing.
    #[serde(default)]
    pub other_programs: Vec<String>,
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
    /// How it gets its tokens, when it has one part.
    #[serde(default)]
    pub flow: Flow,
    /// What it does about the nonce.
    #[serde(default)]
    pub nonce: Nonce,
    /// The most characters that the code may have.
    #[serde(default)]
    pub code_max_length: Option<usize>,
    /// What it makes of the ID token.
    #[serde(default)]
    pub id_token: Option<TokenRules>,
    /// What it makes of the access token; absent when it only passes it on.
    #[serde(default)]
    pub access_token: Option<TokenRules>,
    /// What it needs of the device flow.
    #[serde(default)]
    pub device: Option<Device>,
    /// What it does in a browser.
    #[serde(default)]
    pub browser: Option<Browser>,
    /// When it reads the metadata.
    #[serde(default)]
    pub reads_metadata: Option<Life>,
    /// When it reads the keys.
    #[serde(default)]
    pub reads_keys: Option<Life>,
    /// Its pages may only talk to the issuer's own host (content security policy).
    #[serde(default)]
    pub same_host_only: bool,
    /// What to change, in the application's own words, by check id.
    #[serde(default)]
    pub remedies: BTreeMap<String, String>,
    /// Severities that it sets.
    #[serde(default, rename = "severity")]
    pub severities: Vec<SeverityRule>,
    /// What an administrator sets and what that changes.
    #[serde(default, rename = "setting")]
    pub settings: Vec<Setting>,
    /// Facts of some versions only.
    #[serde(default, rename = "version")]
    pub versions_differ: Vec<VersionFact>,
    /// What to know before it is deployed.
    #[serde(default, rename = "note")]
    pub notes: Vec<Note>,
    /// Where it shows its own settings without a login.
    #[serde(default, rename = "capture")]
    pub captures: Vec<Capture>,
    /// How a login ends at the application itself, for `--through-app`.
    #[serde(default)]
    pub through: Option<Through>,
    /// Its own set-up, for `oidcheck setup`.
    #[serde(default)]
    pub setup: Vec<SetupBlock>,
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
    pub library: Arc<Library>,
    /// When it sends PKCE.
    pub pkce: Pkce,
    /// How it gets its tokens.
    pub flow: Flow,
    /// The scopes that it asks for.
    pub scopes: Vec<String>,
    /// How it authenticates at the token endpoint, in the order in which it tries.
    pub client_authentication: Vec<ClientAuth>,
    /// What it does about the nonce.
    pub nonce: Nonce,
}

/// A profile ready for judging.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// As written.
    pub file: ProfileFile,
    /// Its parts; at least one.
    pub parts: Vec<Part>,
    /// What the user said about the application.
    pub choices: Choices,
    /// The value of every setting, the defaults included.
    pub settings: BTreeMap<String, String>,
    /// What errors call its file, and the text of it; a library has none.
    pub written: Option<Arc<(String, String)>>,
}

impl Profile {
    /// Reads a profile from TOML. `name` is what errors call the file.
    ///
    /// # Errors
    /// [`DataError`]: broken TOML, an unknown key or library, no library at all.
    pub fn read(name: &str, text: &str) -> Result<Profile, DataError> {
        Profile::read_with(name, text, &Choices::default())
    }

    /// The same for a version and with settings.
    ///
    /// # Errors
    /// [`DataError`], also when a setting has a value that is none of its choices.
    pub fn read_with(name: &str, text: &str, choices: &Choices) -> Result<Profile, DataError> {
        let (file, settings) = choice::apply(name, text, choices)?;
        let mut parts = Vec::new();
        let resolve = |id: &str, changes: &toml::Table| {
            let unchanged = library::one(id).filter(|_| changes.is_empty());
            unchanged.cloned().map_or_else(|| library::resolve(id, changes).map(Arc::new), Ok).map_err(|e| {
                match e.file.as_str() {
                    f if f.starts_with("libraries/") => DataError { file: name.into(), ..e },
                    _ => e,
                }
            })
        };
        if let Some(id) = &file.library {
            let library = resolve(id, &file.library_changes)?;
            parts.push(Part::of(&file, None, library));
        }
        for part in &file.parts {
            let library = resolve(&part.library, &part.library_changes)?;
            parts.push(Part::of(&file, Some(part), library));
        }
        if parts.is_empty() {
            return Err(DataError::whole(name, "a profile names a `library`, or has at least one [[part]] with one"));
        }
        let patterns = file.claims.iter().filter_map(|claim| claim.pattern.as_ref());
        let patterns = patterns.chain(file.person.iter().filter_map(|becomes| becomes.keeps.as_ref()));
        for pattern in patterns {
            regex_lite::Regex::new(pattern).map_err(|e| DataError::whole(name, format!("pattern {pattern:?}: {e}")))?;
        }
        let written = Some(Arc::new((name.to_owned(), text.to_owned())));
        Ok(Profile { file, parts, choices: choices.clone(), settings, written })
    }

    /// The profile of a library alone: what any application built on it needs.
    pub fn of_library(library: &Arc<Library>) -> Profile {
        let file = ProfileFile {
            id: format!("library:{}", library.id),
            title: library.title.clone(),
            versions: library.versions.clone(),
            about: format!("Any application that is built on {}.", library.title),
            library: Some(library.id.clone()),
            scopes: vec!["openid".into()],
            ..ProfileFile::default()
        };
        let parts = vec![Part::of(&file, None, library.clone())];
        Profile { file, parts, choices: Choices::default(), settings: BTreeMap::new(), written: None }
    }

    /// The same application with one setting more that is known. `None` when that is no choice.
    pub fn with(&self, key: &str, value: &str) -> Option<Profile> {
        let (name, text) = &**self.written.as_ref()?;
        let mut choices = self.choices.clone();
        choices.settings.insert(key.to_owned(), value.to_owned());
        Profile::read_with(name, text, &choices).ok()
    }

    /// The redirect URIs before the settings were put into them.
    pub fn redirects_as_written(&self) -> Vec<Redirect> {
        let written = self.written.as_deref().and_then(|(name, text)| data::read::<ProfileFile>(name, text).ok());
        written.map(|file| file.redirects).unwrap_or_default()
    }

    /// The notes that hold for the version and the settings that were chosen.
    pub fn notes(&self) -> impl Iterator<Item = &Note> {
        let version = self.choices.version.as_deref();
        self.file.notes.iter().filter(move |note| {
            choice::holds(version, note.since.as_deref(), note.until.as_deref())
                && note.when.iter().all(|(key, value)| self.settings.get(key) == Some(value))
        })
    }

    /// The claims that it reads: those of the profile, and what else it makes something of.
    pub fn claims_read(&self) -> Vec<Claim> {
        let mut claims = self.file.claims.clone();
        // Which claim becomes the name is then what the rules of that file say.
        if self.file.mapping.is_some() && self.choices.mapping.is_some() {
            claims.retain(|claim| !claim.username);
        }
        for becomes in self.becomes() {
            // Of several one is enough, so that none of them is missed.
            if let [name] = becomes.claims.as_slice()
                && !name.is_empty()
                && !claims.iter().any(|claim| claim.name == *name)
            {
                claims.push(self.claim_of(becomes, name));
            }
        }
        claims
    }

    /// The claim behind something that the application makes of it.
    pub fn claim_of(&self, becomes: &Becomes, name: &str) -> Claim {
        let known = self.file.claims.iter().find(|claim| claim.name == name);
        let user = self.file.claims.iter().find(|claim| claim.username);
        let read_from = becomes.read_from.or(known.or(user).map(|claim| claim.read_from));
        let mut claim = known.cloned().unwrap_or_else(|| Claim::of(name));
        claim.read_from = read_from.unwrap_or(ClaimPlace::IdTokenOrUserinfo);
        if becomes.kind != ClaimType::Any {
            claim.kind = becomes.kind;
        }
        claim.suffix = becomes.suffix.clone().or(claim.suffix);
        claim.without = becomes.without.clone().unwrap_or(claim.without);
        claim
    }

    /// What it makes of a person, for the version and the settings that were chosen.
    pub fn becomes(&self) -> impl Iterator<Item = &Becomes> {
        let version = self.choices.version.as_deref();
        self.file.person.iter().filter(move |becomes| {
            choice::holds(version, becomes.since.as_deref(), becomes.until.as_deref())
                && becomes.when.iter().all(|(key, value)| self.settings.get(key) == Some(value))
        })
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
            Some(library) => library::one(library).map(Profile::of_library),
            None => one(id).cloned(),
        }
    }

    /// The same for a version and with settings. `None` when there is no such profile.
    ///
    /// # Errors
    /// [`DataError`] when a setting has a value that is none of its choices.
    pub fn by_id_with(id: &str, choices: &Choices) -> Option<Result<Profile, DataError>> {
        match data::PROFILES.iter().find(|(stem, _)| *stem == id) {
            Some((stem, text)) if *choices != Choices::default() => {
                Some(Profile::read_with(&format!("profiles/{stem}.toml"), text, choices))
            }
            _ => Profile::by_id(id).map(Ok),
        }
    }

    /// The ids of all profiles of this build, the libraries' ones included.
    pub fn ids() -> Vec<String> {
        stems().map(str::to_owned).chain(library::stems().map(|id| format!("library:{id}"))).collect()
    }
}

impl Part {
    /// The facts of the profile, and over them those of the part.
    fn of(file: &ProfileFile, spec: Option<&PartSpec>, library: Arc<Library>) -> Part {
        Part {
            id: spec.map(|part| part.id.clone()),
            library,
            pkce: spec.and_then(|part| part.pkce).unwrap_or(file.pkce),
            flow: spec.map_or(file.flow, |part| part.flow),
            scopes: spec.and_then(|part| part.scopes.clone()).unwrap_or_else(|| file.scopes.clone()),
            client_authentication: spec
                .and_then(|part| part.client_authentication.clone())
                .unwrap_or_else(|| file.client_authentication.clone()),
            nonce: spec.and_then(|part| part.nonce).unwrap_or(file.nonce),
        }
    }
}

/// All application profiles of this build, by id.
///
/// # Panics
/// Never in a released build: a test reads every file.
pub fn all() -> &'static BTreeMap<String, Profile> {
    static ALL: LazyLock<BTreeMap<String, Profile>> =
        LazyLock::new(|| stems().filter_map(|stem| Some((stem.to_owned(), one(stem)?.clone()))).collect());
    &ALL
}

/// The ids of all application profiles of this build, without reading one.
pub fn stems() -> impl Iterator<Item = &'static str> {
    data::PROFILES.iter().map(|(stem, _)| *stem)
}

/// The application profile with this id. Only its file is read, once: a run needs one or two of the many.
///
/// # Panics
/// Never in a released build: a test reads every file.
pub fn one(id: &str) -> Option<&'static Profile> {
    static READ: [OnceLock<Profile>; data::PROFILES.len()] = [const { OnceLock::new() }; data::PROFILES.len()];
    let at = data::PROFILES.iter().position(|(stem, _)| *stem == id)?;
    let read = || {
        let (stem, text) = data::PROFILES[at];
        Profile::read(&format!("profiles/{stem}.toml"), text).unwrap_or_else(|e| panic!("embedded profile: {e}"))
    };
    Some(READ[at].get_or_init(read))
}
