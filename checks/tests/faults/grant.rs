//! What the modelled provider gives to somebody who logs in, and the login as an application makes it.

use super::evidence::{cross_origin, document, now};
use super::material;
use super::provider::{Provider, Serving};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oidcheck_checks::evidence::jws::{REMOVED_GOOD, half_hash};
use oidcheck_checks::evidence::{Evidence, Exchange, LoginStep, Request, Response, Slot};
use oidcheck_checks::library::tokens::Authentication;
use serde_json::{Map, Value, json};

/// Who logs in.
const PERSONA: &str = "alice";
/// The client of the measurement.
pub(crate) const CLIENT: &str = "client";
/// The nonce of the measurement.
const NONCE: &str = "kgKvbOklsmrmslrf_wsnBRR-GV-jjdWK5uzFjtJjdR8";

/// A change of the members of an object.
pub(crate) type Change = fn(&mut Map<String, Value>);

/// What a login brings, with the faults in it.
pub(crate) struct Login {
    /// The key that signs, by its name in the fixture; `none` and `hs` besides.
    pub(crate) sign: &'static str,
    /// Changes the JOSE header.
    pub(crate) header: Change,
    /// Changes the claims of both tokens.
    pub(crate) claims: fn(&mut Map<String, Value>, i64),
    /// Changes the text of the claims of both tokens before they are signed.
    pub(crate) payload: fn(String) -> Vec<u8>,
    /// The same for the header.
    pub(crate) head: fn(String) -> String,
    /// Changes the finished tokens.
    pub(crate) compact: fn(String) -> String,
    /// Changes the token response.
    pub(crate) grant: Change,
    /// How the token response is served.
    pub(crate) tokens: Serving,
    /// Changes the userinfo response.
    pub(crate) person: Change,
    /// Userinfo is a signed JWT.
    pub(crate) userinfo_signed: bool,
    /// How userinfo is served.
    pub(crate) userinfo: Serving,
    /// Which client authentication the token endpoint takes.
    pub(crate) accepts: fn(Authentication) -> bool,
}

impl Default for Login {
    fn default() -> Login {
        Login {
            sign: "rsa",
            header: |_| {},
            claims: |_, _| {},
            payload: String::into_bytes,
            head: |header| header,
            compact: |token| token,
            grant: |_| {},
            tokens: Serving::default(),
            person: |_| {},
            userinfo_signed: false,
            userinfo: Serving::default(),
            accepts: |method| method != Authentication::BasicEmpty,
        }
    }
}

/// Adds a login to what is known of the provider. `accepted` says whether the token endpoint takes the client.
pub(crate) fn log_in(provider: &Provider, evidence: &mut Evidence, accepted: bool) {
    log_in_as(PERSONA, provider, evidence, accepted);
}

/// The same under another name. Who it is to the provider stands in the claims.
pub(crate) fn log_in_as(persona: &str, provider: &Provider, evidence: &mut Evidence, accepted: bool) {
    let record = |evidence: &mut Evidence, step, exchange| {
        evidence.record(Slot::Login(step, persona.into()), exchange);
    };
    record(evidence, LoginStep::Callback, callback());
    let member = |name| provider.metadata.get(name).and_then(Value::as_str).filter(|url| url.contains("://"));
    let Some(url) = member("token_endpoint") else { return };
    let (tokens, access) = (provider.tokens(), provider.access_token());
    let request = Request::new("POST", url).form(&[("grant_type", "authorization_code")]);
    if accepted {
        let exchange = document(request, &tokens, &provider.login.tokens);
        record(evidence, LoginStep::Tokens, exchange);
    } else {
        let refused = Serving { status: 401, ..Serving::default() };
        record(evidence, LoginStep::Tokens, document(request, r#"{"error":"invalid_client"}"#, &refused));
        return;
    }
    let Some(url) = member("userinfo_endpoint") else { return };
    // The measurement asked for userinfo whatever had come before.
    let _ = access;
    record(
        evidence,
        LoginStep::Userinfo,
        document(Request::new("GET", url), &provider.userinfo(), &provider.login.userinfo),
    );
}

fn callback() -> Exchange {
    let url = format!(
        "https://idp.lab.test/authorize?client_id={CLIENT}&nonce={NONCE}&state=s&scope=openid%20profile%20email"
    );
    let mut headers = cross_origin();
    headers.push(("Location".into(), "https://app.lab.test/callback?code=c&state=s".into()));
    let response = Response {
        url: url.clone(),
        version: "HTTP/1.1".into(),
        status: 302,
        headers,
        body: Vec::new(),
        encoded_len: None,
        cut_at: None,
    };
    let request = Request::new("GET", url);
    Exchange { request, outcome: Ok(response), hops: Vec::new(), tls: None, started: now(), elapsed_ms: 12 }
}

fn person() -> Map<String, Value> {
    object(json!({
        "sub": "alice", "name": "Alice Doe", "preferred_username": "alice",
        "email": "alice@example.test", "email_verified": true,
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => unreachable!("written as an object"),
    }
}

impl Provider {
    /// The issuer of the tokens: that of the document, when it is one.
    fn token_issuer(&self) -> &str {
        let issuer = self.metadata.get("issuer").and_then(Value::as_str).filter(|issuer| !issuer.is_empty());
        issuer.unwrap_or(self.base.as_str())
    }

    fn common(&self) -> Map<String, Value> {
        let at = now().as_second();
        let mut claims = object(json!({ "iss": self.token_issuer(), "aud": CLIENT, "iat": at, "exp": at + 300 }));
        claims.extend(person());
        claims
    }

    fn access_token(&self) -> String {
        let mut claims = self.common();
        claims.extend(object(json!({ "scope": "openid profile email", "client_id": CLIENT, "jti": "a" })));
        (self.login.claims)(&mut claims, now().as_second());
        claims.shift_remove("nonce");
        claims.shift_remove("at_hash");
        self.compact(&claims)
    }

    fn tokens(&self) -> String {
        let access = self.access_token();
        let mut claims = self.common();
        claims.insert("auth_time".into(), now().as_second().into());
        // An unsigned token has no hash of its own; this provider takes that of RS256.
        let alg = match self.alg() {
            alg if alg == "none" => "RS256".to_owned(),
            alg => alg,
        };
        claims.insert("at_hash".into(), half_hash(&alg, &access).into());
        claims.insert("nonce".into(), NONCE.into());
        (self.login.claims)(&mut claims, now().as_second());
        let mut grant = object(json!({
            "access_token": access, "token_type": "Bearer", "expires_in": 300,
            "scope": "openid profile email", "id_token": self.compact(&claims),
        }));
        (self.login.grant)(&mut grant);
        Value::Object(grant).to_string()
    }

    fn userinfo(&self) -> String {
        let mut person = person();
        (self.login.person)(&mut person);
        if !self.login.userinfo_signed {
            return Value::Object(person).to_string();
        }
        person.insert("iss".into(), self.token_issuer().into());
        person.insert("aud".into(), CLIENT.into());
        self.compact(&person)
    }

    fn alg(&self) -> String {
        match self.login.sign {
            "none" => "none".into(),
            "hs" => "HS256".into(),
            key => material::public(key)["alg"].as_str().expect("every key has one").into(),
        }
    }

    fn compact(&self, claims: &Map<String, Value>) -> String {
        let sign = self.login.sign;
        let mut header = object(json!({ "alg": self.alg(), "typ": "JWT" }));
        if !matches!(sign, "none" | "hs") {
            header.insert("kid".into(), material::public(sign)["kid"].clone());
        }
        (self.login.header)(&mut header);
        let text = |members: &Map<String, Value>| Value::Object(members.clone()).to_string();
        let (header, claims) = ((self.login.head)(text(&header)), (self.login.payload)(text(claims)));
        let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = match sign {
            "none" => String::new(),
            // Nothing signs with so small a key any more, so this one's signature has been taken out already.
            "rsa1024" => REMOVED_GOOD.into(),
            key => URL_SAFE_NO_PAD.encode(material::sign(key, &self.alg(), input.as_bytes())),
        };
        (self.login.compact)(format!("{input}.{signature}"))
    }
}
