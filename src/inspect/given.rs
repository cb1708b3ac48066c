//! What was given, turned into the evidence of a login that nobody saw happen.

use oidcheck_checks::evidence::json::{self, Value};
use oidcheck_checks::evidence::jws::Jws;
use oidcheck_checks::evidence::login::Grant;
use oidcheck_checks::evidence::{Evidence, Exchange, LoginStep, Request, Response, Slot};

/// The persona of a login that was not ours.
const PERSONA: &str = "given";

/// Where the keys come from.
#[derive(Debug, Clone)]
pub enum Keys {
    /// Nowhere: the signature is not checked.
    None,
    /// A key set from a file.
    File(Vec<u8>),
    /// What was fetched from the issuer: metadata and key set.
    Fetched(Evidence),
}

/// A token response, or a lone token in the shape of one.
#[derive(Debug, Clone)]
pub struct Given {
    body: Vec<u8>,
    /// It is a lone token and no token response.
    pub lone: bool,
    issuer: Option<String>,
    alg: Option<String>,
}

impl Given {
    /// Reads a compact JWT or the JSON of a token response.
    ///
    /// # Errors
    /// What it is instead, in a person's words; never its text.
    pub fn read(bytes: &[u8]) -> Result<Given, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?.trim();
        // People copy it out of a header or out of quotes.
        let text = text.strip_prefix("Bearer ").unwrap_or(text).trim().trim_matches('"');
        if text.is_empty() {
            return Err("it is empty".into());
        }
        if text.starts_with('{') {
            let document = json::read(text.as_bytes()).map_err(|error| error.to_string())?;
            let token = |name| document.root.get(name).and_then(json::Node::as_str);
            let tokens = [token("id_token"), token("access_token")];
            if tokens.iter().all(Option::is_none) {
                return Err("the JSON holds neither id_token nor access_token".into());
            }
            let first = tokens.into_iter().flatten().find_map(|text| Jws::read(text).ok());
            return Ok(Given::new(text.as_bytes().to_vec(), false, first.as_ref()));
        }
        let jws = Jws::read(text).map_err(|error| error.to_string())?;
        let member = if is_access_token(&jws) { "access_token" } else { "id_token" };
        let body = serde_json::json!({ member: text }).to_string();
        Ok(Given::new(body.into_bytes(), true, Some(&jws)))
    }

    fn new(body: Vec<u8>, lone: bool, jws: Option<&Jws>) -> Given {
        let text = |name| jws.and_then(|jws| jws.text(name)).map(str::to_owned);
        Given { body, lone, issuer: text("iss"), alg: jws.and_then(Jws::alg).map(str::to_owned) }
    }

    /// The issuer that the token names.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The token response itself.
    pub(super) fn grant(&self, jwks: Option<&oidcheck_checks::evidence::jwks::Jwks>) -> Option<Grant> {
        Grant::read(&self.body, jwks).ok()
    }

    /// The evidence: metadata and keys as far as they are known, and the tokens as if they came now.
    pub(super) fn evidence(&self, keys: &Keys, now: jiff::Timestamp) -> Evidence {
        let mut evidence = match keys {
            Keys::Fetched(evidence) => evidence.clone(),
            Keys::None | Keys::File(_) => {
                let mut evidence = Evidence::default();
                let issuer = self.issuer.clone().unwrap_or_default();
                // Metadata that says of the token only what the token says of itself, so nothing differs by mistake.
                let mut metadata = serde_json::json!({ "issuer": issuer });
                metadata["id_token_signing_alg_values_supported"] = self.alg.iter().cloned().collect();
                if let Keys::File(bytes) = keys {
                    metadata["jwks_uri"] = "file:".into();
                    evidence.record(Slot::Jwks, exchange("jwks", bytes.clone(), now));
                }
                evidence.record(Slot::Discovery, exchange("discovery", metadata.to_string().into_bytes(), now));
                evidence
            }
        };
        let slot = Slot::Login(LoginStep::Tokens, PERSONA.into());
        evidence.record(slot, exchange("tokens", self.body.clone(), now));
        evidence
    }
}

/// An access token by its type (RFC 9068 section 2.1), or by claims that only access tokens have.
fn is_access_token(jws: &Jws) -> bool {
    let typed = jws.typ().is_some_and(|typ| typ.to_ascii_lowercase().ends_with("at+jwt"));
    let scoped = ["scope", "scp"]
        .iter()
        .any(|name| jws.claim(name).is_some_and(|node| matches!(node.value, Value::String(_) | Value::Array(_))));
    typed || scoped && jws.claim("nonce").is_none() && jws.claim("at_hash").is_none()
}

fn exchange(what: &str, body: Vec<u8>, now: jiff::Timestamp) -> Exchange {
    let request = Request::new("GET", format!("given:{what}"));
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let url = request.url.clone();
    let response =
        Response { url, version: String::new(), status: 200, headers, body, encoded_len: None, cut_at: None };
    Exchange { request, outcome: Ok(response), hops: Vec::new(), tls: None, started: now, elapsed_ms: 0 }
}
