//! Lint: configuration files of providers and applications, and guides, judged without asking anybody.
//!
//! A file is recognised by its content ([`recognise`]) and read into one form for all products ([`model`]): clients at a
//! provider, settings of applications. Then three questions are put: is each right by itself, does the client give the
//! application what its profile says that it needs, and do both sides agree when both are at hand.
//!
//! Secrets are compared and never told: no message, value or place holds one, and a URL is shown without its password
//! ([`shown`]).

mod app_files;
mod apps;
mod asked;
mod clients;
mod commands;
mod guide;
pub mod issuer;
pub(crate) mod keystone;
mod mapping;
mod may;
pub mod model;
mod open;
mod provider_files;
mod python;
mod redirects;
pub mod rules;
mod shown;
pub mod tree;
mod whose;

pub use apps::Verify;
pub use rules::RULES;

use crate::check::{Check, Tier};
use crate::profile::{self, Profile};
use crate::report::{Judged, Outcome, Run};
use crate::target::Target;
use crate::verdict::{Effect, Finding, Side, Step, Verdict};
use model::{App, Client, Found, Sink};
use std::collections::BTreeMap;
use tree::{At, Node};

/// One file.
#[derive(Debug, Clone)]
pub struct Input {
    /// What the user calls it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What the user says about the files.
pub struct Options<'a> {
    /// What they are, when their content does not tell.
    pub kind: Option<Kind>,
    /// The application.
    pub profile: Option<&'a Profile>,
    /// Where it is reached.
    pub app_url: Option<&'a str>,
    /// Whether a secret belongs to a digest.
    pub verify: Verify<'a>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// YAML or JSON that its members tell apart.
    Document,
    /// Proxmox' domains.cfg.
    DomainsCfg,
    /// NetBird's setup.env.
    SetupEnv,
    /// A shell script.
    Commands,
    /// A guide.
    Guide,
}

impl Kind {
    /// The words for `--as`.
    pub const WORDS: [(&'static str, Kind); 5] = [
        ("document", Kind::Document),
        ("domains-cfg", Kind::DomainsCfg),
        ("setup-env", Kind::SetupEnv),
        ("commands", Kind::Commands),
        ("guide", Kind::Guide),
    ];
}

/// What a text is, by its content.
pub fn recognise(text: &str) -> Kind {
    let parsed = || tree::json(text, 0).or_else(|_| tree::yaml(text, 0)).ok();
    let known = |node: &Node| {
        provider_files::is_authelia(node)
            || provider_files::is_authentik(node)
            || provider_files::is_keycloak(node)
            || provider_files::is_dex(node)
            || app_files::is_xen_orchestra(node)
            || app_files::is_incus(node)
            || app_files::is_management_json(node)
            || mapping::is_mapping(node)
            || mapping::is_person(node)
    };
    if parsed().as_ref().is_some_and(known) {
        Kind::Document
    } else if guide::is_guide(text) {
        Kind::Guide
    } else if app_files::is_domains_cfg(text) {
        Kind::DomainsCfg
    } else if app_files::is_setup_env(text) {
        Kind::SetupEnv
    } else if commands::has_commands(text) {
        Kind::Commands
    } else {
        Kind::Document
    }
}

/// Reads a YAML or JSON document into what it says. False when it is none that is known.
fn document(node: &Node, found: &mut Found, sink: &mut Sink<'_>) -> bool {
    let before = found.clients.len();
    let known = by_kind(node, found, sink);
    issuer::state(node, found.clients.get_mut(before..).unwrap_or_default());
    known
}

fn by_kind(node: &Node, found: &mut Found, sink: &mut Sink<'_>) -> bool {
    if provider_files::is_authelia(node) {
        found.clients.extend(provider_files::authelia(node, sink));
    } else if provider_files::is_authentik(node) {
        found.clients.extend(provider_files::authentik(node, sink));
    } else if provider_files::is_dex(node) {
        found.clients.extend(provider_files::dex(node, sink));
    } else if mapping::is_mapping(node) {
        mapping::judge(node, sink);
        found.mappings.push(node.clone());
    } else if mapping::is_person(node) {
        found.people.push(node.clone());
    } else if app_files::is_xen_orchestra(node) {
        let app = app_files::xen_orchestra(node, sink);
        found.apps.push(app);
    } else if app_files::is_management_json(node) {
        let app = app_files::management_json(node, sink);
        found.apps.push(app);
    } else if app_files::is_incus(node) {
        let app = app_files::incus(node, sink);
        found.apps.push(app);
    } else if provider_files::is_keycloak(node) {
        found.clients.extend(provider_files::keycloak(node, sink));
    } else {
        return false;
    }
    true
}

/// Lints files together. Gives one run for each of them, in their order.
pub fn lint(inputs: &[Input], options: &Options<'_>) -> Vec<Run> {
    let mut sinks: Vec<Sink<'_>> = inputs.iter().map(|input| Sink::new(&input.name)).collect();
    let mut all: Vec<(Found, bool)> = Vec::new();
    for (input, sink) in inputs.iter().zip(&mut sinks) {
        all.push(read(input, options, sink));
    }
    // A mapping is tried on the people whose claims are at hand.
    for (found, sink) in all.iter().map(|(found, _)| found).zip(&mut sinks) {
        for node in &found.mappings {
            for ((other, _), input) in all.iter().zip(inputs) {
                other.people.iter().for_each(|person| mapping::tried(node, person, &input.name, sink));
            }
        }
    }
    // Both sides may stand in one file or in two.
    let apps: Vec<(usize, &App)> =
        all.iter().enumerate().flat_map(|(file, (found, _))| found.apps.iter().map(move |app| (file, app))).collect();
    let clients: Vec<(usize, &Client)> = all
        .iter()
        .enumerate()
        .flat_map(|(file, (found, _))| found.clients.iter().map(move |client| (file, client)))
        .collect();
    for (file, app) in &apps {
        let in_guide = all.get(*file).is_some_and(|(_, guide)| *guide);
        if let Some(sink) = sinks.get_mut(*file) {
            apps::alone(app, in_guide, sink);
        }
    }
    let mut titles: BTreeMap<usize, Vec<Profile>> = BTreeMap::new();
    let judged = whose::subjects(&clients, &apps, options.profile);
    for ((file, client), whose) in clients.iter().zip(&judged) {
        let Some(sink) = sinks.get_mut(*file) else { continue };
        clients::alone(client, sink);
        if let Some(may) = &whose.may {
            clients::against(client, may, options.app_url, sink);
            titles.entry(*file).or_default().push(may.profile.clone());
        }
        if let Some((of, app)) = whose.partner
            && let Some(sink) = sinks.get_mut(of)
        {
            apps::both(app, client, options.verify, sink);
        }
    }
    for (file, app) in &apps {
        let its = judged
            .iter()
            .zip(&clients)
            .filter(|(whose, _)| whose.partner.is_some_and(|(_, own)| std::ptr::eq(own, *app)));
        let providers: Vec<model::Product> = its.map(|(_, (_, client))| client.product).collect();
        if let Some(sink) = sinks.get_mut(*file) {
            apps::name_without_scope(app, &providers, sink);
        }
    }
    issuer::pairs(&clients, &judged, &mut sinks);
    for (file, app) in &apps {
        if let Some(profile) = options.profile.cloned().or_else(|| apps::profile_of(app)) {
            titles.entry(*file).or_default().push(profile);
        }
    }
    let runs = inputs.iter().zip(sinks).enumerate();
    // A file that is about several applications is called by none of them.
    let only = |mut all: Vec<Profile>| {
        let first = all.pop()?;
        all.iter().all(|other| other.file.id == first.file.id).then_some(first)
    };
    runs.map(|(file, (input, sink))| run(input, sink, titles.remove(&file).and_then(only))).collect()
}

/// Reads one file; whether it is a guide.
fn read(input: &Input, options: &Options<'_>, sink: &mut Sink<'_>) -> (Found, bool) {
    let mut found = Found::default();
    let text = input.text.as_str();
    if text.contains('\0') && !looks_structured(input) {
        unknown(text, sink);
        return (found, false);
    }
    let kind = options.kind.unwrap_or_else(|| recognise(text));
    match kind {
        Kind::DomainsCfg => found.apps.extend(app_files::domains_cfg(text, sink)),
        Kind::SetupEnv => found.apps.push(app_files::setup_env(text, sink)),
        Kind::Commands => found.apps.extend(commands::read(text, 0, sink)),
        Kind::Guide => {
            let given = options.profile.map(|profile| profile.file.id.as_str());
            let profile = guide::read(text, given, &mut found, sink);
            if let Some(profile) = profile.and_then(Profile::by_id) {
                unsaid(&profile, sink);
            }
        }
        Kind::Document => {
            let json = text.trim_start().starts_with(['{', '[']) && !input.name.ends_with(".yml");
            let parsed = if json { tree::json(text, 0) } else { tree::yaml(text, 0) };
            match parsed {
                Ok(node) => {
                    if !document(&node, &mut found, sink) {
                        unknown(text, sink);
                    }
                }
                // A text that was never meant to be YAML is not broken.
                Err(_) if options.kind.is_none() && !looks_structured(input) => unknown(text, sink),
                Err(mut broken) => {
                    if !json {
                        tab(text, &mut broken);
                    }
                    let what = (Effect::LoginFails, Step::Application, side(text));
                    let message = format!("the file cannot be read: {}", broken.why);
                    sink.say(&rules::READABLE, broken.at, what, message, rules::READABLE.remedy);
                }
            }
        }
    }
    (found, kind == Kind::Guide)
}

fn unknown(text: &str, sink: &mut Sink<'_>) {
    let what = (Effect::Degraded, Step::Application, side(text));
    let message = match text.contains('\0') {
        true => "this is no text but something with zero bytes, so nothing in it was looked at",
        false => "this is no configuration that is known here, so nothing in it was looked at",
    };
    let remedy = "Say with --as what it is, or leave the file away; `oidcheck lint --help` says which files are read.";
    sink.say(&rules::READABLE, At::new(1, 1), what, message, remedy);
}

/// What only a provider's file has.
const OF_PROVIDERS: [&str; 5] =
    ["identity_providers:", "staticClients:", "oauth2provider", "\"redirectUris\"", "\"realm\""];

/// Whether a file is YAML or JSON by its name or by its first characters, or names what only such a file has.
fn looks_structured(input: &Input) -> bool {
    let name = [".yml", ".yaml", ".json"].iter().any(|end| input.name.ends_with(end));
    // Other files put the names of their sections into brackets.
    let first = input.text.trim_start().lines().next().unwrap_or_default().trim_end();
    let section = first.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let section = section.is_some_and(|name| name.starts_with(|c: char| c.is_alphabetic()) && !name.contains(','));
    let begins = first.starts_with(['{', '[']) && !section;
    name || begins || OF_PROVIDERS.iter().any(|word| input.text.contains(word))
}

/// Whose file it probably is, when it cannot be read.
fn side(text: &str) -> Side {
    if OF_PROVIDERS.iter().any(|word| text.contains(word)) { Side::Provider } else { Side::Application }
}

/// A parser of YAML stops before the line that begins with a tab, in the middle of something else.
fn tab(text: &str, broken: &mut tree::Broken) {
    let begins = |line: &str| line.trim_start_matches(' ').starts_with('\t') && !line.trim().is_empty();
    let next = text.lines().enumerate().skip(broken.at.line.saturating_sub(1)).take(2).find(|(_, line)| begins(line));
    if let Some((index, line)) = next {
        let spaces = line.chars().take_while(|c| *c == ' ').count();
        *broken =
            tree::Broken { at: At::new(index + 1, spaces + 1), why: "a tab stands where YAML wants spaces".into() };
    }
}

/// What has to be known about the application and stands in no guide.
fn unsaid(profile: &Profile, sink: &mut Sink<'_>) {
    for note in profile.notes() {
        let what = (Effect::Untidy, Step::Application, Side::Application);
        let message = format!("left unsaid: {}", note.text.trim().trim_end_matches('.'));
        let remedy = format!("{} Source: {}.", note.remedy.trim(), note.source.trim_end_matches('.'));
        sink.say(&rules::UNSAID, At::new(1, 1), what, message, remedy);
    }
}

/// The findings of one file as a run.
fn run(input: &Input, sink: Sink<'_>, profile: Option<Profile>) -> Run {
    let mut by_rule: BTreeMap<&str, Vec<Finding>> = BTreeMap::new();
    for (rule, mut finding) in sink.hits {
        shown::clean(&mut finding);
        let list = by_rule.entry(rule.id).or_default();
        // A document inside a document may be read twice.
        if !list.contains(&finding) {
            list.push(finding);
        }
    }
    let outcome = |check: &'static Check| {
        let findings = by_rule.get(check.id).cloned().unwrap_or_default();
        let loudest = findings.iter().map(|finding| finding.effect.severity()).max();
        let verdict = Verdict::from(findings, "nothing in this file speaks against it");
        Outcome { check, judged: Judged::Told(verdict), severity: loudest.unwrap_or(check.severity), because: None }
    };
    let generic = || profile::one("generic").cloned();
    let profile = profile.or_else(generic).unwrap_or_else(|| Profile {
        file: profile::ProfileFile::default(),
        parts: Vec::new(),
        choices: profile::Choices::default(),
        settings: BTreeMap::new(),
        written: None,
    });
    Run {
        reach: Vec::new(),
        target: Target { typed: input.name.clone(), ..Target::default() },
        profile,
        provider: None,
        tier: Tier::Login,
        outcomes: RULES.iter().copied().map(outcome).collect(),
        people: Vec::new(),
        unreachable: None,
        asked: BTreeMap::new(),
        requests: 0,
        elapsed_ms: 0,
    }
}
