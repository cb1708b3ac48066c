//! Recordings: evidence as HAR 1.2 and back, without loss.
//!
//! A recording opens in any HAR viewer. What HAR has no place for is in `_oidcheck` members: per entry the slot,
//! redirects, TLS facts and the kind of failure; for the whole log what was asked for and when. Reading relies on
//! both, so a HAR of another program is refused rather than guessed at.

mod format;

use crate::Error;
use crate::VERSION;
use format::{Content, Entry, Header, Log, LogExtra, Outside, Seen, TargetRecord, TlsRecord};
use oidcheck_checks::evidence::jwks::Jwks;
use oidcheck_checks::evidence::{Auth, Evidence, Exchange, Hop, Request, Response, Slot, Tls};
use oidcheck_checks::evidence::{json, login};
use oidcheck_checks::target::Target;
use std::borrow::Cow;
use std::path::Path;

/// The longest recording that is read, in bytes.
pub const MAX_RECORDING: u64 = 512 * 1024 * 1024;

/// Everything that is needed to judge a run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// What was checked.
    pub target: Target,
    /// The `--profile` arguments, as typed.
    pub profiles: Vec<String>,
    /// When the run started, which is also the time of judging.
    pub started: jiff::Timestamp,
    /// What was seen.
    pub evidence: Evidence,
}

/// The recording as HAR 1.2, pretty-printed JSON.
pub fn to_har(recording: &Recording) -> String {
    let target = &recording.target;
    let outside = Outside {
        log: Log {
            version: "1.2".into(),
            creator: format::Creator { name: "oidcheck".into(), version: VERSION.into() },
            entries: recording
                .evidence
                .iter()
                .map(|(slot, exchange)| entry(slot, &harmless(recording, slot, exchange)))
                .collect(),
            extra: LogExtra {
                recording: format::RECORDING,
                started: recording.started,
                target: TargetRecord {
                    issuer: target.typed.clone(),
                    app_url: target.app_url.clone(),
                    client_id: target.client_id.clone(),
                    redirect_uris: target.redirect_uris.clone(),
                    has_secret: target.has_secret,
                    has_key: target.has_key,
                    secret_shape: target.secret_shape,
                    tier: target.tier,
                    depth: target.depth,
                },
                profiles: recording.profiles.clone(),
            },
        },
    };
    // Only maps with keys that are no strings can fail, and there are none.
    let mut text = serde_json::to_string_pretty(&outside).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a recording. `name` is what errors call the file.
///
/// # Errors
/// [`Error::Recording`] with the place: broken JSON, no recording of ours, or one of a later version.
pub fn from_har(name: &str, text: &str) -> Result<Recording, Error> {
    let log = serde_json::from_str::<Outside>(text).map_err(|error| broken(name, &error))?.log;
    let mut evidence = Evidence::default();
    for entry in log.entries {
        let (slot, exchange) = exchange(entry);
        evidence.record(slot, exchange);
    }
    let TargetRecord { issuer, app_url, client_id, redirect_uris, has_secret, has_key, secret_shape, tier, depth } =
        log.extra.target;
    let target =
        Target { typed: issuer, app_url, client_id, redirect_uris, has_secret, has_key, secret_shape, tier, depth };
    Ok(Recording { target, profiles: log.extra.profiles, started: log.extra.started, evidence })
}

/// Reads a recording from a file.
///
/// # Errors
/// The file cannot be read, or see [`from_har`].
pub fn read(path: &Path) -> Result<Recording, Error> {
    let fail = |source| Error::File { doing: "read", path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(fail)?.len();
    if size > MAX_RECORDING {
        return Err(fail(std::io::Error::other(format!("{size} bytes are too long for a recording"))));
    }
    let bytes = std::fs::read(path).map_err(fail)?;
    let name = path.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) => from_har(&name, &text),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            let column = good.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
            let message = "not UTF-8".to_owned();
            Err(Error::Recording { file: name, line, column, message, help: Some(HELP.into()) })
        }
    }
}

const HELP: &str =
    "`oidcheck check ISSUER --record FILE.har` makes a recording; other programs' HAR files lack what it needs";

fn broken(name: &str, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned();
    let (line, column) = (error.line().max(1), error.column().max(1));
    Error::Recording { file: name.into(), line, column, message, help: Some(HELP.into()) }
}

/// The exchange as it may lie on a disk: the answers of a login without their tokens. Whether a signature verified is
/// kept, so that the recording is judged as the run was.
fn harmless<'a>(recording: &Recording, slot: &Slot, exchange: &'a Exchange) -> Cow<'a, Exchange> {
    if !matches!(slot, Slot::Login(..)) {
        return Cow::Borrowed(exchange);
    }
    let mut exchange = exchange.clone();
    if let Ok(response) = &mut exchange.outcome {
        let set = recording.evidence.get(&Slot::Jwks).and_then(|e| e.outcome.as_ref().ok());
        let set = set.and_then(|r| Jwks::of(json::read(&r.body).ok()?).ok());
        response.body = login::redact(&response.body, set.as_ref());
    }
    Cow::Owned(exchange)
}

fn entry(slot: &Slot, exchange: &Exchange) -> Entry {
    let ms = exchange.elapsed_ms;
    let (response, error) = match &exchange.outcome {
        Ok(response) => (Some(response), None),
        Err(error) => (None, Some(error.clone())),
    };
    let header = |name: &str| response.and_then(|r| r.header(name)).map(str::to_owned);
    let version = response.map(|r| r.version.clone()).unwrap_or_default();
    Entry {
        started: exchange.started,
        time: ms,
        request: format::Request {
            method: format::Method(exchange.request.method),
            url: exchange.request.url.clone(),
            http_version: version.clone(),
            cookies: Vec::new(),
            headers: headers_out(&exchange.request.headers),
            query_string: query(&exchange.request.url),
            post_data: exchange
                .request
                .form
                .clone()
                .map(|text| format::PostData { mime_type: "application/x-www-form-urlencoded".into(), text }),
            headers_size: -1,
            body_size: 0,
        },
        response: format::Response {
            status: response.map_or(0, |r| r.status),
            status_text: String::new(),
            http_version: version,
            cookies: Vec::new(),
            headers: response.map(|r| headers_out(&r.headers)).unwrap_or_default(),
            content: Content::of(response.map(|r| r.body.as_slice()).unwrap_or_default(), header("content-type")),
            redirect_url: header("location").unwrap_or_default(),
            headers_size: -1,
            body_size: response.map_or(0, |r| r.encoded_len.unwrap_or(r.body.len())),
        },
        cache: format::Cache {},
        timings: format::Timings { send: 0, wait: ms, receive: 0 },
        extra: Seen {
            slot: format::SlotId(slot.clone()),
            url: response.map(|r| r.url.clone()),
            hops: exchange.hops.iter().map(|h| (h.url.clone(), h.status, h.location.clone()).into()).collect(),
            tls: exchange.tls.as_ref().map(|tls| TlsRecord {
                server_name: tls.server_name.clone(),
                chain: tls.chain.iter().cloned().map(format::Base64).collect(),
                distrust: tls.distrust.clone(),
                older: tls.older.clone(),
            }),
            error,
            auth: exchange.request.auth.clone().map(|auth| format::AuthRecord {
                method: auth.method,
                client_id: auth.client_id,
                secret: auth.secret,
            }),
            follow: exchange.request.follow,
            cut_at: response.and_then(|r| r.cut_at),
            encoded_len: response.and_then(|r| r.encoded_len),
        },
    }
}

fn exchange(entry: Entry) -> (Slot, Exchange) {
    let request = Request {
        method: entry.request.method.0,
        url: entry.request.url,
        headers: headers_in(entry.request.headers),
        form: entry.request.post_data.map(|post| post.text),
        auth: entry.extra.auth.map(|auth| Auth { method: auth.method, client_id: auth.client_id, secret: auth.secret }),
        follow: entry.extra.follow,
    };
    let outcome = match entry.extra.error {
        Some(error) => Err(error),
        None => Ok(Response {
            url: entry.extra.url.unwrap_or_else(|| request.url.clone()),
            version: entry.response.http_version,
            status: entry.response.status,
            headers: headers_in(entry.response.headers),
            body: entry.response.content.body(),
            encoded_len: entry.extra.encoded_len,
            cut_at: entry.extra.cut_at,
        }),
    };
    let hops = entry.extra.hops.into_iter();
    let hops = hops.map(|h| Hop { url: h.url, status: h.status, location: h.location }).collect();
    let tls = entry.extra.tls.map(|tls| Tls {
        server_name: tls.server_name,
        chain: tls.chain.into_iter().map(|cert| cert.0).collect(),
        distrust: tls.distrust,
        older: tls.older,
    });
    (entry.extra.slot.0, Exchange { request, outcome, hops, tls, started: entry.started, elapsed_ms: entry.time })
}

fn headers_out(headers: &[(String, String)]) -> Vec<Header> {
    headers.iter().map(|(name, value)| Header { name: name.clone(), value: value.clone() }).collect()
}

fn headers_in(headers: Vec<Header>) -> Vec<(String, String)> {
    headers.into_iter().map(|header| (header.name, header.value)).collect()
}

/// For viewers only: the URL itself is what is read back.
fn query(url: &str) -> Vec<Header> {
    let pairs = url::Url::parse(url).map(|url| url.query_pairs().into_owned().collect::<Vec<_>>()).unwrap_or_default();
    headers_out(&pairs)
}

#[cfg(test)]
mod tests;
