//! A login on another device (RFC 8628): the tool shows a code and an address, a person confirms, and the tool asks for
//! the tokens until they are there.

use super::{REDACTED, tokens};
use crate::gather::{Options, Sender};
use crate::output;
use crate::render::text::clean;
use oidcheck_checks::evidence::json::{self, Node};
use oidcheck_checks::evidence::{Exchange, Request, SecretChoice};
use oidcheck_checks::library::tokens::Authentication;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

/// The time between two questions when the provider names none (RFC 8628 section 3.2).
const INTERVAL: u64 = 5;
/// What `slow_down` adds to it (RFC 8628 section 3.5).
const SLOWER: u64 = 5;

/// What a device login needs to know.
#[derive(Debug)]
pub(super) struct Device {
    /// The device authorization endpoint.
    pub(super) endpoint: String,
    /// The token endpoint.
    pub(super) token_endpoint: String,
    /// The client.
    pub(super) client_id: String,
    /// What is asked for.
    pub(super) starts_with: Vec<(String, String)>,
    /// What comes with each question for the tokens.
    pub(super) polls_with: Vec<(String, String)>,
    /// How the client authenticates.
    pub(super) way: Authentication,
}

/// What the person is shown, and what is kept from them.
struct Started {
    device_code: String,
    interval: u64,
    ends: Instant,
}

/// Logs in. Gives the token request that ended it, and the tokens.
///
/// # Errors
/// The flow does not start, or nobody confirmed it.
pub(super) async fn log_in(
    device: &Device,
    options: &Options,
    wait: Duration,
) -> Result<(Exchange, tokens::Given), String> {
    tokens::private(&device.endpoint, "the client")?;
    tokens::private(&device.token_endpoint, "the device code")?;
    let mut started = device.start(options, wait).await?;
    loop {
        let pause = Duration::from_secs(started.interval);
        if Instant::now() + pause > started.ends {
            return Err("nobody confirmed the code in time, or it has expired; begin again".into());
        }
        tokio::time::sleep(pause).await;
        // Each question has the whole time of a run: a person is slower than that.
        let mut exchange = Sender::new(options).send(device.poll(&started.device_code)).await;
        let answer = exchange.outcome.as_ref().ok().and_then(|response| json::read(&response.body).ok());
        let member = |name: &str| answer.as_ref().and_then(|answer| answer.root.get(name)).and_then(Node::as_str);
        match member("error") {
            Some("authorization_pending") => continue,
            Some("slow_down") => started.interval += SLOWER,
            Some("access_denied") => return Err("the person refused the login (access_denied)".into()),
            Some("expired_token") => return Err("the code has expired before anybody confirmed it; begin again".into()),
            // Anything else is the provider's answer, and judged as one.
            _ => {
                let given = tokens::Given::of(&exchange, device.way);
                exchange.request = device.poll(REDACTED);
                return Ok((exchange, given));
            }
        }
    }
}

impl Device {
    /// Starts the flow and tells the person what to do.
    async fn start(&self, options: &Options, wait: Duration) -> Result<Started, String> {
        let request = self.authenticated(&self.endpoint, texts(&self.starts_with).collect());
        let exchange = Sender::new(options).send(request).await;
        let at = |why: &str| format!("the device login does not start at {}: {why}", self.endpoint);
        let response = exchange.outcome.map_err(|error| at(&error.to_string()))?;
        let document = json::read(&response.body).map_err(|_| at(&format!("status {}, no JSON", response.status)))?;
        let text = |name: &str| document.root.get(name).and_then(Node::as_str);
        if let Some(error) = text("error") {
            let why = text("error_description").map(|why| format!(": {why}")).unwrap_or_default();
            return Err(at(&format!("{error}{why}")));
        }
        let needed = |name: &str| text(name).ok_or_else(|| at(&format!("the answer has no {name}")));
        let number = |name: &str| document.root.get(name).and_then(|node| node.show().parse::<u64>().ok());
        let (device_code, user_code) = (needed("device_code")?.to_owned(), needed("user_code")?);
        let address = needed("verification_uri")?;
        let life = number("expires_in").map_or(wait, |seconds| wait.min(Duration::from_secs(seconds)));
        output::note(&format!(
            "Open {} on any device and enter the code {} (within {} seconds).",
            clean(address),
            clean(user_code),
            life.as_secs()
        ));
        if let Some(complete) = text("verification_uri_complete") {
            output::note(&format!("Or open this, which has the code in it: {}", clean(complete)));
        }
        if std::io::stderr().is_terminal()
            && let Ok(code) = qrcode::QrCode::new(text("verification_uri_complete").unwrap_or(address))
        {
            output::note(&code.render::<qrcode::render::unicode::Dense1x2>().build());
        }
        Ok(Started { device_code, interval: number("interval").unwrap_or(INTERVAL), ends: Instant::now() + life })
    }

    fn poll(&self, device_code: &str) -> Request {
        let grant = "urn:ietf:params:oauth:grant-type:device_code";
        let asked = [("grant_type", grant), ("device_code", device_code)];
        self.authenticated(&self.token_endpoint, asked.into_iter().chain(texts(&self.polls_with)).collect())
    }

    /// A request that says which client asks.
    fn authenticated<'a>(&'a self, url: &str, mut pairs: Vec<(&'a str, &'a str)>) -> Request {
        let method = self.way.method();
        if method.is_none() {
            pairs.push(("client_id", &self.client_id));
        }
        let request = Request::new("POST", url).form(&pairs).header("Accept", "application/json");
        let secret = if self.way == Authentication::BasicEmpty { SecretChoice::Empty } else { SecretChoice::Given };
        match method {
            Some(method) => request.auth(method, &self.client_id, secret),
            None => request,
        }
    }
}

fn texts(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}
