//! Questions about a client registration that need no login, and how their answers are read.
//!
//! Three oracles (design, section 5): a *silent* authorization request (`prompt=none`), the *landing* of an ordinary
//! one, and a *dead code* at the token endpoint. Each has controls; when they do not hold, nothing that depends on them
//! is decided. The rules of the probing client come from measurements of real products: the expected redirect URI goes
//! first (some providers store the first one they see), `state` and `nonce` are URL-safe and long enough for everybody,
//! and no redirect is ever followed off the provider.

pub mod capture;
pub mod endpoints;
pub mod mutations;
pub mod objects;
pub mod oracle;
pub mod page;
pub mod params;
pub mod reply;
mod scripts;
pub mod session;
pub mod token;

use crate::evidence::metadata::Metadata;
use crate::evidence::{Endpoint, Request, Slot, encode_pairs};
use crate::profile::{Flow, Part, Profile, Redirect, RedirectKind};
use crate::target::Target;
use std::collections::BTreeMap;

/// A host that exists nowhere (RFC 6761 section 6.4), for redirect URIs that nobody registered.
pub const FOREIGN: &str = "oidcheck.invalid";
/// The header in which a proxy says by which host it was asked, and anybody else may say so.
pub const FORWARDED_HOST: &str = "X-Forwarded-Host";
/// A redirect URI that nobody registered: the first control.
pub const CONTROL_URI: &str = "https://oidcheck.invalid/callback";
/// A client id that nobody registered: the second control.
pub const UNKNOWN_CLIENT: &str = "oidcheck-unknown-client-4f1c";
/// A well-formed S256 challenge (RFC 7636 appendix B).
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// A nonce that every provider takes.
const NONCE: &str = "oidcheck-nonce-7c2e91";

/// The slot of an authorization probe.
pub fn authorize_slot(name: &str) -> Slot {
    Slot::Probe(Endpoint::Authorize, name.to_owned())
}

/// The `state` of a probe: URL-safe, at least eight characters, and its own for every probe.
pub fn state_of(name: &str) -> String {
    let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(48).collect();
    format!("oidcheck-{safe}")
}

/// An authorization request in the making.
#[derive(Debug, Clone)]
pub struct Authorization<'a> {
    endpoint: &'a str,
    pairs: Vec<(String, String)>,
}

impl<'a> Authorization<'a> {
    /// The plainest valid request: code flow, `openid`, PKCE, `prompt=none`.
    pub fn new(endpoint: &'a str, client_id: &str, redirect_uri: &str, name: &str) -> Self {
        let pairs = [
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", redirect_uri),
            ("scope", "openid"),
            ("state", &state_of(name)),
            ("nonce", NONCE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("prompt", "none"),
        ];
        Authorization { endpoint, pairs: pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect() }
    }

    /// Sets a parameter; its first value when it is there already.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        match self.pairs.iter_mut().find(|(n, _)| n == name) {
            Some(pair) => pair.1 = value.to_owned(),
            None => self.pairs.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Adds a parameter, a second time if need be.
    pub fn again(mut self, name: &str, value: &str) -> Self {
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts the parameters, and the scopes, into the opposite order.
    pub fn reversed(mut self) -> Self {
        self.pairs.reverse();
        for (_, value) in self.pairs.iter_mut().filter(|(name, _)| name == "scope") {
            *value = value.rsplit(' ').collect::<Vec<_>>().join(" ");
        }
        self
    }

    /// Leaves a parameter out.
    pub fn without(mut self, name: &str) -> Self {
        self.pairs.retain(|(n, _)| n != name);
        self
    }

    /// The request: GET, since POST proves nothing on some products.
    pub fn request(&self) -> Request {
        let pairs: Vec<(&str, &str)> = self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let join = if self.endpoint.contains('?') { '&' } else { '?' };
        Request::new("GET", format!("{}{join}{}", self.endpoint, encode_pairs(&pairs)))
            .header("Accept", "text/html,application/xhtml+xml")
            .header("Accept-Language", "en")
    }

    /// The same by POST, which OpenID Connect wants as well.
    pub fn posted(&self) -> Request {
        let pairs: Vec<(&str, &str)> = self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        Request::new("POST", self.endpoint)
            .header("Accept", "text/html,application/xhtml+xml")
            .header("Accept-Language", "en")
            .form(&pairs)
    }
}

/// The redirect URIs that are examined: those that the user named, or those of the profile.
pub fn redirect_uris(target: &Target, profile: &Profile) -> Vec<(String, Redirect)> {
    if target.redirect_uris.is_empty() {
        return profile
            .redirects(target.app_url.as_deref())
            .into_iter()
            .filter(|(_, r)| r.kind != RedirectKind::PostLogout)
            .collect();
    }
    let named = |uri: &String| {
        (uri.clone(), Redirect { uri: uri.clone(), part: None, kind: kind_of(uri), own_port: None, optional: false })
    };
    target.redirect_uris.iter().map(named).collect()
}

/// The redirect URI whose variants are tried. One stands for the others, since a registration has one matching rule; a
/// web one where there is one.
pub fn varied(uris: &[(String, Redirect)]) -> Option<&str> {
    let of = |kind| uris.iter().find(|(_, redirect)| redirect.kind == kind).map(|(uri, _)| uri.as_str());
    of(RedirectKind::Web).or_else(|| of(RedirectKind::Loopback))
}

fn kind_of(uri: &str) -> RedirectKind {
    let plain = uri.starts_with("http:") && crate::hosts::is_loopback(&crate::hosts::host(uri));
    if plain { RedirectKind::Loopback } else { RedirectKind::Web }
}

/// Whether a part of an application sends people to the authorization endpoint.
pub fn sends_people(part: &Part) -> bool {
    matches!(part.flow, Flow::Code | Flow::Implicit)
}

/// Whether an application takes its tokens from the authorization endpoint, whichever part people log in by.
pub fn implicit(profile: &Profile) -> bool {
    let mut people = profile.parts.iter().filter(|part| sends_people(part)).peekable();
    people.peek().is_some() && people.all(|part| part.flow == Flow::Implicit)
}

/// The response type of an application of the implicit flow.
pub fn implicit_type(profile: &Profile) -> &str {
    profile.file.response_type.as_deref().unwrap_or("id_token")
}

/// The response mode of an application of the implicit flow that names none.
pub const IMPLICIT_MODE: &str = "form_post";

/// The authorization endpoint, when it can be asked.
pub fn authorization_endpoint(metadata: &Metadata) -> Option<&str> {
    metadata
        .string("authorization_endpoint")
        .filter(|url| url::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "http" | "https")))
}

/// The further parameters of an application's authorization request, with the client id where they name it.
pub fn extra_parameters(profile: &Profile, client_id: &str) -> BTreeMap<String, String> {
    let filled = |(name, value): (&String, &String)| (name.clone(), value.replace("{client-id}", client_id));
    profile.file.extra_parameters.iter().map(filled).collect()
}

/// The `prompt` that an application sends.
pub fn prompt_of(profile: &Profile) -> Option<&str> {
    profile.file.extra_parameters.get("prompt").map(String::as_str).filter(|prompt| *prompt != "none")
}

/// The request that the application itself would send, apart from `prompt=none`: its scopes, PKCE or none, a
/// nonce or none, its further
/// parameters, and a `state` of its shape.
pub fn application_request<'a>(
    endpoint: &'a str,
    client_id: &str,
    redirect_uri: &str,
    profile: &Profile,
    part: &Part,
    metadata: &Metadata,
) -> Authorization<'a> {
    let file = &profile.file;
    let mut request = Authorization::new(endpoint, client_id, redirect_uri, "application");
    if !file.scopes.is_empty() {
        request = request.set("scope", &file.scopes.join(" "));
    }
    if let Some(kind) = &file.response_type {
        request = request.set("response_type", kind);
    }
    if part.flow == Flow::Implicit {
        request = request.set("response_type", implicit_type(profile)).set("response_mode", IMPLICIT_MODE);
    }
    if params::sends_challenge(part, metadata) == Some(false) {
        request = request.without("code_challenge").without("code_challenge_method");
    }
    if params::sends_no_nonce(part) {
        request = request.without("nonce");
    }
    for (name, value) in extra_parameters(profile, client_id).iter().filter(|(name, _)| *name != "prompt") {
        request = request.set(name, value);
    }
    request
}
