//! Login pages that are a script before a JSON interface: Authelia's portal and authentik's flow executor. They are
//! recognised by the address that the authorization endpoint leads to, and nothing is asked that the script would not.

use super::{Credentials, totp};
use crate::gather::Sender;
use crate::gather::jar::Jar;
use oidcheck_checks::evidence::{Request, Response};
use serde_json::{Value, json};
use url::Url;

/// More stages than any flow has.
const STAGES: usize = 12;

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Portal {
    /// Authelia: where it is, and the flow that waits.
    Authelia(String, String),
    /// authentik: its flow executor with the query of the page.
    Authentik(String),
}

impl Portal {
    /// Recognises the address of a page.
    pub(super) fn of(url: &Url) -> Option<Portal> {
        let query = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let origin = url.origin().ascii_serialization();
        if query("flow").as_deref() == Some("openid_connect") {
            let base = url.path().split("/consent/").next().unwrap_or_default().trim_end_matches('/');
            return Some(Portal::Authelia(format!("{origin}{base}"), query("flow_id")?));
        }
        let (base, rest) = url.path().split_once("/if/flow/")?;
        let slug = rest.trim_end_matches('/');
        let query =
            url::form_urlencoded::byte_serialize(url.query().unwrap_or_default().as_bytes()).collect::<String>();
        let plain = !slug.is_empty() && !slug.contains('/');
        plain.then(|| Portal::Authentik(format!("{origin}{base}/api/v3/flows/executor/{slug}/?query={query}")))
    }
}

/// How a browser would go on from a portal.
#[derive(Debug)]
pub(super) enum Next {
    /// To this address.
    To(String),
    /// It would post these to the address.
    Post(String, Vec<(String, String)>),
}

/// A conversation with a portal.
pub(super) struct Talk<'a> {
    pub(super) sender: &'a Sender<'a>,
    pub(super) jar: &'a mut Jar,
    pub(super) credentials: &'a Credentials,
    /// The password was sent before.
    pub(super) passworded: &'a mut bool,
}

impl Talk<'_> {
    /// Logs in and consents, as far as this page goes. Gives how the browser would go on.
    ///
    /// # Errors
    /// What the portal does not accept, in words for people.
    pub(super) async fn through(&mut self, portal: &Portal, page: &Url) -> Result<Next, String> {
        match portal {
            Portal::Authelia(base, flow) => self.authelia(base, flow, page).await.map(Next::To),
            Portal::Authentik(executor) => self.authentik(executor).await,
        }
    }

    async fn authelia(&mut self, base: &str, flow: &str, page: &Url) -> Result<String, String> {
        let mut flow = flow.to_owned();
        let mut next = page.to_string();
        if !page.path().contains("/consent/") {
            if std::mem::replace(self.passworded, true) {
                return Err("it asks for the password again".into());
            }
            let (name, password) = (self.credentials.username.reveal(), self.credentials.password.reveal());
            let first = json!({ "username": name, "password": password, "keepMeLoggedIn": false,
                "flow": "openid_connect", "flowID": flow });
            let answer = self.json("POST", &format!("{base}/api/firstfactor"), Some(first)).await?;
            if answer["status"] != "OK" {
                return Err("it refuses user name or password".into());
            }
            let mut to = answer["data"]["redirect"].as_str().map(str::to_owned);
            if to.is_none() {
                let code = totp::code(self.credentials)?;
                if code.is_empty() {
                    return Err("it asks for a second factor, and there is no OIDCHECK_TOTP_SECRET".into());
                }
                let second = json!({ "token": code, "flow": "openid_connect", "flowID": flow });
                let answer = self.json("POST", &format!("{base}/api/secondfactor/totp"), Some(second)).await?;
                to = answer["data"]["redirect"].as_str().filter(|_| answer["status"] == "OK").map(str::to_owned);
            }
            next = to.ok_or("it refuses the one-time code; each works once, so wait 30 seconds between logins")?;
            let there = Url::parse(&next).map_err(|e| format!("it leads to no address: {e}"))?;
            let query =
                |name: &str| there.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
            match query("flow_id") {
                Some(id) if query("consent_id").is_none() => flow = id,
                _ => return Ok(next),
            }
        }
        let id: String = url::form_urlencoded::byte_serialize(flow.as_bytes()).collect();
        let asked = self.json("GET", &format!("{base}/api/oidc/consent?flow_id={id}"), None).await?;
        if asked["status"] != "OK" {
            // There is nothing to consent to; a page that would come back to here is none of the kind.
            return if page.path().contains("/consent/") {
                Err("it does not show what to consent to".into())
            } else {
                Ok(next)
            };
        }
        let yes = json!({ "flow_id": flow, "client_id": asked["data"]["client_id"], "consent": true,
            "pre_configure": false, "claims": [] });
        let answer = self.json("POST", &format!("{base}/api/oidc/consent"), Some(yes)).await?;
        answer["data"]["redirect_uri"].as_str().map(str::to_owned).ok_or("it does not take the consent".into())
    }

    async fn authentik(&mut self, executor: &str) -> Result<Next, String> {
        let mut stage = self.json("GET", executor, None).await?;
        for _ in 0..STAGES {
            let component = stage["component"].as_str().unwrap_or("no component").to_owned();
            let answer = match component.as_str() {
                "xak-flow-redirect" => {
                    let to = stage["to"].as_str().ok_or("its redirect has no address")?;
                    let base = Url::parse(executor).map_err(|e| e.to_string())?;
                    let to = base.join(to).map(String::from);
                    return to.map(Next::To).map_err(|e| format!("it leads to no address: {e}"));
                }
                // The answer of response_mode=form_post.
                "ak-stage-autosubmit" => {
                    let to = stage["url"].as_str().ok_or("its form has no address")?.to_owned();
                    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    let fields = stage["attrs"].as_object().into_iter().flatten();
                    return Ok(Next::Post(to, fields.map(|(name, value)| (name.clone(), text(value))).collect()));
                }
                "ak-stage-identification" => {
                    let mut answer = json!({ "uid_field": self.credentials.username.reveal() });
                    if stage["password_fields"] == true {
                        if std::mem::replace(self.passworded, true) {
                            return Err("it refuses user name or password".into());
                        }
                        answer["password"] = self.credentials.password.reveal().into();
                    }
                    answer
                }
                "ak-stage-password" if std::mem::replace(self.passworded, true) => {
                    return Err("it refuses user name or password".into());
                }
                "ak-stage-password" => json!({ "password": self.credentials.password.reveal() }),
                "ak-stage-consent" => json!({ "token": stage["token"] }),
                other => return Err(format!("its stage {other} cannot be dealt with; try --login paste")),
            };
            let mut answer = answer;
            answer["component"] = component.into();
            stage = self.json("POST", executor, Some(answer)).await?;
        }
        Err(format!("its flow does not end: more than {STAGES} stages"))
    }

    /// Asks, follows redirects of the interface to itself, and reads JSON whatever the status.
    async fn json(&mut self, method: &'static str, url: &str, body: Option<Value>) -> Result<Value, String> {
        let address = Url::parse(url).map_err(|e| format!("{url:?} is no URL: {e}"))?;
        let mut response = self.send(method, &address, body).await?;
        for _ in 0..STAGES {
            if !matches!(response.status, 302 | 303) {
                break;
            }
            let to = response.header("location").and_then(|to| address.join(to).ok());
            let own = to.filter(|to| to.origin() == address.origin() && to.path() == address.path());
            response = self.send("GET", &own.ok_or("its interface redirects to another place")?, None).await?;
        }
        serde_json::from_slice(&response.body)
            .map_err(|_| format!("{} answers with status {} and no JSON", address.path(), response.status))
    }

    async fn send(&mut self, method: &'static str, url: &Url, body: Option<Value>) -> Result<Response, String> {
        let mut request = Request::new(method, url.as_str()).header("Accept", "application/json");
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json");
            request = request.header("Origin", url.origin().ascii_serialization());
            request.form = Some(body.to_string());
        }
        if let Some(cookies) = self.jar.header(url) {
            // authentik wants its cookie repeated once somebody is logged in.
            let token = cookies.split("; ").find_map(|pair| pair.strip_prefix("authentik_csrf=")).map(str::to_owned);
            request = request.header("Cookie", cookies);
            if let Some(token) = token.filter(|_| method == "POST") {
                request = request.header("X-authentik-CSRF", token);
            }
        }
        let response = self.sender.send(request).await.outcome.map_err(|error| error.to_string())?;
        self.jar.take(url, &response.headers);
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_is_known_by_its_address() {
        let of = |url: &str| Portal::of(&Url::parse(url).unwrap());
        let authelia = |base: &str| Some(Portal::Authelia(base.into(), "f1".into()));
        assert_eq!(of("https://a.test/?flow=openid_connect&flow_id=f1"), authelia("https://a.test"));
        let decision = "https://a.test/auth/consent/openid/decision?flow=openid_connect&flow_id=f1";
        assert_eq!(of(decision), authelia("https://a.test/auth"));
        let executor = "https://a.test/api/v3/flows/executor/login/?query=a%3Db%26next%3D%252F";
        assert_eq!(of("https://a.test/if/flow/login/?a=b&next=%2F"), Some(Portal::Authentik(executor.into())));
        assert_eq!(of("https://a.test/login?flow_id=f1"), None);
    }
}
