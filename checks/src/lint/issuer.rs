//! The issuer: what the provider's own file states against what the application has, and what can be told from its shape.
//!
//! A provider's file may state the issuer whole, or only how it ends: the realm, the slug. Where it is not sure, nothing is
//! said.

use super::model::{App, Client, Field, Product, Sink};
use super::tree::{Node, Text};
use super::whose::Whose;
use super::{apps, rules};
use crate::library::Library;
use crate::library::issuer::Comparison;
use crate::library::tokens::ClaimRules;
use crate::profile::Profile;
use crate::provider;
use crate::target::{WELL_KNOWN, is_whole};
use crate::verdict::{Effect, Finding, Side, Step};
use url::Url;

/// What a provider's file says about its issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stated {
    /// It is one of these.
    Whole(Vec<String>),
    /// It ends so.
    End(String),
}

/// Puts into the clients of one document what that document says about their issuer.
pub(super) fn state(node: &Node, clients: &mut [Client]) {
    let of_document = clients.first().and_then(|client| match client.product {
        Product::Authelia => authelia(node),
        Product::Dex => dex(node),
        Product::Keycloak => keycloak(node),
        Product::Authentik => None,
    });
    let global = || {
        let mode = |entry: &Node| entry.path(&["attrs", "issuer_mode"]).and_then(Node::text);
        node.get("entries").map(Node::items).unwrap_or_default().iter().filter_map(mode).any(|m| m.value == "global")
    };
    for client in clients {
        // In authentik every application has an issuer of its own.
        let slug = client.slug.as_ref().filter(|slug| plain(&slug.value) && !global());
        client.issuer = match slug {
            Some(slug) => Some(Stated::End(format!("/application/o/{}/", slug.value))),
            None => of_document.clone(),
        };
    }
}

/// Whether a name stands in a URL as it is.
fn plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// A URL that is written out, with nothing that is filled in later.
fn written_out(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    (!text.contains(['{', '}', '$', '<', '>', '%', ' ', '?', '#'])).then_some(url)
}

/// Authelia makes it of the host that is asked, which has to be that of an `authelia_url`: one for each cookie domain.
fn authelia(node: &Node) -> Option<Stated> {
    let cookies = node.path(&["session", "cookies"])?.items();
    let one = |cookie: &Node| {
        let text = cookie.text_of("authelia_url")?.value;
        let bare = text.trim_end_matches('/');
        // Whether a port that goes without saying is part of it depends on who asks.
        let same = written_out(&text)?.as_str().trim_end_matches('/') == bare;
        same.then(|| bare.to_owned())
    };
    let all: Option<Vec<String>> = cookies.iter().map(one).collect();
    all.filter(|all| !all.is_empty()).map(Stated::Whole)
}

fn dex(node: &Node) -> Option<Stated> {
    let issuer = node.text_of("issuer")?.value;
    written_out(&issuer).map(|_| Stated::Whole(vec![issuer]))
}

/// A realm knows its name, and its address only where it has one of its own.
fn keycloak(node: &Node) -> Option<Stated> {
    let realm = node.text_of("realm").map(|realm| realm.value).filter(|realm| plain(realm))?;
    let end = format!("/realms/{realm}");
    let front = node.path(&["attributes", "frontendUrl"]).and_then(Node::text).filter(|url| !url.value.is_empty());
    Some(match front {
        Some(url) => {
            Stated::Whole(vec![format!("{}{end}", written_out(&url.value).map(|_| url.value)?.trim_end_matches('/'))])
        }
        None => Stated::End(end),
    })
}

const NO_SCHEME: &str = "the issuer is a URL, and here it has no scheme";

/// Why an issuer cannot be right whatever the provider, and what would be; from its shape alone.
fn misshapen(value: &str) -> Option<(String, Option<String>)> {
    if !value.contains("://") {
        // What is no host either may be anything, a secret in the wrong place too.
        let host = value.split(['/', ':']).next().unwrap_or(value);
        let named = (host.contains('.') || host == "localhost").then(|| format!("https://{value}"));
        return Some((NO_SCHEME.into(), named));
    }
    let wrong = provider::all().iter().flat_map(|provider| &provider.wrong_issuers);
    wrong.filter_map(|wrong| wrong.of(value)).next()
}

/// What can be said about an issuer that is typed, without the provider. A guide may name a host by itself.
pub(super) fn alone(app: &App, in_guide: bool, sink: &mut Sink<'_>) {
    let Some(issuer) = app.get(Field::Issuer).filter(|issuer| filled_in(&issuer.value)) else { return };
    let Some((message, right)) = misshapen(&issuer.value) else { return };
    let minds = right.as_ref().map(|right| minds(app, &issuer.value, right));
    if in_guide && message == NO_SCHEME || matches!(minds, Some(None)) {
        return;
    }
    let remedy = match &right {
        Some(right) => format!("Write {right}."),
        None => "Copy `issuer` from the discovery document.".to_owned(),
    };
    let minds = minds.flatten();
    let unconfirmed = minds.as_ref().is_some_and(|minds| minds.unconfirmed);
    let message = match minds {
        Some(minds) if message != NO_SCHEME => format!("{message}, and {} compares {}", title(app), minds.how),
        _ => message,
    };
    let anything = message == NO_SCHEME && right.is_none();
    let finding = say(issuer, message, remedy, right, unconfirmed, sink);
    if anything {
        finding.actual = None;
    }
}

fn title(app: &App) -> String {
    Profile::by_id(app.profile).map_or_else(|| app.profile.to_owned(), |profile| profile.file.title)
}

fn say<'s>(
    issuer: &Text,
    message: String,
    remedy: String,
    expected: Option<String>,
    unconfirmed: bool,
    sink: &'s mut Sink<'_>,
) -> &'s mut Finding {
    let effect = if unconfirmed { Effect::Untidy } else { Effect::LoginFails };
    let what = (effect, Step::Discovery, Side::Application);
    let finding = sink.say(&rules::ISSUER, issuer.at, what, message, remedy);
    finding.actual = Some(issuer.value.clone());
    finding.expected = expected;
    finding
}

/// A value that is meant as it stands. A discovery URL and a URN in its place have findings of their own.
fn filled_in(value: &str) -> bool {
    let open = value.contains(['{', '}', '$', '<', '>', '%']) || value.contains(char::is_whitespace);
    !value.is_empty()
        && !open
        && !value.contains("YOUR_")
        && !value.starts_with("urn:")
        && !value.contains("/.well-known/")
}

/// How an application compares.
struct Minds {
    /// In words.
    how: &'static str,
    /// It was only inferred.
    unconfirmed: bool,
}

/// How the application compares, if it takes the two for different. One whose library takes the issuer from the document
/// compares what is typed with the tokens.
fn minds(app: &App, typed: &str, right: &str) -> Option<Minds> {
    let profile = apps::profile_of(app)?;
    let unconfirmed = profile.file.id_token.as_ref().is_some_and(|rules| rules.unconfirmed);
    let token = |rules: &ClaimRules| {
        let bare = |text: &str| text.strip_suffix('/').unwrap_or(text).to_owned();
        rules.read && rules.issuer && !(rules.issuer_slash_ignored && bare(typed) == bare(right))
    };
    let differ = |library: &&Library| match library.issuer.document {
        Comparison::Unchecked => {
            let tokens = &library.tokens;
            typed != right && (token(&tokens.id_token) || tokens.access_token.as_ref().is_some_and(token))
        }
        _ => library.issuer.differs(typed, right).is_some(),
    };
    let library = profile.parts.iter().map(|part| &*part.library).find(differ)?;
    let how = match library.issuer.document {
        Comparison::Exact | Comparison::Unchecked => "byte for byte",
        Comparison::Normalised | Comparison::SlashIgnored => "the rest of the address",
    };
    Some(Minds { how, unconfirmed })
}

/// Every application against the provider at hand. When several providers know it, one that agrees is enough.
pub(super) fn pairs(clients: &[(usize, &Client)], judged: &[Whose<'_>], sinks: &mut [Sink<'_>]) {
    let mut told: Vec<*const App> = Vec::new();
    for whose in judged {
        let Some((file, app)) = whose.partner.filter(|(_, app)| !told.contains(&std::ptr::from_ref(*app))) else {
            continue;
        };
        told.push(std::ptr::from_ref(app));
        let its = |other: &&Whose<'_>| other.partner.is_some_and(|(_, other)| std::ptr::eq(other, app));
        let known: Vec<&Client> =
            judged.iter().zip(clients).filter(|(other, _)| its(other)).map(|(_, (_, client))| *client).collect();
        if let Some(sink) = sinks.get_mut(file) {
            against(app, &known, sink);
        }
    }
}

fn against(app: &App, clients: &[&Client], sink: &mut Sink<'_>) {
    // A provider that states nothing may be the right one.
    let stated: Option<Vec<(&Stated, Product)>> =
        clients.iter().map(|client| Some((client.issuer.as_ref()?, client.product))).collect();
    let Some(stated) = stated else { return };
    let Some((first, product)) = stated.first() else { return };
    if let Some(issuer) = app.get(Field::Issuer).filter(|i| filled_in(&i.value) && misshapen(&i.value).is_none()) {
        if !stated.iter().any(|(stated, _)| stated.is(&issuer.value)) {
            differs(app, issuer, first, *product, sink);
        }
    } else if let Some(url) = app.get(Field::Discovery).filter(|url| is_whole(&url.value)) {
        let base = url.value.trim_end_matches(WELL_KNOWN);
        // Which slug is wrong has a finding of its own.
        let own = *product == Product::Authentik && apps::slug_of(&url.value).is_some();
        if written_out(base).is_some() && !own && !stated.iter().any(|(stated, _)| stated.leads_to(base)) {
            elsewhere(url, first, *product, sink);
        }
    }
}

fn differs(app: &App, issuer: &Text, stated: &Stated, product: Product, sink: &mut Sink<'_>) {
    let right = stated.nearest(&issuer.value);
    let Some(Minds { how, unconfirmed }) = minds(app, &issuer.value, &right) else { return };
    // authentik's slug has a finding of its own.
    if product == Product::Authentik && apps::slug_of(&issuer.value).is_some() {
        return;
    }
    let bare = |text: &str| text.trim_end_matches('/').to_owned();
    let title = title(app);
    let difference = match stated {
        _ if bare(&issuer.value) == bare(&right) => "differs by the slash at its end from the one that",
        _ if issuer.value.eq_ignore_ascii_case(&right) => "differs in upper and lower case from the one that",
        Stated::Whole(_) => "is not the one that",
        Stated::End(_) => "does not end as the one that",
    };
    let message = format!("the issuer {difference} {}'s own file states, and {title} compares {how}", product.title());
    let remedy = match stated {
        Stated::End(end) => format!("Let it end in {end}."),
        Stated::Whole(_) if bare(&issuer.value) == bare(&right) => format!("Write {right}."),
        Stated::Whole(all) => format!("Write {}.", all.join(" or ")),
    };
    say(issuer, message, remedy, Some(right), unconfirmed, sink);
}

/// The path of a discovery URL is not where the provider has its document.
fn elsewhere(url: &Text, stated: &Stated, product: Product, sink: &mut Sink<'_>) {
    let base = stated.nearest(url.value.trim_end_matches(WELL_KNOWN));
    let right = format!("{}{WELL_KNOWN}", base.trim_end_matches('/'));
    let message =
        format!("by its own file {} has its document at another path, and nothing at this one", product.title());
    say(url, message, format!("Write {right}."), Some(right), false, sink);
}

impl Stated {
    fn is(&self, issuer: &str) -> bool {
        match self {
            Stated::Whole(all) => all.iter().any(|one| one == issuer),
            Stated::End(end) => issuer.ends_with(end.as_str()),
        }
    }

    /// Whether the document below this address may be the provider's. By which host it is reached is another question.
    fn leads_to(&self, base: &str) -> bool {
        let path = |text: &str| Url::parse(text).map(|url| url.path().trim_end_matches('/').to_owned()).ok();
        match self {
            Stated::Whole(all) => all.iter().any(|one| path(one) == path(base)),
            Stated::End(end) => base.trim_end_matches('/').ends_with(end.trim_end_matches('/')),
        }
    }

    /// The issuer that was most likely meant.
    fn nearest(&self, typed: &str) -> String {
        match self {
            Stated::Whole(all) => {
                let near = |one: &&String| (strsim::normalized_levenshtein(one, typed) * 1000.0) as u32;
                all.iter().max_by_key(near).cloned().unwrap_or_default()
            }
            Stated::End(end) => {
                // What comes before its first word is the address of the provider.
                let word = end.split_inclusive('/').take(2).collect::<String>();
                let before = typed.split(&word).next().unwrap_or(typed).trim_end_matches('/');
                format!("{before}{end}")
            }
        }
    }
}
