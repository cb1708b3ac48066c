//! A login in the person's own browser, which comes back to this machine by itself: a listener on the loopback interface
//! takes the answer (RFC 8252 section 7.3). It needs a redirect URI there, and the one that is used is the
//! application's own.

use super::{Asking, paste};
use crate::output;
use oidcheck_checks::evidence::Exchange;
use oidcheck_checks::hosts;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// The longest request that is read.
const REQUEST: u64 = 16 * 1024;
/// A connection that says nothing is given up.
const SILENCE: Duration = Duration::from_secs(5);

/// Whether a redirect URI is one that a listener on this machine can take.
pub(super) fn is_ours(uri: &str) -> bool {
    uri.starts_with("http://") && hosts::is_loopback(&hosts::host(uri))
}

/// Opens the browser and waits. Gives the exchange that stands for the login, and the code when one came.
///
/// # Errors
/// The port is taken, or nobody came back in time.
pub(super) async fn authorize(
    asking: &mut Asking,
    wait: Duration,
    open: bool,
) -> Result<(Exchange, Option<String>), String> {
    let mut uri = Url::parse(&asking.redirect_uri).map_err(|e| format!("the redirect URI: {e}"))?;
    let host = if uri.host_str() == Some("[::1]") { "::1" } else { "127.0.0.1" };
    let port = if asking.redirect_uri.contains(&format!("{}:", uri.host_str().unwrap_or_default())) {
        uri.port().unwrap_or(80)
    } else {
        0
    };
    let taken = |e| format!("port {port} of this machine cannot be listened on for {}: {e}", asking.redirect_uri);
    let listener = TcpListener::bind((host, port)).await.map_err(taken)?;
    if port == 0 {
        // The provider has to allow any port (RFC 8252 section 7.3).
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let _ = uri.set_port(Some(address.port()));
        asking.redirect_uri = uri.to_string();
    }
    let request = asking.request();
    let started = jiff::Timestamp::now();
    let opened = open && open::that_detached(&request.url).is_ok();
    let lead =
        if opened { "A browser opens; if none does, open this address" } else { "Open this address in a browser" };
    output::note(&format!("{lead} and log in:\n\n  {}\n", request.url));
    let came = tokio::time::timeout(wait, async {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            if let Ok(Some(url)) = tokio::time::timeout(SILENCE, take(stream, asking)).await {
                return url;
            }
        }
    });
    match came.await {
        Ok(url) => Ok(paste::done(request, &url, started)),
        Err(_) => Err(format!(
            "nobody came back to {} within {} seconds; --login paste needs no way back to this machine",
            asking.redirect_uri,
            wait.as_secs()
        )),
    }
}

/// Reads one request and answers it. Gives the address when it is the answer to our request, and to no other.
async fn take(stream: TcpStream, asking: &Asking) -> Option<Url> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    {
        let mut head = (&mut stream).take(REQUEST);
        head.read_line(&mut line).await.ok()?;
        // To its end, since a connection that is closed on unread bytes loses the answer.
        let mut rest = String::new();
        while head.read_line(&mut rest).await.ok()? > 2 {
            rest.clear();
        }
    }
    let target = line.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let address = Url::parse(&asking.redirect_uri).ok()?.join(target).ok();
    let found = address.and_then(|url| paste::pasted(asking, url.as_str()).ok());
    let (status, text) = match found {
        Some(_) => ("200 OK", "The login has come back to oidcheck. You can close this window."),
        None => ("404 Not Found", "This is not the answer that oidcheck waits for."),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    // A browser that went away has no use for it.
    let _ = stream.get_mut().write_all(answer.as_bytes()).await;
    found
}
