//! Questions about single parameters of the authorization request.
//!
//! Each differs in one thing from the plainest valid request, which is its control: where that one is not let through,
//! nothing follows. *Refused* is told before any login. *Let through* proves something only where the provider is seen
//! to look at this kind of parameter before the login; who looks later lets everything through.
//!
//! Nobody is asked why before something was refused, so that a sound registration costs next to nothing: the quick set
//! has one of these requests at most, and the standard set eight.

use super::oracle::{Oracle, Seen, names};
use super::{Authorization, CONTROL_URI, application_request, objects, sends_people};
use crate::evidence::Evidence;
use crate::evidence::metadata::Metadata;
use crate::profile::{Flow, Nonce, Part, Pkce, Profile};
use crate::target::Depth;

/// A scope that no provider has.
pub const UNKNOWN_SCOPE: &str = "oidcheck-unknown-scope";
/// A challenge method that no provider has (RFC 7636 section 6.2.2 registers `plain` and `S256`).
const UNKNOWN_METHOD: &str = "oidcheck-method";
/// So many scopes are asked for one by one, when all of them together were refused.
const SCOPES: usize = 6;
/// The member that says that a provider supports PKCE.
const METHODS: &str = "code_challenge_methods_supported";

/// A parameter that no provider has.
pub const UNKNOWN_PARAMETER: &str = "oidcheck_unknown";
/// What a provider may do nothing about, and has to take (OpenID Connect Core 1.0 section 15.1), and the hint of section
/// 3.1.2.1.
pub const OPTIONAL: [(&str, &str); 6] = [
    ("display", "page"),
    ("max_age", "86400"),
    ("ui_locales", "en"),
    ("claims_locales", "en"),
    ("acr_values", "1"),
    ("login_hint", "oidcheck"),
];

/// A claim that an application says it cannot do without.
pub const ESSENTIAL: &str = r#"{"userinfo":{"name":{"essential":true}}}"#;
/// A response type that no provider has.
const UNKNOWN_TYPE: &str = "oidcheck-type";

/// What is asked; the words are part of slot names.
pub mod what {
    /// No challenge.
    pub const NO_PKCE: &str = "pkce-absent";
    /// A challenge of the method `plain`.
    pub const PLAIN: &str = "pkce-plain";
    /// A challenge of a method that nobody has: does the provider look at PKCE before the login?
    pub const UNKNOWN_METHOD: &str = "pkce-unknown-method";
    /// No nonce.
    pub const NO_NONCE: &str = "nonce-absent";
    /// A scope that nobody has: does the provider look at scopes before the login?
    pub const UNKNOWN_SCOPE: &str = "scope-unknown";
    /// Two redirect URIs, the registered one first.
    pub const GOOD_FIRST: &str = "two-redirect-uris-good-first";
    /// Two redirect URIs, the registered one last.
    pub const GOOD_LAST: &str = "two-redirect-uris-good-last";
    /// No redirect URI.
    pub const NO_URI: &str = "redirect-uri-absent";
    /// An empty redirect URI.
    pub const EMPTY_URI: &str = "redirect-uri-empty";
    /// Every optional parameter that a provider has to take.
    pub const OPTIONAL: &str = "optional-parameters";
    /// A parameter that nobody knows.
    pub const UNKNOWN: &str = "unknown-parameter";
    /// The plainest request by POST.
    pub const POST: &str = "post";
    /// A claim that is essential (OpenID Connect Core 1.0 section 5.5.1).
    pub const CLAIMS: &str = "claims-parameter";
    /// The request of the application, with parameters and scopes in the opposite order.
    pub const REVERSED: &str = "reversed";
    /// No response type.
    pub const NO_TYPE: &str = "response-type-absent";
    /// A response type that nobody has.
    pub const UNKNOWN_TYPE: &str = "response-type-unknown";
    /// A response type that brings the ID token through the browser.
    pub const FRONT: &str = "front-channel";
    /// The same without a nonce.
    pub const FRONT_NO_NONCE: &str = "front-channel-nonce-absent";
    /// `openid` and this scope.
    pub fn scope(scope: &str) -> String {
        format!("scope:{scope}")
    }
}

/// The name of a probe of this kind.
pub fn name(what: &str, uri: &str) -> String {
    format!("{what}:{uri}")
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It is let through.
    Welcome,
    /// It is refused, in these words.
    Refused(String),
    /// It cannot be told.
    Unclear(String),
}

/// What became of the probe of that name.
pub fn told(oracle: &Oracle, evidence: &Evidence, name: &str) -> Told {
    match oracle.seen(evidence, name) {
        Seen::Accepted(_) | Seen::AcceptedByLanding => Told::Welcome,
        Seen::ErrorThere(delivered) => Told::Refused(match (delivered.error, delivered.description) {
            (Some(error), Some(text)) => format!("{error}: {text}"),
            (error, text) => error.or(text).unwrap_or_else(|| "an error without a name".into()),
        }),
        Seen::Refused(shape) => Told::Refused(shape.words()),
        Seen::Unclear(why) => Told::Unclear(why),
    }
}

/// Whether the metadata lists the method S256; `None` when it does not say that PKCE is supported at all.
pub fn lists_s256(metadata: &Metadata) -> Option<bool> {
    metadata.strings(METHODS).filter(|methods| !methods.is_empty()).map(|methods| methods.contains(&"S256"))
}

/// Whether a part of an application sends a challenge to this provider; `None` when nobody knows.
pub fn sends_challenge(part: &Part, metadata: &Metadata) -> Option<bool> {
    match part.pkce {
        _ if part.flow != Flow::Code => Some(false),
        Pkce::Always => Some(true),
        Pkce::IfAdvertised => Some(lists_s256(metadata) == Some(true)),
        Pkce::Never => Some(false),
        Pkce::Unknown => None,
    }
}

/// The response type by which an ID token comes through the browser, where the metadata lists one: the one that brings
/// the least besides.
pub fn front_channel(metadata: &Metadata) -> Option<&str> {
    let listed = metadata.strings("response_types_supported")?;
    let brings = |kind: &&&str| kind.split(' ').any(|word| word == "id_token");
    listed.iter().filter(brings).min_by_key(|kind| kind.split(' ').count()).copied()
}

/// Whether a part of an application sends no nonce.
pub fn sends_no_nonce(part: &Part) -> bool {
    part.flow == Flow::Code && matches!(part.nonce, Nonce::Absent | Nonce::Forbidden)
}

/// Whether an application sends a nonce with some login. One that sends nobody to the provider leaves that to a program
/// of which nothing is known.
pub fn sends_nonce(profile: &Profile) -> bool {
    let mut people = profile.parts.iter().filter(|part| sends_people(part)).peekable();
    people.peek().is_none() || people.any(|part| !sends_no_nonce(part))
}

/// One question.
#[derive(Debug)]
pub struct Question<'a> {
    /// The name of the probe.
    pub name: String,
    /// The request.
    pub request: Authorization<'a>,
    /// Why it is asked.
    pub why: &'static str,
}

/// What is known when the questions are chosen.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The authorization endpoint.
    pub endpoint: &'a str,
    /// The client.
    pub client_id: &'a str,
    /// The redirect URI of the plainest request, which was answered.
    pub uri: &'a str,
    /// The metadata.
    pub metadata: &'a Metadata,
    /// The answers so far.
    pub evidence: &'a Evidence,
    /// How the provider can be questioned.
    pub oracle: &'a Oracle,
    /// How much may be asked.
    pub depth: Depth,
}

impl<'a> Known<'a> {
    /// The questions about an application, as far as they are due.
    pub fn questions(&self, profile: &Profile) -> Vec<Question<'a>> {
        let parts: Vec<&Part> = profile.parts.iter().filter(|part| sends_people(part)).collect();
        let Some(part) = parts.first() else { return Vec::new() };
        let mut list = Vec::new();
        let plainest = |what: &str| Authorization::new(self.endpoint, self.client_id, self.uri, what);
        let bare = |what: &str| plainest(what).without("code_challenge").without("code_challenge_method");
        let mut ask = |what: &str, request, why| list.push(Question { name: name(what, self.uri), request, why });
        let at = |name: &str| told(self.oracle, self.evidence, name);
        let base = at(&names::expected(self.uri));
        let sends = sends_challenge(part, self.metadata);
        let more = self.depth >= Depth::Standard && matches!(base, Told::Welcome);
        let hidden_policy = sends == Some(false) && lists_s256(self.metadata).is_some() && part.flow == Flow::Code;
        if matches!(base, Told::Welcome) && hidden_policy || more {
            ask(
                what::UNKNOWN_METHOD,
                plainest(what::UNKNOWN_METHOD).set("code_challenge_method", UNKNOWN_METHOD),
                "control: does the provider look at PKCE before the login?",
            );
        }
        let refused = matches!(at(&names::application(&profile.file.id, self.uri)), Told::Refused(_));
        if matches!(base, Told::Refused(_)) || more {
            ask(what::NO_PKCE, bare(what::NO_PKCE), "is a request without PKCE let through?");
        }
        if refused && matches!(base, Told::Welcome) {
            // Which of the things that the application does otherwise is it?
            if sends == Some(false) {
                ask(what::NO_PKCE, bare(what::NO_PKCE), "is it PKCE that is missed?");
            }
            if sends_no_nonce(part) {
                ask(what::NO_NONCE, plainest(what::NO_NONCE).without("nonce"), "is it the nonce that is missed?");
            }
            for scope in profile.file.scopes.iter().filter(|scope| *scope != "openid").take(SCOPES) {
                let what = what::scope(scope);
                ask(&what, plainest(&what).set("scope", &format!("openid {scope}")), "is it this scope?");
            }
        }
        if more {
            ask(what::PLAIN, plainest(what::PLAIN).set("code_challenge_method", "plain"), "is weak PKCE refused?");
            let scope = format!("openid {UNKNOWN_SCOPE}");
            ask(
                what::UNKNOWN_SCOPE,
                plainest(what::UNKNOWN_SCOPE).set("scope", &scope),
                "control: does the provider look at scopes before the login?",
            );
            ask(
                what::GOOD_FIRST,
                plainest(what::GOOD_FIRST).again("redirect_uri", CONTROL_URI),
                "which of two redirect URIs counts?",
            );
            ask(
                what::GOOD_LAST,
                plainest(what::GOOD_LAST).set("redirect_uri", CONTROL_URI).again("redirect_uri", self.uri),
                "which of two redirect URIs counts, the other way round?",
            );
            ask(
                what::NO_URI,
                plainest(what::NO_URI).without("redirect_uri"),
                "is a request without a redirect URI refused?",
            );
            ask(
                what::EMPTY_URI,
                plainest(what::EMPTY_URI).set("redirect_uri", ""),
                "is a request with an empty redirect URI refused?",
            );
        }
        if more && self.depth >= Depth::Thorough {
            let optional =
                OPTIONAL.iter().fold(plainest(what::OPTIONAL), |request, (name, value)| request.set(name, value));
            ask(what::OPTIONAL, optional, "are the optional parameters taken?");
            let unknown = plainest(what::UNKNOWN).set(UNKNOWN_PARAMETER, "1");
            ask(what::UNKNOWN, unknown, "is a parameter that nobody knows passed over?");
            let claims = plainest(what::CLAIMS).set("claims", ESSENTIAL);
            ask(what::CLAIMS, claims, "is a wish for claims taken?");
            let own = application_request(self.endpoint, self.client_id, self.uri, profile, part, self.metadata);
            ask(what::REVERSED, own.reversed(), "does the order of parameters and scopes count?");
            let no_type = plainest(what::NO_TYPE).without("response_type");
            ask(what::NO_TYPE, no_type, "is a request without a response type refused?");
            let unknown_type = plainest(what::UNKNOWN_TYPE).set("response_type", UNKNOWN_TYPE);
            ask(what::UNKNOWN_TYPE, unknown_type, "is a response type that nobody knows refused?");
            if let Some(kind) = front_channel(self.metadata) {
                let front = |what: &str| plainest(what).set("response_type", kind);
                ask(what::FRONT, front(what::FRONT), "control: may the client get an ID token through the browser?");
                let request = front(what::FRONT_NO_NONCE).without("nonce");
                ask(what::FRONT_NO_NONCE, request, "is it refused without a nonce?");
            }
            for (what, request, why) in objects::questions(self) {
                ask(what, request, why);
            }
        }
        list
    }
}
