//! From the authorization request to the redirect that points to the application.

use super::page::{Page, Purpose, TOKENS};
use super::portal::{Next, Portal, Talk};
use super::totp;
use super::{Asking, Credentials, REDACTED};
use crate::gather::Sender;
use crate::gather::jar::Jar;
use base64::Engine as _;
use oidcheck_checks::evidence::login::{SHORT, asks_for_tokens};
use oidcheck_checks::evidence::{Exchange, Hop, Request, Response, encode_pairs};
use oidcheck_checks::hosts;
use url::Url;

/// More pages and redirects than any login has.
const STEPS: usize = 25;
/// Longer than what any application is known to refuse as too long.
const LONG_CODE: usize = 512;

/// Logs in with an authorization request. Gives the exchange that stands for it, and the redirect that ended it when
/// the provider came back to the application. `answered` gets the answer to the form with the password.
///
/// # Errors
/// The login stopped at a page that cannot be dealt with; says at which and why.
pub(super) async fn authorize(
    sender: &Sender<'_>,
    jar: &mut Jar,
    first: Request,
    redirect_uri: &str,
    credentials: &Credentials,
    answered: &mut dyn FnMut(Exchange),
) -> Result<(Exchange, Option<String>), String> {
    let home = first.url.clone();
    let mut hops = Vec::new();
    let mut request = first.clone();
    let (mut named, mut passworded, mut coded) = (false, false, false);
    let mut started = None;
    let mut typed = None;
    for _ in 0..STEPS {
        let url = Url::parse(&request.url).map_err(|e| format!("{:?} is no URL: {e}", request.url))?;
        if let Some(cookies) = jar.header(&url) {
            request = request.header("Cookie", cookies);
        }
        let exchange = sender.send(request).await;
        started.get_or_insert(exchange.started);
        let response = match exchange.outcome {
            Ok(response) => response,
            Err(error) => return Err(format!("the login stopped at {}: {error}", place(&url))),
        };
        jar.take(&url, &response.headers);
        if let Some(asked) = typed.take() {
            answered(bare(asked, &response, &url, exchange.started));
        }
        if let Some(location) = redirect(&response) {
            let next = url.join(location).map_err(|e| format!("{} redirects to no URL: {e}", place(&url)))?;
            if arrived(&next, redirect_uri) {
                return Ok((finished(first, response, next.as_str(), hops, started), Some(next.into())));
            }
            if !matches!(next.scheme(), "http" | "https") {
                return Err(format!(
                    "{} redirects to {}, which is neither the application nor a page",
                    place(&url),
                    next.scheme()
                ));
            }
            hops.push(Hop { url: place(&url), status: response.status, location: place(&next) });
            request = get(next.as_str());
            continue;
        }
        if response.status >= 400 && !named && !passworded {
            // The provider refuses the request itself: that is what it has to say to the application.
            return Ok((refused(first, response, hops, started), None));
        }
        if let Some(portal) = Portal::of(&url).filter(|_| response.status == 200) {
            safe(&url, &home).map_err(|why| format!("the login stopped at {}: {why}", place(&url)))?;
            let mut talk = Talk { sender, jar, credentials, passworded: &mut passworded };
            let next = talk.through(&portal, &url).await;
            let next = match next.map_err(|why| format!("the login stopped at {}: {why}", place(&url)))? {
                Next::To(next) => next,
                Next::Post(to, pairs) => {
                    let there = Url::parse(&to).ok().filter(|there| arrived(there, redirect_uri));
                    there.ok_or_else(|| elsewhere(&place(&url), &to, redirect_uri))?;
                    return Ok(posted(first, response, redirect_uri, &pairs, hops, started));
                }
            };
            let next = Url::parse(&next).map_err(|e| format!("{} leads to no URL: {e}", place(&url)))?;
            hops.push(Hop { url: place(&url), status: response.status, location: place(&next) });
            if arrived(&next, redirect_uri) {
                return Ok((finished(first, response, next.as_str(), hops, started), Some(next.into())));
            }
            request = get(next.as_str());
            continue;
        }
        let html = String::from_utf8_lossy(&response.body).into_owned();
        let page = Page::read(&html);
        let at = format!("the page {:?} at {}", page.title, place(&url));
        // A form_post response (OAuth 2.0 Form Post Response Mode section 2) is as good as a redirect. It is read here
        // and goes nowhere.
        if let Some((pairs, posts)) = page.posted(&url, redirect_uri) {
            if posts {
                return Ok(posted(first, response, redirect_uri, &pairs, hops, started));
            }
            let to = with_pairs(redirect_uri, &pairs);
            return Ok((finished(first, response, &to, hops, started), Some(to)));
        }
        let Some((form, purpose)) = page.form() else {
            if response.status >= 400 && place(&url) == Url::parse(&home).map(|home| place(&home)).unwrap_or_default() {
                // The person is logged in, and only now the authorization endpoint looks at the request.
                return Ok((refused(first, response, hops, started), None));
            }
            return Err(match response.status {
                200 if page.shows_the_password() => format!(
                    "the login stopped at {at}: its form does not post the password, so without a script it would stand in an address"
                ),
                200 => format!("the login stopped at {at}: it has no form that could be filled without a script"),
                status => format!("the login stopped at {at}: status {status}"),
            });
        };
        let action = if form.action.is_empty() {
            url.clone()
        } else {
            url.join(&form.action).map_err(|e| format!("{at}: {e}"))?
        };
        if purpose == Purpose::GoOn && form.answers(first.query("state").as_deref()) {
            return Err(elsewhere(&at, action.as_str(), redirect_uri));
        }
        match purpose {
            Purpose::Code if credentials.totp.is_none() => {
                return Err(format!(
                    "the login stopped at {at}: it asks for a one-time code, and there is no OIDCHECK_TOTP_SECRET"
                ));
            }
            Purpose::Code if coded => {
                return Err(format!(
                    "the login stopped at {at}: it asks for the one-time code again, so the secret is another, the clocks differ, or the code was used within the last 30 seconds"
                ));
            }
            Purpose::Code => coded = true,
            Purpose::Password if passworded => {
                return Err(format!(
                    "the login stopped at {at}: it asks for the password again, so user name or password are wrong"
                ));
            }
            Purpose::Username if named => {
                return Err(format!(
                    "the login stopped at {at}: it asks for the user name again, so it does not know it"
                ));
            }
            Purpose::Password => (named, passworded) = (true, true),
            Purpose::Username => named = true,
            Purpose::GoOn => {}
        }
        if matches!(purpose, Purpose::Password | Purpose::Username | Purpose::Code) {
            safe(&action, &home).map_err(|why| format!("the login stopped at {at}: {why}"))?;
        }
        let password = if purpose == Purpose::Password { credentials.password.reveal() } else { "" };
        let code =
            if matches!(purpose, Purpose::Password | Purpose::Code) { totp::code(credentials)? } else { String::new() };
        sender.know(&code);
        let pairs = form.filled(credentials.username.reveal(), password, &code);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        hops.push(Hop { url: place(&url), status: response.status, location: place(&action) });
        typed = (purpose == Purpose::Password && form.post).then(|| Request::new("POST", place(&action)));
        let origin = url.origin().ascii_serialization();
        request = if form.post {
            browser(Request::new("POST", action.as_str()).form(&pairs)).header("Origin", origin)
        } else {
            let mut action = action;
            action.set_query(Some(&encode_pairs(&pairs)));
            get(action.as_str())
        };
        request = request.header("Referer", url.as_str());
    }
    Err(format!("the login does not end: more than {STEPS} pages and redirects"))
}

/// Where a request led, without anything that was typed or that could be used.
fn bare(request: Request, response: &Response, url: &Url, started: jiff::Timestamp) -> Exchange {
    let mut response = response.clone();
    if let Some(next) = redirect(&response).and_then(|location| url.join(location).ok()) {
        response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
        response.headers.push(("Location".into(), place(&next)));
    }
    Exchange { started, ..refused(request, response, Vec::new(), None) }
}

/// An answer that a page would post to the application: it ends here.
fn posted(
    first: Request,
    response: Response,
    redirect_uri: &str,
    pairs: &[(String, String)],
    hops: Vec<Hop>,
    started: Option<jiff::Timestamp>,
) -> (Exchange, Option<String>) {
    let (to, status) = (with_pairs(redirect_uri, pairs), response.status);
    let mut exchange = finished(first, response, &to, hops, started);
    if let (true, Ok(response)) = (asks_for_tokens(&exchange.request), &mut exchange.outcome) {
        // That of a redirect would say that the tokens came in a query.
        response.status = status;
    }
    (exchange, Some(to))
}

fn with_pairs(redirect_uri: &str, pairs: &[(String, String)]) -> String {
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{separator}{}", encode_pairs(&pairs))
}

/// Says that an answer would go to another address than the application's; what it holds is nobody's business.
fn elsewhere(at: &str, to: &str, redirect_uri: &str) -> String {
    let to = to.split(['?', '#']).next().unwrap_or_default();
    format!("the login stopped at {at}: it posts the answer to {to}, and not to {redirect_uri}")
}

impl Asking {
    /// The authorization request (OpenID Connect Core 1.0 section 3.1.2.1).
    pub(super) fn request(&self) -> Request {
        let challenge = self.verifier.as_deref().map(challenge);
        let mut pairs: Vec<(&str, &str)> = vec![
            ("response_type", &self.response_type),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", &self.state),
        ];
        pairs.extend(self.nonce.as_deref().map(|nonce| ("nonce", nonce)));
        if let Some(challenge) = &challenge {
            pairs.extend([("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")]);
        }
        pairs.extend(self.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let separator = if self.authorization_endpoint.contains('?') { '&' } else { '?' };
        get(&format!("{}{separator}{}", self.authorization_endpoint, encode_pairs(&pairs)))
    }
}

pub(super) fn get(url: &str) -> Request {
    browser(Request::new("GET", url))
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
fn challenge(verifier: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash)
}

pub(super) fn browser(request: Request) -> Request {
    request.header("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8").header("Accept-Language", "en")
}

pub(super) fn redirect(response: &Response) -> Option<&str> {
    response.header("location").filter(|_| matches!(response.status, 301 | 302 | 303 | 307 | 308))
}

/// Whether a URL is the redirect URI, whatever query or fragment follows.
pub(super) fn arrived(url: &Url, redirect_uri: &str) -> bool {
    let Ok(wanted) = Url::parse(redirect_uri) else { return false };
    let bare = |url: &Url| {
        let mut url = url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url
    };
    bare(url) == bare(&wanted)
}

pub(super) fn parameter(url: &Url, name: &str) -> Option<String> {
    let fragment = url.fragment().unwrap_or_default().as_bytes();
    let found = url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    found.or_else(|| url::form_urlencoded::parse(fragment).find(|(key, _)| key == name).map(|(_, v)| v.into_owned()))
}

/// Whether a password may go there: encrypted or on this machine, and to the provider's own domain.
fn safe(action: &Url, home: &str) -> Result<(), String> {
    let (there, here) = (hosts::host(action.as_str()), hosts::host(home));
    if action.scheme() != "https" && !hosts::is_loopback(&there) {
        return Err("a password is not sent over plain http".into());
    }
    if there != here && !hosts::related(&there, &here) {
        return Err(format!("its form goes to {there}, and the password is sent only to the domain of {here}"));
    }
    Ok(())
}

/// A URL without its query, which may hold what is nobody's business.
pub(super) fn place(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

pub(super) fn finished(
    request: Request,
    mut response: Response,
    to: &str,
    hops: Vec<Hop>,
    started: Option<jiff::Timestamp>,
) -> Exchange {
    response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
    response.headers.push(("Location".into(), without_code(to)));
    if !matches!(response.status, 301..=308) {
        response.status = 302;
    }
    let mut exchange = refused(request, response, hops, started);
    if let (true, Ok(response)) = (asks_for_tokens(&exchange.request), &mut exchange.outcome) {
        response.body = tokens(to);
        let took = jiff::Timestamp::now().duration_since(exchange.started);
        exchange.elapsed_ms = u64::try_from(took.as_millis()).unwrap_or_default();
    }
    exchange
}

/// What an answer holds besides a code, as a form; nothing when it holds no token.
fn tokens(to: &str) -> Vec<u8> {
    let url = Url::parse(to).ok();
    let found = |name: &'static str| Some((name, parameter(url.as_ref()?, name)?));
    let pairs: Vec<(&str, String)> = TOKENS.into_iter().filter_map(found).collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if pairs.iter().any(|(name, _)| matches!(*name, "id_token" | "access_token")) {
        encode_pairs(&pairs).into_bytes()
    } else {
        Vec::new()
    }
}

pub(super) fn refused(
    request: Request,
    mut response: Response,
    hops: Vec<Hop>,
    started: Option<jiff::Timestamp>,
) -> Exchange {
    // A page may show the person's name; a report has no use for it.
    response.body.clear();
    for (name, value) in &mut response.headers {
        if name.eq_ignore_ascii_case("set-cookie") {
            *value = REDACTED.into();
        }
    }
    response.url = request.url.clone();
    Exchange {
        request,
        outcome: Ok(response),
        hops,
        tls: None,
        started: started.unwrap_or_else(jiff::Timestamp::now),
        elapsed_ms: 0,
    }
}

/// The redirect without what could be redeemed.
pub(super) fn without_code(location: &str) -> String {
    let mut out = String::new();
    for piece in location.split_inclusive(['?', '#', '&']) {
        let end = piece.len() - usize::from(piece.ends_with(['?', '#', '&']));
        let (body, end) = piece.split_at(end);
        match body.split_once('=') {
            // Some applications take no long code, so how long it was is kept.
            // And a short one can be guessed.
            Some(("code", code)) if code.len() > LONG_CODE || code.len() < SHORT => {
                out.push_str(&format!("code={REDACTED}-of-{}-characters", code.len()))
            }
            Some((name @ ("code" | "id_token" | "access_token" | "refresh_token" | "session_state"), _)) => {
                out.push_str(&format!("{name}={REDACTED}"))
            }
            _ => out.push_str(body),
        }
        out.push_str(end);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_redirect_uri_is_where_the_login_ends() {
        let is = |url: &str| arrived(&Url::parse(url).unwrap(), "https://app.example.com/cb");
        assert!(is("https://app.example.com/cb?code=x&state=y") && is("https://app.example.com/cb#code=x"));
        assert!(!is("https://app.example.com/cb/?code=x") && !is("https://app.example.com.evil.test/cb"));
    }

    #[test]
    fn a_password_goes_to_the_provider_alone() {
        let safe = |url: &str| safe(&Url::parse(url).unwrap(), "https://auth.example.com/authorize").is_ok();
        assert!(safe("https://auth.example.com/login") && safe("https://sso.example.com/login"));
        assert!(!safe("http://auth.example.com/login") && !safe("https://evil.test/login"));
    }

    #[test]
    fn evidence_has_no_code() {
        let code = "x".repeat(SHORT);
        let gone = "https://app/cb?code=REDACTED&state=s";
        assert_eq!(without_code(&format!("https://app/cb?code={code}&state=s")), gone);
        assert_eq!(without_code("https://app/cb?code=abc"), "https://app/cb?code=REDACTED-of-3-characters");
    }

    #[test]
    fn the_challenge_is_that_of_the_specification() {
        // RFC 7636 appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
