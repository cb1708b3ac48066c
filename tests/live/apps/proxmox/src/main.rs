//! Stand-in for Proxmox VE's OpenID login on the crates that it uses. JSON on stdin: one call is `auth-url` or `login` of its API.
use openidconnect::{core::*, *};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
struct All(Value);
impl AdditionalClaims for All {}
type Fields = IdTokenFields<
    All,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Cl = Client<
    All,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
type E = Box<dyn std::error::Error>;
#[derive(Debug)]
struct He(String);
impl std::fmt::Display for He {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for He {}
fn hc(r: HttpRequest) -> Result<HttpResponse, He> {
    // a non-2xx answer is an error here, which is why the OAuth error code is lost
    let tls = ureq::tls::TlsConfig::builder()
        .provider(ureq::tls::TlsProvider::NativeTls)
        .root_certs(ureq::tls::RootCerts::PlatformVerifier)
        .build();
    let a: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
    let (p, b) = r.into_parts();
    let x = a.run(http::Request::from_parts(p, b)).map_err(|e| He(e.to_string()))?;
    let (p, mut b) = x.into_parts();
    Ok(http::Response::from_parts(p, b.read_to_vec().map_err(|e| He(e.to_string()))?))
}
fn run(v: &Value) -> Result<Value, E> {
    let s = |k: &str| v[k].as_str().map(str::to_string);
    let list = |k: &str, d: &str| {
        s(k).unwrap_or(d.into())
            .split([',', ';', ' '])
            .filter(|x| !x.is_empty())
            .map(str::to_string)
            .collect::<Vec<_>>()
    };
    let id = s("client-id").unwrap();
    let md = CoreProviderMetadata::discover(&IssuerUrl::new(s("issuer-url").unwrap())?, &hc)?; // discovery and JWKS, each call
    let c = Cl::from_provider_metadata(md, ClientId::new(id.clone()), s("client-key").map(ClientSecret::new))
        .set_redirect_uri(RedirectUrl::new(s("redirect-url").unwrap())?);
    if s("op").as_deref() == Some("auth-url") {
        let (csrf, (ch, ver)) = (CsrfToken::new_random(), PkceCodeChallenge::new_random_sha256());
        let state = json!({"csrf_token": csrf.secret(), "realm": s("realm")}).to_string();
        let mut q = c
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), Nonce::new_random)
            .set_pkce_challenge(ch)
            .set_display(CoreAuthDisplay::Page);
        for x in list("scopes", "email profile") {
            q = q.add_scope(Scope::new(x));
        }
        let (url, _, nonce) = q.url();
        return Ok(json!({"url": url.to_string(), "nonce": nonce.secret(), "verifier": ver.secret()}));
    }
    let t = c
        .exchange_code(AuthorizationCode::new(s("code").unwrap()))
        .map_err(|e| format!("Configuration error for token endpoint: {e}"))?
        .set_pkce_verifier(PkceCodeVerifier::new(s("verifier").unwrap()))
        .request(&hc)
        .map_err(|e| format!("Failed to contact token endpoint: {e}"))?;
    let more = list("audiences", "");
    let ver = c
        .id_token_verifier()
        .require_audience_match(true)
        .set_other_audience_verifier_fn(|a| id == **a || more.contains(&**a));
    let idc = t
        .extra_fields()
        .id_token()
        .ok_or("Server did not return an ID token")?
        .claims(&ver, &Nonce::new(s("nonce").unwrap()))
        .map_err(|e| format!("Failed to verify ID token: {e}"))?;
    let mut d = serde_json::to_value(idc)?;
    if v["query-userinfo"].as_bool() != Some(false) {
        let u: UserInfoClaims<All, CoreGenderClaim> = c
            .user_info(t.access_token().to_owned(), None)?
            .request(&hc)
            .map_err(|e| format!("Failed to contact userinfo endpoint: {e}"))?;
        for (k, x) in serde_json::to_value(u)?.as_object().unwrap() {
            if d[k].is_null() {
                d[k] = x.clone();
            }
        } // the ID token wins
    }
    let f = s("username-claim").unwrap_or("sub".into());
    let name = match (&d[&f], f.as_str()) {
        (Value::Null, "subject") => d["sub"].clone(),
        (Value::Null, "username") => d["preferred_username"].clone(),
        (x, _) => x.clone(),
    };
    let name = match name {
        Value::Null => return Err(format!("missing configured claim '{f}' in returned info object").into()),
        Value::String(x) => x,
        x => x.to_string(),
    };
    let user = format!("{name}@{}", s("realm").unwrap());
    if user.chars().count() > 64 {
        return Err(format!("user name '{user}' is too long ({} > 64)", user.chars().count()).into());
    }
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == ':' || c == '/') {
        return Err(format!("value '{user}' does not look like a valid user name").into());
    }
    Ok(json!({"user": user, "claims": d}))
}
fn main() {
    let v: Value = serde_json::from_reader(std::io::stdin()).unwrap();
    println!("{}", run(&v).map(|x| json!({"ok": x})).unwrap_or_else(|e| json!({"err": e.to_string()})));
}
