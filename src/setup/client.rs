//! The client that an application needs at a provider, worked out from its profile.

use super::Wish;
use oidcheck_checks::profile::{Audience, ClaimPlace, ClientAuth, Flow, Pkce, RedirectKind};

/// The client.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// It has no secret.
    pub public: bool,
    /// `client_secret_basic`, `client_secret_post` or `none`.
    pub auth_method: &'static str,
    /// The redirect URIs, byte for byte.
    pub redirects: Vec<String>,
    /// Where people land after logging out.
    pub post_logout: Vec<String>,
    /// The scopes that the application asks for.
    pub scopes: Vec<String>,
    /// It uses the authorization code.
    pub code: bool,
    /// It takes an ID token from the authorization endpoint.
    pub implicit: bool,
    /// It uses the device flow.
    pub device: bool,
    /// Every code that it asks for is protected by PKCE, so the provider may insist on it.
    pub pkce: bool,
    /// Claims that have to be in the ID token.
    pub id_token_claims: Vec<String>,
    /// Claims that have to be in the access token.
    pub access_token_claims: Vec<String>,
    /// The access token has to be a JWT.
    pub access_token_jwt: bool,
    /// The audience of the access token, when one is needed.
    pub audience: Option<String>,
    /// The origin of its pages, when they ask the provider's endpoints.
    pub cors_origin: Option<String>,
    /// The `sub` is the user's name and may have so many characters.
    pub short_sub: Option<usize>,
    /// What to know about it.
    pub notes: Vec<String>,
}

impl Client {
    /// The client for a wish.
    pub fn of(wish: &Wish<'_>) -> Client {
        let profile = wish.profile;
        let file = &profile.file;
        let mut client = Client { auth_method: "client_secret_basic", ..Client::default() };
        for (uri, redirect) in profile.redirects(Some(wish.app_url)) {
            let list = match redirect.kind {
                RedirectKind::PostLogout => &mut client.post_logout,
                RedirectKind::Web | RedirectKind::Loopback | RedirectKind::Silent => &mut client.redirects,
            };
            add(list, uri);
        }
        let mut methods: Vec<ClientAuth> = Vec::new();
        let mut pkce = Vec::new();
        for part in profile.parts.iter().filter(|part| part.flow != Flow::Bearer) {
            part.scopes.iter().for_each(|scope| add(&mut client.scopes, scope.clone()));
            methods.extend(part.client_authentication.iter().copied());
            match part.flow {
                Flow::Code => {
                    client.code = true;
                    pkce.push(part.pkce);
                }
                Flow::Implicit => client.implicit = true,
                Flow::Device => client.device = true,
                Flow::Bearer => {}
            }
        }
        client.device |= file.device.is_some();
        client.pkce = !pkce.is_empty() && pkce.iter().all(|pkce| *pkce == Pkce::Always);
        authentication(&mut client, &methods);
        claims(wish, &mut client);
        let access = file.access_token.as_ref();
        client.access_token_jwt = access.is_some_and(|rules| rules.jwt) || !client.access_token_claims.is_empty();
        let configured = access.filter(|rules| rules.audience == Some(Audience::Configured));
        let value = configured.and_then(|rules| rules.audience_value.as_deref());
        client.audience = value.map(|value| value.replace("{client-id}", wish.client_id));
        let origin = || url::Url::parse(wish.app_url).ok().map(|url| url.origin().ascii_serialization());
        client.cors_origin = file.browser.as_ref().filter(|b| !b.cors.is_empty()).and_then(|_| origin());
        client
    }

    /// The grant types (RFC 7591 section 2).
    pub fn grants(&self) -> Vec<&'static str> {
        let mut grants = Vec::new();
        if self.code {
            grants.push("authorization_code");
        }
        if self.implicit {
            grants.push("implicit");
        }
        if self.scopes.iter().any(|scope| scope == "offline_access") {
            grants.push("refresh_token");
        }
        if self.device {
            grants.push("urn:ietf:params:oauth:grant-type:device_code");
        }
        grants
    }
}

fn add(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn authentication(client: &mut Client, methods: &[ClientAuth]) {
    let known = methods.iter().find_map(|method| match method {
        ClientAuth::ClientSecretBasic => Some("client_secret_basic"),
        ClientAuth::ClientSecretPost => Some("client_secret_post"),
        ClientAuth::PrivateKeyJwt => Some("private_key_jwt"),
        ClientAuth::None => Some("none"),
        // What is tried before `none`; a provider has no name for it.
        ClientAuth::BasicEmpty => None,
    });
    // Nothing is sent to the token endpoint in the implicit flow alone.
    let known = if client.implicit && !client.code { Some("none") } else { known };
    match known {
        Some(method) => client.auth_method = method,
        None => client.notes.push(
            "How the application authenticates at the token endpoint is not known; client_secret_basic is the default of \
             OpenID Connect. If the login ends at the token endpoint, try client_secret_post."
                .into(),
        ),
    }
    client.public = client.auth_method == "none";
}

/// The scope that brings a claim on most providers.
pub fn scope_of(claim: &str) -> Option<&'static str> {
    Some(match claim {
        "preferred_username" | "name" | "given_name" | "family_name" | "nickname" => "profile",
        "email" | "email_verified" => "email",
        "groups" => "groups",
        _ => return None,
    })
}

fn claims(wish: &Wish<'_>, client: &mut Client) {
    for claim in &wish.profile.file.claims {
        if claim.name == "sub" {
            client.short_sub = client.short_sub.or(claim.max_length.filter(|_| claim.username));
            continue;
        }
        let list = match claim.read_from {
            ClaimPlace::IdToken => &mut client.id_token_claims,
            ClaimPlace::AccessToken => &mut client.access_token_claims,
            ClaimPlace::Userinfo | ClaimPlace::IdTokenOrUserinfo => continue,
        };
        match scope_of(&claim.name).filter(|scope| !client.scopes.iter().any(|asked| asked == scope)) {
            // A provider gives a claim only with its scope.
            Some(scope) => client.notes.push(format!(
                "{} needs the scope {scope}, for which the application does not ask with these settings; without it {}.",
                claim.name,
                claim.without.trim_end_matches('.')
            )),
            None => add(list, claim.name.clone()),
        }
    }
}
