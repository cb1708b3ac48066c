//! What the tests of the real binary share: a command with a clean environment, a small server on the loopback
//! interface that can misbehave, and certificates of every kind.

#![allow(dead_code, reason = "each test file uses its own part")]

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The well-known path.
pub(crate) const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// The binary, with nothing in its environment that could change what it does.
pub(crate) fn oidcheck() -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_oidcheck"));
    command.env_clear().timeout(Duration::from_secs(60));
    for name in ["PATH", "SystemRoot", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// The embedded provider, and the runtime that it lives on.
pub(crate) fn provider(options: oidcheck_op::Options) -> (oidcheck_op::Running, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("starts");
    (runtime.block_on(oidcheck_op::start(options)).expect("listens"), runtime)
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("no JSON ({e}): {self:?}"))
    }

    /// The one sentence behind the exit code, from a JSON report.
    pub(crate) fn because(&self) -> String {
        self.json()["decision"]["because"].as_str().unwrap_or_else(|| panic!("no decision: {self:?}")).to_owned()
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        self.stdout.contains(text) || self.stderr.contains(text)
    }
}

/// Runs the binary.
pub(crate) fn run(args: &[&str]) -> Said {
    said(oidcheck().args(args))
}

pub(crate) fn said(command: &mut assert_cmd::Command) -> Said {
    let output = command.output().expect("runs");
    Said {
        code: output.status.code().expect("not killed"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Checks with a recording and gives both.
pub(crate) fn recorded(args: &[&str]) -> (Said, oidcheck::har::Recording) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.har");
    let said = said(oidcheck().arg("check").args(args).arg("--record").arg(&file));
    let recording = oidcheck::har::read(&file).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    (said, recording)
}

/// What is written to a connection, after the head of a request was read.
pub(crate) trait Serve: Fn(&str, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static {}
impl<F: Fn(&str, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static> Serve for F {}

/// A server on the loopback interface. It answers until it is dropped.
pub(crate) struct Server {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Plain HTTP. `serve` gets the path and writes the whole answer.
    pub(crate) fn http(serve: impl Serve) -> Server {
        Server::on(Ipv4Addr::LOCALHOST.into(), None, serve)
    }

    /// HTTP over TLS.
    pub(crate) fn https(tls: Arc<rustls::ServerConfig>, serve: impl Serve) -> Server {
        Server::on(Ipv4Addr::LOCALHOST.into(), Some(tls), serve)
    }

    pub(crate) fn on(ip: std::net::IpAddr, tls: Option<Arc<rustls::ServerConfig>>, serve: impl Serve) -> Server {
        let listener = TcpListener::bind((ip, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = Server { address, heads: Arc::default(), connections: Arc::default(), stop: Arc::default() };
        let (heads, connections, stop) = (server.heads.clone(), server.connections.clone(), server.stop.clone());
        let serve = Arc::new(serve);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                connections.fetch_add(1, Ordering::SeqCst);
                let (heads, serve, tls) = (heads.clone(), serve.clone(), tls.clone());
                std::thread::spawn(move || {
                    // Bounded, so that no thread outlives the tests by much.
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
                    let _ = stream.set_write_timeout(Some(Duration::from_secs(20)));
                    match tls.and_then(|tls| rustls::ServerConnection::new(tls).ok()) {
                        None => converse(stream, &heads, serve.as_ref()),
                        Some(tls) => converse(rustls::StreamOwned::new(tls, stream), &heads, serve.as_ref()),
                    }
                });
            }
        });
        server
    }

    /// The issuer that this server is.
    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The heads of the requests that came.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("not poisoned").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn converse(mut stream: impl Read + Write, heads: &Mutex<Vec<String>>, serve: &dyn Serve) {
    loop {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read(&mut byte) {
                Ok(1) if head.len() < 100_000 => head.push(byte[0]),
                _ => return,
            }
        }
        let mut head = String::from_utf8_lossy(&head).into_owned();
        // A form is kept behind the head that announces it.
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        let mut body = vec![0; length.filter(|length| *length < 100_000).unwrap_or(0)];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        head.push_str(&String::from_utf8_lossy(&body));
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        heads.lock().expect("not poisoned").push(head);
        if serve(&path, &mut stream).and_then(|()| stream.flush()).is_err() {
            return;
        }
    }
}

/// A whole answer on a connection that stays open.
pub(crate) fn answer(out: &mut dyn Write, status: u16, headers: &[(&str, &str)], body: &[u8]) -> io::Result<()> {
    write!(out, "HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\n", body.len())?;
    for (name, value) in headers {
        write!(out, "{name}: {value}\r\n")?;
    }
    out.write_all(b"\r\n")?;
    out.write_all(body)
}

/// A JSON answer.
pub(crate) fn json(out: &mut dyn Write, body: &str) -> io::Result<()> {
    answer(out, 200, &[("Content-Type", "application/json")], body.as_bytes())
}

/// An answer after which the connection ends.
pub(crate) fn last(out: &mut dyn Write, text: &[u8]) -> io::Result<()> {
    out.write_all(text)?;
    out.flush()?;
    Err(io::ErrorKind::ConnectionAborted.into())
}

/// Metadata as good as it has to be for the requests that follow from it.
pub(crate) fn metadata(issuer: &str) -> String {
    serde_json::json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
    .to_string()
}

/// Certificates for the TLS cases: a private CA with an intermediate, and leaves for `op.test` and the loopback.
pub(crate) struct Ca {
    pub root: CertifiedIssuer<'static, KeyPair>,
    pub middle: CertifiedIssuer<'static, KeyPair>,
}

impl Ca {
    pub(crate) fn new() -> Ca {
        let ca = |name: &str| {
            let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names");
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
            params
        };
        let key = || KeyPair::generate().expect("a key");
        let root = CertifiedIssuer::self_signed(ca("Test root"), key()).expect("a root");
        let middle = CertifiedIssuer::signed_by(ca("Test intermediate"), key(), &root).expect("an intermediate");
        Ca { root, middle }
    }

    /// Writes the root for `--ca-file`.
    pub(crate) fn pem(&self, folder: &Path) -> String {
        let path = folder.join("root.pem");
        std::fs::write(&path, self.root.pem()).expect("writes");
        path.display().to_string()
    }

    /// A server with a leaf of these names and years, signed by the intermediate, which is sent or not.
    pub(crate) fn server(&self, names: &[&str], years: (i32, i32), with_middle: bool) -> Arc<rustls::ServerConfig> {
        let key = KeyPair::generate().expect("a key");
        let leaf = leaf(names, years).signed_by(&key, &self.middle).expect("a leaf");
        let mut chain = vec![leaf.der().clone()];
        if with_middle {
            chain.push(self.middle.der().clone());
        }
        server_config(chain, &key)
    }
}

/// What a leaf says of itself.
pub(crate) fn leaf(names: &[&str], years: (i32, i32)) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name.push(rcgen::DnType::CommonName, "Test leaf");
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    params
}

/// TLS settings of a server with that chain.
pub(crate) fn server_config(
    chain: Vec<rustls::pki_types::CertificateDer<'static>>,
    key: &KeyPair,
) -> Arc<rustls::ServerConfig> {
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate");
    Arc::new(config)
}

/// A port that refuses.
pub(crate) fn refused_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).expect("a port").port()
}
