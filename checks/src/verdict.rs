//! What a check can say: pass, fail with findings, not applicable, or why it cannot tell.

use crate::evidence::Slot;
use crate::spec::Clause;
use serde::{Deserialize, Serialize};

/// What a finding means for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Works for this application; tidy it when you are there anyway.
    Untidy,
    /// Works today, but is fragile or incomplete.
    Degraded,
    /// People can log in, and so may somebody who should not.
    Unsafe,
    /// People cannot log in.
    LoginFails,
}

impl Effect {
    /// The severity that the effect has unless a profile or a configuration says otherwise.
    pub fn severity(self) -> Severity {
        match self {
            Effect::LoginFails | Effect::Unsafe => Severity::Error,
            Effect::Degraded => Severity::Warning,
            Effect::Untidy => Severity::Notice,
        }
    }

    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Effect::LoginFails => "login-fails",
            Effect::Unsafe => "unsafe",
            Effect::Degraded => "degraded",
            Effect::Untidy => "untidy",
        }
    }
}

/// How loud a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Works today, fragile.
    Warning,
    /// Will not work, or is unsafe.
    Error,
}

impl Severity {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        }
    }
}

/// Where in a login something breaks, in the order in which a login goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Fetching and reading the provider's metadata.
    Discovery,
    /// Fetching the JWK set, where the library does it as a step of its own.
    Keys,
    /// Building or answering the authorization request.
    Authorization,
    /// The token request.
    Token,
    /// Validating the ID token (its keys included, where the library fetches them there).
    IdToken,
    /// Validating the access token.
    AccessToken,
    /// The userinfo request.
    Userinfo,
    /// The device flow.
    Device,
    /// Logging out.
    Logout,
    /// What the application makes of the claims.
    Application,
}

impl Step {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Step::Discovery => "discovery",
            Step::Keys => "keys",
            Step::Authorization => "authorization",
            Step::Token => "token",
            Step::IdToken => "id-token",
            Step::AccessToken => "access-token",
            Step::Userinfo => "userinfo",
            Step::Device => "device",
            Step::Logout => "logout",
            Step::Application => "application",
        }
    }
}

/// Who has to change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The OpenID Provider or what stands in front of it.
    Provider,
    /// The application's settings.
    Application,
    /// The path between them: DNS, proxy, firewall, trust store.
    Network,
    /// The person's account.
    User,
}

impl Side {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Side::Provider => "provider",
            Side::Application => "application",
            Side::Network => "network",
            Side::User => "user",
        }
    }
}

/// Where in the evidence a finding points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The exchange.
    pub slot: Slot,
    /// The part of it.
    pub spot: Spot,
}

/// A part of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spot {
    /// The body at a JSON Pointer (RFC 6901), with the byte offset where it is known.
    Body(String, Option<usize>),
    /// A response header, by name.
    Header(String),
    /// The status line.
    Status,
    /// The URL that was asked or redirected to.
    Url,
    /// A field of the server's certificate.
    Certificate(&'static str),
    /// The connection itself.
    Connection,
    /// How long it took.
    Time,
    /// A place in a file, from 1 each.
    Line(usize, usize),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = self.slot.noun();
        match &self.spot {
            Spot::Body(pointer, _) if pointer.is_empty() => write!(f, "{what}, the whole body"),
            Spot::Body(pointer, None) => write!(f, "{what}, {pointer}"),
            Spot::Body(pointer, Some(byte)) => write!(f, "{what}, {pointer} (byte {byte})"),
            Spot::Header(name) => write!(f, "{what}, header {name}"),
            Spot::Status => write!(f, "{what}, status"),
            Spot::Url => write!(f, "{what}, URL"),
            Spot::Certificate(field) => write!(f, "{what}, certificate {field}"),
            Spot::Connection => write!(f, "{what}, connection"),
            Spot::Time => write!(f, "{what}, time taken"),
            Spot::Line(line, column) => write!(f, "{what}:{line}:{column}"),
        }
    }
}

/// One thing that is wrong, for one application.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What is wrong here: lower case, no full stop.
    pub message: String,
    /// What it means for people.
    pub effect: Effect,
    /// Where the login breaks, or would.
    pub step: Step,
    /// Which parts of the application it hits (`web`, `cli` …); empty when it has only one.
    pub parts: Vec<String>,
    /// What the person or the log will show, in the words of the library or the application.
    pub symptom: Option<String>,
    /// Who has to change something.
    pub side: Side,
    /// Where it was seen.
    pub place: Place,
    /// What was expected.
    pub expected: Option<String>,
    /// What was seen.
    pub actual: Option<String>,
    /// The rule that is broken.
    pub clause: Clause,
    /// What to change. Filled from the provider's, the profile's or the check's remedy when a check leaves it empty.
    pub remedy: Option<String>,
}

impl Finding {
    /// A finding that is merely untidy until something more is said about it.
    pub fn new(message: impl Into<String>, place: Place, clause: Clause) -> Self {
        Finding {
            message: message.into(),
            effect: Effect::Untidy,
            step: Step::Discovery,
            parts: Vec::new(),
            symptom: None,
            side: Side::Provider,
            place,
            expected: None,
            actual: None,
            clause,
            remedy: None,
        }
    }

    /// Sets what it means and where the login breaks.
    pub fn means(mut self, effect: Effect, step: Step) -> Self {
        self.effect = effect;
        self.step = step;
        self
    }

    /// Sets what was expected.
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Sets what was seen.
    pub fn actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }

    /// Sets the words that the log or the person will show.
    pub fn symptom(mut self, symptom: Option<String>) -> Self {
        self.symptom = symptom;
        self
    }

    /// Sets who has to change something (the provider, unless said).
    pub fn side(mut self, side: Side) -> Self {
        self.side = side;
        self
    }

    /// Sets what to change, when the general remedy of the check would not do.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// What a check says when it can tell.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The property holds; the note says what was seen.
    Pass(String),
    /// It does not; never empty (see [`Verdict::fail`]).
    Fail(Vec<Finding>),
    /// The question does not arise for this application or provider.
    NotApplicable(String),
}

impl Verdict {
    /// Passes with a note on what was seen.
    pub fn pass(note: impl Into<String>) -> Self {
        Verdict::Pass(note.into())
    }

    /// Fails with one finding.
    pub fn fail(finding: Finding) -> Self {
        Verdict::Fail(vec![finding])
    }

    /// Does not apply, with the reason.
    pub fn not_applicable(reason: impl Into<String>) -> Self {
        Verdict::NotApplicable(reason.into())
    }

    /// Fails when there are findings, else passes with the note.
    pub fn from(findings: Vec<Finding>, note: impl Into<String>) -> Self {
        if findings.is_empty() { Verdict::pass(note) } else { Verdict::Fail(findings) }
    }
}

/// Why there is no verdict. Returned with `?` from every accessor of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// The exchange was not made, for this reason.
    NotGathered(Slot, String),
    /// The exchange was made and brought nothing usable; the named check says what is wrong with it.
    Unusable(Slot, &'static str),
    /// The evidence allows more than one answer.
    Undecided(String),
}

impl Gap {
    /// The check that already reports the root cause, if one does.
    pub fn blamed_on(&self) -> Option<&'static str> {
        match self {
            Gap::Unusable(_, check) => Some(check),
            _ => None,
        }
    }
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Gap::NotGathered(slot, why) => write!(f, "{} was not fetched: {why}", slot.noun()),
            Gap::Unusable(slot, check) => write!(f, "{} cannot be used; {check} says why", slot.noun()),
            Gap::Undecided(why) => f.write_str(why),
        }
    }
}
