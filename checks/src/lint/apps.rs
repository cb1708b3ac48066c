//! The settings of an application against what it can work with, and against the client at the provider.

use super::clients::{PLACEHOLDER, is_digest};
use super::model::{App, Client, Field, Product, Sink, is_open};
use super::rules;
use super::tree::{At, Text};
use crate::check::Check;
use crate::profile::need::scope_of;
use crate::profile::{Choices, Profile};
use crate::target::WELL_KNOWN;
use crate::verdict::{Effect, Finding, Side, Step};

/// Says whether a secret belongs to a stored digest; `None` when it cannot tell. Given by the caller, which has the
/// cryptography.
pub type Verify<'a> = &'a dyn Fn(&str, &str) -> Option<bool>;

fn say<'s>(
    sink: &'s mut Sink<'_>,
    rule: &'static Check,
    at: At,
    what: (Effect, Step),
    message: impl Into<String>,
    remedy: impl Into<String>,
) -> &'s mut Finding {
    sink.say(rule, at, (what.0, what.1, Side::Application), message, remedy)
}

/// The profile with the settings that the file has.
pub(super) fn profile_of(app: &App) -> Option<Profile> {
    let mut choices = Choices::default();
    let mut take = |field, key: &str| {
        let value = app.get(field).filter(|text| !text.value.is_empty());
        if let Some(text) = value {
            choices.settings.insert(key.into(), text.value.clone());
        }
    };
    match app.profile {
        "xen-orchestra" => {
            take(Field::Scopes, "scope");
            take(Field::Username, "username-field");
        }
        "proxmox" | "proxmox-backup" => {
            take(Field::Username, "username-claim");
            take(Field::Scopes, "scopes");
            if app.profile == "proxmox" {
                take(Field::Userinfo, "query-userinfo");
                take(Field::Audience, "audiences");
                take(Field::Groups, "groups-claim");
            }
        }
        "incus" => {
            take(Field::Audience, "audience");
            take(Field::Username, "claim");
            take(Field::Scopes, "scopes");
        }
        "netbird" => {
            take(Field::Audience, "audience");
            take(Field::Scopes, "scopes");
            take(Field::Redirect, "redirect-uri-path");
            take(Field::Silent, "silent-redirect-uri-path");
            take(Field::Username, "user-id-claim");
        }
        "virtuozzo" => {
            take(Field::Scopes, "scope");
            if app.get(Field::ResponseType).is_some_and(|text| text.value == "id_token") {
                choices.settings.insert("flow".into(), "implicit".into());
            }
        }
        _ => {}
    }
    // A value that is none of the choices has a finding of its own; the profile is then the default one.
    Profile::by_id_with(app.profile, &choices)?.ok().or_else(|| Profile::by_id(app.profile))
}

/// Everything about one application's settings. In a guide placeholders are no mistake.
pub(super) fn alone(app: &App, in_guide: bool, sink: &mut Sink<'_>) {
    urls(app, sink);
    super::issuer::alone(app, in_guide, sink);
    secret(app, sink);
    if !in_guide {
        placeholders(app, sink);
    }
    match app.profile {
        "xen-orchestra" => xen_orchestra(app, sink),
        "proxmox" | "proxmox-backup" => proxmox(app, sink),
        "incus" => incus(app, sink),
        "netbird" => netbird(app, sink),
        "virtuozzo" => virtuozzo(app, sink),
        _ => {}
    }
}

fn urls(app: &App, sink: &mut Sink<'_>) {
    let title = Profile::by_id(app.profile).map_or_else(|| app.profile.to_owned(), |profile| profile.file.title);
    if let Some(issuer) = app.get(Field::Issuer) {
        let what = (Effect::LoginFails, Step::Discovery);
        if issuer.value.contains("/.well-known/") {
            let message = format!("{title} wants the issuer here, and this is the discovery URL");
            let remedy = format!("Leave {WELL_KNOWN} away.");
            say(sink, &rules::ISSUER, issuer.at, what, message, remedy).actual = Some(issuer.value.clone());
        } else if issuer.value.starts_with("urn:") {
            let message = "the issuer of OpenID Connect is an https URL; a URN is the name of the federation service";
            say(sink, &rules::ISSUER, issuer.at, what, message, "Copy `issuer` from the discovery document.").actual =
                Some(issuer.value.clone());
        }
    }
    let whole =
        app.get(Field::Discovery).filter(|url| url.value.contains("://") && !url.value.contains("/.well-known/"));
    if let Some(url) = whole.filter(|_| app.profile == "virtuozzo") {
        let message = "the metadata URL is the address of the document itself, and this looks like the issuer";
        let remedy = format!("Add {WELL_KNOWN} to it, unless the provider has its document elsewhere.");
        say(sink, &rules::ISSUER, url.at, (Effect::Degraded, Step::Discovery), message, remedy).actual =
            Some(url.value.clone());
    }
    if let Some(url) = whole.filter(|_| app.profile == "netbird") {
        let message =
            "NetBird wants the whole discovery URL here; its setup writes `null` for everything that it does not find";
        let remedy = format!("Add {WELL_KNOWN} to it.");
        say(sink, &rules::ISSUER, url.at, (Effect::LoginFails, Step::Discovery), message, remedy).actual =
            Some(url.value.clone());
    }
    for url in [Field::Issuer, Field::Discovery].into_iter().filter_map(|field| app.get(field)) {
        if url.value.starts_with("http://") {
            let message =
                "the provider is asked over plain http, where everybody on the way can put in keys and read secrets";
            say(sink, &rules::ISSUER, url.at, (Effect::Degraded, Step::Discovery), message, "Use https.");
        }
    }
}

fn secret(app: &App, sink: &mut Sink<'_>) {
    let Some(secret) = app.get(Field::Secret) else { return };
    if is_digest(&secret.value) {
        let message = "this is the digest of a secret: the application has to send the secret itself";
        say(
            sink,
            &rules::SECRET_FORM,
            secret.at,
            (Effect::LoginFails, Step::Token),
            message,
            "Put in the secret that was hashed.",
        );
    } else if app.profile == "netbird" && !secret.value.is_empty() {
        let message =
            "every browser that opens the dashboard can read this secret; NetBird needs one with Google alone";
        say(
            sink,
            &rules::CLIENT_TYPE,
            secret.at,
            (Effect::Degraded, Step::Token),
            message,
            "Make the client public, and leave this empty.",
        );
    }
}

fn placeholders(app: &App, sink: &mut Sink<'_>) {
    for text in app.fields.values() {
        let value = text.value.trim();
        let bracket = value.starts_with('<') && value.ends_with('>') && value != PLACEHOLDER;
        if bracket || value.contains("YOUR_") || matches!(value, "xxx" | "changeme" | "CHANGEME") {
            let message = "this is a placeholder, and it is taken literally";
            say(
                sink,
                &rules::VALUES,
                text.at,
                (Effect::LoginFails, Step::Application),
                message,
                "Put in the real value.",
            );
        }
    }
}

/// Scopes that the application adds by itself.
fn doubled_openid(app: &App, sink: &mut Sink<'_>) {
    if let Some(scopes) = app.get(Field::Scopes)
        && scopes.value.split([' ', ',']).any(|scope| scope == "openid")
    {
        let message = "openid is always sent before these scopes, so it goes out twice";
        say(sink, &rules::SCOPES, scopes.at, (Effect::Untidy, Step::Authorization), message, "Leave openid away.");
    }
}

/// The claim that is the user's name belongs to a scope that the application does not ask for. Keycloak gives it all the
/// same, when the scope is one of the client's default ones.
pub(super) fn name_without_scope(app: &App, providers: &[Product], sink: &mut Sink<'_>) {
    let (Some(claim), Some(profile)) = (app.get(Field::Username), profile_of(app)) else { return };
    if providers.contains(&Product::Keycloak) || !matches!(app.profile, "proxmox" | "proxmox-backup") {
        return;
    }
    let Some(scope) = scope_of(&claim.value) else { return };
    let asked = profile.parts.iter().any(|part| part.scopes.iter().any(|asked| asked == scope));
    if !asked {
        let message = format!(
            "the user's name is `{}`, but the scope {scope} is not asked for, and most providers give it with that alone",
            claim.value
        );
        let remedy = format!("Add {scope} to the scopes.");
        say(sink, &rules::CLAIMS, claim.at, (Effect::Degraded, Step::IdToken), message, remedy);
    }
}

fn needs(app: &App, field: Field, name: &str, what: (Effect, Step), message: &str, sink: &mut Sink<'_>) {
    if app.whole && app.get(field).is_none_or(|text| text.value.is_empty()) {
        let remedy = format!("Set {name}.");
        say(sink, &rules::REQUIRED_KEYS, app.at, what, format!("{name} is missing: {message}"), remedy);
    }
}

fn xen_orchestra(app: &App, sink: &mut Sink<'_>) {
    doubled_openid(app, sink);
    let what = (Effect::LoginFails, Step::Application);
    needs(app, Field::ClientId, "clientID", what, "the plug-in does not load", sink);
    needs(app, Field::Secret, "clientSecret", what, "the plug-in does not load", sink);
    if let Some(field) = app.get(Field::Username) {
        let email = field.value == "email";
        if !matches!(field.value.as_str(), "username" | "email" | "displayName" | "id") {
            let message =
                "Xen Orchestra looks for a field of its library, not for a claim, and finds nothing under this name";
            let remedy = "Write username (which is preferred_username), email, displayName or id.";
            let finding = say(sink, &rules::USERNAME, field.at, what, message, remedy);
            finding.actual = Some(field.value.clone());
            finding.symptom = Some("a 500 page: 'undefined' == 'string'".into());
        } else if email && !app.get(Field::Scopes).is_some_and(|scopes| scopes.value.contains("email")) {
            let message = "the user's name is the e-mail address, but the scope email is not asked for";
            let finding = say(sink, &rules::CLAIMS, field.at, what, message, "Add email to the scopes.");
            finding.symptom = Some("a 500 page: Cannot read properties of undefined (reading '0')".into());
        }
    }
    if let Some(uri) = app.get(Field::Redirect).filter(|uri| !uri.value.ends_with("/signin/oidc/callback")) {
        let message = "Xen Orchestra answers at /signin/oidc/callback and nowhere else";
        say(
            sink,
            &rules::REDIRECT_EXACT,
            uri.at,
            what,
            message,
            "Let it end in /signin/oidc/callback, without a slash.",
        )
        .actual = Some(uri.value.clone());
    }
}

fn proxmox(app: &App, sink: &mut Sink<'_>) {
    doubled_openid(app, sink);
    let what = (Effect::LoginFails, Step::Discovery);
    needs(app, Field::Issuer, "issuer-url", what, "a realm needs it", sink);
    needs(app, Field::ClientId, "client-id", what, "a realm needs it", sink);
    if let Some(claim) = app.get(Field::Username).filter(|claim| matches!(claim.value.as_str(), "subject" | "username"))
    {
        let new = if claim.value == "subject" { "sub" } else { "preferred_username" };
        let message =
            format!("{:?} is the old word for {new}, and holds only while no claim is called so", claim.value);
        say(
            sink,
            &rules::CURRENT_KEYS,
            claim.at,
            (Effect::Untidy, Step::Application),
            message,
            format!("Write {new} in new realms."),
        );
    }
}

fn incus(app: &App, sink: &mut Sink<'_>) {
    if app.whole {
        let what = (Effect::LoginFails, Step::Discovery);
        needs(app, Field::Issuer, "oidc.issuer", what, "OpenID Connect is off without it", sink);
        needs(app, Field::ClientId, "oidc.client.id", what, "OpenID Connect is off without it", sink);
        needs(
            app,
            Field::Audience,
            "oidc.audience",
            (Effect::Degraded, Step::AccessToken),
            "every token of this issuer, for whatever client, opens Incus",
            sink,
        );
    }
}

fn netbird(app: &App, sink: &mut Sink<'_>) {
    let fails = (Effect::LoginFails, Step::Application);
    let fragile = (Effect::Degraded, Step::Authorization);
    if app.whole {
        needs(app, Field::Discovery, "NETBIRD_AUTH_OIDC_CONFIGURATION_ENDPOINT", fails, "the setup stops", sink);
        needs(
            app,
            Field::Scopes,
            "NETBIRD_AUTH_SUPPORTED_SCOPES",
            fails,
            "the dashboard's container stops without it",
            sink,
        );
        needs(app, Field::Audience, "NETBIRD_AUTH_AUDIENCE", fails, "the API insists on an audience", sink);
        let fragment = "without it the dashboard sends a URI with a fragment (/#callback), which RFC 6749 forbids and Authelia refuses";
        needs(app, Field::Redirect, "NETBIRD_AUTH_REDIRECT_URI", fragile, fragment, sink);
        needs(app, Field::Silent, "NETBIRD_AUTH_SILENT_REDIRECT_URI", fragile, fragment, sink);
        needs(
            app,
            Field::Auth0,
            "NETBIRD_USE_AUTH0",
            fragile,
            "the dashboard takes the provider for Auth0 unless it is false",
            sink,
        );
        needs(
            app,
            Field::KeyRefresh,
            "NETBIRD_MGMT_IDP_SIGNKEY_REFRESH",
            (Effect::Untidy, Step::AccessToken),
            "keys are read once, and after a rotation everything is 401 until a restart",
            sink,
        );
    }
    if let Some(scopes) = app.get(Field::Scopes).filter(|scopes| scopes.value.contains(',')) {
        let message = "scopes are separated by spaces here, and with commas they are one that no provider has";
        say(sink, &rules::SCOPES, scopes.at, fails, message, "Write spaces in place of the commas.");
    }
    let auth0 = app.get(Field::Discovery).is_some_and(|url| url.value.contains("auth0.com"));
    if let Some(text) = app.get(Field::Auth0).filter(|text| text.value == "true" && !auth0) {
        let message = "NETBIRD_USE_AUTH0 is true, but the provider is not Auth0: the dashboard asks in Auth0's own way";
        say(sink, &rules::VALUES, text.at, fails, message, "Set NETBIRD_USE_AUTH0=false.");
    }
    for path in [Field::Redirect, Field::Silent].into_iter().filter_map(|field| app.get(field)) {
        if path.value.contains("://") {
            let message = "the value is appended to the origin of the dashboard, so it has to be a path";
            say(sink, &rules::REDIRECT_FORM, path.at, fails, message, "Write a path such as /auth.");
        } else if path.value.contains('#') {
            let message = "a redirect URI may not have a fragment, and several providers refuse it";
            say(sink, &rules::REDIRECT_FORM, path.at, fragile, message, "Write a path such as /auth.");
        }
    }
}

fn virtuozzo(app: &App, sink: &mut Sink<'_>) {
    if let Some(text) = app.get(Field::Tls).filter(|text| text.value == "no") {
        let message =
            "the provider's certificate is not verified: whoever is on the way can choose the keys or read the secret";
        say(sink, &rules::TLS, text.at, (Effect::Unsafe, Step::Discovery), message, "Give --verify-ssl.");
    }
    let fails = (Effect::LoginFails, Step::Authorization);
    if let Some(scopes) = app.get(Field::Scopes) {
        let has = |name: &str| scopes.value.split([' ', ',']).any(|scope| scope == name);
        if !has("openid") {
            let message = "the scope openid is missing, without which it is no OpenID Connect";
            say(sink, &rules::SCOPES, scopes.at, fails, message, "Add openid.");
        }
        let kind = app.get(Field::ResponseType).map(|kind| kind.value.as_str());
        if has("allatclaims") && matches!(kind, None | Some("code")) {
            // Which one is taken without a word depends on the version.
            let effect = if kind.is_some() { Effect::Degraded } else { Effect::Untidy };
            let message =
                "allatclaims means AD FS, whose userinfo has `sub` alone, and the code flow reads the data there";
            say(sink, &rules::CLAIMS, scopes.at, (effect, Step::Userinfo), message, "Give --response-type id_token.");
        }
    }
    if let Some(kind) = app.get(Field::ResponseType) {
        if kind.value == "id_token" {
            let message = "the implicit flow is against current advice (RFC 9700 section 2.1.2); with AD FS it is often the only one that carries claims";
            say(
                sink,
                &rules::GRANTS,
                kind.at,
                (Effect::Untidy, Step::Authorization),
                message,
                "Take the code flow unless the provider is AD FS.",
            );
        } else if kind.value != "code" {
            let message = format!("{:?} is no response type here; there are code and id_token", kind.value);
            say(sink, &rules::VALUES, kind.at, fails, message, "Write code or id_token.");
        }
    }
}

/// Both sides at once.
pub(super) fn both(app: &App, client: &Client, verify: Verify<'_>, sink: &mut Sink<'_>) {
    if let (Some(own), Some(theirs)) = (app.get(Field::ClientId), &client.id)
        && own.value != theirs.value
        && !own.value.contains(' ')
    {
        let message = format!("the application calls itself {:?}, the provider knows {:?}", own.value, theirs.value);
        let finding = say(
            sink,
            &rules::CONSISTENCY,
            own.at,
            (Effect::LoginFails, Step::Authorization),
            message,
            "Use one client id.",
        );
        finding.actual = Some(own.value.clone());
        finding.expected = Some(theirs.value.clone());
    }
    if let (Some(own), Some(theirs)) = (app.get(Field::Secret), &client.secret) {
        let filled = |text: &str| text != PLACEHOLDER && !is_open(text);
        let known = filled(&own.value) && filled(&theirs.value) && !is_digest(&own.value);
        let plain = theirs.value.strip_prefix("$plaintext$").unwrap_or(&theirs.value);
        let digest = client.product == Product::Authelia && is_digest(&theirs.value);
        let same = if digest { verify(&own.value, &theirs.value) } else { Some(own.value == plain) };
        if known && same == Some(false) {
            let message = "the secret of the application is not the one that the provider has";
            say(
                sink,
                &rules::CONSISTENCY,
                own.at,
                (Effect::LoginFails, Step::Token),
                message,
                "Put one secret on both sides.",
            );
        }
    }
    slug(app, client, sink);
    groups_without_scope(app, client, sink);
}

/// Authelia gives groups with their scope alone, unless a claims policy puts them into the token (4.39, run).
fn groups_without_scope(app: &App, client: &Client, sink: &mut Sink<'_>) {
    let (Some(claim), Some(profile)) = (app.get(Field::Groups), profile_of(app)) else { return };
    let Some(scope) = scope_of(&claim.value).filter(|_| client.product == Product::Authelia) else { return };
    let asked = profile.parts.iter().any(|part| part.scopes.iter().any(|asked| asked == scope));
    let policy = client.id_token_claims.as_ref().is_none_or(|claims| claims.iter().any(|c| c.value == claim.value));
    if !asked && !policy {
        let message = format!(
            "`{}` is read, but the scope {scope} is not asked for, and Authelia gives it with that alone",
            claim.value
        );
        let remedy = format!("Add {scope} to the scopes here and at the client.");
        say(sink, &rules::CLAIMS, claim.at, (Effect::Degraded, Step::IdToken), message, remedy);
    }
}

/// authentik's URLs are made of the application's slug, not of the provider's name.
fn slug(app: &App, client: &Client, sink: &mut Sink<'_>) {
    let Some(slug) = client.slug.as_ref().filter(|_| client.product == Product::Authentik) else { return };
    for url in [Field::Discovery, Field::Issuer].into_iter().filter_map(|field| app.get(field)) {
        if let Some(named) = slug_of(&url.value).filter(|named| *named != slug.value) {
            wrong_slug(url, named, &slug.value, sink);
        }
    }
}

/// The slug in a URL of authentik.
pub(super) fn slug_of(url: &str) -> Option<&str> {
    url.split_once("/application/o/")?.1.split('/').next().filter(|slug| !slug.is_empty())
}

/// A URL with another slug than the application's.
pub(super) fn wrong_slug(url: &Text, named: &str, slug: &str, sink: &mut Sink<'_>) {
    let message =
        format!("the URL names {named:?}, but the slug of the application is {slug:?}: authentik answers 404");
    let remedy = "Take the URL that authentik shows for this application.";
    let finding = say(sink, &rules::ISSUER, url.at, (Effect::LoginFails, Step::Discovery), message, remedy);
    finding.actual = Some(url.value.clone());
    finding.expected = Some(url.value.replace(&format!("/application/o/{named}/"), &format!("/application/o/{slug}/")));
}
