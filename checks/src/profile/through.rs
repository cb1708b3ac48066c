//! How a login ends at the application itself, and what its answer says.

use crate::evidence::Exchange;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How the answer of the provider reaches the application, and how one sees that it lets the person in.
///
/// Without `post` the answer is fetched as a browser does, at the redirect URI. Redirects on the application's own host
/// are followed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Through {
    /// Where the application's page posts the code, as a path below `--app-url`.
    #[serde(default)]
    pub post: Option<String>,
    /// The form that it posts; `{code}`, `{state}` and `{origin}` are filled in.
    #[serde(default)]
    pub form: BTreeMap<String, String>,
    /// What is asked afterwards with the cookies of the login, as a path below `--app-url`, where the answer to the
    /// code alone says nothing.
    #[serde(default)]
    pub then: Option<String>,
    /// The cookie that only somebody has who was let in.
    #[serde(default)]
    pub cookie: Option<String>,
    /// The place (JSON pointer) in the last answer at which there is a text for somebody who was let in.
    #[serde(default)]
    pub member: Option<String>,
    /// The text that has to be there; any when absent.
    #[serde(default)]
    pub value: Option<String>,
    /// The path that ends the session.
    #[serde(default)]
    pub logout: Option<String>,
    /// Why the session cannot be ended, where it cannot: a part of a sentence.
    #[serde(default)]
    pub stays: Option<String>,
}

/// What the last answer of an application says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The person is in.
    LetIn,
    /// The person is not.
    Refused,
    /// It does not say.
    Unclear,
}

impl Through {
    /// Reads the last answer. Its request names the cookies that it was sent with.
    pub fn answered(&self, exchange: &Exchange) -> Answered {
        let Ok(response) = &exchange.outcome else { return Answered::Unclear };
        // A proxy speaks here, and not the application.
        if (502..=504).contains(&response.status) {
            return Answered::Unclear;
        }
        let sound = response.status < 400;
        if let Some(cookie) = &self.cookie {
            let sent = exchange.request.headers.iter().filter(|(name, _)| name == "Cookie");
            let mut pairs = sent.flat_map(|(_, value)| value.split("; "));
            let set = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
            // One without a value is one that was taken away.
            let is = |pair: &str| {
                let pair = pair.split(';').next().and_then(|pair| pair.split_once('='));
                pair.is_some_and(|(name, value)| name == cookie && !value.is_empty())
            };
            let has = pairs.any(is) || set.map(|(_, value)| value.as_str()).any(is);
            return match (has, sound) {
                (true, true) => Answered::LetIn,
                (false, _) => Answered::Refused,
                (true, false) => Answered::Unclear,
            };
        }
        let Some(member) = &self.member else { return Answered::Unclear };
        if !sound {
            return Answered::Refused;
        }
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(&response.body) else { return Answered::Unclear };
        let text = body.pointer(member).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
        match (text, &self.value) {
            (Some(text), Some(wanted)) if text != wanted => Answered::Refused,
            (Some(_), _) => Answered::LetIn,
            (None, _) => Answered::Refused,
        }
    }

    /// Whether an exchange is that of a login at an application like this one: it began where such a login ends.
    pub fn concerns(&self, exchange: &Exchange, redirect_uris: &[String]) -> bool {
        let path = |url: &str| url::Url::parse(url).map(|url| url.path().to_owned()).unwrap_or_default();
        let first = path(exchange.hops.first().map_or(exchange.request.url.as_str(), |hop| hop.url.as_str()));
        match &self.post {
            Some(post) => exchange.request.method == "POST" && first.ends_with(post),
            None => redirect_uris.iter().any(|uri| path(uri) == first),
        }
    }

    /// What is expected of the application, in words.
    pub fn expected(&self) -> String {
        match (&self.cookie, &self.member, &self.value) {
            (Some(cookie), ..) => format!("the cookie {cookie}"),
            (_, Some(member), Some(value)) => format!("{value:?} at {member}"),
            (_, Some(member), None) => format!("a text at {member}"),
            _ => "a login".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Request, Response};

    fn answer(status: u16, cookie: &str, body: &str) -> Exchange {
        let request = Request::new("GET", "https://app.test/").header("Cookie", cookie);
        let url = request.url.clone();
        Exchange {
            outcome: Ok(Response {
                url,
                status,
                version: "HTTP/1.1".into(),
                headers: Vec::new(),
                body: body.into(),
                cut_at: None,
                encoded_len: None,
            }),
            request,
            hops: Vec::new(),
            tls: None,
            started: jiff::Timestamp::UNIX_EPOCH,
            elapsed_ms: 0,
        }
    }

    fn of(text: &str) -> Through {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_cookie_says_that_somebody_is_in() {
        let through = of("cookie = 'token'");
        for (status, cookies, said) in [
            (200, "sid=REDACTED; token=REDACTED", Answered::LetIn),
            (200, "sid=REDACTED; tokens=REDACTED", Answered::Refused),
            (500, "sid=REDACTED", Answered::Refused),
            (500, "token=REDACTED", Answered::Unclear),
            (503, "sid=REDACTED", Answered::Unclear),
        ] {
            assert_eq!(through.answered(&answer(status, cookies, "")), said, "{status} {cookies}");
        }
    }

    #[test]
    fn a_member_says_that_somebody_is_in() {
        let through = of("member = '/metadata/auth'\nvalue = 'trusted'");
        for (status, body, said) in [
            (200, r#"{"metadata":{"auth":"trusted"}}"#, Answered::LetIn),
            (200, r#"{"metadata":{"auth":"untrusted"}}"#, Answered::Refused),
            (401, r#"{"error":"not authorized"}"#, Answered::Refused),
            (200, "<html>", Answered::Unclear),
        ] {
            assert_eq!(through.answered(&answer(status, "", body)), said, "{status} {body}");
        }
    }
}
