//! Servers that are broken, hostile or badly certified: each gives a clear message on the right stream and the right
//! exit code, in bounded time and memory.

mod common;

use common::*;
use flate2::Compression;
use flate2::read::{GzEncoder, ZlibEncoder};
use oidcheck_checks::evidence::{DistrustKind, Exchange, Slot, TransportError};
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

/// The discovery exchange of a check of that server, with what was said.
fn discovery(server: &Server, args: &[&str]) -> (Said, Exchange) {
    let clock = Instant::now();
    let issuer = server.issuer();
    let (said, recording) = recorded(&[&[issuer.as_str(), "--format", "json"], args].concat());
    assert!(clock.elapsed() < Duration::from_secs(25), "too slow: {:?}", clock.elapsed());
    let exchange = recording.evidence.get(&Slot::Discovery).expect("asked").clone();
    (said, exchange)
}

/// Checks a server that gives no usable answer.
fn fails(serve: impl Serve, args: &[&str], is: fn(&TransportError) -> bool, words: &[&str]) {
    let server = Server::http(serve);
    let (said, exchange) = discovery(&server, args);
    let error = exchange.outcome.expect_err("no answer");
    assert!(is(&error), "{error:?}");
    for word in words {
        assert!(error.to_string().contains(word), "{word:?} in {error}");
        assert!(said.because().contains(word), "{word:?} in {said:?}");
    }
    assert_eq!((said.code, said.stderr.as_str()), (4, ""), "{said:?}");
}

/// Checks a server that gives an answer, of whatever use.
fn answers(serve: impl Serve, codes: &[i32]) -> Exchange {
    let server = Server::http(serve);
    let (said, exchange) = discovery(&server, &[]);
    assert!(codes.contains(&said.code), "{said:?}");
    assert_eq!(said.stderr, "");
    assert!(exchange.outcome.is_ok(), "{exchange:?}");
    exchange
}

#[test]
fn statuses_and_bodies_of_no_use_are_findings() {
    let html = b"<!doctype html><title>Sign in</title>";
    let deep = [vec![b'['; 200_000], vec![b']'; 200_000]].concat();
    let cases: &[(u16, &[u8])] = &[
        (404, b"not found"),
        (500, b""),
        (200, html),
        (200, b""),
        (200, b"{\"issuer\":\"https://x"),
        (200, b"{\"issuer\":\"\xff\xfe\"}"),
        (200, &deep),
        (200, b"null"),
    ];
    for (status, body) in cases {
        let (status, body) = (*status, body.to_vec());
        let expected = body.clone();
        // A check that says what is wrong makes it 1; until there is one for each, 3 is the honest answer.
        let exchange = answers(move |_, out| answer(out, status, JSON, &body), &[1, 3]);
        let response = exchange.outcome.expect("an answer");
        assert_eq!((response.status, response.body), (status, expected));
    }
}

#[test]
fn no_server_at_all() {
    let said = run(&["check", "https://does-not-exist.invalid", "--format", "json"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.because().contains("does not resolve: does-not-exist.invalid"), "{said:?}");
    let address = format!("127.0.0.1:{}", refused_port());
    let said = run(&["check", &format!("https://{address}"), "--format", "json"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.because().contains(&format!("connection refused by {address}")), "{said:?}");
}

#[test]
fn what_is_not_http() {
    let protocol = |e: &TransportError| matches!(e, TransportError::Protocol(_));
    let connection = |e: &TransportError| matches!(e, TransportError::Connection(_));
    fails(|_, out| last(out, b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), &[], protocol, &["not HTTP"]);
    // The alert of a TLS server that was asked in plain text.
    fails(|_, out| last(out, &[21, 3, 3, 0, 2, 2, 10]), &[], protocol, &["https://"]);
    fails(|_, out| last(out, b""), &[], connection, &["closed"]);
    fails(|_, out| last(out, b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), &[], connection, &["early"]);
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", format!("X-Filler: {}\r\n", "x".repeat(5000)).repeat(40));
    fails(move |_, out| last(out, many.as_bytes()), &[], protocol, &["headers"]);
}

#[test]
fn plain_http_on_an_https_url() {
    // A TLS hello holds no end of an HTTP head, so the server speaks first here.
    let eager = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = eager.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in eager.incoming().flatten().take(1) {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
            let _ = stream.read(&mut [0; 4096]);
        }
    });
    let (said, recording) = recorded(&[&format!("https://{address}"), "--format", "json"]);
    let exchange = recording.evidence.get(&Slot::Discovery).expect("asked");
    assert!(matches!(&exchange.outcome, Err(TransportError::Tls(_))), "{exchange:?}");
    let because = said.because();
    assert!(because.contains("does not speak TLS") && because.contains(&format!("http://{address}/")), "{because}");
    assert_eq!(said.code, 4);
}

#[test]
fn tls_on_an_http_url() {
    let server = Server::https(Ca::new().server(&["127.0.0.1"], (2020, 2099), true), |_, out| json(out, "{}"));
    let said = run(&["check", &server.issuer(), "--format", "json"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.because().contains("if the port speaks TLS, the URL has to begin with https://"), "{said:?}");
}

/// Checks a server that answers the TLS hello with these bytes, and gives what is said about it.
fn handshake(answer: &'static [u8]) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten().take(1) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    let said = run(&["check", &format!("https://{address}"), "--format", "json"]);
    assert_eq!(said.code, 4, "{said:?}");
    said.because()
}

#[test]
fn a_tls_alert_is_told_in_its_own_words() {
    let because = handshake(&[21, 3, 3, 0, 2, 2, 40]);
    assert!(because.contains("HandshakeFailure") && !because.contains("RFC 8996"), "{because}");
}

#[test]
fn an_old_protocol_is_told_by_its_name() {
    // A server that minds what it is offered sends the alert protocol_version; one that does not answers in TLS 1.0.
    const ALERT: &[u8] = &[21, 3, 1, 0, 2, 2, 70];
    const HELLO: &[u8] = &[
        22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 0, 0, 47, 0,
    ];
    for answer in [ALERT, HELLO] {
        let because = handshake(answer);
        assert!(because.contains("neither TLS 1.2 nor TLS 1.3") && because.contains("RFC 8996"), "{because}");
    }
}

#[test]
fn slow_servers_meet_the_limits() {
    let sleep = |_: &str, _: &mut dyn Write| {
        std::thread::sleep(Duration::from_secs(8));
        Err(io::ErrorKind::TimedOut.into())
    };
    let is = |e: &TransportError| *e == TransportError::Timeout(1);
    fails(sleep, &["--timeout", "1"], is, &["within 1 s"]);
    let is = |e: &TransportError| *e == TransportError::Deadline(2);
    fails(sleep, &["--deadline", "2"], is, &["deadline of 2 s"]);
    // One byte at a time is no way around it.
    let drip = |_: &str, out: &mut dyn Write| {
        out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        loop {
            out.write_all(b"1\r\n \r\n")?;
            out.flush()?;
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let is = |e: &TransportError| *e == TransportError::Timeout(1);
    fails(drip, &["--timeout", "1"], is, &["within 1 s"]);
}

#[test]
fn long_bodies_are_cut() {
    let limit = oidcheck::gather::MAX_BODY;
    let long = |_: &str, out: &mut dyn Write| {
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n")?;
        (0..3200).try_for_each(|_| out.write_all(&[b' '; 65536]))
    };
    let endless = |_: &str, out: &mut dyn Write| {
        out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        loop {
            out.write_all(b"1000\r\n")?;
            out.write_all(&[b' '; 0x1000])?;
            out.write_all(b"\r\n")?;
        }
    };
    for exchange in [answers(long, &[1]), answers(endless, &[1])] {
        let response = exchange.outcome.expect("an answer");
        assert_eq!((response.cut_at, response.body.len()), (Some(limit), limit));
    }
}

fn packed(mut encoder: impl Read) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.read_to_end(&mut out).expect("packs");
    out
}

#[test]
fn compression_that_nobody_asked_for() {
    let text = metadata("https://op.test");
    let gzip = packed(GzEncoder::new(text.as_bytes(), Compression::fast()));
    let deflate = packed(ZlibEncoder::new(text.as_bytes(), Compression::fast()));
    for (name, body) in [("gzip", gzip.clone()), ("deflate", deflate)] {
        let length = body.len();
        let exchange = answers(move |_, out| answer(out, 200, &[("Content-Encoding", name)], &body), &[0, 1, 3]);
        let response = exchange.outcome.expect("an answer");
        assert_eq!(response.header("Content-Encoding"), Some(name));
        assert_eq!((response.encoded_len, response.body), (Some(length), text.clone().into_bytes()));
    }
    let encoding = |e: &TransportError| matches!(e, TransportError::Encoding(_));
    let bomb = packed(GzEncoder::new(io::repeat(b' ').take(100 << 20), Compression::fast()));
    assert!(bomb.len() < oidcheck::gather::MAX_BODY);
    let gz =
        |body: Vec<u8>| move |_: &str, out: &mut dyn Write| answer(out, 200, &[("Content-Encoding", "gzip")], &body);
    fails(gz(bomb), &[], encoding, &["unpack to more than 16777216 bytes"]);
    fails(gz(gzip[..gzip.len() / 2].to_vec()), &[], encoding, &["broken gzip"]);
    fails(|_, out| answer(out, 200, &[("Content-Encoding", "br")], b"x"), &[], encoding, &["\"br\""]);
    let twice = [("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")];
    fails(move |_, out| answer(out, 200, &twice, b"x"), &[], encoding, &["gzip, gzip"]);
}

/// The highest resident size of a run, in KiB. On a busy machine a run may be over before anybody looks, and is repeated.
#[cfg(target_os = "linux")]
fn peak_of(args: &[&str]) -> u64 {
    let peak = (0..20).map(|_| peak_of_one(args)).find(|peak| *peak > 0);
    peak.expect("every run was over before it could be measured")
}

#[cfg(target_os = "linux")]
fn peak_of_one(args: &[&str]) -> u64 {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_oidcheck"))
        .env_clear()
        .args(args)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("runs");
    let mut peak = 0;
    while child.try_wait().expect("waits").is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        peak = peak.max(now);
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_bounded_by_the_limits_not_by_the_server() {
    let bomb = packed(GzEncoder::new(io::repeat(b' ').take(200 << 20), Compression::fast()));
    let server = Server::http(move |_, out| answer(out, 200, &[("Content-Encoding", "gzip")], &bomb));
    let peak = peak_of(&["check", &server.issuer()]);
    assert!(peak < 80 * 1024, "bomb: {peak} KiB");
    let server = Server::http(|_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            out.write_all(&[b' '; 65536])?;
        }
    });
    let peak = peak_of(&["check", &server.issuer()]);
    assert!(peak < 80 * 1024, "endless: {peak} KiB");
}

fn location(out: &mut dyn Write, status: u16, to: &str) -> io::Result<()> {
    answer(out, status, &[("Location", to)], b"over there")
}

#[test]
fn redirects_are_followed_and_kept() {
    let other = Server::http(|_, out| json(out, "{}"));
    let there = format!("http://localhost:{}/final#fragment", other.address.port());
    let server = Server::http(move |path, out| match path {
        WELL_KNOWN => location(out, 302, "../step?x=1"),
        "/step?x=1" => location(out, 308, &there),
        _ => answer(out, 404, &[], b""),
    });
    let (_, exchange) = discovery(&server, &[]);
    let hops: Vec<(&str, u16, &str)> =
        exchange.hops.iter().map(|h| (h.url.as_str(), h.status, h.location.as_str())).collect();
    let issuer = server.issuer();
    let (first, second) = (format!("{issuer}{WELL_KNOWN}"), format!("{issuer}/step?x=1"));
    let there = format!("http://localhost:{}/final", other.address.port());
    let with_fragment = format!("{there}#fragment");
    assert_eq!(hops, [(first.as_str(), 302, "../step?x=1"), (second.as_str(), 308, with_fragment.as_str())]);
    assert_eq!(exchange.outcome.expect("an answer").url, there);
    assert_eq!(server.connections(), 1, "the connection of a redirect is used again");
}

#[test]
fn redirects_that_lead_nowhere() {
    let redirects = |e: &TransportError| matches!(e, TransportError::Redirects(_));
    let circle = |path: &str, out: &mut dyn Write| location(out, 302, if path == "/a" { WELL_KNOWN } else { "/a" });
    fails(circle, &[], redirects, &["in a circle", "/a →", "127.0.0.1"]);
    let on = |path: &str, out: &mut dyn Write| {
        let step: u32 = path.trim_start_matches("/n").parse().unwrap_or(0);
        location(out, 301, &format!("/n{}", step + 1))
    };
    fails(on, &[], redirects, &["more than 20 redirects", "/n1 →", "/n21"]);
    fails(|_, out| location(out, 302, "myapp://x"), &[], redirects, &["neither http nor https"]);
    fails(|_, out| location(out, 302, "http://[bad"), &[], redirects, &["http://[bad"]);
}

/// The certificate verdict on a server with these settings that is asked as that host.
fn distrust(config: std::sync::Arc<rustls::ServerConfig>, host: &str, args: &[&str]) -> (Option<DistrustKind>, usize) {
    let server = Server::https(config, |_, out| json(out, "{}"));
    let port = server.address.port();
    let (issuer, resolve) = (format!("https://{host}:{port}"), format!("{host}:{port}:127.0.0.1"));
    let (said, recording) = recorded(&[&[issuer.as_str(), "--resolve", &resolve], args].concat());
    let exchange = recording.evidence.get(&Slot::Discovery).expect("asked").clone();
    assert!(exchange.outcome.is_ok(), "let through all the same: {exchange:?} {said:?}");
    let tls = exchange.tls.expect("a handshake");
    assert_eq!(tls.server_name, host);
    (tls.distrust.map(|d| d.kind), tls.chain.len())
}

#[test]
fn certificates_are_classified() {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = Ca::new();
    let pem = ca.pem(folder.path());
    let trusted: &[&str] = &["--ca-file", &pem];
    let years = (2020, 2099);
    let good = || ca.server(&["op.test"], years, true);
    assert_eq!(distrust(good(), "op.test", trusted), (None, 2));
    assert_eq!(distrust(good(), "op.test", &[]), (Some(DistrustKind::UnknownIssuer), 2));
    assert_eq!(distrust(good(), "other.test", trusted), (Some(DistrustKind::WrongName), 2));
    let missing = ca.server(&["op.test"], years, false);
    assert_eq!(distrust(missing, "op.test", trusted), (Some(DistrustKind::UnknownIssuer), 1));
    let expired = ca.server(&["op.test"], (2019, 2020), true);
    assert_eq!(distrust(expired, "op.test", trusted), (Some(DistrustKind::Expired), 2));
    let early = ca.server(&["op.test"], (2098, 2099), true);
    assert_eq!(distrust(early, "op.test", trusted), (Some(DistrustKind::NotYetValid), 2));
}

#[test]
fn self_signed_certificates() {
    let folder = tempfile::tempdir().expect("a folder");
    for (index, is_ca) in [false, true].into_iter().enumerate() {
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = |years| {
            let mut params = leaf(&["op.test"], years);
            if is_ca {
                params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            }
            params.self_signed(&key).expect("a certificate")
        };
        let pem = |name: &str, certificate: &rcgen::Certificate| {
            let path = folder.path().join(format!("{name}{index}.pem"));
            std::fs::write(&path, certificate.pem()).expect("writes");
            path.display().to_string()
        };
        let good = certificate((2020, 2099));
        let config = || server_config(vec![good.der().clone()], &key);
        assert_eq!(distrust(config(), "op.test", &[]), (Some(DistrustKind::UnknownIssuer), 1), "CA: {is_ca}");
        let named = pem("good", &good);
        assert_eq!(distrust(config(), "op.test", &["--ca-file", &named]), (None, 1), "CA: {is_ca}");
        assert_eq!(distrust(config(), "x.test", &["--ca-file", &named]).0, Some(DistrustKind::WrongName));
        let old = certificate((2019, 2020));
        let named = pem("old", &old);
        let config = server_config(vec![old.der().clone()], &key);
        assert_eq!(distrust(config, "op.test", &["--ca-file", &named]).0, Some(DistrustKind::Expired));
    }
}

#[test]
fn an_address_is_a_name_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = Ca::new();
    let pem = ca.pem(folder.path());
    let config = ca.server(&["127.0.0.1", "::1"], (2020, 2099), true);
    let server = Server::https(config.clone(), |_, out| json(out, "{}"));
    let check = |issuer: &str, name: &str| {
        let (said, recording) = recorded(&[issuer, "--ca-file", &pem]);
        let exchange = recording.evidence.get(&Slot::Discovery).expect("asked").clone();
        let tls = exchange.tls.unwrap_or_else(|| panic!("no handshake: {said:?}"));
        assert_eq!((tls.server_name.as_str(), tls.distrust), (name, None));
    };
    check(&format!("https://{}", server.address), "127.0.0.1");
    // Not every machine that runs tests has IPv6.
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        let server = Server::on(std::net::Ipv6Addr::LOCALHOST.into(), Some(config), |_, out| json(out, "{}"));
        check(&format!("https://{}", server.address), "::1");
    }
}

/// Lets connections through to a server, apart from those that offer nothing newer than TLS 1.1: they get `old`.
fn before(server: &Server, old: &'static [u8]) -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let (address, behind) = (listener.local_addr().expect("an address"), server.address);
    std::thread::spawn(move || {
        // As many as a run can make; then the thread ends.
        for mut near in listener.incoming().flatten().take(8) {
            std::thread::spawn(move || {
                let mut start = [0; 11];
                near.set_read_timeout(Some(Duration::from_secs(20)))?;
                near.read_exact(&mut start)?;
                // Where a ClientHello has the version that it offers.
                if start[9..] <= [3, 2][..] {
                    return near.write_all(old);
                }
                let mut far = std::net::TcpStream::connect(behind)?;
                far.write_all(&start)?;
                let (mut up, mut down) = (near.try_clone()?, far.try_clone()?);
                std::thread::spawn(move || io::copy(&mut up, &mut down));
                io::copy(&mut far, &mut near).map(drop)
            });
        }
    });
    address
}

#[test]
fn an_old_protocol_beside_the_new_ones_is_found() {
    use oidcheck_checks::evidence::Older;
    let folder = tempfile::tempdir().expect("a folder");
    let ca = Ca::new();
    let pem = ca.pem(folder.path());
    let server = Server::https(ca.server(&["127.0.0.1"], (2020, 2099), true), |_, out| json(out, "{}"));
    let check = |address: std::net::SocketAddr| {
        let (said, recording) = recorded(&[&format!("https://{address}"), "--ca-file", &pem]);
        let tls = recording.evidence.get(&Slot::Discovery).and_then(|e| e.tls.clone()).expect("a handshake");
        (tls.older, said.stdout.contains("the server still speaks TLS 1.1"))
    };
    const HELLO: &[u8] = &[22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2, 7, 7, 7];
    assert_eq!(check(before(&server, HELLO)), (Some(Older::Spoken("TLS 1.1".into())), true));
    // rustls refuses by an alert, others by hanging up, and some answer with what is no TLS.
    assert_eq!(check(server.address), (Some(Older::Refused), false));
    assert_eq!(check(before(&server, b"")), (Some(Older::Refused), false));
    assert_eq!(check(before(&server, b"HTTP/1.1 400 Bad Request")), (None, false));
}
