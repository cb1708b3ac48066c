//! One request with its redirects, from the first byte sent to the last byte read.

use super::origin::Origins;
use super::{MAX_BODY, MAX_HEADERS, MAX_REDIRECTS, encoding, failure, redact};
use oidcheck_checks::evidence::{Exchange, Hop, Request, Response, Tls, TransportError};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

/// How much of a redirect's own body is read, so that its connection can be used again.
const DRAIN: usize = 64 * 1024;
/// And for how long.
const DRAIN_TIME: Duration = Duration::from_millis(250);

/// The time that an exchange may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For the request and its redirects, without the time spent waiting for a turn.
    pub request: Duration,
    /// When the run ends.
    pub deadline: Instant,
    /// A certificate that is not trusted ends the handshake, whatever the request holds.
    pub strict: bool,
}

/// What is kept of an exchange even when it comes to nothing.
#[derive(Default)]
struct Trace {
    hops: Vec<Hop>,
    tls: Option<Tls>,
    begun: Option<(jiff::Timestamp, Instant)>,
}

/// Makes one exchange. `run_seconds` is the run's whole time, for the words of the error when it is over.
pub(super) async fn exchange(origins: &Origins<'_>, request: Request, limits: Limits, run_seconds: u64) -> Exchange {
    let mut trace = Trace::default();
    let outcome = match timeout_at(limits.deadline, follow(origins, &request, limits, &mut trace)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(TransportError::Deadline(run_seconds)),
    };
    let (started, clock) = trace.begun.unwrap_or_else(|| (jiff::Timestamp::now(), Instant::now()));
    let elapsed_ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
    Exchange { request, outcome, hops: trace.hops, tls: trace.tls, started, elapsed_ms }
}

/// Asks, and asks again where a redirect points to.
async fn follow(
    origins: &Origins<'_>,
    request: &Request,
    limits: Limits,
    trace: &mut Trace,
) -> Result<Response, TransportError> {
    let bad = |why: String| TransportError::BadUrl(why);
    let method: reqwest::Method = request.method.parse().map_err(|_| bad(format!("no method {}", request.method)))?;
    let headers = header_map(&request.headers).map_err(bad)?;
    let mut url = web_url(&request.url).map_err(bad)?;
    let limit = limits.request;
    let mut left = limit;
    loop {
        let origin = origins.of(&url);
        let _turn = origin.turn().await;
        let clock = Instant::now();
        trace.begun.get_or_insert_with(|| (jiff::Timestamp::now(), clock));
        let client = if request.auth.is_some() || limits.strict { &origin.strict } else { &origin.client };
        let client = client.as_ref().map_err(|why| bad(format!("there is no client for it: {why}")))?;
        let sending = client.request(method.clone(), url.clone()).headers(headers.clone());
        let sending = origins.secrets().put_in(sending, request, &url).map_err(bad)?.send();
        let reading = async {
            let answer = sending.await.map_err(|e| failure::explain(&e, &url, origin.maybe_proxied))?;
            read(answer, &url, request, origin.maybe_proxied).await
        };
        let got = timeout(left, reading).await;
        if url.scheme() == "https" {
            trace.tls = url.host_str().and_then(|host| origin.recorder.seen(host)).or(trace.tls.take());
        }
        let got = got.map_err(|_| TransportError::Timeout(limit.as_secs()))??;
        left = left.saturating_sub(clock.elapsed());
        match got {
            Read::Answer(response) => return Ok(response),
            Read::Redirect(status, location) => {
                let (asked, shown) = (redact::url(&url), redact::location(&url, &location));
                trace.hops.push(Hop { url: asked, status, location: shown });
                url = next_url(&url, &location, &trace.hops)?;
            }
        }
    }
}

enum Read {
    Answer(Response),
    Redirect(u16, String),
}

/// Reads an answer, or its `Location` when it is a redirect of a request that may be repeated elsewhere. A browser
/// does not follow the redirect of a preflight, and neither do we.
async fn read(
    mut answer: reqwest::Response,
    url: &Url,
    request: &Request,
    maybe_proxied: bool,
) -> Result<Read, TransportError> {
    let status = answer.status().as_u16();
    let mut headers = header_list(answer.headers())?;
    let location = headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.clone());
    for (_, value) in headers.iter_mut().filter(|(name, _)| name == "location") {
        *value = redact::location(url, value);
    }
    let version = match answer.version() {
        reqwest::Version::HTTP_2 => "HTTP/2".to_owned(),
        other => format!("{other:?}"),
    };
    let mut response =
        Response { url: redact::url(url), version, status, headers, body: Vec::new(), encoded_len: None, cut_at: None };
    let repeatable = request.follow && matches!(request.method, "GET" | "HEAD");
    if matches!(status, 301 | 302 | 303 | 307 | 308)
        && repeatable
        && let Some(location) = location
    {
        // Whatever goes wrong with this body does not matter to anybody.
        let _ = timeout(DRAIN_TIME, read_body(&mut answer, DRAIN)).await;
        return Ok(Read::Redirect(status, location));
    }
    let body = read_body(&mut answer, MAX_BODY).await;
    let (body, cut) = body.map_err(|e| failure::explain(&e, url, maybe_proxied))?;
    // Header lines of one name form one list (RFC 9110 section 5.3), so a second encoding is not overlooked.
    let encodings: Vec<&str> = response
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"))
        .map(|(_, value)| value.as_str())
        .collect();
    let undone = match encoding::undo(Some(&encodings.join(", ")), &body, MAX_BODY) {
        // Half of a compressed body says nothing about the compression.
        Err(_) if cut => Err(TransportError::Encoding(format!("it is longer than {MAX_BODY} bytes even compressed"))),
        undone => undone.map_err(TransportError::Encoding),
    }?;
    match undone {
        Some(plain) => {
            response.encoded_len = Some(body.len());
            response.body = plain;
        }
        None => response.body = body,
    }
    response.body = redact::private_members(response.body);
    response.cut_at = cut.then_some(MAX_BODY);
    Ok(Read::Answer(response))
}

/// Reads up to `limit` bytes; the flag says that there was more.
async fn read_body(answer: &mut reqwest::Response, limit: usize) -> Result<(Vec<u8>, bool), reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        let room = limit - body.len();
        if chunk.len() > room {
            body.extend_from_slice(&chunk[..room]);
            return Ok((body, true));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((body, false))
}

/// Where a `Location` points to (RFC 9110 section 10.2.2, relative ones included).
fn next_url(from: &Url, location: &str, hops: &[Hop]) -> Result<Url, TransportError> {
    let path = || hops.iter().map(|hop| hop.url.as_str()).collect::<Vec<_>>().join(" → ");
    let (shown_from, shown_location) = (redact::url(from), redact::location(from, location));
    let lost = |why: String| TransportError::Redirects(format!("{shown_from} redirects to {shown_location:?}: {why}"));
    let mut next = from.join(location).map_err(|e| lost(e.to_string()))?;
    if !matches!(next.scheme(), "http" | "https") {
        return Err(lost("that is neither http nor https".into()));
    }
    next.set_fragment(None);
    let shown = redact::url(&next);
    if hops.iter().any(|hop| hop.url == shown) {
        return Err(TransportError::Redirects(format!("redirects go in a circle: {} → {shown}", path())));
    }
    if hops.len() > MAX_REDIRECTS {
        return Err(TransportError::Redirects(format!("more than {MAX_REDIRECTS} redirects: {} → {shown}", path())));
    }
    Ok(next)
}

fn web_url(text: &str) -> Result<Url, String> {
    let mut url = Url::parse(text).map_err(|e| format!("{text:?}: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{text:?} is neither http nor https"));
    }
    url.set_fragment(None);
    Ok(url)
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let parsed = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        let (key, value) = parsed.ok_or_else(|| format!("the header {name} cannot be sent"))?;
        map.append(key, value);
    }
    Ok(map)
}

fn header_list(map: &HeaderMap) -> Result<Vec<(String, String)>, TransportError> {
    let size: usize = map.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > MAX_HEADERS {
        return Err(TransportError::Protocol(format!("{size} bytes of headers; the limit is {MAX_HEADERS}")));
    }
    Ok(map.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect())
}

/// UTF-8, or else Latin-1, in which every byte is a character.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
