//! A provider in a few lines, as far as probes can see it: how it matches redirect URIs, when it looks, how it refuses,
//! and what its token endpoint makes of a dead code. The ways to do each are those that real products were seen to have.

mod manners;

pub(crate) use manners::*;
use oidcheck_checks::evidence::{
    AuthMethod, CorsTarget, Endpoint, Evidence, Exchange, Request, Response, SecretChoice, Slot,
};
use oidcheck_checks::plan::Plan;
use oidcheck_checks::probe::UNKNOWN_CLIENT;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::target::Target;
use std::cell::RefCell;

pub(crate) const ISSUER: &str = "https://idp.example.com";
pub(crate) const APP: &str = "https://app.example.com/cb";
/// The redirect URI of the same application on a developer's machine.
pub(crate) const LOOPBACK: &str = "http://127.0.0.1:9999/cb";

/// A claim of a request object.
fn inside(object: &str, claim: &str) -> String {
    use base64::Engine;
    let middle = object.split('.').nth(1).expect("three parts");
    let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(middle).expect("base64url");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
    claims[claim].as_str().expect("a text").to_owned()
}

#[derive(Debug, Clone)]
pub(crate) struct Op {
    /// A parameter of this name is refused.
    pub(crate) stops_at: Option<&'static str>,
    /// A `prompt` of this value is refused.
    pub(crate) refuses_prompt: Option<&'static str>,
    /// Further parameters of its errors.
    pub(crate) adds: &'static [(&'static str, &'static str)],
    /// The response types that it lists and knows.
    pub(crate) response_types: &'static [&'static str],
    /// The error for any other; it does not look when there is none.
    pub(crate) types: Option<&'static str>,
    /// This client may use the response type `code` alone.
    pub(crate) refuses_front: bool,
    /// The scope `openid` has to be the first.
    pub(crate) openid_first: bool,
    pub(crate) registration: Registration,
    pub(crate) refusal: Refusal,
    pub(crate) silent: Silent,
    /// Client and redirect URI are looked at only after the login.
    pub(crate) late: bool,
    /// Client and redirect URI are looked at behind a redirect inside the provider.
    pub(crate) hop: bool,
    /// The client is looked at before the login, the redirect URI after it.
    pub(crate) late_uri: bool,
    pub(crate) tokens: Tokens,
    /// What its token endpoint fails to mind.
    pub(crate) slips: &'static [Slip],
    /// The method that the client has to use; any when absent.
    pub(crate) method: Option<AuthMethod>,
    pub(crate) right_secret: bool,
    /// The client may come without a secret.
    pub(crate) public: bool,
    pub(crate) known_client: bool,
    pub(crate) objects: Objects,
    /// What it says to an authorization request by POST; as by GET when absent.
    pub(crate) posted: Option<Response>,
    /// It knows every client.
    pub(crate) any_client: bool,
    /// It fails over an unknown client.
    pub(crate) fails_over_strangers: bool,
    /// A bot wall says 403 to everything but the first request.
    pub(crate) walled: bool,
    pub(crate) promises_iss: bool,
    pub(crate) sends_iss: bool,
    /// A scope that this client may not have.
    pub(crate) forbidden_scope: Option<&'static str>,
    pub(crate) demands_pkce: bool,
    /// It refuses what it does not know, such as a challenge.
    pub(crate) refuses_pkce: bool,
    /// The challenge methods that it lists and takes; when none, it never looks.
    pub(crate) methods: &'static [&'static str],
    /// It lists S256 and looks at PKCE after the login.
    pub(crate) late_pkce: bool,
    pub(crate) demands_nonce: bool,
    /// What it makes of two redirect URIs.
    pub(crate) twice: Twice,
    /// It goes to the registered redirect URI when none is sent.
    pub(crate) defaults_uri: bool,
    /// `+` in `state` comes back as a space.
    pub(crate) mangles_state: bool,
    /// What the device authorization endpoint answers: status and body; there is none when absent.
    pub(crate) device: Option<(u16, &'static str)>,
    /// What userinfo says to somebody without a token: status, challenge, body.
    pub(crate) userinfo: (u16, bool, &'static str),
    /// The origin that the token endpoint allows.
    pub(crate) allows_origin: Option<&'static str>,
    /// Where the application sends people.
    pub(crate) app_sends: Option<&'static str>,
    /// The token endpoint answers with a page.
    pub(crate) token_page: bool,
    pub(crate) stored: RefCell<Option<String>>,
    /// Further members of the metadata, each with a comma behind it.
    pub(crate) members: &'static str,
    /// Answers to slots whose id begins so; they go before everything else.
    pub(crate) answers: Vec<(&'static str, Response)>,
}

impl Default for Op {
    fn default() -> Op {
        Op {
            stops_at: None,
            refuses_prompt: None,
            adds: &[],
            response_types: &["code"],
            types: Some("unsupported_response_type"),
            refuses_front: false,
            openid_first: false,
            registration: Registration::Exact,
            refusal: Refusal::Page,
            silent: Silent::Query,
            late: false,
            hop: false,
            late_uri: false,
            tokens: Tokens::ClientFirst,
            slips: &[],
            method: None,
            right_secret: true,
            public: false,
            known_client: true,
            objects: Objects::Refused,
            posted: None,
            any_client: false,
            fails_over_strangers: false,
            walled: false,
            promises_iss: false,
            sends_iss: false,
            forbidden_scope: None,
            demands_pkce: false,
            refuses_pkce: false,
            methods: &[],
            late_pkce: false,
            demands_nonce: false,
            twice: Twice::Refused,
            defaults_uri: false,
            mangles_state: false,
            device: None,
            userinfo: (401, true, "{}"),
            allows_origin: None,
            app_sends: None,
            token_page: false,
            stored: RefCell::default(),
            members: "",
            answers: Vec::new(),
        }
    }
}

impl Op {
    /// Everything that the plan asks, answered; the number of requests cannot grow without end.
    pub(crate) fn gather(&self, target: &Target, profiles: &[Profile]) -> Evidence {
        let plan = Plan { target, profiles };
        let mut evidence = Evidence::default();
        for _ in 0..100 {
            let asks = plan.next(&evidence);
            if asks.is_empty() {
                return evidence;
            }
            for ask in asks {
                let response = self.answer(&ask.slot, &ask.request);
                let outcome = Ok(Response { url: ask.request.url.clone(), ..response });
                let started = jiff::Timestamp::UNIX_EPOCH;
                let exchange =
                    Exchange { request: ask.request, outcome, hops: vec![], tls: None, started, elapsed_ms: 9 };
                evidence.record(ask.slot, exchange);
            }
        }
        panic!("the plan never ends");
    }

    fn answer(&self, slot: &Slot, request: &Request) -> Response {
        if let Some((_, answer)) = self.answers.iter().find(|(start, _)| slot.id().starts_with(start)) {
            return answer.clone();
        }
        match slot {
            Slot::Discovery => json(200, &self.metadata()),
            Slot::Cors(CorsTarget::Discovery) => with(json(200, &self.metadata()), "Access-Control-Allow-Origin", "*"),
            Slot::Cors(CorsTarget::Token) => match self.allows_origin {
                Some(origin) => with(self.token(request), "Access-Control-Allow-Origin", origin),
                None => self.token(request),
            },
            Slot::App(_) => page(302, self.app_sends.map(str::to_owned), ""),
            Slot::Probe(Endpoint::Device, name) if name == "unknown-client" => {
                json(401, r#"{"error":"invalid_client"}"#)
            }
            Slot::Probe(Endpoint::Device, name) if name.starts_with("page:") => page(200, None, "<form>code</form>"),
            Slot::Probe(Endpoint::AuthorizeHop, name) if name.starts_with("page-") => {
                with(page(200, None, "<form>login</form>"), "X-Frame-Options", "DENY")
            }
            Slot::Probe(Endpoint::Device, _) => {
                let (status, body) = self.device.expect("the metadata names it");
                json(status, body)
            }
            Slot::Probe(Endpoint::Metadata, name) if name == "keys-again" => json(200, r#"{"keys":[]}"#),
            Slot::Probe(Endpoint::Metadata, _) => json(200, &self.metadata()),
            Slot::Jwks => json(200, r#"{"keys":[]}"#),
            Slot::Probe(Endpoint::Authorize, _) => self.authorize(request),
            Slot::Probe(Endpoint::AuthorizeHop, _) => {
                let known = self.known_client && request.query("client_id").is_some_and(|c| c != UNKNOWN_CLIENT);
                let uri = request.query("redirect_uri").unwrap_or_default();
                if known && self.matches(&uri) { page(200, None, "<form>login</form>") } else { page(400, None, "no") }
            }
            Slot::Probe(Endpoint::Token, _) => self.token(request),
            Slot::Probe(Endpoint::Userinfo, name) if name == "preflight" => {
                let answer = with(json(204, ""), "Access-Control-Allow-Headers", "Authorization");
                self.allows_origin.map_or(json(204, ""), |o| with(answer, "Access-Control-Allow-Origin", o))
            }
            Slot::Probe(Endpoint::Userinfo, _) | Slot::Cors(CorsTarget::Userinfo) => {
                let (status, challenge, body) = self.userinfo;
                let answer = json(status, body);
                if challenge { with(answer, "WWW-Authenticate", "Bearer") } else { answer }
            }
            other => panic!("nobody answers {other:?}"),
        }
    }

    fn metadata(&self) -> String {
        let device =
            self.device.map_or(String::new(), |_| format!(r#""device_authorization_endpoint":"{ISSUER}/device","#));
        let methods = self.methods.join("\",\"");
        let types = self.response_types.join("\",\"");
        let pkce = if methods.is_empty() {
            String::new()
        } else {
            format!(r#""code_challenge_methods_supported":["{methods}"],"#)
        };
        format!(
            r#"{{{device}{pkce}{}"issuer":"{ISSUER}","authorization_endpoint":"{ISSUER}/authorize","token_endpoint":"{ISSUER}/token",
            "userinfo_endpoint":"{ISSUER}/userinfo","jwks_uri":"{ISSUER}/jwks","response_types_supported":["{types}"],"subject_types_supported":["public"],
            "id_token_signing_alg_values_supported":["RS256"],"authorization_response_iss_parameter_supported":{}}}"#,
            self.members, self.promises_iss
        )
    }

    fn matches(&self, uri: &str) -> bool {
        let parsed = |text: &str| url::Url::parse(text).ok();
        match self.registration {
            Registration::Exact => uri == APP || uri == LOOPBACK,
            Registration::PathWildcard => uri.starts_with("https://app.example.com/") && !uri.contains('@'),
            Registration::OpenPrefix => uri.starts_with("https://app.example.com"),
            Registration::BareDots => {
                let fits = |(a, b): (char, char)| a == b || a == '.';
                uri.chars().count() == APP.chars().count() && APP.chars().zip(uri.chars()).all(fits)
            }
            Registration::HostWildcard => uri.starts_with("https://") && uri.ends_with("app.example.com/cb"),
            Registration::Parsed => parsed(uri).is_some() && parsed(uri) == parsed(APP),
            Registration::IgnoresQuery => uri.split(['?', '#']).next() == Some(APP),
            Registration::Anything => !uri.is_empty(),
            Registration::FirstUse => {
                let mut stored = self.stored.borrow_mut();
                stored.get_or_insert_with(|| uri.to_owned()) == uri
            }
            Registration::Other => uri == "https://other.example.com/cb",
        }
    }

    fn authorize(&self, request: &Request) -> Response {
        if let Some(answer) = self.posted.as_ref().filter(|_| request.method == "POST") {
            return answer.clone();
        }
        let get = |name: &str| request.parameter(name).unwrap_or_default();
        let client = get("client_id");
        let query = request.form.as_deref().or(request.url.split_once('?').map(|(_, query)| query)).unwrap_or_default();
        let mut sent = url::form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name == "redirect_uri")
            .map(|(_, value)| value.into_owned())
            .collect::<Vec<_>>();
        if self.defaults_uri && sent.iter().all(String::is_empty) {
            sent = vec![APP.to_owned()];
        }
        let (first, last) = (sent.first().cloned().unwrap_or_default(), sent.last().cloned().unwrap_or_default());
        let (uri, used) = match self.twice {
            Twice::Refused if sent.len() > 1 => return page(400, None, "<h1>twice</h1>"),
            Twice::Refused | Twice::First => (first.clone(), first),
            Twice::Last => (last.clone(), last),
            Twice::Confused => (first, last),
        };
        let object = Some(get("request")).filter(|object| !object.is_empty());
        let inner = object.as_ref().map(|object| inside(object, "redirect_uri"));
        let (uri, used) = match (self.objects, inner) {
            (Objects::Read, Some(inner)) => (inner.clone(), inner),
            (Objects::Obeyed, Some(inner)) => (uri, inner),
            (Objects::UsesOuter, Some(inner)) => (inner, used),
            _ => (uri, used),
        };
        let silent = get("prompt") == "none";
        let login = || page(302, Some(format!("{ISSUER}/login?back={}", client.len())), "");
        if self.late || self.silent == Silent::Fails && !silent {
            return login();
        }
        if self.hop {
            let query = request.url.split_once('?').map_or("", |(_, q)| q);
            return page(302, Some(format!("/auth/local?{query}")), "");
        }
        let known = self.any_client || self.known_client && client != UNKNOWN_CLIENT;
        if self.fails_over_strangers && !known {
            return page(500, None, "oops");
        }
        if self.walled && self.stored.replace(Some(String::new())).is_some() {
            return page(403, None, "");
        }
        if silent && self.silent == Silent::ErrorPage {
            return page(400, None, "no silent logins here");
        }
        if !known || !self.late_uri && !self.matches(&uri) {
            return self.refuse(&uri, known);
        }
        let scope = get("scope");
        let kind = get("response_type");
        let scoped = self.forbidden_scope.is_some_and(|s| scope.split(' ').any(|x| x == s));
        let error = if scoped || self.openid_first && !scope.starts_with("openid") {
            Some("invalid_scope")
        } else if !self.response_types.contains(&kind.as_str()) && self.types.is_some() {
            self.types
        } else if self.refuses_front && kind != "code" {
            Some("unauthorized_client")
        } else if self.demands_pkce && get("code_challenge").is_empty()
            || self.refuses_pkce && !get("code_challenge").is_empty()
            || self.demands_nonce && get("nonce").is_empty()
            || self.stops_at.is_some_and(|name| !get(name).is_empty())
            || self.refuses_prompt.is_some_and(|prompt| get("prompt") == prompt)
            || !self.methods.is_empty()
                && !self.late_pkce
                && !get("code_challenge").is_empty()
                && !self.methods.contains(&get("code_challenge_method").as_str())
        {
            Some("invalid_request")
        } else {
            None
        };
        if error.is_none() && (!silent || self.silent == Silent::Ignored) && self.silent != Silent::Code
            || self.late_uri
        {
            return login();
        }
        if self.silent == Silent::Fails && error.is_none() {
            return page(500, None, "oops");
        }
        let mut state = match get("request") {
            object if !object.is_empty() && !matches!(self.objects, Objects::Refused | Objects::PassedOver) => {
                inside(&object, "state")
            }
            _ => get("state"),
        };
        let parameter = ["request", "request_uri"].into_iter().find(|name| !get(name).is_empty());
        let error = match (self.objects, parameter) {
            (Objects::Refused, Some(name)) => Some(format!("{name}_not_supported")),
            (Objects::OtherError, Some(_)) => Some("invalid_request".to_owned()),
            _ => error.map(str::to_owned),
        };
        if self.mangles_state {
            state = state.replace('+', " ");
        }
        let mut pairs = match (error, self.silent) {
            (None, Silent::Code) => vec![("code", "REDACTED".to_owned())],
            (error, _) => vec![("error", error.unwrap_or_else(|| "login_required".to_owned()))],
        };
        pairs.push(("state", state));
        if pairs[0].0 == "error" {
            pairs.extend(self.adds.iter().map(|(name, value)| (*name, (*value).to_owned())));
        }
        if self.sends_iss {
            pairs.push(("iss", ISSUER.to_owned()));
        }
        let uri = used;
        let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        match self.silent {
            Silent::FormPost => {
                let inputs = pairs.iter().map(|(n, v)| format!(r#"<input type="hidden" name="{n}" value="{v}">"#));
                page(200, None, &format!(r#"<form method="post" action="{uri}">{}</form>"#, inputs.collect::<String>()))
            }
            Silent::Fragment => page(302, Some(format!("{uri}#{text}")), ""),
            _ => {
                let join = if uri.contains('?') { '&' } else { '?' };
                page(303, Some(format!("{uri}{join}{text}")), "")
            }
        }
    }

    fn refuse(&self, uri: &str, known: bool) -> Response {
        let error = if known { "invalid_request" } else { "invalid_client" };
        match self.refusal {
            Refusal::Page => page(400, None, "<h1>wrong</h1>"),
            Refusal::Json => json(400, &format!(r#"{{"error":"{error}"}}"#)),
            Refusal::Forbidden => page(403, None, ""),
            Refusal::FriendlyPage => page(200, None, "<h1>sorry</h1>"),
            Refusal::OwnErrorPage => page(302, Some(format!("/error?error={error}")), ""),
            Refusal::Bounce if known => page(302, Some(format!("{uri}?error={error}&state=x")), ""),
            Refusal::Bounce => page(400, None, "<h1>unknown client</h1>"),
        }
    }

    fn token(&self, request: &Request) -> Response {
        let slips = |slip| self.slips.contains(&slip);
        let query = request.url.split_once('?').map(|(_, query)| query.to_owned());
        if query.is_some() && !slips(Slip::Get) {
            return page(405, None, "POST only");
        }
        let form = request.form.clone().or(query).unwrap_or_default();
        let field = |name: &str| {
            url::form_urlencoded::parse(form.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
        };
        let client =
            request.auth.as_ref().map(|a| a.client_id.clone()).or_else(|| field("client_id")).unwrap_or_default();
        let named = !client.is_empty() || slips(Slip::Nameless);
        let known = self.known_client && client != UNKNOWN_CLIENT && named;
        let codes = url::form_urlencoded::parse(form.as_bytes()).filter(|(name, _)| name == "code").count();
        if codes > 1 && !slips(Slip::Twice) || field("oidcheck_unknown").is_some() && slips(Slip::StopsAtUnknown) {
            return json(400, r#"{"error":"invalid_request"}"#);
        }
        let right = match &request.auth {
            None if field("client_assertion").is_some() => slips(Slip::Unsigned),
            None => self.public || slips(Slip::NoSecret),
            Some(auth) if auth.secret == SecretChoice::Empty => slips(Slip::EmptySecret),
            Some(auth) => {
                auth.secret == SecretChoice::Given && self.right_secret && self.method.is_none_or(|m| m == auth.method)
            }
        };
        let uri_right = field("redirect_uri").is_none_or(|uri| self.matches(&uri));
        let grant = || json(400, r#"{"error":"invalid_grant"}"#);
        let client_wrong = || json(401, r#"{"error":"invalid_client"}"#);
        if self.token_page {
            return page(400, None, "<h1>bad request</h1>");
        }
        match self.tokens {
            Tokens::Broken => page(500, None, "oops"),
            Tokens::Busy => page(429, None, "slow down"),
            Tokens::CodeFirst => grant(),
            Tokens::OwnErrors if field("code").is_none() => page(400, None, ""),
            Tokens::OwnErrors if known && right => json(403, r#"{"error":"invalid_code"}"#),
            Tokens::OwnErrors => json(403, r#"{"error":"unauthorized_client"}"#),
            _ if !known => client_wrong(),
            Tokens::AnySecret => grant(),
            Tokens::RedirectFirst if !uri_right => client_wrong(),
            _ if right => grant(),
            Tokens::Unauthorized => json(401, r#"{"error":"unauthorized_client"}"#),
            _ => client_wrong(),
        }
    }
}

pub(crate) fn with(mut response: Response, name: &str, value: &str) -> Response {
    response.headers.push((name.to_owned(), value.to_owned()));
    response
}

pub(crate) fn page(status: u16, location: Option<String>, body: &str) -> Response {
    let mut headers = vec![("Content-Type".to_owned(), "text/html".to_owned())];
    headers.extend(location.map(|to| ("Location".to_owned(), to)));
    response(status, headers, body)
}

pub(crate) fn json(status: u16, body: &str) -> Response {
    let headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")];
    response(status, headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(), body)
}

fn response(status: u16, headers: Vec<(String, String)>, body: &str) -> Response {
    let (url, version) = (String::new(), "HTTP/1.1".to_owned());
    Response { url, version, status, headers, body: body.as_bytes().to_vec(), encoded_len: None, cut_at: None }
}
