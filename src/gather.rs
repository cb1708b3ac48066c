//! Executes a plan: everything that oidcheck sends to a provider goes through here.
//!
//! The plan is asked again as each exchange lands, so a slow key set holds up only what needs the key set. Requests
//! that are alike in method, URL and headers are sent once, whoever asks. Every limit is here too: time per request
//! and for the run, bytes per body and per header block, redirects, requests at a time per origin.

pub mod client_key;
pub mod conceal;
mod encoding;
mod exchange;
mod failure;
pub(crate) mod jar;
pub mod known;
mod older;
mod origin;
mod redact;
pub mod secrets;
pub mod tls;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use oidcheck_checks::evidence::{Endpoint, Evidence, Exchange, Request, Slot};
use oidcheck_checks::plan::{Ask, Plan};
use oidcheck_checks::probe::endpoints::COOKIES_KEPT;
use oidcheck_checks::probe::oracle::names;
use rustls::pki_types::CertificateDer;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::Duration;
use url::Url;

/// The longest body that is read, in bytes after decoding: more than the 12 MB that client libraries were seen to read.
pub const MAX_BODY: usize = 16 * 1024 * 1024;
/// The longest header block that is accepted, in bytes.
pub const MAX_HEADERS: usize = 128 * 1024;
/// How many redirects are followed, as in the Fetch standard.
pub const MAX_REDIRECTS: usize = 20;
/// How many requests are under way to one origin at a time.
pub const PER_ORIGIN: usize = 4;
/// The least time between the starts of two requests to one origin.
pub const SPACING: Duration = Duration::from_millis(20);

/// Where a name is to be found, whatever the DNS says: curl's `--resolve`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    /// The host as in a URL, in lower case.
    pub host: String,
    /// The port that it holds for.
    pub port: u16,
    /// Where to connect to instead.
    pub addresses: Vec<IpAddr>,
}

/// How to gather.
#[derive(Debug, Clone)]
pub struct Options {
    /// Names with an address of their own. These are connected to directly, never through a proxy.
    pub resolve: Vec<Resolve>,
    /// Certificates to trust besides the machine's roots; see [`tls::read_pem`].
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// The proxy for everything that `NO_PROXY` does not name; `None` leaves it to the environment.
    pub proxy: Option<Url>,
    /// What is put into requests while they are sent, and is never recorded.
    pub secrets: secrets::Secrets,
    /// The `User-Agent`.
    pub user_agent: String,
    /// The limit for one request with its redirects.
    pub timeout: Duration,
    /// The limit for the run.
    pub deadline: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            resolve: Vec::new(),
            extra_roots: Vec::new(),
            proxy: None,
            secrets: secrets::Secrets::default(),
            user_agent: user_agent(),
            timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(60),
        }
    }
}

/// The `User-Agent` of this build: who asks, and where to read about it.
pub fn user_agent() -> String {
    format!("oidcheck/{} (+{})", crate::VERSION, env!("CARGO_PKG_REPOSITORY"))
}

/// What happens while gathering, for those who watch.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A slot was asked for.
    Asked(&'a Slot),
    /// Its exchange is there, for better or worse.
    Landed(&'a Slot),
}

/// Sends what the plan asks for until it asks for nothing more, or the deadline passes. Needs a tokio runtime with
/// I/O and time. Failures are evidence too, so there is no error.
pub async fn gather(plan: &Plan<'_>, options: &Options, events: &dyn Fn(Event<'_>)) -> Evidence {
    gather_on(plan, options, Evidence::default(), events).await
}

/// The same after something was asked already, which is not asked again. Of that, what the application showed stays in
/// the evidence; the rest was a search, and only answers to questions of this plan are taken over.
pub async fn gather_on(plan: &Plan<'_>, options: &Options, before: Evidence, events: &dyn Fn(Event<'_>)) -> Evidence {
    let deadline = tokio::time::Instant::now() + options.deadline;
    let origins = origin::Origins::new(options);
    let mut evidence = Evidence::default();
    let mut under_way = FuturesUnordered::new();
    let mut asked: BTreeSet<Slot> = BTreeSet::new();
    let mut known: HashMap<Request, Known> = HashMap::new();
    let mut older = None;
    let mut cookies = jar::Jar::default();
    for (slot, exchange) in before.iter() {
        known.insert(exchange.request.clone(), Known::Landed(Box::new(exchange.clone())));
        if matches!(slot, Slot::App(_)) {
            evidence.record(slot.clone(), exchange.clone());
        }
    }
    loop {
        // Beside everything else, and only where a handshake of today has succeeded.
        if older.is_none()
            && let Some(url) = evidence.get(&Slot::Discovery).and_then(met)
        {
            older = origins.direct(&url).map(|pinned| tokio::spawn(older::ask(url, pinned)));
        }
        for Ask { slot, request, .. } in plan.next(&evidence) {
            if !asked.insert(slot.clone()) {
                continue;
            }
            events(Event::Asked(&slot));
            match known.get_mut(&request) {
                Some(Known::Waiting(slots)) => slots.push(slot),
                Some(Known::Landed(exchange)) => {
                    events(Event::Landed(&slot));
                    record(&mut evidence, slot, Exchange::clone(exchange));
                }
                None => {
                    known.insert(request.clone(), Known::Waiting(vec![slot]));
                    let (origins, timeouts) =
                        (&origins, exchange::Limits { request: options.timeout, deadline, strict: false });
                    let run = options.deadline.as_secs();
                    let sent = with_cookies(&request, &cookies);
                    under_way.push(async move {
                        let exchange = exchange::exchange(origins, sent, timeouts, run).await;
                        Exchange { request, ..exchange }
                    });
                }
            }
        }
        let Some(exchange) = under_way.next().await else {
            // Nothing is under way; a shared answer may still have given the plan something new to ask.
            if plan.next(&evidence).iter().all(|ask| asked.contains(&ask.slot)) {
                if let Some(older) = older {
                    evidence.greeted(&Slot::Discovery, older.await.ok().flatten());
                }
                return evidence;
            }
            continue;
        };
        let landed = Known::Landed(Box::new(exchange.clone()));
        if let Some(Known::Waiting(slots)) = known.insert(exchange.request.clone(), landed) {
            for slot in slots {
                events(Event::Landed(&slot));
                keep_cookies(&slot, &exchange, &mut cookies);
                record(&mut evidence, slot, exchange.clone());
            }
        }
    }
}

/// The request with the cookies that its recipe leaves room for; as it is when it leaves none.
fn with_cookies(request: &Request, cookies: &jar::Jar) -> Request {
    let mut sent = request.clone();
    if sent.headers.iter().any(wants_cookies) {
        sent.headers.retain(|header| !wants_cookies(header));
        let kept = Url::parse(&sent.url).ok().and_then(|url| cookies.header(&url));
        sent.headers.extend(kept.map(|value| ("Cookie".to_owned(), value)));
    }
    sent
}

fn wants_cookies((name, value): &(String, String)) -> bool {
    name == "Cookie" && value == COOKIES_KEPT
}

/// Keeps what the pages on the way to a login page set, in memory alone.
fn keep_cookies(slot: &Slot, exchange: &Exchange, cookies: &mut jar::Jar) {
    let on_the_way = match slot {
        Slot::Probe(Endpoint::Authorize, name) => name.starts_with(&names::plain(&names::expected(""))),
        _ => exchange.request.headers.iter().any(wants_cookies),
    };
    if let (true, Ok(response)) = (on_the_way, &exchange.outcome)
        && let Ok(url) = Url::parse(&response.url)
    {
        cookies.take(&url, &response.headers);
    }
}

/// Sends requests one by one, for a login, in which each one depends on the answer before. What it sends may hold a
/// password, so it speaks only over connections whose certificate is trusted.
pub(crate) struct Sender<'a> {
    origins: origin::Origins<'a>,
    options: &'a Options,
    deadline: tokio::time::Instant,
}

impl<'a> Sender<'a> {
    /// Connects nowhere yet; the deadline of the run begins now.
    pub(crate) fn new(options: &'a Options) -> Sender<'a> {
        let deadline = tokio::time::Instant::now() + options.deadline;
        Sender { origins: origin::Origins::new(options), options, deadline }
    }

    /// Makes one exchange. Nothing is taken out of it: that is the caller's to do before it becomes evidence. What is
    /// secret in it is noted.
    pub(crate) async fn send(&self, request: Request) -> Exchange {
        let known = &self.options.secrets.known;
        known.learn_request(&request);
        let limits = exchange::Limits { request: self.options.timeout, deadline: self.deadline, strict: true };
        let exchange = exchange::exchange(&self.origins, request, limits, self.options.deadline.as_secs()).await;
        conceal::learn_answer(&exchange, known);
        exchange
    }

    /// Notes a secret that goes out under a name which does not tell so.
    pub(crate) fn know(&self, secret: &str) {
        self.options.secrets.known.add(secret);
    }
}

/// The URL that answered over TLS.
fn met(exchange: &Exchange) -> Option<Url> {
    exchange.tls.as_ref()?;
    let url = Url::parse(&exchange.outcome.as_ref().ok()?.url).ok()?;
    (url.scheme() == "https").then_some(url)
}

fn record(evidence: &mut Evidence, slot: Slot, mut exchange: Exchange) {
    redact::redact(&slot, &mut exchange);
    evidence.record(slot, exchange);
}

/// A request that was sent, with those who wait for its answer or the answer.
enum Known {
    Waiting(Vec<Slot>),
    Landed(Box<Exchange>),
}
