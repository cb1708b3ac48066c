//! What went wrong, told from reqwest's chain of causes.

use oidcheck_checks::evidence::TransportError;
use rustls::{AlertDescription, PeerIncompatible};
use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use url::Url;

/// Finds the cause that a person can act on. `maybe_proxied` adds that it may be the proxy's.
pub(super) fn explain(error: &reqwest::Error, url: &Url, maybe_proxied: bool) -> TransportError {
    let chain = chain(error);
    let texts: Vec<String> = chain.iter().skip(1).map(|cause| cause.to_string()).collect();
    let last = texts.last().cloned().unwrap_or_else(|| "no reason given".into());
    let place = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    // The tunnel error's own texts are all that hyper-util shows of it.
    let tunnel = texts.iter().find_map(|text| text.strip_prefix("tunnel error: "));
    let place = match (tunnel, maybe_proxied) {
        (Some(_), _) => format!("the proxy on the way to {place}"),
        (None, true) if url.scheme() == "http" => format!("{place} or the proxy on the way to it"),
        _ => place,
    };
    if error.is_dns() {
        return TransportError::Dns(format!("{place}: {last}"));
    }
    if error.is_builder() {
        return TransportError::BadUrl(last);
    }
    for cause in &chain {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return TransportError::Tls(tls_text(tls, url));
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            match io.kind() {
                ErrorKind::ConnectionRefused => return TransportError::Refused(place),
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
                    return TransportError::Connection(format!("{place} broke it off ({io})"));
                }
                ErrorKind::UnexpectedEof if io.to_string().contains("handshake") => {
                    return TransportError::Tls(format!("{place} closed the connection in the middle of it"));
                }
                ErrorKind::UnexpectedEof => {
                    return TransportError::Connection(format!("{place} closed it early ({io})"));
                }
                ErrorKind::TimedOut => return TransportError::Connection(format!("{place} does not answer ({io})")),
                _ => {}
            }
        }
        if let Some(http) = cause.downcast_ref::<hyper::Error>() {
            if http.is_incomplete_message() {
                let hint = tls_hint(url);
                return TransportError::Connection(format!("{place} closed it before the answer was complete{hint}"));
            }
            if http.is_parse_too_large() {
                return TransportError::Protocol("the headers are too long".into());
            }
            if http.is_parse() {
                return TransportError::Protocol(format!("{http}{}", tls_hint(url)));
            }
        }
    }
    match tunnel {
        Some(why) => TransportError::Connection(format!("{place}: {why}")),
        None if error.is_body() || error.is_decode() => {
            TransportError::Connection(format!("the body of {place} broke off: {last}"))
        }
        None if error.is_connect() => TransportError::Connection(format!("{place}: {last}")),
        None => TransportError::Protocol(last),
    }
}

/// The causes, outermost first. An [`io::Error`] hides the error that it wraps from `source`, so that is looked up.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> Vec<&'a (dyn StdError + 'static)> {
    let mut chain = vec![error];
    let mut next = error.source();
    // The limit is for an error that would be its own source.
    while let Some(cause) = next.filter(|_| chain.len() < 30) {
        chain.push(cause);
        next = match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    chain
}

fn tls_text(error: &rustls::Error, url: &Url) -> String {
    match error {
        rustls::Error::InvalidMessage(_) => {
            let mut plain = url.clone();
            // Cannot fail between http and https.
            let _ = plain.set_scheme("http");
            format!(
                "the server does not speak TLS on this port ({error}); it may be plain http, as in {}",
                super::redact::url(&plain)
            )
        }
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => format!(
            "the server speaks neither TLS 1.2 nor TLS 1.3; all that is older is forbidden (RFC 8996), and current \
             libraries refuse it ({error})"
        ),
        other => other.to_string(),
    }
}

fn tls_hint(url: &Url) -> &'static str {
    match url.scheme() {
        "http" => "; if the port speaks TLS, the URL has to begin with https://",
        _ => "",
    }
}
