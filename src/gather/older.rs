//! Greets a server as a client of 2010 would, to see whether it still speaks TLS 1.0 or 1.1 beside the newer ones.
//!
//! No TLS library of today can offer them, and none is needed: the first bytes of the answer say it all. The connection
//! ends there, before any key is agreed on.

use oidcheck_checks::evidence::Older;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Host, Url};

/// How long a server may think about it; most answer at once, and whoever drops the greeting says nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// The cipher suites that servers of that time have (RFC 4346, RFC 4492), and the renegotiation signal of RFC 5746.
const SUITES: [u16; 8] = [0xc013, 0xc014, 0xc009, 0xc00a, 0x002f, 0x0035, 0x000a, 0x00ff];
/// X25519, P-256, P-384 and P-521 (RFC 8422 section 5.1.1).
const CURVES: [u16; 4] = [0x001d, 0x0017, 0x0018, 0x0019];

/// What the server of a URL answers; `None` when nothing can be concluded. `pinned` is where to connect to, if not to
/// where the name points.
pub(super) async fn ask(url: Url, pinned: Option<Vec<SocketAddr>>) -> Option<Older> {
    tokio::time::timeout(PATIENCE, greet(&url, pinned)).await.ok().flatten()
}

async fn greet(url: &Url, pinned: Option<Vec<SocketAddr>>) -> Option<Older> {
    let port = url.port_or_known_default()?;
    let mut stream = match (pinned, url.host()?) {
        (Some(addresses), _) => TcpStream::connect(&*addresses).await,
        (None, Host::Domain(name)) => TcpStream::connect((name, port)).await,
        (None, Host::Ipv4(ip)) => TcpStream::connect((ip, port)).await,
        (None, Host::Ipv6(ip)) => TcpStream::connect((ip, port)).await,
    }
    .ok()?;
    stream.write_all(&hello(url.domain())).await.ok()?;
    // The header of the record, the header of the handshake message, and the version of the server.
    let mut answer = [0; 11];
    let mut got = 0;
    while got < answer.len() {
        match stream.read(&mut answer[got..]).await {
            Ok(0) | Err(_) => break,
            Ok(count) => got += count,
        }
    }
    conclude(&answer[..got])
}

fn conclude(answer: &[u8]) -> Option<Older> {
    match answer {
        // A connection that was taken and ended is how some servers refuse; so is an alert.
        [] | [21, ..] => Some(Older::Refused),
        [22, _, _, _, _, 2, _, _, _, 3, minor @ 0..=2] => {
            Some(Older::Spoken(["SSL 3.0", "TLS 1.0", "TLS 1.1"][usize::from(*minor)].to_owned()))
        }
        _ => None,
    }
}

/// A ClientHello of TLS 1.1 (RFC 4346 section 7.4.1.2) that names the host and the curves.
fn hello(name: Option<&str>) -> Vec<u8> {
    let mut extensions = Vec::new();
    if let Some(name) = name {
        let entry = [&[0], &*with_length(name.as_bytes())].concat();
        extensions.extend([&0u16.to_be_bytes()[..], &with_length(&with_length(&entry))].concat());
    }
    extensions.extend([&10u16.to_be_bytes()[..], &with_length(&with_length(&numbers(&CURVES)))].concat());
    extensions.extend([0, 11, 0, 2, 1, 0]);
    let mut body = vec![3, 2];
    // No key will ever be made of the random bytes, so they need not be.
    body.extend([0x5a; 32]);
    body.push(0);
    body.extend(with_length(&numbers(&SUITES)));
    body.extend([1, 0]);
    body.extend(with_length(&extensions));
    let message = [&[1, 0], &*with_length(&body)].concat();
    [&[22, 3, 1], &*with_length(&message)].concat()
}

fn numbers(list: &[u16]) -> Vec<u8> {
    list.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The bytes behind their number in two bytes. What is put together here is short.
fn with_length(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_hello_of_an_old_version_is_held_against_it() {
        let spoken = |text: &str| Some(Older::Spoken(text.to_owned()));
        assert_eq!(conclude(&[22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1]), spoken("TLS 1.0"));
        assert_eq!(conclude(&[22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2]), spoken("TLS 1.1"));
        assert_eq!(conclude(&[21, 3, 2, 0, 2, 2, 70]), Some(Older::Refused));
        assert_eq!(conclude(&[]), Some(Older::Refused));
        for other in [&b"HTTP/1.1 400"[..], &[22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3], &[22, 3, 1]] {
            assert_eq!(conclude(other), None, "{other:?}");
        }
    }
}
