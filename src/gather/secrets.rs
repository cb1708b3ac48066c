//! The one place where a secret meets a request.
//!
//! Requests say how the client authenticates ([`Auth`]) and never hold the secret, so neither a plan nor a recording
//! nor a curl line can show it. It is put in here, while the request is sent, and only over a connection whose
//! certificate is trusted, or on the loopback interface.

use super::client_key::ClientKey;
use super::known::Known;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oidcheck_checks::evidence::{Auth, AuthMethod, Request, SecretChoice, encode_pairs};
use oidcheck_checks::probe::token::ASSERTION_TYPE;
use std::sync::Arc;
use url::Url;

/// A text that never shows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The secret itself: for sending it, and for nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secret>")
    }
}

/// The secrets of a run.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// The client secret.
    pub client: Option<Secret>,
    /// The private key of the client.
    pub key: Option<Arc<ClientKey>>,
    /// These and all others that turn up in the run, to be taken out of what was seen.
    pub known: Known,
}

/// What stands for a secret that was made up. Not random: the same question gets the same answer, and nobody's secret
/// is this.
const INVENTED: &str = "oidcheck-made-this-up-and-it-is-wrong";

impl Secrets {
    /// Adds body and credentials to a request.
    ///
    /// # Errors
    /// A secret was wanted and none was given, or it would go over plain http to another machine.
    pub(super) fn put_in(
        &self,
        sending: reqwest::RequestBuilder,
        request: &Request,
        url: &Url,
    ) -> Result<reqwest::RequestBuilder, String> {
        let mut form = request.form.clone().unwrap_or_default();
        let mut sending = sending;
        if let Some(auth) = &request.auth {
            let real = auth.secret == SecretChoice::Given;
            let here = oidcheck_checks::hosts::is_loopback(&oidcheck_checks::hosts::host(url.as_str()));
            if real && url.scheme() != "https" && !here {
                return Err("neither a client secret nor an assertion of the client is sent over plain http".into());
            }
            let secret = match auth.method {
                AuthMethod::PrivateKeyJwt => "",
                _ => self.choose(auth)?,
            };
            match auth.method {
                AuthMethod::BasicRaw => sending = self.basic(sending, &auth.client_id, secret, real),
                AuthMethod::BasicEncoded => {
                    let encode = |text: &str| encode_pairs(&[("", text)]).trim_start_matches('=').to_owned();
                    sending = self.basic(sending, &encode(&auth.client_id), &encode(secret), real);
                }
                AuthMethod::Post => {
                    let pairs = encode_pairs(&[("client_id", &auth.client_id), ("client_secret", secret)]);
                    form = if form.is_empty() { pairs } else { format!("{form}&{pairs}") };
                }
                AuthMethod::PrivateKeyJwt => {
                    let key = self.key.as_ref().ok_or("no private key of the client was given")?;
                    let assertion = key.assertion(&auth.client_id, request.url.as_str(), real)?;
                    self.known.add(&assertion);
                    let pairs = encode_pairs(&[
                        ("client_id", &auth.client_id),
                        ("client_assertion_type", ASSERTION_TYPE),
                        ("client_assertion", &assertion),
                    ]);
                    form = if form.is_empty() { pairs } else { format!("{form}&{pairs}") };
                }
            }
        }
        Ok(if request.method == "POST" { sending.body(form) } else { sending })
    }

    /// Notes the header as well: it is the secret in another spelling.
    fn basic(
        &self,
        sending: reqwest::RequestBuilder,
        client_id: &str,
        secret: &str,
        real: bool,
    ) -> reqwest::RequestBuilder {
        if real {
            self.known.add(STANDARD.encode(format!("{client_id}:{secret}")).trim_end_matches('='));
        }
        sending.basic_auth(client_id, Some(secret))
    }

    fn choose(&self, auth: &Auth) -> Result<&str, String> {
        match auth.secret {
            SecretChoice::Given => {
                self.client.as_ref().map(Secret::reveal).ok_or_else(|| "no client secret was given".into())
            }
            SecretChoice::Invented => Ok(INVENTED),
            SecretChoice::Empty => Ok(""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows() {
        let secrets = Secrets { client: Some(Secret::new("CANARY")), ..Secrets::default() };
        secrets.known.add("CANARY");
        assert!(!format!("{secrets:?}").contains("CANARY"));
    }
}
