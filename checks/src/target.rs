//! What is to be checked, as the user typed it.

/// The well-known path of OpenID Connect Discovery 1.0 section 4.
pub const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// What the user typed. Nothing here is normalised: libraries compare strings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// Issuer or discovery URL, byte for byte.
    pub typed: String,
    /// Where the application is reached.
    pub app_url: Option<String>,
    /// The client id.
    pub client_id: Option<String>,
    /// The redirect URIs that the user named; they stand in for those of the profile.
    pub redirect_uris: Vec<String>,
    /// A client secret was given. The secret itself is the gatherer's.
    pub has_secret: bool,
    /// How far the user wants to go; as far as the inputs allow when absent.
    pub tier: Option<crate::check::Tier>,
    /// How many redirect mutations are tried.
    pub depth: Depth,
}

/// How many mutations of the redirect URI are tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The few that decide what an attacker can do.
    #[default]
    Quick,
    /// Enough to name the matching rule.
    Standard,
    /// The whole corpus.
    Thorough,
}

impl Target {
    /// The URL of the metadata for what was typed.
    pub fn discovery_url(&self) -> String {
        discovery_url(&self.typed)
    }

    /// The origin of the application, as a browser sends it.
    pub fn app_origin(&self) -> Option<String> {
        let url = url::Url::parse(self.app_url.as_deref()?).ok()?;
        Some(url.origin().ascii_serialization())
    }
}

/// The URL of the metadata for an issuer: final slashes dropped, the well-known path added
/// (OpenID Connect Discovery 1.0 section 4.1). A whole discovery URL stays as it is.
pub fn discovery_url(typed: &str) -> String {
    if typed.ends_with(WELL_KNOWN) { typed.to_owned() } else { format!("{}{WELL_KNOWN}", typed.trim_end_matches('/')) }
}

/// The issuer that a discovery URL belongs to, or the text itself.
pub fn issuer_of(typed: &str) -> &str {
    typed.strip_suffix(WELL_KNOWN).unwrap_or(typed)
}
