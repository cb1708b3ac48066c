//! A login in the person's own browser: they open the authorization URL, log in, and paste the address at which they end
//! up. It works although no application answers there yet, and nothing has to be registered for it.

use super::Asking;
use super::flow::{arrived, finished, parameter};
use crate::output;
use oidcheck_checks::evidence::{Exchange, Request, Response};
use url::Url;

/// How often a wrong address may be pasted.
const TRIES: usize = 3;

/// Prints the URL and reads the address. Gives the exchange that stands for the login, and the code when one came.
///
/// # Errors
/// No usable address was pasted.
pub(super) fn authorize(asking: &Asking) -> Result<(Exchange, Option<String>), String> {
    let request = asking.request();
    output::note(&format!("Open this address in a browser and log in:\n\n  {}\n", request.url));
    output::note(&format!(
        "The login ends at {} even if nothing answers there. Paste that whole address here:",
        asking.redirect_uri
    ));
    let started = jiff::Timestamp::now();
    for left in (0..TRIES).rev() {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line).map_err(|e| format!("the address could not be read: {e}"))?;
        if read == 0 {
            return Err("no address was pasted".into());
        }
        match pasted(asking, line.trim()) {
            Ok(url) => {
                return Ok(done(request, &url, started));
            }
            Err(why) if left == 0 => return Err(why),
            Err(why) => output::note(&format!("{why}. Paste the address once more:")),
        }
    }
    Err("no address was pasted".into())
}

/// What stands for a login whose pages nobody but the person saw.
pub(super) fn done(request: Request, url: &Url, started: jiff::Timestamp) -> (Exchange, Option<String>) {
    let response = Response {
        url: request.url.clone(),
        version: String::new(),
        status: 302,
        headers: Vec::new(),
        body: Vec::new(),
        encoded_len: None,
        cut_at: None,
    };
    let code = parameter(url, "code");
    (finished(request, response, url.as_str(), Vec::new(), Some(started)), code)
}

/// The pasted address, when it is the answer to this request. What was pasted is never repeated: it may hold a code.
pub(super) fn pasted(asking: &Asking, text: &str) -> Result<Url, String> {
    let wanted = &asking.redirect_uri;
    let url = Url::parse(text).map_err(|_| {
        format!("that is no address; it begins with {wanted} and has everything up to the end of the address bar")
    })?;
    if !arrived(&url, wanted) {
        let host = url.host_str().unwrap_or("another place");
        return Err(format!(
            "that is an address at {host} and not where the login ends; wait until the address bar shows {wanted}"
        ));
    }
    let has = |name| parameter(&url, name).is_some();
    if !["code", "id_token", "access_token", "error"].into_iter().any(has) {
        return Err("that address has neither a code nor an error; something was cut off at the end".into());
    }
    match parameter(&url, "state") {
        Some(state) if state != asking.state => {
            Err("that address belongs to another login: its state is not the one that was sent".into())
        }
        // A provider that loses the state is a finding, and no mistake of the person's.
        _ => Ok(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_this_request_is_taken() {
        let asking = Asking {
            authorization_endpoint: "https://op.test/a".into(),
            client_id: "web".into(),
            redirect_uri: "https://app.test/cb".into(),
            scope: "openid".into(),
            extra: Vec::new(),
            state: "S1".into(),
            nonce: Some("N".into()),
            verifier: None,
            response_type: "code".into(),
        };
        let why = |text: &str| pasted(&asking, text).map(|_| ()).unwrap_err();
        for good in
            ["?code=c&state=S1", "#code=c&state=S1", "#id_token=t&state=S1", "?error=access_denied&state=S1", "?code=c"]
        {
            assert!(pasted(&asking, &format!("https://app.test/cb{good}")).is_ok(), "{good}");
        }
        assert!(why("https://app.test/cb?code=CANARY&state=S2").contains("another login"));
        assert!(why("https://op.test/login?code=CANARY&state=S1").contains("op.test"));
        assert!(why("https://app.test/cb?state=S1").contains("neither"));
        assert!(why("CANARY").contains("no address"));
        for text in ["https://app.test/cb?code=CANARY&state=S2", "https://op.test/login?code=CANARY", "CANARY"] {
            assert!(!why(text).contains("CANARY"));
        }
    }
}
