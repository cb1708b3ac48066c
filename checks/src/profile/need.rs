//! The client that an application needs at a provider, worked out from its profile: what `oidcheck setup` writes and
//! what `oidcheck lint` compares with.

use super::{Audience, ClaimPlace, ClientAuth, Flow, Pkce, Profile, RedirectKind};

/// The need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Need {
    /// It has no secret.
    pub public: bool,
    /// `client_secret_basic`, `client_secret_post` or `none`.
    pub auth_method: &'static str,
    /// All methods that it tries, by their names; empty when that is not known.
    pub auth_methods: Vec<&'static str>,
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

impl Need {
    /// What an application needs; without its URL the redirect URIs that depend on it are left out.
    pub fn of(profile: &Profile, app_url: Option<&str>, client_id: &str) -> Need {
        let file = &profile.file;
        let mut need = Need { auth_method: "client_secret_basic", ..Need::default() };
        for (uri, redirect) in profile.redirects(app_url) {
            let list = match redirect.kind {
                RedirectKind::PostLogout => &mut need.post_logout,
                RedirectKind::Web | RedirectKind::Loopback | RedirectKind::Silent => &mut need.redirects,
            };
            add(list, uri);
        }
        let mut methods: Vec<ClientAuth> = Vec::new();
        let mut pkce = Vec::new();
        for part in profile.parts.iter().filter(|part| part.flow != Flow::Bearer) {
            part.scopes.iter().for_each(|scope| add(&mut need.scopes, scope.clone()));
            methods.extend(part.client_authentication.iter().copied());
            match part.flow {
                Flow::Code => {
                    need.code = true;
                    pkce.push(part.pkce);
                }
                Flow::Implicit => need.implicit = true,
                Flow::Device => need.device = true,
                Flow::Bearer => {}
            }
        }
        need.device |= file.device.is_some();
        need.pkce = !pkce.is_empty() && pkce.iter().all(|pkce| *pkce == Pkce::Always);
        authentication(&mut need, &methods);
        claims(profile, &mut need);
        let access = file.access_token.as_ref();
        need.access_token_jwt = access.is_some_and(|rules| rules.jwt) || !need.access_token_claims.is_empty();
        let configured = access.filter(|rules| rules.audience == Some(Audience::Configured));
        let value = configured.and_then(|rules| rules.audience_value.as_deref());
        need.audience = value.map(|value| value.replace("{client-id}", client_id));
        let origin = || url::Url::parse(app_url?).ok().map(|url| url.origin().ascii_serialization());
        need.cors_origin = file.browser.as_ref().filter(|b| !b.cors.is_empty()).and_then(|_| origin());
        need
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

fn add<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn authentication(need: &mut Need, methods: &[ClientAuth]) {
    let name = |method: &ClientAuth| match method {
        ClientAuth::ClientSecretBasic => Some("client_secret_basic"),
        ClientAuth::ClientSecretPost => Some("client_secret_post"),
        ClientAuth::PrivateKeyJwt => Some("private_key_jwt"),
        ClientAuth::None => Some("none"),
        // What is tried before `none`; a provider has no name for it.
        ClientAuth::BasicEmpty => None,
    };
    methods.iter().filter_map(name).for_each(|name| add(&mut need.auth_methods, name));
    let known = need.auth_methods.first().copied();
    // Nothing is sent to the token endpoint in the implicit flow alone.
    let known = if need.implicit && !need.code { Some("none") } else { known };
    match known {
        Some(method) => need.auth_method = method,
        None => need.notes.push(
            "How the application authenticates at the token endpoint is not known; client_secret_basic is the default of \
             OpenID Connect. If the login ends at the token endpoint, try client_secret_post."
                .into(),
        ),
    }
    need.public = need.auth_method == "none";
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

fn claims(profile: &Profile, need: &mut Need) {
    for claim in &profile.file.claims {
        if claim.name == "sub" {
            need.short_sub = need.short_sub.or(claim.max_length.filter(|_| claim.username));
            continue;
        }
        let list = match claim.read_from {
            ClaimPlace::IdToken => &mut need.id_token_claims,
            ClaimPlace::AccessToken => &mut need.access_token_claims,
            ClaimPlace::Userinfo | ClaimPlace::IdTokenOrUserinfo => continue,
        };
        match scope_of(&claim.name).filter(|scope| !need.scopes.iter().any(|asked| asked == scope)) {
            // A provider gives a claim only with its scope.
            Some(scope) => need.notes.push(format!(
                "{} needs the scope {scope}, for which the application does not ask with these settings; without it {}.",
                claim.name,
                claim.without.trim_end_matches('.')
            )),
            None => add(list, claim.name.clone()),
        }
    }
}
