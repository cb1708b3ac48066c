//! Guides: Markdown or plain text that tells people what to enter. The blocks of code in it are read as what they are;
//! the sentences around them are searched for values and for advice that is known to mislead.

use super::apps::{slug_of, wrong_slug};
use super::model::{App, Client, Field, Found, Product, Sink};
use super::tree::{At, Text};
use super::{app_files, clients, commands, provider_files, rules};
use crate::check::Check;
use crate::verdict::{Effect, Side, Step};

/// Whether a text looks like a guide and not like a configuration.
pub(super) fn is_guide(text: &str) -> bool {
    let heading = |line: &str| line.starts_with("# ") || line.starts_with("## ") || line.starts_with("### ");
    let prose =
        text.lines().filter(|line| line.split_whitespace().count() > 8 && !line.trim_start().starts_with('#')).count();
    text.contains("```") || text.lines().any(heading) && prose > 0 || prose > 5
}

/// The application that a guide is about: the one that is named most often.
fn application(text: &str) -> Option<&'static str> {
    const NAMES: [(&str, &[&str]); 5] = [
        ("xen-orchestra", &["xen orchestra", "auth-oidc"]),
        ("proxmox", &["proxmox"]),
        ("incus", &["incus"]),
        ("netbird", &["netbird"]),
        ("virtuozzo", &["virtuozzo", "vinfra"]),
    ];
    let text = text.to_lowercase();
    let count = |words: &[&str]| words.iter().map(|word| text.matches(word).count()).sum::<usize>();
    let best = NAMES.iter().max_by_key(|(_, words)| count(words))?;
    // Its own provider stands between NetBird and the one that the page is about.
    let embedded = best.0 == "netbird" && text.contains("/oauth2/") && !text.contains("netbird_auth_");
    (count(best.1) > 1).then_some(if embedded { "netbird-embedded" } else { best.0 })
}

/// Everything that a guide says.
pub(super) fn read(text: &str, given: Option<&str>, found: &mut Found, sink: &mut Sink<'_>) -> Option<&'static str> {
    let known = |id: &str| crate::profile::stems().find(|stem| *stem == id);
    let profile = given.map_or_else(|| application(text), known);
    // Site generators put variables into code; what they stand for without JavaScript is what people read.
    let text = &without_shortcodes(text);
    blocks(text, found, sink);
    let whole = profile == Some("netbird") && text.contains("NETBIRD_AUTH_");
    let mut app = App::new(profile.unwrap_or("generic"), At::new(1, 1), whole);
    found.apps.extend(commands::read(text, 0, sink));
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        values(&mut app, line, index + 1, sink);
    }
    if profile == Some("netbird") {
        netbird(&lines, sink);
    }
    advice(&lines, profile, sink);
    if !app.fields.is_empty() {
        match found.apps.iter_mut().find(|other| other.profile == app.profile) {
            Some(other) => app.fields.into_iter().for_each(|(field, text)| {
                other.fields.entry(field).or_insert(text);
            }),
            None => found.apps.push(app),
        }
    }
    profile
}

/// `{{< sitevar name="domain" nojs="example.com" >}}` becomes `example.com`; other ones go.
fn without_shortcodes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((inside, behind)) = after.split_once("}}").filter(|(inside, _)| !inside.contains('\n')) else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        out.push_str(inside.split_once("nojs=\"").and_then(|(_, value)| value.split('"').next()).unwrap_or_default());
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The fenced blocks, and a mapping file that a page shows without fences.
fn blocks(text: &str, found: &mut Found, sink: &mut Sink<'_>) {
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            match open.take() {
                None => open = Some((index + 1, String::new())),
                Some((first, code)) => block(&code, first, found, sink),
            }
        } else if let Some((_, code)) = &mut open {
            code.push_str(line);
            code.push('\n');
        }
    }
    mapping_without_fences(text, sink);
}

fn block(code: &str, first: usize, found: &mut Found, sink: &mut Sink<'_>) {
    if let Ok(node) = super::tree::json(code, first).or_else(|_| super::tree::yaml(code, first)) {
        let before = found.clients.len();
        super::document(&node, found, sink);
        let bare =
            |client: &Client| client.secret.is_none() && client.public != Some(true) && client.redirects.is_empty();
        for client in found.clients.iter_mut().skip(before) {
            client.guide = true;
            client.excerpt = bare(client) && client.patterns.is_empty();
        }
    }
}

/// What follows `cat mapping.json` has to be JSON.
fn mapping_without_fences(text: &str, sink: &mut Sink<'_>) {
    let Some(start) = text.lines().position(|line| line.trim_end().ends_with("cat mapping.json")) else { return };
    let lines = text.lines().skip(start + 1);
    let code: String = lines.take_while(|line| !line.trim().is_empty()).map(|line| format!("{line}\n")).collect();
    match super::tree::json(&code, start + 1) {
        Ok(node) => super::mapping::judge(&node, sink),
        Err(broken) => {
            let message = format!("the mapping file is no JSON: {}", broken.why);
            let remedy = "Take its shape from the documentation of Keystone, not from this page.";
            say(sink, &rules::READABLE, broken.at, Effect::LoginFails, Step::Application, message, remedy);
        }
    }
}

fn say(
    sink: &mut Sink<'_>,
    rule: &'static Check,
    at: At,
    effect: Effect,
    step: Step,
    message: impl Into<String>,
    remedy: impl Into<String>,
) {
    sink.say(rule, at, (effect, step, Side::Application), message, remedy);
}

/// What stands between the last pair of backticks, or in `<kbd>`, with its place.
fn last_code(line: &str, number: usize) -> Option<Text> {
    if let Some((before, rest)) = line.split_once("<kbd>") {
        let inside = rest.split("</kbd>").next().unwrap_or_default();
        let value = inside.replace("<em>", "").replace("</em>", "");
        return Some(Text { value, at: At::new(number, before.chars().count() + 6) });
    }
    let end = line.rfind('`')?;
    let start = line.get(..end)?.rfind('`')? + 1;
    let value = line.get(start..end)?.to_owned();
    Some(Text { value, at: At::new(number, line.get(..start)?.chars().count() + 1) })
}

/// The URI in backticks or in `<kbd>`, with its place.
fn uri_in(line: &str, number: usize) -> Option<Text> {
    let whole =
        |text: &Text| text.value.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(char::is_alphanumeric));
    let mut at = 0;
    let mut inside = false;
    for piece in line.split('`') {
        let text = Text { value: piece.to_owned(), at: At::new(number, at + 1) };
        if inside && whole(&text) {
            return Some(text);
        }
        inside = !inside;
        at += piece.chars().count() + 1;
    }
    last_code(line, number).filter(whole)
}

/// Labels of the applications' own pages, in lower case, and what they mean.
const LABELS: [(&str, &str, Field); 10] = [
    ("xen-orchestra", "auto-discovery url", Field::Discovery),
    ("xen-orchestra", "username field", Field::Username),
    ("xen-orchestra", "`scopes`", Field::Scopes),
    ("xen-orchestra", "callback url", Field::Redirect),
    ("proxmox", "issuer url", Field::Issuer),
    ("proxmox", "client id:", Field::ClientId),
    ("proxmox", "client key", Field::Secret),
    ("proxmox", "username claim", Field::Username),
    ("proxmox", "scopes:", Field::Scopes),
    ("proxmox", "audiences", Field::Audience),
];

/// The paths that NetBird's dashboard sends, as its own container is told them.
fn dashboard(app: &mut App, line: &str, number: usize) {
    for (name, field) in [("AUTH_REDIRECT_URI", Field::Redirect), ("AUTH_SILENT_REDIRECT_URI", Field::Silent)] {
        let trimmed = line.trim_start().trim_start_matches("- ");
        let Some(value) = trimmed.strip_prefix(name).and_then(|rest| rest.strip_prefix(['=', ':'])) else { continue };
        let value = value.trim().trim_matches(['"', '\'', '`']).to_owned();
        if value.starts_with('/') && app.get(field).is_none() {
            let column = line.chars().count() - line.trim_start().chars().count() + 1;
            app.set(field, Some(Text { value, at: At::new(number, column) }));
        }
    }
}

fn values(app: &mut App, line: &str, number: usize, sink: &mut Sink<'_>) {
    if let Some(start) = line.find("NETBIRD_") {
        let (key, value) = line.get(start..).and_then(|rest| rest.split_once('=')).unwrap_or_default();
        let plain = key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if plain && !key.is_empty() && app.profile == "netbird" {
            let at = At::new(number, line.get(..start).map_or(1, |before| before.chars().count() + 1));
            let value = value.trim_end_matches(['.', ' ']).trim_matches(['`', '"', '\'']).to_owned();
            let value_at = At::new(number, at.column + key.chars().count() + 2);
            // A form to be filled in names what there is, and says nothing about it.
            if value.is_empty() && key == "NETBIRD_AUTH_OIDC_CONFIGURATION_ENDPOINT" {
                app.whole = false;
                return;
            }
            if app.fields.is_empty() {
                app.at = at;
            }
            app_files::netbird_key(app, &Text { value: key.into(), at }, Text { value, at: value_at }, sink);
        }
        return;
    }
    if app.profile == "netbird" {
        dashboard(app, line, number);
    }
    let lower = line.to_lowercase();
    for (profile, label, field) in LABELS {
        if app.profile == profile && lower.contains(label) && app.get(field).is_none() {
            app.set(
                field,
                last_code(line, number)
                    .filter(|text| !text.value.to_lowercase().contains(label.trim_matches(['`', ':']))),
            );
        }
    }
}

/// What guides for NetBird on authentik tell people to click.
fn netbird(lines: &[&str], sink: &mut Sink<'_>) {
    let mut provider_name: Option<String> = None;
    let mut slug: Option<String> = None;
    let text = lines.join("\n");
    let has = |needle: &str| text.contains(needle);
    let mut redirects: Option<At> = None;
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        let lower = line.to_lowercase();
        let code = last_code(line, number);
        // Where people land after logging out is another list.
        if lower.contains("redirect uris")
            && !lower.contains("logout")
            && let Some(uri) = uri_in(line, number).as_ref()
        {
            redirects = Some(uri.at);
            let mut client = Client::new(Product::Authentik, uri.at);
            // Which of the two modes is meant stands in the words of the page.
            if lower.contains("regex") {
                client.patterns.push(uri.clone())
            } else {
                client.redirects.push(uri.clone())
            }
            super::redirects::form(&client, sink);
        }
        if lower.contains("replace the url with your") && lower.contains("authentik") {
            let message = "the redirect URI is NetBird's, not the provider's: with the provider's own address no login comes back";
            say(
                sink,
                &rules::GUIDE,
                At::new(number, 1),
                Effect::LoginFails,
                Step::Authorization,
                message,
                "Use NetBird's address.",
            );
        }
        if lower.contains("name")
            && lower.contains("column")
            && let Some(name) = &code
        {
            provider_name = Some(name.value.clone());
        }
        if lower.contains("slug") && lower.contains("e.g. ") {
            slug = lower
                .split_once("e.g. ")
                .map(|(_, rest)| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect());
        }
        if lower.contains("subject mode") && lower.contains("username") {
            let mode = Text { value: "user_username".into(), at: At::new(number, 1) };
            provider_files::subject_mode(Some(mode), sink);
        }
        let two_certificates = lower.contains("certificate") && lower.contains("shouldn't matter");
        let any_key = lower.contains("any available signing key") || two_certificates;
        if any_key {
            let message = "which signing key it is does matter: without one every call is 401, and an EC key that is published \
                           with its certificate fails up to NetBird 0.77.1";
            say(
                sink,
                &rules::TOKEN_FORMAT,
                At::new(number, 1),
                Effect::Degraded,
                Step::AccessToken,
                message,
                "Take an RSA key.",
            );
        }
    }
    // The command line comes to the provider itself only when NetBird's own setup is told of it.
    if let Some(at) = redirects.filter(|_| has("NETBIRD_AUTH_") && !has("http://localhost:53000")) {
        let message = "http://localhost:53000 is not registered, so nobody can log in with the command line or the desktop client";
        let remedy = "Register http://localhost:53000 exactly, without a slash.";
        let what = (Effect::LoginFails, Step::Authorization, Side::Provider);
        let finding = sink.say(&rules::REDIRECT_EXACT, at, what, message, remedy);
        finding.parts = vec!["cli".into()];
        finding.expected = Some("http://localhost:53000".into());
    }
    let Some(slug) = slug else { return };
    for (index, line) in lines.iter().enumerate() {
        let Some(start) = line.find("https://").filter(|_| line.contains("/application/o/")) else { continue };
        let value: String =
            line.get(start..).unwrap_or_default().chars().take_while(|c| !" `\"'".contains(*c)).collect();
        let url = Text { value: value.trim_end_matches('.').to_owned(), at: At::new(index + 1, start + 1) };
        if let Some(named) =
            slug_of(&url.value).filter(|named| *named != slug && provider_name.as_deref() == Some(*named))
        {
            wrong_slug(&url, named, &slug, sink);
        }
    }
}

/// Sentences that mislead, whatever the guide is about.
fn advice(lines: &[&str], profile: Option<&'static str>, sink: &mut Sink<'_>) {
    let lower: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    let mentions = |word: &str| lower.iter().filter(|line| line.contains(word)).count();
    for (index, line) in lower.iter().enumerate() {
        let at = At::new(index + 1, 1);
        let mut tell =
            |rule, effect, step, message: &str, remedy: &str| say(sink, rule, at, effect, step, message, remedy);
        if profile == Some("xen-orchestra") && line.contains("signing key") {
            let message = "Xen Orchestra does not look at the signing key: any will do, and none too";
            tell(
                &rules::GUIDE,
                Effect::Untidy,
                Step::IdToken,
                message,
                "Nothing has to be changed for this application.",
            );
        }
        if profile == Some("xen-orchestra") && line.contains("create a new user with the same username") {
            let message = "it takes over an existing user of that name, a local administrator included, and creates one only when there is none";
            tell(
                &rules::GUIDE,
                Effect::Degraded,
                Step::Application,
                message,
                "Say so, or set mergeProvidersUsers = false.",
            );
        }
        if profile == Some("xen-orchestra") && line.contains("/application/o/") && line.contains("auto-discovery") {
            let message = "this URL holds only when the slug of the application is exactly the one in it; otherwise authentik answers 404";
            tell(
                &rules::ISSUER,
                Effect::Untidy,
                Step::Discovery,
                message,
                "Take the URL that authentik shows for the application.",
            );
        }
        if profile == Some("virtuozzo") && line.contains("urn") && line.contains("issuer") {
            let message =
                "the issuer of OpenID Connect is an https URL; the URN is the name of AD FS' federation service";
            tell(
                &rules::ISSUER,
                Effect::Degraded,
                Step::Discovery,
                message,
                "Copy `issuer` from the discovery document.",
            );
        }
        if profile == Some("virtuozzo") && line.contains("typically the issuer") {
            let message = "the issuer is what the discovery document says, not what is left of its URL: the two may differ by a slash";
            tell(
                &rules::ISSUER,
                Effect::Untidy,
                Step::Discovery,
                message,
                "Copy `issuer` from the discovery document.",
            );
        }
        if line.contains("--dont-verify-ssl") {
            let message =
                "this switches the verification of the provider's certificate off, and nothing here warns of it";
            tell(
                &rules::TLS,
                Effect::Degraded,
                Step::Discovery,
                message,
                "Leave it out; put a private root into the trust store.",
            );
        }
        if profile == Some("virtuozzo") && line.contains("recommended") && line.contains("login-only") {
            let message = "the implicit flow is recommended against current advice (RFC 9700 section 2.1.2); AD FS is the case where it is needed";
            tell(
                &rules::GUIDE,
                Effect::Untidy,
                Step::Authorization,
                message,
                "Take the code flow unless the provider is AD FS.",
            );
        }
        if line.contains("keycloak instance") && mentions("authentik") > 3 && mentions("keycloak") == 1 {
            let message = "this speaks of Keycloak in a guide for authentik";
            tell(&rules::GUIDE, Effect::Untidy, Step::Discovery, message, "Name authentik.");
        }
    }
    secrets(lines, profile, sink);
}

/// A secret that a guide prints is known to everybody who reads it; the one place where it is worse is the provider.
fn secrets(lines: &[&str], profile: Option<&'static str>, sink: &mut Sink<'_>) {
    if profile != Some("proxmox") {
        return;
    }
    for (index, line) in lines.iter().enumerate() {
        let key = line.to_lowercase().contains("client key");
        let Some(text) = last_code(line, index + 1).filter(|text| key && !clients::is_digest(&text.value)) else {
            continue;
        };
        if text.value.contains("secret") {
            let message = "a secret that stands in a guide is known to everybody who reads it";
            say(
                sink,
                &rules::SECRET_STORAGE,
                text.at,
                Effect::Degraded,
                Step::Token,
                message,
                "Let people make their own.",
            );
        }
    }
}
