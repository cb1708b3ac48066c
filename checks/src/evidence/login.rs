//! The answers of a login, read: authorization response, token response, the tokens inside it, userinfo.
//!
//! A login is known by its persona. Everything is read leniently and nothing is judged here. The text of a token is
//! kept where a hash needs it and is never given out.

use super::json::{self, Document, Node, NotJson, Value};
use super::jwks::Jwks;
use super::jws::{Jws, NotJws, Signature};
use super::{Evidence, Exchange, LoginStep, Request, Response, Slot};
use crate::verdict::{Gap, Place, Spot};
use std::collections::BTreeSet;

/// With fewer characters nothing has 128 bits, whatever printable characters they are.
pub const UNGUESSABLE: usize = 20;

/// What stands for an opaque token in a recording.
pub const REMOVED: &str = "REMOVED";
/// What stands there for one with characters that it may not have.
pub const ODD: &str = "REMOVED-with-odd-characters";
/// An opaque token or a code with fewer characters is short: a recording says how long it was.
pub const SHORT: usize = 22;

/// How many characters a code or an opaque token had, if that is known: of what was taken out, only when it was short or
/// very long.
pub fn length(text: &str) -> Option<usize> {
    let taken = ["REMOVED", "REDACTED"].iter().find_map(|mark| text.strip_prefix(mark));
    match taken {
        Some(rest) => rest.strip_prefix("-of-")?.strip_suffix("-characters")?.parse().ok(),
        None => Some(text.chars().count()),
    }
}

/// Members of a token response that let whoever has them act for the person.
const SECRETS: [&str; 3] = ["access_token", "id_token", "refresh_token"];

/// The body of a token or userinfo response as a recording may hold it. Everything but the tokens stays as it came,
/// byte for byte.
pub fn redact(body: &[u8], jwks: Option<&Jwks>) -> Vec<u8> {
    if let Some(token) = std::str::from_utf8(body).ok().map(|text| Token::read(text, jwks)).filter(|t| t.read.is_ok()) {
        return token.redacted().into_bytes();
    }
    let Ok(grant) = Grant::read(body, jwks) else { return body.to_vec() };
    let safe = |text: &str| Token::read(text, jwks).redacted();
    let members = grant.document.root.members();
    if grant.form {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        for (name, node) in members {
            let value = node.as_str().unwrap_or_default();
            let secret = SECRETS.contains(&name.as_str());
            out.append_pair(name, if secret { safe(value) } else { value.to_owned() }.as_str());
        }
        return out.finish().into_bytes();
    }
    let mut out = body.to_vec();
    // From the end, so that the places before stay true.
    for (_, node) in members.iter().rev().filter(|(name, _)| SECRETS.contains(&name.as_str())) {
        if let Some(text) = node.as_str().filter(|text| !text.is_empty()) {
            out.splice(node.span.clone(), format!("\"{}\"", safe(text)).into_bytes());
        }
    }
    out
}

/// A token out of a token response.
#[derive(Clone, PartialEq)]
pub struct Token {
    /// What could be read of it.
    pub read: Result<Jws, NotJws>,
    /// Whether some key of the provider's set made its signature.
    pub signature: Signature,
    text: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("read", &self.read).finish_non_exhaustive()
    }
}

impl Token {
    /// Reads a token and looks for the key that signed it.
    pub fn read(text: &str, jwks: Option<&Jwks>) -> Token {
        let read = Jws::read(text);
        let signature = read.as_ref().map_or(Signature::Unknown, |jws| jws.examine(jwks));
        Token { read, signature, text: text.to_owned() }
    }

    /// The text itself, for a hash or a comparison; never for a report.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The token as a recording may hold it: a JWT without its signature and without what makes it unique, an opaque
    /// one not at all.
    fn redacted(&self) -> String {
        let good = matches!(self.signature, Signature::Good(_) | Signature::WasGood);
        let opaque = || match self.text.chars().count() {
            _ if self.text.starts_with(REMOVED) => self.text.clone(),
            _ if !self.text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) => ODD.to_owned(),
            count if count < SHORT => format!("{REMOVED}-of-{count}-characters"),
            _ => REMOVED.to_owned(),
        };
        self.read.as_ref().map_or_else(|_| opaque(), |jws| jws.redacted(good))
    }

    /// How long it is, in bytes.
    pub fn length(&self) -> usize {
        self.text.len()
    }
}

/// A token response that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// Its members; of a form-encoded answer, each one a string.
    pub document: Document,
    /// It is form-encoded and not JSON.
    pub form: bool,
    /// The ID token, when there is a string.
    pub id_token: Option<Token>,
    /// The access token, when there is a string.
    pub access_token: Option<Token>,
}

impl Grant {
    /// Reads the body of a token response, as JSON or else as a form.
    ///
    /// # Errors
    /// [`NotJson`] when it is neither.
    pub fn read(body: &[u8], jwks: Option<&Jwks>) -> Result<Grant, NotJson> {
        let (document, form) = match json::read(body) {
            Ok(document) => (document, false),
            Err(error) => (form(body).ok_or(error)?, true),
        };
        let token = |name| {
            let text = document.root.get(name).and_then(Node::as_str)?;
            Some(Token::read(text, jwks))
        };
        let (id_token, access_token) = (token("id_token"), token("access_token"));
        Ok(Grant { document, form, id_token, access_token })
    }

    /// A member, unless it is absent or `null`.
    pub fn present(&self, name: &str) -> Option<&Node> {
        self.document.root.get(name).filter(|node| !node.is_null())
    }
}

/// The claims of a userinfo response.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The body as JSON, when it is.
    pub document: Result<Document, NotJson>,
    /// The body as a signed token, when it is one.
    pub token: Option<Token>,
}

impl Person {
    fn read(response: &Response, jwks: Option<&Jwks>) -> Person {
        let document = json::read(&response.body);
        let text = std::str::from_utf8(&response.body).ok().filter(|text| document.is_err() && Jws::read(text).is_ok());
        Person { document, token: text.map(|text| Token::read(text, jwks)) }
    }

    /// The object with the claims, from JSON or from a signed token.
    pub fn claims(&self) -> Option<&Node> {
        let token = self.token.as_ref().and_then(|token| token.read.as_ref().ok()).map(|jws| &jws.claims.root);
        let plain = self.document.as_ref().ok().map(|document| &document.root);
        plain.or(token).filter(|root| matches!(root.value, Value::Object(_)))
    }
}

/// One login.
#[derive(Debug)]
pub struct Login<'a> {
    /// Who logged in, as the configuration calls the person.
    pub persona: &'a str,
    /// The authorization request with the redirect that ended the login.
    pub callback: Option<&'a Exchange>,
    /// The token request.
    pub tokens: Option<&'a Exchange>,
    /// The tokens came with the authorization response (implicit flow).
    pub front: bool,
    /// The token response, or the tokens of the authorization response, or why they cannot be read; `None` when there
    /// are none, or the answer is no success.
    pub grant: Option<Result<Grant, NotJson>>,
    /// The userinfo request.
    pub userinfo: Option<&'a Exchange>,
    /// The token request with the code that was used already, when that was tried.
    pub replay: Option<&'a Exchange>,
    /// The last answer of a login at the application itself, when that was tried.
    pub application: Option<&'a Exchange>,
    /// The userinfo response; `None` when there is none, or it is no success.
    pub person: Option<Person>,
    evidence: &'a Evidence,
}

impl<'a> Login<'a> {
    /// All logins of the evidence, by persona.
    pub fn all(evidence: &'a Evidence, jwks: Option<&Jwks>) -> Vec<Login<'a>> {
        let personas: BTreeSet<&str> = evidence.iter().filter_map(|(slot, _)| persona(slot)).collect();
        personas.into_iter().map(|persona| Login::of(evidence, persona, jwks)).collect()
    }

    fn of(evidence: &'a Evidence, persona: &'a str, jwks: Option<&Jwks>) -> Login<'a> {
        let step = |step| evidence.get(&Slot::Login(step, persona.to_owned()));
        let (tokens, userinfo) = (step(LoginStep::Tokens), step(LoginStep::Userinfo));
        let callback = step(LoginStep::Callback);
        let front = callback.filter(|exchange| asks_for_tokens(&exchange.request));
        // What is kept there of a page or a redirect is the tokens, as a form, and nothing where none came.
        let brought =
            front.and_then(|exchange| exchange.outcome.as_ref().ok()).filter(|answer| !answer.body.is_empty());
        Login {
            persona,
            callback,
            tokens,
            front: front.is_some(),
            grant: tokens.and_then(success).or(brought).map(|response| Grant::read(&response.body, jwks)),
            userinfo,
            replay: step(LoginStep::Replay),
            application: step(LoginStep::Application),
            person: userinfo.and_then(success).map(|response| Person::read(response, jwks)),
            evidence,
        }
    }

    /// The exchange of a step, when it was made.
    pub fn step(&self, step: LoginStep) -> Option<&'a Exchange> {
        self.evidence.get(&self.slot(step))
    }

    /// The token response of a step, when it is a success that can be read.
    pub fn grant_of(&self, step: LoginStep, jwks: Option<&Jwks>) -> Option<Grant> {
        let response = self.step(step).and_then(success)?;
        Grant::read(&response.body, jwks).ok()
    }

    /// The slot of a step.
    pub fn slot(&self, step: LoginStep) -> Slot {
        Slot::Login(step, self.persona.to_owned())
    }

    /// The slot of the answer that brought the tokens, or should have.
    pub fn tokens_slot(&self) -> Slot {
        self.slot(if self.front { LoginStep::Callback } else { LoginStep::Tokens })
    }

    /// A place in the answer that brought the tokens; inside a token, the pointer goes on into its claims.
    pub fn at_tokens(&self, pointer: impl Into<String>) -> Place {
        Place { slot: self.tokens_slot(), spot: Spot::Body(pointer.into(), None) }
    }

    /// A place in the body of the userinfo response.
    pub fn at_userinfo(&self, pointer: impl Into<String>) -> Place {
        Place { slot: self.slot(LoginStep::Userinfo), spot: Spot::Body(pointer.into(), None) }
    }

    /// The value of a parameter of the authorization request.
    pub fn sent(&self, name: &str) -> Option<String> {
        self.callback?.request.query(name)
    }

    /// When the tokens came.
    pub fn at(&self) -> Option<jiff::Timestamp> {
        let exchange = self.tokens.or(self.callback.filter(|_| self.front))?;
        let elapsed = jiff::SignedDuration::from_millis(i64::try_from(exchange.elapsed_ms).unwrap_or_default());
        Some(exchange.started.checked_add(elapsed).unwrap_or(exchange.started))
    }

    /// The token response.
    ///
    /// # Errors
    /// [`Gap`] that names the check which says why there is none.
    pub fn grant(&self) -> Result<&Grant, Gap> {
        let slot = || self.slot(LoginStep::Tokens);
        if self.tokens.is_none() && self.grant.is_none() {
            return Err(Gap::Unusable(self.slot(LoginStep::Callback), "token-response/code"));
        }
        match &self.grant {
            None => Err(Gap::Unusable(slot(), "token-response/status")),
            Some(Err(_)) => Err(Gap::Unusable(slot(), "token-response/json")),
            Some(Ok(grant)) => Ok(grant),
        }
    }

    /// The check that says why a token is not there: this one of the token response, or that of the authorization response.
    pub(crate) fn blamed(&self, of_response: &'static str) -> &'static str {
        if self.front { "token-response/code" } else { of_response }
    }

    /// The ID token.
    ///
    /// # Errors
    /// [`Gap`] that names the check which says why there is none.
    pub fn id_token(&self) -> Result<(&Token, &Jws), Gap> {
        let unusable = |check| Gap::Unusable(self.tokens_slot(), check);
        let token =
            self.grant()?.id_token.as_ref().ok_or_else(|| unusable(self.blamed("token-response/id-token-present")))?;
        let jws = token.read.as_ref().map_err(|_| unusable("id-token/readable"))?;
        Ok((token, jws))
    }

    /// The access token as a JWT.
    ///
    /// # Errors
    /// [`Gap`] that names the check which says why there is none.
    pub fn access_token(&self) -> Result<(&Token, &Jws), Gap> {
        let unusable = |check| Gap::Unusable(self.tokens_slot(), check);
        let token =
            self.grant()?.access_token.as_ref().ok_or_else(|| unusable(self.blamed("token-response/members")))?;
        let jws = token.read.as_ref().map_err(|_| unusable("access-token/jwt-if-needed"))?;
        Ok((token, jws))
    }
}

/// Whether an authorization request asks for tokens and for no code, as in the implicit flow.
pub fn asks_for_tokens(request: &Request) -> bool {
    let kind = request.query("response_type").unwrap_or_default();
    let asks = |word: &str| kind.split(' ').any(|one| one == word);
    !asks("code") && (asks("id_token") || asks("token"))
}

fn persona(slot: &Slot) -> Option<&str> {
    match slot {
        Slot::Login(_, persona) => Some(persona),
        _ => None,
    }
}

fn success(exchange: &Exchange) -> Option<&Response> {
    exchange.outcome.as_ref().ok().filter(|response| (200..300).contains(&response.status))
}

/// A form-encoded token response as a document of strings.
fn form(body: &[u8]) -> Option<Document> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let span = 0..body.len();
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    let members: Vec<(String, Node)> = pairs
        .map(|(name, value)| (name.into_owned(), Node { span: span.clone(), value: Value::String(value.into_owned()) }))
        .collect();
    let known = members.iter().any(|(name, _)| matches!(name.as_str(), "access_token" | "id_token" | "error"));
    known.then(|| Document::plain(Node { span, value: Value::Object(members) }))
}
