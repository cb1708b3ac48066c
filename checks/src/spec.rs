//! Clauses as data: which specification says so, where, and how strongly.
//!
//! A finding that cannot name its clause is an opinion. `Local` is for what one application needs although no
//! specification asks for it.

use serde::Serialize;

/// A document that obliges a provider, a relying party or a transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Spec {
    /// OpenID Connect Core 1.0.
    Core,
    /// OpenID Connect Discovery 1.0.
    Discovery,
    /// OpenID Connect RP-Initiated Logout 1.0.
    RpLogout,
    /// OpenID Connect Session Management 1.0.
    Session,
    /// OpenID Connect Front-Channel Logout 1.0.
    FrontChannel,
    /// OpenID Connect Back-Channel Logout 1.0.
    BackChannel,
    /// The Fetch living standard (CORS).
    Fetch,
    /// A numbered RFC.
    Rfc(u16),
    /// What one application or client library needs; no specification asks for it.
    Local,
}

impl Spec {
    /// The name that people use for the document.
    pub fn name(self) -> String {
        match self {
            Spec::Core => "OpenID Connect Core 1.0".into(),
            Spec::Discovery => "OpenID Connect Discovery 1.0".into(),
            Spec::RpLogout => "OpenID Connect RP-Initiated Logout 1.0".into(),
            Spec::Session => "OpenID Connect Session Management 1.0".into(),
            Spec::FrontChannel => "OpenID Connect Front-Channel Logout 1.0".into(),
            Spec::BackChannel => "OpenID Connect Back-Channel Logout 1.0".into(),
            Spec::Fetch => "Fetch".into(),
            Spec::Rfc(number) => format!("RFC {number}"),
            Spec::Local => "Local".into(),
        }
    }
}

/// How strongly a clause speaks (RFC 2119), or that only one application needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Level {
    /// An absolute requirement.
    Must,
    /// A recommendation that needs a reason to be left out.
    Should,
    /// A permission.
    May,
    /// This application or library needs it.
    Local,
}

impl Level {
    /// The word as the specifications print it.
    pub fn word(self) -> &'static str {
        match self {
            Level::Must => "MUST",
            Level::Should => "SHOULD",
            Level::May => "MAY",
            Level::Local => "Local",
        }
    }
}

/// One clause: document, section, strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clause {
    /// The document.
    pub spec: Spec,
    /// The section as the document numbers it, for example `4.3`; for [`Spec::Local`] what needs it.
    pub section: &'static str,
    /// How strongly it speaks.
    pub level: Level,
}

impl Clause {
    /// A MUST.
    pub const fn must(spec: Spec, section: &'static str) -> Self {
        Clause { spec, section, level: Level::Must }
    }

    /// A SHOULD.
    pub const fn should(spec: Spec, section: &'static str) -> Self {
        Clause { spec, section, level: Level::Should }
    }

    /// A MAY.
    pub const fn may(spec: Spec, section: &'static str) -> Self {
        Clause { spec, section, level: Level::May }
    }

    /// What an application or a client library needs, said in a few words.
    pub const fn local(what: &'static str) -> Self {
        Clause { spec: Spec::Local, section: what, level: Level::Local }
    }

    /// Where the clause can be read; `None` for [`Spec::Local`].
    pub fn link(&self) -> Option<String> {
        let openid = |page: &str, anchor: &str| Some(format!("https://openid.net/specs/{page}.html#{anchor}"));
        match self.spec {
            Spec::Core => openid("openid-connect-core-1_0", &format!("rfc.section.{}", self.section)),
            Spec::Discovery => openid("openid-connect-discovery-1_0", &format!("rfc.section.{}", self.section)),
            Spec::RpLogout => openid("openid-connect-rpinitiated-1_0", &format!("rfc.section.{}", self.section)),
            Spec::Session => openid("openid-connect-session-1_0", &format!("rfc.section.{}", self.section)),
            Spec::FrontChannel => openid("openid-connect-frontchannel-1_0", &format!("rfc.section.{}", self.section)),
            Spec::BackChannel => openid("openid-connect-backchannel-1_0", &format!("rfc.section.{}", self.section)),
            Spec::Fetch => Some("https://fetch.spec.whatwg.org/#http-cors-protocol".into()),
            Spec::Rfc(number) => {
                Some(format!("https://www.rfc-editor.org/rfc/rfc{number}.html#section-{}", self.section))
            }
            Spec::Local => None,
        }
    }
}

impl std::fmt::Display for Clause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.spec {
            Spec::Local => write!(f, "Local: {}", self.section),
            spec => write!(f, "{} §{}, {}", spec.name(), self.section, self.level.word()),
        }
    }
}
