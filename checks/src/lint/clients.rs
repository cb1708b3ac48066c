//! A client at a provider against what its application needs.

use super::may::May;
use super::model::{Client, Product, Sink, is_open, is_placeholder};
use super::tree::{At, Text};
use super::{asked, redirects, rules};
use crate::check::Check;
use crate::profile::need::{Need, scope_of};
use crate::profile::{ClaimPlace, Flow, Part, Pkce, Profile};
use crate::verdict::{Effect, Finding, Side, Step};

/// Text that `oidcheck setup` leaves for the secret.
pub(super) const PLACEHOLDER: &str = "<client-secret>";

/// The grant of the device flow.
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn say<'s>(
    sink: &'s mut Sink<'_>,
    rule: &'static Check,
    at: At,
    effect: Effect,
    step: Step,
    message: impl Into<String>,
    remedy: impl Into<String>,
) -> &'s mut Finding {
    sink.say(rule, at, (effect, step, Side::Provider), message, remedy)
}

/// What can be said without knowing the application.
pub(super) fn alone(client: &Client, sink: &mut Sink<'_>) {
    if !client.service {
        redirects::form(client, sink);
    }
    secret(client, sink);
}

/// Whether a text looks like a digest of a secret.
pub(super) fn is_digest(text: &str) -> bool {
    ["$pbkdf2", "$argon2", "$scrypt$", "$2a$", "$2b$", "$2y$", "$5$", "$6$"].iter().any(|start| text.starts_with(start))
}

fn secret(client: &Client, sink: &mut Sink<'_>) {
    let name = client.called();
    let by_secret = client.auth_method.as_ref().is_none_or(|method| method.value.starts_with("client_secret"));
    match (&client.secret, client.public, client.product) {
        (Some(secret), Some(true), product) => {
            let effect = if product == Product::Authelia { Effect::LoginFails } else { Effect::Untidy };
            let message = format!("{name} is public and has a secret, which contradict each other");
            let remedy = "Remove the secret, or make the client confidential.";
            say(sink, &rules::SECRET_FORM, secret.at, effect, Step::Token, message, remedy);
        }
        // What has its own form in another place, or signs with a key, needs none here.
        (None, Some(false), _) if client.excerpt || !by_secret => {}
        (None, Some(false), Product::Authelia | Product::Dex) => {
            let message = format!("{name} is confidential and has no secret, so the provider does not start");
            say(sink, &rules::SECRET_FORM, client.at, Effect::LoginFails, Step::Discovery, message, "Add the secret.");
        }
        (Some(secret), _, product) if product != Product::Authelia && is_digest(&secret.value) => {
            let message = format!(
                "{} compares the secret of {name} as it stands here, and this looks like a digest: an application that sends the \
                 secret itself is refused",
                product.title()
            );
            let remedy = "Put in the secret itself.";
            say(sink, &rules::SECRET_FORM, secret.at, Effect::Degraded, Step::Token, message, remedy);
        }
        (Some(secret), _, _) if client.guide && (is_placeholder(&secret.value) || secret.value.contains("...")) => {}
        (Some(secret), _, Product::Authelia) => authelia_secret(secret, &name, sink),
        _ => {}
    }
    let method = client.auth_method.as_ref().filter(|_| client.product == Product::Authelia);
    if let Some(method) = method {
        let none = method.value == "none";
        if client.public == Some(true) && !none {
            let message = format!("{name} is public and authenticates by {}, so Authelia does not start", method.value);
            let remedy = "Set token_endpoint_auth_method: 'none'.";
            say(sink, &rules::AUTH_METHOD, method.at, Effect::LoginFails, Step::Discovery, message, remedy);
        } else if client.public == Some(false) && none && !implicit_only(client) {
            let message = format!("{name} is confidential and does not authenticate, so Authelia does not start");
            let remedy = "Set public: true, or a method that uses the secret.";
            say(sink, &rules::AUTH_METHOD, method.at, Effect::LoginFails, Step::Discovery, message, remedy);
        }
    }
}

/// Nothing is asked for at the token endpoint.
fn implicit_only(client: &Client) -> bool {
    client.response_types.as_ref().is_some_and(|kinds| !kinds.iter().any(|kind| kind.value.contains("code")))
}

fn authelia_secret(secret: &Text, name: &str, sink: &mut Sink<'_>) {
    let value = secret.value.as_str();
    if is_open(value) {
        return;
    }
    if value.is_empty() {
        let message = format!("the secret of {name} is empty, and Authelia does not start");
        say(sink, &rules::SECRET_FORM, secret.at, Effect::LoginFails, Step::Discovery, message, "Add the secret.");
    } else if is_digest(&value.replace("$$", "$")) && value.starts_with("$$") {
        let message = format!(
            "every $ in the digest of {name} is doubled, as Docker Compose wants it in its own file; here Authelia knows no such \
             digest"
        );
        let remedy = "Write every $ once.";
        say(sink, &rules::SECRET_FORM, secret.at, Effect::LoginFails, Step::Discovery, message, remedy);
    } else if !is_digest(value) {
        let message =
            format!("the secret of {name} stands here in clear; Authelia warns, and a later version refuses it");
        let remedy = "Make a random secret with `authelia crypto hash generate pbkdf2 --variant sha512 --random`, put the digest \
                      here and the secret into the application.";
        say(sink, &rules::SECRET_STORAGE, secret.at, Effect::Unsafe, Step::Token, message, remedy);
    } else if value.starts_with("$pbkdf2-sha512$") && !whole_pbkdf2(value) {
        let message = format!("the digest of {name} is cut off or broken, and Authelia does not start");
        let remedy = "Put the whole digest between single quotes: $pbkdf2-sha512$ROUNDS$SALT$KEY.";
        say(sink, &rules::SECRET_FORM, secret.at, Effect::LoginFails, Step::Discovery, message, remedy);
    }
}

fn whole_pbkdf2(text: &str) -> bool {
    let parts: Vec<&str> = text.split('$').collect();
    let base64 = |text: &str, least: usize| {
        text.len() >= least && text.chars().all(|c| c.is_ascii_alphanumeric() || "./+".contains(c))
    };
    matches!(parts.as_slice(), ["", _, rounds, salt, key]
        if rounds.parse::<u32>().is_ok_and(|r| r > 0) && base64(salt, 11) && base64(key, 86))
}

/// The client against its application.
pub(super) fn against(client: &Client, may: &May, app_url: Option<&str>, sink: &mut Sink<'_>) {
    // What it lacks stands elsewhere.
    if client.excerpt {
        return;
    }
    let profile = &may.profile;
    let id = client.id.as_ref().map_or("", |id| id.value.as_str());
    let need = Need::of(profile, app_url, id);
    redirects::exact(client, may, app_url, sink);
    kind(client, may, &need, sink);
    pkce(client, may, &need, sink);
    grants(client, profile, &need, sink);
    scopes(client, may, sink);
    tokens(client, profile, &need, sink);
    claims(client, profile, &need, sink);
    asked::against(client, may, &need, sink);
}

/// Whether a list has a value, or may have it once it is filled in.
fn holds(list: &[Text], value: &str) -> bool {
    list.iter().any(|have| have.value == value || is_open(&have.value))
}

fn kind(client: &Client, may: &May, need: &Need, sink: &mut Sink<'_>) {
    let title = &may.profile.file.title;
    // Without facts about the application nothing is compared.
    if need.auth_methods.is_empty() && need.auth_method != "none" {
        return;
    }
    let fallback = Text { value: "client_secret_basic".into(), at: client.at };
    let method = client.auth_method.as_ref().unwrap_or(&fallback);
    let one_method = match client.product {
        Product::Authelia => true,
        // There a secret is taken in both ways, and nothing else in its place.
        Product::Keycloak => client.auth_method.is_some(),
        Product::Authentik | Product::Dex => false,
    };
    let fits = |need: &Need| {
        let by_method = one_method && !need.public;
        client.public.is_none_or(|public| public == need.public)
            && (!by_method || need.auth_methods.contains(&method.value.as_str()))
    };
    // What a setting of the application makes right is no mistake here.
    if fits(need) || may.can_need("", fits) {
        return;
    }
    if client.public.is_some_and(|public| public != need.public) {
        let (is, wants) = if need.public {
            ("confidential", "a public client, without a secret")
        } else {
            ("public", "a confidential client")
        };
        let message = format!("{} is {is}, but {title} is {wants}", client.called());
        let remedy =
            if need.public { "Make the client public." } else { "Make the client confidential, with a secret." };
        say(sink, &rules::CLIENT_TYPE, client.at, Effect::LoginFails, Step::Token, message, remedy);
        return;
    }
    let message = format!(
        "{title} authenticates by {}, and {} takes exactly the method that is set here",
        need.auth_method,
        client.product.title()
    );
    let remedy = match client.product {
        Product::Keycloak => "Set clientAuthenticatorType to client-secret.".to_owned(),
        _ => format!("Set token_endpoint_auth_method: '{}'.", need.auth_method),
    };
    let finding = say(sink, &rules::AUTH_METHOD, method.at, Effect::LoginFails, Step::Token, message, remedy);
    finding.expected = Some(need.auth_method.to_owned());
    let unset = if client.auth_method.is_none() { " (the default)" } else { "" };
    finding.actual = Some(format!("{}{unset}", method.value));
}

fn pkce(client: &Client, may: &May, need: &Need, sink: &mut Sink<'_>) {
    let profile = &may.profile;
    let title = &profile.file.title;
    let code = || profile.parts.iter().filter(|part| part.flow == Flow::Code);
    match client.pkce {
        Some(true) => {
            let never = |part: &&Part| part.flow == Flow::Code && part.pkce == Pkce::Never;
            let sent = may.can(|profile| !profile.parts.iter().any(|part| never(&part)));
            for part in code().filter(|part| never(part) && !sent) {
                let message = format!("PKCE is required, and {title} sends none");
                let remedy = "Do not require PKCE for this client.";
                let finding =
                    say(sink, &rules::PKCE, client.at, Effect::LoginFails, Step::Authorization, message, remedy);
                finding.parts = part.id.iter().cloned().collect();
            }
            let device: Vec<&Part> = profile.parts.iter().filter(|part| part.flow == Flow::Device).collect();
            if client.product == Product::Keycloak && need.device {
                let message =
                    format!("Keycloak then requires PKCE in the device flow as well, and {title} sends none there");
                let remedy = "Leave the attribute pkce.code.challenge.method empty for this client: where the application sends PKCE, it is checked all the same.";
                let effect = if device.is_empty() { Effect::Degraded } else { Effect::LoginFails };
                let finding = say(sink, &rules::PKCE, client.at, effect, Step::Device, message, remedy);
                finding.parts = device.iter().filter_map(|part| part.id.clone()).collect();
            }
        }
        // There it would be in the way of the device flow.
        Some(false) if need.device && client.product == Product::Keycloak => {}
        Some(false) if need.pkce && need.public && client.product == Product::Authelia => {
            let message =
                "Authelia requires PKCE of public clients whatever this says, unless enforce_pkce was changed";
            let remedy =
                "Write require_pkce: true and pkce_challenge_method: 'S256', so that the file says what happens.";
            say(sink, &rules::PKCE, client.at, Effect::Untidy, Step::Authorization, message, remedy);
        }
        // Where it is a setting, a provider that insists on it stops everybody who left it off.
        Some(false) if need.pkce && may.can_need("", |need| !need.pkce) => {}
        Some(false) if need.pkce => {
            let message =
                format!("PKCE is not required although {title} always sends it, so a code is good without it");
            let remedy = match client.product {
                Product::Authelia => "Set require_pkce: true and pkce_challenge_method: 'S256'.",
                _ => "Set the attribute pkce.code.challenge.method to S256.",
            };
            say(sink, &rules::PKCE, client.at, Effect::Degraded, Step::Authorization, message, remedy);
        }
        Some(false) | None => {}
    }
}

fn grants(client: &Client, profile: &Profile, need: &Need, sink: &mut Sink<'_>) {
    let fallback = match client.product {
        Product::Authelia => by_response_types(client),
        Product::Authentik | Product::Keycloak | Product::Dex => Vec::new(),
    };
    let Some(allowed) = client.grants.clone().or_else(|| (!fallback.is_empty()).then_some(fallback)) else { return };
    let at = allowed.first().map_or(client.at, |grant| grant.at);
    for grant in need.grants().into_iter().filter(|grant| !holds(&allowed, grant)) {
        let parts: Vec<String> =
            profile.parts.iter().filter(|part| part.flow == Flow::Device).filter_map(|part| part.id.clone()).collect();
        let (effect, step, why) = match grant {
            DEVICE if parts.is_empty() => (Effect::Degraded, Step::Device, "machines without a browser cannot log in"),
            DEVICE => (Effect::LoginFails, Step::Device, "the command line logs in by nothing else"),
            "refresh_token" => (Effect::Degraded, Step::Token, "the session ends with the access token"),
            _ => (Effect::LoginFails, Step::Authorization, "the application uses it"),
        };
        let message = format!("the grant {grant} is not allowed: {why}");
        let finding = say(sink, &rules::GRANTS, at, effect, step, message, format!("Add {grant} to the grant types."));
        finding.expected = Some(grant.to_owned());
        if grant == DEVICE && !parts.is_empty() {
            finding.parts = parts;
        }
    }
}

/// The grants that Authelia allows when none are set; what a response type lacks is told as such.
fn by_response_types(client: &Client) -> Vec<Text> {
    let names = match &client.response_types {
        None => vec!["authorization_code"],
        Some(_) => vec!["authorization_code", "implicit"],
    };
    names.into_iter().map(|name| Text { value: name.into(), at: client.at }).collect()
}

fn scopes(client: &Client, may: &May, sink: &mut Sink<'_>) {
    let profile = &may.profile;
    let at = client.scopes.as_ref().and_then(|list| list.first()).map_or(client.at, |scope| scope.at);
    let fallback = ["openid", "groups", "profile", "email"].map(|value| Text { value: value.into(), at: client.at });
    let allowed = match (&client.scopes, client.product) {
        (Some(scopes), _) => scopes.as_slice(),
        (None, Product::Authelia) => &fallback,
        (None, _) => return,
    };
    let has = |scope: &str| {
        // authentik's groups come with profile.
        let name = if client.product == Product::Authentik && scope == "groups" { "profile" } else { scope };
        holds(allowed, name)
    };
    let mut told: Vec<&str> = Vec::new();
    for part in profile.parts.iter().filter(|part| part.flow != Flow::Bearer) {
        for scope in part.scopes.iter().filter(|scope| !has(scope)) {
            if told.contains(&scope.as_str()) {
                continue;
            }
            told.push(scope);
            let refused = client.product != Product::Authentik;
            let carries = |profile: &Profile| profile.file.claims.iter().any(|c| c.required && brings(scope, &c.name));
            let asks = |profile: &Profile| profile.parts.iter().any(|part| part.scopes.contains(scope));
            let needed = scope == "openid" || carries(profile);
            let vital = carries(profile) && !may.can(|profile| !carries(profile));
            let (effect, then) = match refused {
                true if !needed && may.can(|profile| !asks(profile)) => (
                    Effect::Degraded,
                    "so unless it is set otherwise the provider refuses the whole request (invalid_scope)",
                ),
                false if vital => (
                    Effect::LoginFails,
                    "and the provider leaves it out without a word: a claim that is needed does not come",
                ),
                true => (Effect::LoginFails, "and the provider refuses the whole request (invalid_scope)"),
                false => (Effect::Degraded, "and the provider leaves it out without a word"),
            };
            let step = if part.flow == Flow::Device { Step::Device } else { Step::Authorization };
            let message =
                format!("{} asks for the scope {scope}, which the client does not have, {then}", profile.file.title);
            let finding =
                say(sink, &rules::SCOPES, at, effect, step, message, format!("Give the client the scope {scope}."));
            finding.expected = Some(scope.clone());
            // Several parts may ask for it.
            let asking = profile.parts.iter().filter(|part| part.scopes.contains(scope) && part.flow != Flow::Bearer);
            finding.parts = asking.filter_map(|part| part.id.clone()).collect();
        }
    }
}

/// Whether a scope is the one that brings a claim.
fn brings(scope: &str, claim: &str) -> bool {
    scope_of(claim) == Some(scope)
}

fn tokens(client: &Client, profile: &Profile, need: &Need, sink: &mut Sink<'_>) {
    let title = &profile.file.title;
    if need.access_token_jwt && !client.access_token_jwt {
        let message = format!("the access token is opaque, and {title} has to read it");
        let remedy = "Set access_token_signed_response_alg: 'RS256'.";
        say(sink, &rules::TOKEN_FORMAT, client.at, Effect::LoginFails, Step::AccessToken, message, remedy);
    }
    if let (Some(wanted), Some(have)) = (&need.audience, &client.audience) {
        let same = |a: &str| a.trim_end_matches('/') == wanted.trim_end_matches('/');
        // Dex gives it for a scope that names the other client.
        let by_scope = client.product == Product::Dex
            && need
                .scopes
                .iter()
                .any(|scope| scope.strip_prefix("audience:server:client_id:") == Some(wanted.as_str()));
        if !by_scope && !have.iter().any(|audience| same(&audience.value) || is_open(&audience.value)) {
            let at = have.first().map_or(client.at, |audience| audience.at);
            let message = format!("the access token never gets the audience that {title} insists on");
            let remedy = match client.product {
                Product::Keycloak => {
                    format!("Add an audience mapper with the custom audience {wanted}, for the access token.")
                }
                Product::Dex => {
                    "Let the application want the client id: Dex names that and no other audience.".to_owned()
                }
                _ => format!("Add {wanted} to the audience of the client."),
            };
            let finding = say(sink, &rules::AUDIENCE, at, Effect::LoginFails, Step::AccessToken, message, remedy);
            finding.expected = Some(wanted.clone());
            finding.actual = have.first().map(|audience| audience.value.clone());
        }
    }
    let device: Vec<String> =
        profile.parts.iter().filter(|part| part.flow == Flow::Device).filter_map(|part| part.id.clone()).collect();
    if need.audience.is_some() && client.product == Product::Authelia && !device.is_empty() {
        let message = "Authelia's device flow always issues an empty `aud` (4.39), so with an audience set the command line cannot log in";
        let remedy = "Choose: keep the audience and let the command line log in by certificate or token, or unset it and accept \
                      that every client of this issuer opens the application.";
        let at = client.audience.as_ref().and_then(|list| list.first()).map_or(client.at, |audience| audience.at);
        say(sink, &rules::AUDIENCE, at, Effect::LoginFails, Step::Device, message, remedy).parts = device;
    }
    if let (Some(most), true) = (need.short_sub, client.long_sub) {
        let message = format!(
            "`sub` is a hash of 64 characters, and with its realm the user id of {title} may have {most} in all"
        );
        let remedy = "Set sub_mode: user_uuid at the provider, or take preferred_username as the username claim.";
        say(sink, &rules::USERNAME, client.at, Effect::LoginFails, Step::Application, message, remedy);
    }
}

fn claims(client: &Client, profile: &Profile, need: &Need, sink: &mut Sink<'_>) {
    for claim in profile.file.claims.iter().filter(|claim| claim.name != "sub") {
        let (listed, token, step) = match claim.read_from {
            ClaimPlace::IdToken => (&client.id_token_claims, "id_token", Step::IdToken),
            ClaimPlace::AccessToken => (&client.access_token_claims, "access_token", Step::AccessToken),
            ClaimPlace::Userinfo | ClaimPlace::IdTokenOrUserinfo => continue,
        };
        let Some(listed) = listed else { continue };
        if listed.iter().any(|have| have.value == claim.name) {
            continue;
        }
        // Nobody expects a claim whose scope is not asked for.
        let asked = scope_of(&claim.name).is_none_or(|scope| need.scopes.iter().any(|asked| asked == scope));
        let effect = match (claim.required, claim.username) {
            (true, _) => Effect::LoginFails,
            (false, true) => Effect::Degraded,
            (false, false) if asked => Effect::Untidy,
            (false, false) => continue,
        };
        let effect = if claim.unconfirmed { Effect::Untidy } else { effect };
        let title = &profile.file.title;
        let place = token.replace('_', " ").replace("id token", "ID token");
        let message =
            format!("{title} reads `{}` from the {place}, where it is not; without it {}", claim.name, claim.without);
        let remedy = match client.product {
            Product::Authelia => format!(
                "Set claims_policy at the client, and claims_policies.NAME.{token}: ['{}'] beside the clients.",
                claim.name
            ),
            _ => "Set include_claims_in_id_token: true.".to_owned(),
        };
        let finding = say(sink, &rules::CLAIMS, client.at, effect, step, message.trim_end_matches('.'), remedy);
        finding.expected = Some(claim.name.clone());
    }
}
