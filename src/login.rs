//! A login, as the application would have it.
//!
//! By forms, the tool is the user agent, without a browser. It sends the application's own authorization request, fills login and consent forms as a person would, and stops at
//! the redirect that points to the application, so no redirect URI of its own has to be registered and nothing ever
//! reaches the application, unless a login at the application itself is asked for. Then it redeems the code as the application's library does and asks for userinfo.
//!
//! What becomes evidence has lost its code, its cookies, its verifier and its password before; the tokens are kept in
//! memory for judging and are taken out of every recording (see [`crate::har`]). What the provider repeats of all that
//! is taken out before anybody judges (see [`crate::gather::conceal`]).

pub(crate) mod after;
mod browser;
mod device;
mod flow;
mod page;
mod paste;
mod portal;
mod revoke;
mod through;
mod tokens;
mod totp;
mod watch;

use crate::gather::jar::Jar;
use crate::gather::secrets::Secret;
use crate::gather::{Options, Sender};
use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::login::asks_for_tokens;
use oidcheck_checks::evidence::{Evidence, LoginStep, Question, Slot};
use oidcheck_checks::library::tokens::Authentication;
use oidcheck_checks::plan::login_ways;
use oidcheck_checks::probe::endpoints::{device_pairs, device_sends};
use oidcheck_checks::probe::params::sends_nonce;
use oidcheck_checks::probe::{IMPLICIT_MODE, extra_parameters, implicit, implicit_type};
use oidcheck_checks::profile::{Flow, Pkce, Profile};
use oidcheck_checks::target::{Depth, Target};

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
    /// The secret of one-time codes, in base32.
    pub totp: Option<Secret>,
}

/// How somebody logs in.
#[derive(Debug, Clone)]
pub enum Way {
    /// The tool fills the forms.
    Form(Credentials),
    /// The person logs in and pastes the address at which that ends.
    Paste,
    /// The person confirms a code on any device.
    Device {
        /// How long they may take.
        wait: std::time::Duration,
    },
    /// The person's browser opens and comes back to this machine.
    Browser {
        /// How long they may take.
        wait: std::time::Duration,
        /// Whether a browser is opened; else its address is only printed.
        open: bool,
    },
}

/// What the application asks for.
#[derive(Debug, Clone)]
struct Asking {
    authorization_endpoint: String,
    client_id: String,
    redirect_uri: String,
    response_type: String,
    scope: String,
    extra: Vec<(String, String)>,
    state: String,
    /// The nonce, unless the application sends none.
    nonce: Option<String>,
    /// The PKCE verifier, unless the application sends none.
    verifier: Option<String>,
}

/// What is tried after a login.
#[derive(Debug, Clone, Copy, Default)]
pub struct After {
    /// What uses tokens up and ends the session, as a thief would do it.
    pub abuse: bool,
    /// A login at the application itself.
    pub through_app: bool,
}

/// What a login could not be carried through with, and at which page: a sentence for people.
#[derive(Debug)]
pub enum Stop {
    /// The login itself.
    Login(String),
    /// The one at the application.
    Application(String),
    /// What was to be tried after it.
    After(String),
}

/// Logs in, does what is to be done after that, and adds what came of it to the evidence.
///
/// # Errors
/// [`Stop`]. A refusal by the provider or by the application is no error but evidence.
pub async fn log_in(
    target: &Target,
    profiles: &[Profile],
    way: &Way,
    persona: &str,
    options: &Options,
    after: After,
    evidence: &mut Evidence,
) -> Result<(), Stop> {
    if let Way::Form(credentials) = way {
        let secrets = [Some(&credentials.password), credentials.totp.as_ref()];
        secrets.into_iter().flatten().for_each(|secret| options.secrets.known.add(secret.reveal()));
    }
    let mut jar = Jar::default();
    let to = (persona, after.abuse);
    let done = at_provider(target, profiles, way, to, options, &mut jar, evidence).await.map_err(Stop::Login)?;
    if let Some(done) = &done {
        let asked = (target, profiles, options);
        tried(done, way, asked, to, &mut jar, evidence).await.map_err(Stop::After)?;
    }
    if let (true, Way::Form(credentials)) = (after.through_app, way) {
        // The session at the provider goes on, as it would in a browser: nobody types a password twice.
        let exchange = through::application(target, profiles, credentials, options, &mut jar, evidence).await;
        let exchange = exchange.map_err(Stop::Application)?;
        evidence.record(Slot::Login(LoginStep::Application, persona.into()), exchange);
    }
    let (true, Way::Form(credentials), Some(done)) = (after.abuse, way, done) else { return Ok(()) };
    let mut given = done.given.clone();
    if let (Some(endpoint), true) = (&done.endpoints.revocation, given.access.is_some()) {
        let trying = done.trying(target, persona, options);
        let anew = trying.revoke(endpoint, credentials, &given, &mut jar, evidence).await.map_err(Stop::After)?;
        given = anew.unwrap_or(given);
    }
    // Last, since it ends the session.
    if let Some(endpoint) = &done.endpoints.end_session {
        let homes: Vec<String> =
            profiles.iter().flat_map(|p| oidcheck_checks::probe::endpoints::post_logout_uris(target, p)).collect();
        let trying = done.trying(target, persona, options);
        trying.log_out(endpoint, &homes, &given, &mut jar, evidence).await.map_err(Stop::After)?;
    }
    Ok(())
}

/// The endpoints that a login needs.
struct Endpoints {
    token: Option<String>,
    userinfo: Option<String>,
    revocation: Option<String>,
    end_session: Option<String>,
}

/// What a login has brought.
struct Done {
    asking: Asking,
    endpoints: Endpoints,
    library: Vec<Authentication>,
    given: tokens::Given,
    code: String,
    since: std::time::Instant,
}

impl Done {
    fn trying<'a>(&'a self, target: &Target, persona: &'a str, options: &'a Options) -> after::Trying<'a> {
        after::Trying {
            // What is tried has the time of a run of its own.
            sender: Sender::new(options),
            asking: &self.asking,
            token_endpoint: self.endpoints.token.as_deref().unwrap_or_default(),
            userinfo_endpoint: self.endpoints.userinfo.as_deref(),
            library: &self.library,
            proof: tokens::Proof::of(target),
            persona,
            since: self.since,
        }
    }
}

async fn at_provider(
    target: &Target,
    profiles: &[Profile],
    way: &Way,
    (persona, abuse): (&str, bool),
    options: &Options,
    jar: &mut Jar,
    evidence: &mut Evidence,
) -> Result<Option<Done>, String> {
    if let Way::Device { wait } = way {
        on_device(target, profiles, *wait, (persona, abuse), options, evidence).await?;
        return Ok(None);
    }
    let (mut asking, endpoints, library) = {
        let facts = Facts::of(evidence);
        let metadata = facts.metadata.as_ref().map_err(|_| "there is no usable metadata to log in with".to_owned())?;
        let endpoint = |name: &str| metadata.string(name).map(str::to_owned);
        let authorization_endpoint =
            endpoint("authorization_endpoint").ok_or("the metadata has no authorization_endpoint")?;
        let asking = Asking::of(target, profiles, authorization_endpoint)?;
        let first = profiles.first().and_then(|profile| Some((profile, profile.parts.first()?)));
        let attempts = first.map(|(profile, part)| login_ways(target, profile, part, &facts)).unwrap_or_default();
        let endpoints = Endpoints {
            token: endpoint("token_endpoint"),
            userinfo: endpoint("userinfo_endpoint"),
            revocation: endpoint("revocation_endpoint"),
            end_session: endpoint("end_session_endpoint"),
        };
        (asking, endpoints, attempts)
    };
    let slot = |step| Slot::Login(step, persona.into());
    let (callback, code) = match way {
        Way::Form(credentials) => {
            let uri = &asking.redirect_uri;
            let (callback, to) =
                flow::authorize(&Sender::new(options), jar, asking.request(), uri, credentials, &mut |answer| {
                    evidence.record(slot(LoginStep::Password), answer);
                })
                .await?;
            let to = to.and_then(|to| url::Url::parse(&to).ok());
            (callback, to.and_then(|to| flow::parameter(&to, "code")))
        }
        // It has no authorization request, and has been dealt with above.
        Way::Device { .. } => return Ok(None),
        Way::Paste => paste::authorize(&asking)?,
        Way::Browser { wait, open } => match loopback(target, profiles) {
            Some(uri) => {
                asking.redirect_uri = uri;
                browser::authorize(&mut asking, *wait, *open).await?
            }
            None => {
                crate::output::note(
                    "note: this application has no redirect URI on this machine, so a browser cannot come back to oidcheck",
                );
                paste::authorize(&asking)?
            }
        },
    };
    let since = std::time::Instant::now();
    // A person takes longer than a run; its deadline begins again.
    let sender = Sender::new(options);
    let front = asks_for_tokens(&callback.request);
    let brought = front.then(|| tokens::Given::in_front(&callback));
    evidence.record(slot(LoginStep::Callback), callback);
    // One that comes although nobody asked for it is not used.
    let asked = asking.response_type.split(' ').any(|word| word == "token");
    let brought = brought.filter(|_| asked).and_then(|given| given.access);
    if let (Some(brought), Some(url)) = (brought, &endpoints.userinfo) {
        evidence.record(slot(LoginStep::Userinfo), tokens::userinfo(&sender, url, &brought).await?);
    }
    let (Some(code), Some(token_endpoint)) = (code.filter(|_| !front), &endpoints.token) else { return Ok(None) };
    let (exchange, given) =
        tokens::redeem(&sender, &asking, token_endpoint, &code, &library, tokens::Proof::of(target)).await?;
    evidence.record(slot(LoginStep::Tokens), exchange);
    if let (Some(access_token), Some(url)) = (&given.access, &endpoints.userinfo) {
        evidence.record(slot(LoginStep::Userinfo), tokens::userinfo(&sender, url, access_token).await?);
    }
    Ok(Some(Done { asking, endpoints, library, given, code, since }))
}

/// What the tokens and the session of a login are tried for.
async fn tried(
    done: &Done,
    way: &Way,
    (target, profiles, options): (&Target, &[Profile], &Options),
    (persona, abuse): (&str, bool),
    jar: &mut Jar,
    evidence: &mut Evidence,
) -> Result<(), String> {
    let trying = done.trying(target, persona, options);
    let given = &done.given;
    if given.access.is_none() {
        return Ok(());
    }
    let thorough = target.depth >= Depth::Thorough;
    if thorough {
        trying.post_userinfo(given, evidence).await?;
    }
    match way {
        Way::Form(credentials) => {
            if thorough {
                trying.ask_session(given, jar, evidence).await?;
            } else if profiles.iter().any(asks_again) {
                trying.ask(Question::Prompt, given, jar, evidence).await?;
            }
            if abuse && !thorough && done.endpoints.end_session.is_some() {
                // A session that was not there cannot end with the logout.
                trying.ask(Question::Silent, given, jar, evidence).await?;
            }
            if abuse {
                // It ends the tokens (RFC 6749 section 4.1.2), so what is tried with tokens begins with another code.
                trying.replay(given, &done.code, false, evidence).await?;
                trying.with_fresh_codes(credentials, given, jar, evidence).await?;
            }
        }
        _ if abuse => {
            trying.try_refresh(given, evidence).await?;
            trying.replay(given, &done.code, given.refresh.is_some(), evidence).await?;
        }
        _ => {}
    }
    Ok(())
}

/// Whether the application wants people to type their password each time.
pub(crate) fn asks_again(profile: &Profile) -> bool {
    let prompt = profile.file.extra_parameters.get("prompt");
    prompt.is_some_and(|prompt| prompt.split(' ').any(|word| word == "login"))
}

/// Logs in by device code and adds what came of it to the evidence.
async fn on_device(
    target: &Target,
    profiles: &[Profile],
    wait: std::time::Duration,
    (persona, abuse): (&str, bool),
    options: &Options,
    evidence: &mut Evidence,
) -> Result<(), String> {
    let (device, userinfo_endpoint) = {
        let facts = Facts::of(evidence);
        let metadata = facts.metadata.as_ref().map_err(|_| "there is no usable metadata to log in with".to_owned())?;
        let endpoint = |name: &str| metadata.string(name).map(str::to_owned);
        let needed = |name: &str| endpoint(name).ok_or_else(|| format!("the metadata has no {name}"));
        let client_id = target.client_id.clone().ok_or("--login needs --client-id")?;
        let of = |profile| move |part| (profile, part);
        let mut parts = profiles.iter().flat_map(|profile| profile.parts.iter().map(of(profile)));
        let with_device = parts.clone().find(|(_, part)| part.flow == Flow::Device);
        let attempts = with_device.map(|(profile, part)| login_ways(target, profile, part, &facts));
        let ways = tokens::ways(&attempts.unwrap_or_default(), tokens::Proof::of(target));
        let (profile, part) = with_device.or_else(|| parts.next()).ok_or("no application is known to log in to")?;
        let device = device::Device {
            endpoint: needed("device_authorization_endpoint")?,
            token_endpoint: needed("token_endpoint")?,
            starts_with: device_pairs(profile, part, &client_id),
            polls_with: device_sends(profile),
            client_id,
            way: ways.first().copied().unwrap_or(Authentication::None),
        };
        (device, endpoint("userinfo_endpoint"))
    };
    let slot = |step| Slot::Login(step, persona.into());
    let (exchange, given) = device::log_in(&device, options, wait).await?;
    evidence.record(slot(LoginStep::Tokens), exchange);
    if let (Some(access_token), Some(url)) = (&given.access, &userinfo_endpoint) {
        let sender = Sender::new(options);
        evidence.record(slot(LoginStep::Userinfo), tokens::userinfo(&sender, url, access_token).await?);
    }
    if abuse {
        let sender = Sender::new(options);
        let (client_id, endpoint) = (&device.client_id, device.token_endpoint.as_str());
        after::try_refresh(&sender, (client_id, endpoint, tokens::Proof::of(target)), &given, &mut |step, exchange| {
            evidence.record(slot(step), exchange);
        })
        .await?;
    }
    Ok(())
}

/// The first redirect URI that a listener on this machine can take.
fn loopback(target: &Target, profiles: &[Profile]) -> Option<String> {
    let uris = profiles.iter().flat_map(|profile| oidcheck_checks::probe::redirect_uris(target, profile));
    uris.map(|(uri, _)| uri).find(|uri| browser::is_ours(uri))
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
        let mut extra: std::collections::BTreeMap<String, String> =
            profiles.iter().rev().flat_map(|profile| extra_parameters(profile, &client_id)).collect();
        let front = profiles.first().filter(|_| profiles.iter().all(implicit)).map(implicit_type);
        if front.is_some() {
            extra.entry("response_mode".into()).or_insert_with(|| IMPLICIT_MODE.into());
        }
        Ok(Asking {
            authorization_endpoint,
            client_id,
            redirect_uri,
            response_type: front.unwrap_or("code").to_owned(),
            scope: scopes.join(" "),
            extra: extra.into_iter().collect(),
            state: random()?,
            nonce: if profiles.iter().any(sends_nonce) { Some(random()?) } else { None },
            verifier: if never || front.is_some() { None } else { Some(random()?) },
        })
    }
}

/// 32 random bytes in base64url: what RFC 7636 section 4.1 advises for a verifier, and enough for anything else.
pub(crate) fn random() -> Result<String, String> {
    use base64::Engine as _;
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| "the system gives no random bytes".to_owned())?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}
