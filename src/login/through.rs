//! A login at the application itself: its own request, the login at the provider, and back to the application with the
//! cookies of its start, as a browser would.
//!
//! The application is asked for its request once more, since a recording keeps no cookies, and cookies are what many
//! applications know their own logins by. What becomes evidence is the last answer alone, without cookies, code and
//! whatever else a session is made of.

use super::flow::{self, get, parameter, place, without_code};
use super::{Credentials, REDACTED, tokens};
use crate::gather::jar::Jar;
use crate::gather::{Options, Sender};
use crate::output;
use crate::render::text::clean;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::{Evidence, Exchange, Hop, Request, Response};
use oidcheck_checks::hosts;
use oidcheck_checks::probe::capture::{ending, endpoint_of, walk};
use oidcheck_checks::probe::endpoints::sent_to;
use oidcheck_checks::profile::{Answered, Profile, Through};
use oidcheck_checks::target::Target;
use std::cell::{Cell, RefCell};
use url::Url;

/// So many answers of the application in a row are followed.
const STEPS: usize = 5;
/// So many characters of a page that refuses are kept.
const KEPT: usize = 300;
/// Shorter values are no secrets, and what they are is found in any text.
const SHORTEST: usize = 6;
/// Headers of the application's answer that are kept.
const HEADERS: [&str; 3] = ["content-type", "date", "location"];
/// Members of a JSON answer that say why it refuses.
const REASONS: [&str; 4] = ["error", "error_description", "errors", "message"];

/// Logs in at the application and gives its last answer. Says on standard error what became of the session.
///
/// # Errors
/// Why nobody came as far as the application: a sentence for people.
pub(super) async fn application(
    target: &Target,
    profiles: &[Profile],
    credentials: &Credentials,
    options: &Options,
    jar: &mut Jar,
    evidence: &Evidence,
) -> Result<Exchange, String> {
    let found = profiles.iter().find_map(|profile| Some((profile, profile.file.through.as_ref()?)));
    let (Some((profile, through)), Some(app_url)) = (found, target.app_url.as_deref()) else {
        return Err("how a login there begins and ends is not known".into());
    };
    let mut app = App { sender: Sender::new(options), jar: Jar::default(), secrets: Vec::new(), url: app_url };
    let request = app.start(target, profile).await?;
    let endpoint = {
        let facts = Facts::of(evidence);
        let metadata = facts.metadata.as_ref().map_err(|_| "there is no usable metadata to log in with".to_owned())?;
        metadata.string("authorization_endpoint").unwrap_or_default().to_owned()
    };
    // A password goes to the provider that was checked, wherever the application sends people.
    if endpoint_of(&request) != endpoint.split('?').next().unwrap_or_default() {
        return Err(format!("it sends people to {}, which is not the provider that is checked", endpoint_of(&request)));
    }
    let redirect_uri = request.query("redirect_uri").ok_or("its request names no redirect URI")?;
    if !app.owns(&redirect_uri) {
        return Err(format!("its redirect URI {redirect_uri} is on another host than --app-url"));
    }
    let other = |name: &str, usual: &str| request.query(name).filter(|value| value != usual);
    if let Some(other) = other("response_type", "code").or_else(|| other("response_mode", "query")) {
        return Err(format!("it asks for {other}, and only a code in the query is brought to an application"));
    }
    let (ended, to) =
        flow::authorize(&app.sender, jar, get(&request.url), &redirect_uri, credentials, &mut |_| ()).await?;
    let to = to.ok_or_else(|| format!("the provider refuses the application's request: {}", ending(&ended)))?;
    let back = Url::parse(&to).map_err(|e| format!("the provider leads to no URL: {e}"))?;
    let Some(code) = parameter(&back, "code") else {
        let error = parameter(&back, "error").unwrap_or_else(|| "no code".into());
        return Err(format!("the provider answers the application's request with {error}"));
    };
    let answer = app.deliver(through, &to, &code, &parameter(&back, "state").unwrap_or_default()).await?;
    let answered = through.answered(&answer);
    app.leave(through, answered).await;
    Ok(answer)
}

/// The application, with what it gave to this login.
struct App<'a> {
    sender: Sender<'a>,
    jar: Jar,
    /// Values that nobody may see.
    secrets: Vec<String>,
    url: &'a str,
}

impl App<'_> {
    fn owns(&self, url: &str) -> bool {
        hosts::host(url) == hosts::host(self.url)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url.trim_end_matches('/'))
    }

    /// One exchange with the cookies so far.
    async fn send(&mut self, request: Request) -> Exchange {
        let url = Url::parse(&request.url).ok();
        let cookies = url.as_ref().and_then(|url| self.jar.header(url));
        let request = match cookies {
            Some(cookies) => request.header("Cookie", cookies),
            None => request,
        };
        let exchange = self.sender.send(request).await;
        if let (Some(url), Ok(response)) = (url, &exchange.outcome) {
            self.jar.take(&url, &response.headers);
            let set = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
            let values = set.filter_map(|(_, text)| text.split(';').next()?.split_once('='));
            self.secrets.extend(values.map(|(_, value)| value.trim().to_owned()));
        }
        exchange
    }

    /// The authorization request with which it sends people away.
    async fn start(&mut self, target: &Target, profile: &Profile) -> Result<Request, String> {
        let mut seen = Evidence::default();
        loop {
            let asks = {
                let walk = walk(target, profile, &seen);
                if let Some(request) = walk.shown.into_iter().find_map(|shown| shown.request) {
                    return Ok(request);
                }
                let whys: Vec<String> = walk.ends.iter().map(|(_, exchange)| ending(exchange)).collect();
                walk.asks.into_iter().next().ok_or(whys)
            };
            match asks {
                Ok((slot, request)) => {
                    let exchange = self.send(request).await;
                    seen.record(slot, exchange);
                }
                Err(whys) => return Err(format!("it begins no login: {}", whys.join("; "))),
            }
        }
    }

    /// Brings the code to it and gives its last answer, as it may be kept.
    async fn deliver(&mut self, through: &Through, to: &str, code: &str, state: &str) -> Result<Exchange, String> {
        self.secrets.push(code.to_owned());
        let origin = Url::parse(self.url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        let posted = |code: &str, state: &str| {
            let fill = |text: &String| {
                let text = text.replace("{origin}", &origin);
                text.replace("{code}", code).replace("{state}", state)
            };
            let pairs: Vec<(&str, String)> =
                through.form.iter().map(|(name, text)| (name.as_str(), fill(text))).collect();
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
            through.post.as_ref().map(|path| Request::new("POST", self.at(path)).form(&pairs).header("Origin", &origin))
        };
        let harmless = posted(REDACTED, state);
        let request = posted(code, state).unwrap_or_else(|| get(to));
        tokens::private(&request.url, "the code")?;
        let mut hops = Vec::new();
        let mut exchange = self.send(request).await;
        exchange.request.form = harmless.and_then(|request| request.form);
        for _ in 0..STEPS {
            let Ok(response) = &exchange.outcome else { break };
            let (Some(next), Ok(from)) = (sent_to(response), Url::parse(&exchange.request.url)) else { break };
            if through.then.is_some() || !self.owns(next.as_str()) {
                break;
            }
            hops.push(Hop { url: place(&from), status: response.status, location: place(&next) });
            exchange = self.send(get(next.as_str())).await;
        }
        let good = exchange.outcome.as_ref().is_ok_and(|response| response.status < 400);
        if let Some(path) = through.then.as_ref().filter(|_| good) {
            if let (Ok(response), Ok(from)) = (&exchange.outcome, Url::parse(&exchange.request.url)) {
                let location = sent_to(response).map(|next| place(&next)).unwrap_or_default();
                hops.push(Hop { url: place(&from), status: response.status, location });
            }
            exchange = self.send(Request::new("GET", self.at(path)).header("Accept", "application/json")).await;
        }
        exchange.hops = hops;
        Ok(self.harmless(through, exchange))
    }

    /// Ends the session and says what became of it.
    async fn leave(&mut self, through: &Through, answered: Answered) {
        let opened = match answered {
            Answered::LetIn => "a real session was opened",
            Answered::Unclear => "a real session may have been opened",
            Answered::Refused => return,
        };
        let end = match &through.logout {
            None => {
                let why = through.stays.as_deref().unwrap_or("how it is ended is not known");
                format!("could not be closed: {why}")
            }
            Some(path) => {
                let exchange = self.send(get(&self.at(path))).await;
                let ended = exchange.outcome.as_ref().is_ok_and(|response| response.status < 400);
                // Where there is a question that tells who one is, it tells whether somebody is still in.
                let still = match through.then.as_ref().filter(|_| ended) {
                    Some(path) => through.answered(&self.send(get(&self.at(path))).await) == Answered::LetIn,
                    None => false,
                };
                match (ended, still) {
                    (true, false) => "closed again".to_owned(),
                    (true, true) => format!("could not be closed: after {path} the person is still in"),
                    (false, _) => format!("could not be closed: {path} gave {}", ending(&exchange)),
                }
            }
        };
        output::note(&clean(&self.hidden(&format!("note: {opened} at {}, and {end}", self.url))));
    }

    /// The exchange without anything that is worth something.
    fn harmless(&self, through: &Through, mut exchange: Exchange) -> Exchange {
        exchange.request.url = self.hidden(&without_code(&exchange.request.url));
        for (name, value) in &mut exchange.request.headers {
            if name == "Cookie" {
                let names = value.split("; ").filter_map(|pair| pair.split('=').next());
                *value = names.map(|name| format!("{name}={REDACTED}")).collect::<Vec<_>>().join("; ");
            }
        }
        let refused = through.answered(&exchange) == Answered::Refused;
        if let Ok(response) = &mut exchange.outcome {
            response.url = self.hidden(&without_code(&response.url));
            response.body = self.body(through, response, refused);
            let headers = std::mem::take(&mut response.headers);
            response.headers = headers.into_iter().filter_map(|(name, value)| self.header(name, &value)).collect();
        }
        exchange
    }

    fn header(&self, name: String, value: &str) -> Option<(String, String)> {
        if name.eq_ignore_ascii_case("set-cookie") {
            let (cookie, value) = value.split(';').next()?.split_once('=')?;
            let value = if value.trim().is_empty() { "" } else { REDACTED };
            return Some((name, format!("{}={value}", cookie.trim())));
        }
        let kept = HEADERS.iter().any(|kept| name.eq_ignore_ascii_case(kept));
        kept.then(|| (name, self.hidden(&without_code(value))))
    }

    /// Of JSON its shape, the reason of a refusal and what says that somebody is in; of a page that refuses its words.
    fn body(&self, through: &Through, response: &Response, refused: bool) -> Vec<u8> {
        if let Ok(mut body) = serde_json::from_slice::<serde_json::Value>(&response.body) {
            let told = through.member.as_deref().filter(|_| through.value.is_some());
            let told = told.and_then(|at| Some((at, body.pointer(at)?.clone())));
            let reasons = body.as_object().map(|members| {
                let reason = |(name, _): &(&String, _)| refused && REASONS.contains(&name.as_str());
                members.iter().filter(reason).map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>()
            });
            hide(&mut body);
            for (name, value) in reasons.unwrap_or_default() {
                body[name.as_str()] = value;
            }
            if let Some((at, value)) = told
                && let Some(place) = body.pointer_mut(at)
            {
                *place = value;
            }
            return self.hidden(&body.to_string()).into_bytes();
        }
        if !refused {
            return Vec::new();
        }
        let text = words(&String::from_utf8_lossy(&response.body));
        self.hidden(&text).chars().take(KEPT).collect::<String>().into_bytes()
    }

    /// A text without the secrets of this login, as they are or as a URL has them.
    fn hidden(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets.iter().filter(|secret| secret.len() >= SHORTEST) {
            let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            text = text.replace(secret, REDACTED).replace(&encoded, REDACTED);
        }
        text
    }
}

/// Every text of a document goes; numbers and shape stay.
fn hide(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) if !text.is_empty() => *text = REDACTED.to_owned(),
        serde_json::Value::Array(items) => items.iter_mut().for_each(hide),
        serde_json::Value::Object(members) => members.values_mut().for_each(hide),
        _ => {}
    }
}

/// The words of a page, without its scripts and styles.
fn words(html: &str) -> String {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Words::default(), Default::default());
    // It stops early only for a script to be run, and none ever is.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let text = tokenizer.sink.text.into_inner();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct Words {
    text: RefCell<String>,
    skipping: Cell<bool>,
}

impl TokenSink for Words {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => {
                if matches!(&*tag.name, "script" | "style" | "head") {
                    self.skipping.set(tag.kind == TagKind::StartTag);
                }
                self.text.borrow_mut().push(' ');
            }
            Token::CharacterTokens(text) if !self.skipping.get() => self.text.borrow_mut().push_str(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_words() {
        let html = "<head><title>x</title></head><body><script>let a;</script><p>ID token <b>has</b> expired.</p>";
        assert_eq!(words(html), "ID token has expired.");
    }
}
