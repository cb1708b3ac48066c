//! One HTTP client for each origin.
//!
//! Connections are never shared between origins, so a client of its own costs an origin nothing, and it gives each
//! its own certificate record, its own `--resolve` address, and its own queue.

use super::secrets::Secrets;
use super::tls::{Recorder, Trust};
use super::{MAX_HEADERS, Options, PER_ORIGIN, Resolve, SPACING};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use url::Url;

/// The clients of a run.
pub(super) struct Origins<'a> {
    options: &'a Options,
    trust: Arc<Trust>,
    known: RefCell<BTreeMap<(String, String, u16), Rc<Origin>>>,
}

/// One client and what it knows.
pub(super) struct Origin {
    /// The client, or why there is none.
    pub client: Result<reqwest::Client, String>,
    /// The client for requests that carry a secret: it ends the handshake at a certificate that is not trusted.
    pub strict: Result<reqwest::Client, String>,
    /// What its handshakes showed.
    pub recorder: Arc<Recorder>,
    /// A proxy may stand in between, so a failure may be the proxy's.
    pub maybe_proxied: bool,
    permits: Semaphore,
    next_start: Cell<Option<Instant>>,
}

impl<'a> Origins<'a> {
    /// Loads the trusted roots; connects nowhere.
    pub(super) fn new(options: &'a Options) -> Self {
        Origins { options, trust: Arc::new(Trust::load(&options.extra_roots)), known: RefCell::default() }
    }

    /// What is put into requests while they are sent.
    pub(super) fn secrets(&self) -> &'a Secrets {
        &self.options.secrets
    }

    /// The origin of a URL; built when it is asked for the first time.
    pub(super) fn of(&self, url: &Url) -> Rc<Origin> {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let port = url.port_or_known_default().unwrap_or_default();
        let key = (url.scheme().to_owned(), host.clone(), port);
        self.known.borrow_mut().entry(key).or_insert_with(|| Rc::new(self.build(&host, port))).clone()
    }

    /// How to connect to a URL without a client: to these addresses, or (`Some(None)`) to where the name points. `None`
    /// where a proxy may stand in between.
    pub(super) fn direct(&self, url: &Url) -> Option<Option<Vec<SocketAddr>>> {
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        let addresses = |pinned: &Resolve| pinned.addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        (!self.of(url).maybe_proxied).then(|| self.pinned(host, port).map(addresses))
    }

    fn pinned(&self, host: &str, port: u16) -> Option<&'a Resolve> {
        self.options.resolve.iter().find(|r| r.host == host && r.port == port)
    }

    fn build(&self, host: &str, port: u16) -> Origin {
        let recorder = Recorder::new(self.trust.clone());
        let pinned = self.pinned(host, port);
        let maybe_proxied = pinned.is_none() && (self.options.proxy.is_some() || environment_names_a_proxy());
        let build = |config: Result<rustls::ClientConfig, rustls::Error>| {
            let config = config.map_err(|e| e.to_string())?;
            let mut builder = reqwest::Client::builder()
                .tls_backend_preconfigured(config)
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .user_agent(&self.options.user_agent)
                .http2_max_header_list_size(u32::try_from(MAX_HEADERS).unwrap_or(u32::MAX));
            if let Some(pinned) = pinned {
                let addresses: Vec<_> = pinned.addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
                builder = builder.no_proxy().resolve_to_addrs(host, &addresses);
            } else if let Some(proxy) = &self.options.proxy {
                let proxy = reqwest::Proxy::all(proxy.as_str()).map_err(|e| e.without_url().to_string())?;
                builder = builder.proxy(proxy.no_proxy(reqwest::NoProxy::from_env()));
            }
            builder.build().map_err(|e| e.without_url().to_string())
        };
        let (permits, next_start) = (Semaphore::new(PER_ORIGIN), Cell::new(None));
        let (client, strict) = (build(recorder.config()), build(recorder.strict_config()));
        Origin { client, strict, recorder, maybe_proxied, permits, next_start }
    }
}

impl Origin {
    /// Waits for a turn: few at a time, and not all at once. Keep the permit until the answer is read.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so there is always a permit in the end.
        let permit = self.permits.acquire().await.ok();
        let now = Instant::now();
        let at = self.next_start.get().map_or(now, |next| next.max(now));
        self.next_start.set(Some(at + SPACING));
        tokio::time::sleep_until(at).await;
        permit
    }
}

fn environment_names_a_proxy() -> bool {
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
