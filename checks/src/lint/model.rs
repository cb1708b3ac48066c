//! What the files say, in one form for all products: clients at a provider, settings of an application.

use super::tree::{At, Text};
use crate::check::Check;
use crate::evidence::Slot;
use crate::verdict::{Effect, Finding, Place, Side, Spot, Step};
use std::collections::BTreeMap;

/// A product whose clients can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Authelia.
    Authelia,
    /// authentik.
    Authentik,
    /// Keycloak.
    Keycloak,
    /// Dex.
    Dex,
}

impl Product {
    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Product::Authelia => "Authelia",
            Product::Authentik => "authentik",
            Product::Keycloak => "Keycloak",
            Product::Dex => "Dex",
        }
    }
}

/// Which pages of other origins may read the provider's answers.
#[derive(Debug, Clone)]
pub struct Cors {
    /// Where that stands.
    pub at: At,
    /// The origins; `*` for all.
    pub origins: Vec<Text>,
    /// The endpoints; `None` for all.
    pub endpoints: Option<Vec<Text>>,
    /// What to do about an origin that is missing, which follows.
    pub remedy: &'static str,
}

/// Why nobody can log in with a client.
#[derive(Debug, Clone)]
pub struct Off {
    /// Where that stands.
    pub at: At,
    /// Why.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// Whether a value is left for a person to put in.
pub fn is_placeholder(text: &str) -> bool {
    text.is_empty() || text.starts_with('<') && text.ends_with('>')
}

/// A client as it stands in a provider's configuration. What the product has no word for stays `None`.
#[derive(Debug, Clone)]
pub struct Client {
    /// The product.
    pub product: Product,
    /// Where the entry begins.
    pub at: At,
    /// The client id.
    pub id: Option<Text>,
    /// What people call it.
    pub name: Option<Text>,
    /// The secret as it is stored.
    pub secret: Option<Text>,
    /// It has no secret.
    pub public: Option<bool>,
    /// The redirect URIs that are compared exactly.
    pub redirects: Vec<Text>,
    /// Those that are patterns.
    pub patterns: Vec<Text>,
    /// The scopes that it may ask for; `None` for the product's default.
    pub scopes: Option<Vec<Text>>,
    /// The grant types that it may use.
    pub grants: Option<Vec<Text>>,
    /// The response types that it may ask for; `None` for the product's default.
    pub response_types: Option<Vec<Text>>,
    /// How it authenticates at the token endpoint.
    pub auth_method: Option<Text>,
    /// PKCE is required.
    pub pkce: Option<bool>,
    /// The one method of PKCE that is taken.
    pub pkce_method: Option<Text>,
    /// Where it says that requests have to be pushed first.
    pub pushed: Option<At>,
    /// Userinfo is a JWT, signed so.
    pub signed_userinfo: Option<Text>,
    /// Which pages may ask from another origin, where that is known.
    pub cors: Option<Cors>,
    /// Nobody can log in with it.
    pub off: Option<Off>,
    /// Claims about the person are in the ID token: all (`None`), or these.
    pub id_token_claims: Option<Vec<Text>>,
    /// The same for the access token.
    pub access_token_claims: Option<Vec<Text>>,
    /// The access token is a JWT.
    pub access_token_jwt: bool,
    /// The audiences that may be asked for, where the product has them.
    pub audience: Option<Vec<Text>>,
    /// `sub` is a hash of 64 characters.
    pub long_sub: bool,
    /// The application's slug, which is part of the issuer.
    pub slug: Option<Text>,
    /// What the file says about the issuer.
    pub issuer: Option<super::issuer::Stated>,
    /// No person logs in through it: it is there for a service.
    pub service: bool,
    /// It stands in a guide, whose placeholders are no mistake.
    pub guide: bool,
    /// It is an excerpt that adds to what stands elsewhere, so that nothing is missing.
    pub excerpt: bool,
}

/// Whether a value is not the one that will be used: a template or a variable stands in its place, or an export has
/// covered it. Nothing is said about such a value.
pub fn is_open(text: &str) -> bool {
    let between = |open: &str, close: &str| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close));
    between("{{", "}}") || between("${", "}") || between("$(", ")") || text.len() > 7 && text.chars().all(|c| c == '*')
}

impl Client {
    /// A client of which nothing is known.
    pub fn new(product: Product, at: At) -> Client {
        Client {
            product,
            at,
            id: None,
            name: None,
            secret: None,
            public: None,
            redirects: Vec::new(),
            patterns: Vec::new(),
            scopes: None,
            grants: None,
            response_types: None,
            auth_method: None,
            pkce: None,
            pkce_method: None,
            pushed: None,
            signed_userinfo: None,
            cors: None,
            off: None,
            id_token_claims: None,
            access_token_claims: None,
            access_token_jwt: true,
            audience: None,
            long_sub: false,
            slug: None,
            issuer: None,
            service: false,
            guide: false,
            excerpt: false,
        }
    }

    /// The client id, or where it stands.
    pub fn called(&self) -> String {
        let name = self.id.as_ref().or(self.name.as_ref());
        name.map_or_else(|| format!("the client on line {}", self.at.line), |id| format!("client {}", id.value))
    }
}

/// A setting of an application, under one name for all forms in which it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The issuer.
    Issuer,
    /// The discovery URL.
    Discovery,
    /// The client id.
    ClientId,
    /// The client secret.
    Secret,
    /// The field or claim that is the user's name.
    Username,
    /// The claim that holds the groups.
    Groups,
    /// The scopes.
    Scopes,
    /// The redirect URI, or its path.
    Redirect,
    /// The redirect URI of the silent renewal, or its path.
    Silent,
    /// The audience.
    Audience,
    /// The response type.
    ResponseType,
    /// Whether the certificate is verified.
    Tls,
    /// Whether userinfo is asked.
    Userinfo,
    /// Whether Auth0 is assumed (NetBird).
    Auth0,
    /// Whether keys are read again (NetBird).
    KeyRefresh,
    /// The ports of the loopback redirect URI (NetBird).
    Ports,
}

/// The settings of an application.
#[derive(Debug, Clone)]
pub struct App {
    /// The id of its profile.
    pub profile: &'static str,
    /// Where they begin.
    pub at: At,
    /// What is set.
    pub fields: BTreeMap<Field, Text>,
    /// It is all of the settings, so that what is not there is missing.
    pub whole: bool,
}

impl App {
    /// Settings of an application.
    pub fn new(profile: &'static str, at: At, whole: bool) -> App {
        App { profile, at, fields: BTreeMap::new(), whole }
    }

    /// The value of a setting.
    pub fn get(&self, field: Field) -> Option<&Text> {
        self.fields.get(&field)
    }

    /// Takes a setting if it is there.
    pub fn set(&mut self, field: Field, text: Option<Text>) {
        if let Some(text) = text {
            self.fields.insert(field, text);
        }
    }
}

/// What a file says.
#[derive(Debug, Default)]
pub struct Found {
    /// Clients at a provider.
    pub clients: Vec<Client>,
    /// Settings of applications.
    pub apps: Vec<App>,
    /// Mappings of Keystone.
    pub mappings: Vec<super::tree::Node>,
    /// The claims of people.
    pub people: Vec<super::tree::Node>,
}

/// Collects what is wrong with one file.
#[derive(Debug)]
pub struct Sink<'a> {
    /// What the file is called.
    pub file: &'a str,
    /// What was found, by rule.
    pub hits: Vec<(&'static Check, Finding)>,
    /// Where a fallback finding goes; never read.
    spare: Option<Finding>,
}

impl<'a> Sink<'a> {
    /// Nothing is wrong yet.
    pub fn new(file: &'a str) -> Sink<'a> {
        Sink { file, hits: Vec::new(), spare: None }
    }

    /// Adds a finding and gives it back for more to be said about it.
    pub fn say(
        &mut self,
        rule: &'static Check,
        at: At,
        what: (Effect, Step, Side),
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> &mut Finding {
        let place = Place { slot: Slot::File(self.file.to_owned()), spot: Spot::Line(at.line, at.column) };
        let clause = rule.clauses[0];
        let finding = Finding::new(message, place, clause).means(what.0, what.1).side(what.2).remedy(remedy);
        self.hits.push((rule, finding.clone()));
        match self.hits.last_mut() {
            Some((_, last)) => last,
            // A push cannot fail; this keeps a panic out of the code.
            None => self.spare.insert(finding),
        }
    }
}
