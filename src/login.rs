//! A login without a browser: the tool is the user agent.
//!
//! It sends the application's own authorization request, fills login and consent forms as a person would, and stops at
//! the redirect that points to the application, so no redirect URI of its own has to be registered and nothing ever
//! reaches the application. Then it redeems the code as the application's library does and asks for userinfo.
//!
//! What becomes evidence has lost its code, its cookies, its verifier and its password before; the tokens are kept in
//! memory for judging and are taken out of every recording (see [`crate::har`]).

mod flow;
mod page;
mod tokens;

use crate::gather::secrets::Secret;
use crate::gather::{Options, Sender};
use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::{Evidence, LoginStep, Slot};
use oidcheck_checks::profile::{Pkce, Profile};
use oidcheck_checks::target::Target;

/// The persona of a login with one user.
pub const PERSONA: &str = "user";

/// What stands in evidence for something that was sent and is nobody's business.
const REDACTED: &str = "REDACTED";

/// Who logs in.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user name.
    pub username: Secret,
    /// The password.
    pub password: Secret,
}

/// What the application asks for.
#[derive(Debug, Clone)]
struct Asking {
    authorization_endpoint: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    extra: Vec<(String, String)>,
    state: String,
    nonce: String,
    /// The PKCE verifier, unless the application sends none.
    verifier: Option<String>,
}

/// Logs in by forms, with `abuse` also tries the used code once more, and adds what came of it to the evidence.
///
/// # Errors
/// Why the login could not be carried through, at which page: a sentence for people. A refusal by the provider is no
/// error but evidence.
pub async fn form(
    target: &Target,
    profiles: &[Profile],
    credentials: &Credentials,
    options: &Options,
    abuse: bool,
    evidence: &mut Evidence,
) -> Result<(), String> {
    let sender = Sender::new(options);
    let (asking, endpoints, library) = {
        let facts = Facts::of(evidence);
        let metadata = facts.metadata.as_ref().map_err(|_| "there is no usable metadata to log in with".to_owned())?;
        let endpoint = |name: &str| metadata.string(name).map(str::to_owned);
        let authorization_endpoint =
            endpoint("authorization_endpoint").ok_or("the metadata has no authorization_endpoint")?;
        let asking = Asking::of(target, profiles, authorization_endpoint)?;
        let methods = metadata.strings("token_endpoint_auth_methods_supported");
        let library = profiles.first().and_then(|profile| profile.parts.first()).map(|part| &part.library);
        let attempts = library.map(|l| l.tokens.authentication.attempts(methods.as_deref())).unwrap_or_default();
        let endpoints = (endpoint("token_endpoint"), endpoint("userinfo_endpoint"));
        (asking, endpoints, attempts)
    };
    let slot = |step| Slot::Login(step, PERSONA.into());
    let (callback, code) = flow::authorize(&sender, &asking, credentials).await?;
    evidence.record(slot(LoginStep::Callback), callback);
    let (Some(code), (Some(token_endpoint), userinfo_endpoint)) = (code, endpoints) else { return Ok(()) };
    let (exchange, access_token) =
        tokens::redeem(&sender, &asking, &token_endpoint, &code, &library, target.has_secret).await?;
    evidence.record(slot(LoginStep::Tokens), exchange);
    if let (Some(access_token), Some(url)) = (access_token, userinfo_endpoint) {
        evidence.record(slot(LoginStep::Userinfo), tokens::userinfo(&sender, &url, &access_token).await?);
    }
    // Last, since it ends the tokens (RFC 6749 section 4.1.2).
    if abuse {
        let (again, _) = tokens::redeem(&sender, &asking, &token_endpoint, &code, &library, target.has_secret).await?;
        evidence.record(slot(LoginStep::Replay), again);
    }
    Ok(())
}

impl Asking {
    fn of(target: &Target, profiles: &[Profile], authorization_endpoint: String) -> Result<Asking, String> {
        let client_id = target.client_id.clone().ok_or("--login needs --client-id")?;
        let uris = profiles.iter().flat_map(|profile| oidcheck_checks::probe::redirect_uris(target, profile));
        let redirect_uri = uris.map(|(uri, _)| uri).next().ok_or("--login needs --app-url or --redirect-uri")?;
        let mut scopes: Vec<&str> = Vec::new();
        for scope in profiles.iter().flat_map(|profile| profile.file.scopes.iter()) {
            if !scopes.contains(&scope.as_str()) {
                scopes.push(scope);
            }
        }
        if scopes.is_empty() {
            scopes.push("openid");
        }
        let never = profiles.iter().all(|profile| profile.parts.iter().all(|part| part.pkce == Pkce::Never));
        // Several applications may send the same parameter, and a request has each of them once.
        let extra: std::collections::BTreeMap<String, String> =
            profiles.iter().rev().flat_map(|profile| profile.file.extra_parameters.clone()).collect();
        Ok(Asking {
            authorization_endpoint,
            client_id,
            redirect_uri,
            scope: scopes.join(" "),
            extra: extra.into_iter().collect(),
            state: random()?,
            nonce: random()?,
            verifier: if never { None } else { Some(random()?) },
        })
    }
}

/// 32 random bytes in base64url: what RFC 7636 section 4.1 advises for a verifier, and enough for anything else.
fn random() -> Result<String, String> {
    use base64::Engine as _;
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| "the system gives no random bytes".to_owned())?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}
