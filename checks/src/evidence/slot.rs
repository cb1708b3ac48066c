//! The names of exchanges: what was asked, in a form that recordings and reports can carry.

use super::step::LoginStep;

/// Names one exchange.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The provider's metadata at the well-known path of the issuer.
    Discovery,
    /// Another place where the metadata may be, tried because the first gave none (URL).
    DiscoveryAt(String),
    /// The key set.
    Jwks,
    /// The metadata or an endpoint as a browser on the application's origin sees it.
    Cors(CorsTarget),
    /// A question about a client registration, by the endpoint that was asked and a name that says what was asked.
    Probe(Endpoint, String),
    /// A step of a login, by the persona who logged in.
    Login(LoginStep, String),
    /// What the application itself showed without a login, by the name of the capture.
    App(String),
    /// A file that was read instead of a network exchange: a configuration, or a profile.
    File(String),
}

/// An endpoint that probes ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// The authorization endpoint.
    Authorize,
    /// Where the authorization endpoint redirects to inside the provider.
    AuthorizeHop,
    /// The token endpoint.
    Token,
    /// The device authorization endpoint.
    Device,
    /// The pushed authorization request endpoint.
    Par,
    /// The userinfo endpoint, without a token.
    Userinfo,
    /// The end-session endpoint.
    EndSession,
    /// The introspection endpoint.
    Introspection,
    /// The revocation endpoint.
    Revocation,
    /// The metadata, asked in a way in which no application asks.
    Metadata,
}

impl Endpoint {
    /// All of them.
    pub const ALL: [Endpoint; 10] = [
        Endpoint::Authorize,
        Endpoint::AuthorizeHop,
        Endpoint::Token,
        Endpoint::Device,
        Endpoint::Par,
        Endpoint::Userinfo,
        Endpoint::EndSession,
        Endpoint::Introspection,
        Endpoint::Revocation,
        Endpoint::Metadata,
    ];

    /// The word used in slot ids.
    pub fn word(self) -> &'static str {
        match self {
            Endpoint::Metadata => "metadata",
            Endpoint::Authorize => "authorize",
            Endpoint::AuthorizeHop => "authorize-hop",
            Endpoint::Token => "token",
            Endpoint::Device => "device",
            Endpoint::Par => "par",
            Endpoint::Userinfo => "userinfo",
            Endpoint::EndSession => "end-session",
            Endpoint::Introspection => "introspection",
            Endpoint::Revocation => "revocation",
        }
    }
}

/// What a browser application reads across origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CorsTarget {
    /// The metadata document.
    Discovery,
    /// The key set.
    Jwks,
    /// The token endpoint.
    Token,
    /// The userinfo endpoint.
    Userinfo,
    /// The revocation endpoint.
    Revocation,
}

impl CorsTarget {
    /// All of them.
    pub const ALL: [CorsTarget; 5] =
        [CorsTarget::Discovery, CorsTarget::Jwks, CorsTarget::Token, CorsTarget::Userinfo, CorsTarget::Revocation];

    /// The word used in slot ids.
    pub fn word(self) -> &'static str {
        match self {
            CorsTarget::Discovery => "discovery",
            CorsTarget::Jwks => "jwks",
            CorsTarget::Token => "token",
            CorsTarget::Userinfo => "userinfo",
            CorsTarget::Revocation => "revocation",
        }
    }
}

/// A slot without its parameter: what a check declares that it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotKind {
    /// [`Slot::Discovery`].
    Discovery,
    /// [`Slot::DiscoveryAt`].
    DiscoveryAt,
    /// [`Slot::Jwks`].
    Jwks,
    /// [`Slot::Cors`].
    Cors,
    /// [`Slot::Probe`].
    Probe(Endpoint),
    /// [`Slot::Login`].
    Login(LoginStep),
    /// [`Slot::App`].
    App,
    /// [`Slot::File`].
    File,
}

impl Slot {
    /// The slot without its parameter.
    pub fn kind(&self) -> SlotKind {
        match self {
            Slot::Discovery => SlotKind::Discovery,
            Slot::DiscoveryAt(_) => SlotKind::DiscoveryAt,
            Slot::Jwks => SlotKind::Jwks,
            Slot::Cors(_) => SlotKind::Cors,
            Slot::Probe(endpoint, _) => SlotKind::Probe(*endpoint),
            Slot::Login(step, _) => SlotKind::Login(*step),
            Slot::App(_) => SlotKind::App,
            Slot::File(_) => SlotKind::File,
        }
    }

    /// The id used in recordings and in JSON.
    pub fn id(&self) -> String {
        match self {
            Slot::Discovery => "discovery".into(),
            Slot::DiscoveryAt(url) => format!("discovery-at:{url}"),
            Slot::Jwks => "jwks".into(),
            Slot::Cors(target) => format!("cors:{}", target.word()),
            Slot::Probe(endpoint, name) => format!("{}:{name}", endpoint.word()),
            Slot::Login(step, persona) => format!("login-{}:{persona}", step.word()),
            Slot::App(name) => format!("app:{name}"),
            Slot::File(name) => format!("file:{name}"),
        }
    }

    /// Reads an id; `None` when it names no slot.
    pub fn from_id(id: &str) -> Option<Slot> {
        match id.split_once(':') {
            None if id == "discovery" => Some(Slot::Discovery),
            None if id == "jwks" => Some(Slot::Jwks),
            Some(("discovery-at", url)) => Some(Slot::DiscoveryAt(url.to_owned())),
            Some(("cors", word)) => CorsTarget::ALL.into_iter().find(|t| t.word() == word).map(Slot::Cors),
            Some(("app", name)) => Some(Slot::App(name.to_owned())),
            Some(("file", name)) => Some(Slot::File(name.to_owned())),
            Some((word, name)) => {
                let endpoint = Endpoint::ALL.into_iter().find(|e| e.word() == word);
                let step = word.strip_prefix("login-").and_then(|w| LoginStep::all().find(|s| s.word() == w));
                let probe = endpoint.map(|endpoint| Slot::Probe(endpoint, name.to_owned()));
                probe.or_else(|| step.map(|step| Slot::Login(step, name.to_owned())))
            }
            None => None,
        }
    }

    /// What a person calls it.
    pub fn noun(&self) -> String {
        match self {
            Slot::Discovery => "discovery document".into(),
            Slot::DiscoveryAt(url) => format!("discovery document at {url}"),
            Slot::Jwks => "JWK set".into(),
            Slot::Cors(target) => format!("cross-origin answer of {}", target.word()),
            Slot::Probe(Endpoint::Metadata, name) if name == "keys-again" => "JWK set (again)".into(),
            Slot::Probe(Endpoint::Metadata, name) => format!("discovery document ({name})"),
            Slot::Probe(Endpoint::AuthorizeHop, name) => match name.split_once(':') {
                Some((page, _)) if page.starts_with("page-") => "login page".into(),
                _ => format!("page behind the authorization endpoint ({name})"),
            },
            Slot::Probe(endpoint, name) => format!("answer of the {} endpoint ({name})", endpoint.word()),
            Slot::Login(step, who) => format!("{} {who}", step.noun()),
            Slot::App(name) => format!("answer of the application ({name})"),
            Slot::File(name) => name.clone(),
        }
    }
}
