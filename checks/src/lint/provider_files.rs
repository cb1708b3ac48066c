//! Reads clients out of the configuration files of providers: a module for each product, and here what they share.

mod authelia;
mod authentik;
mod dex;
mod keycloak;

pub(super) use authelia::{authelia, is_authelia};
pub(super) use authentik::{authentik, is_authentik, subject_mode};
pub(super) use dex::{dex, is_dex};
pub(super) use keycloak::{is_keycloak, keycloak};

use super::model::{self, Sink};
use super::rules;
use super::tree::{At, Node, Text};
use crate::check::Check;
use crate::data::nearest;
use crate::verdict::{Effect, Finding, Side, Step};
use std::collections::BTreeSet;

/// Something that stops the provider at its start, or lets it refuse the file.
fn refused<'s>(
    sink: &'s mut Sink<'_>,
    rule: &'static Check,
    at: At,
    message: impl Into<String>,
    remedy: impl Into<String>,
) -> &'s mut Finding {
    sink.say(rule, at, (Effect::LoginFails, Step::Discovery, Side::Provider), message, remedy)
}

fn unknown_key<'k>(key: &Text, known: impl Iterator<Item = &'k str>, because: &str, sink: &mut Sink<'_>) {
    let near = nearest(&key.value, known);
    let remedy = near.map_or("Remove it.".to_owned(), |near| format!("Did you mean `{near}`?"));
    refused(sink, &rules::KNOWN_KEYS, key.at, format!("`{}` is no key of a client; {because}", key.value), remedy);
}

/// A value that has to be one of some words; what is filled in later may be any of them. A value that is like none of
/// them is not told, since it may be something that strayed here.
fn one_of(value: &Text, key: &str, words: &[&str], because: &str, sink: &mut Sink<'_>) {
    let text = value.value.as_str();
    if words.contains(&text) || model::is_open(text) {
        return;
    }
    let end = words.iter().copied().find(|word| !text.is_empty() && word.ends_with(&format!(":{text}")));
    let near = end.or_else(|| nearest(text, words.iter().copied()));
    let remedy = match near {
        Some(near) => format!("Did you mean '{near}'?"),
        None => format!(
            "It may be {}.",
            words.iter().copied().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ")
        ),
    };
    let message = format!("this is no value of `{key}`, and {because}");
    let finding = refused(sink, &rules::VALUES, value.at, message, remedy);
    finding.actual = near.is_some().then(|| text.to_owned());
    finding.expected = near.map(str::to_owned);
}

/// Keys that stand twice in one mapping, anywhere in the document.
fn twice(node: &Node, effect: Effect, because: &str, sink: &mut Sink<'_>) {
    let mut seen = BTreeSet::new();
    for (key, value) in node.members() {
        if !seen.insert(key.value.as_str()) {
            let message = format!("`{}` stands twice in one place: {because}", key.value);
            let what = (effect, Step::Discovery, Side::Provider);
            sink.say(&rules::KNOWN_KEYS, key.at, what, message, "Keep one of them.");
        }
        twice(value, effect, because, sink);
    }
    node.items().iter().for_each(|item| twice(item, effect, because, sink));
}
