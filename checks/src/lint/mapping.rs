//! Keystone's mapping language (openstack/keystone keystone/federation/utils.py, `MAPPING_SCHEMA`, `RuleProcessor`;
//! 30.0.0 was run). That Virtuozzo keeps each of these limits is inferred, since it wraps Keystone.

use super::model::Sink;
use super::rules;
use super::tree::{At, Node, Value};
use crate::data::nearest;
use crate::verdict::{Effect, Side, Step};

/// Whether a document is a mapping.
pub(super) fn is_mapping(node: &Node) -> bool {
    let rules = node.get("rules").unwrap_or(node);
    rules.items().iter().any(|rule| rule.get("local").is_some() || rule.get("remote").is_some())
        || node.get("rules").is_some_and(|rules| rules.items().is_empty()) && node.members().len() == 1
}

/// Everything about a mapping.
pub(super) fn judge(node: &Node, sink: &mut Sink<'_>) {
    let rules = node.get("rules").unwrap_or(node);
    if rules.items().is_empty() {
        say(sink, rules.at, Effect::LoginFails, "there is no rule, and Keystone refuses the mapping", "Add a rule.");
    }
    for rule in rules.items() {
        one(rule, sink);
    }
    let users = rules.items().iter().filter(|rule| has_user(rule) && unconditional(rule)).count();
    if users > 1 {
        let message = "two rules without a condition make a user: the first wins, always";
        say(sink, rules.at, Effect::Degraded, message, "Give the rules conditions, or make one of them.");
    }
}

fn say(sink: &mut Sink<'_>, at: At, effect: Effect, message: impl Into<String>, remedy: &str) {
    sink.say(&rules::MAPPING, at, (effect, Step::Application, Side::Application), message, remedy);
}

fn has_user(rule: &Node) -> bool {
    rule.get("local").is_some_and(|local| local.items().iter().any(|entry| entry.get("user").is_some()))
}

fn unconditional(rule: &Node) -> bool {
    rule.get("remote").is_some_and(|remote| remote.items().iter().all(|entry| entry.members().len() == 1))
}

const CONDITIONS: [&str; 4] = ["any_one_of", "not_any_of", "whitelist", "blacklist"];

fn one(rule: &Node, sink: &mut Sink<'_>) {
    unknown(rule, &["local", "remote"], sink);
    let remote = rule.get("remote").map(Node::items).unwrap_or_default();
    if remote.is_empty() {
        let message = "the rule has no `remote` entry, and Keystone refuses the mapping";
        say(sink, rule.at, Effect::LoginFails, message, "Name at least one claim under remote.");
    }
    let mut direct = 0;
    for entry in remote {
        let conditions: Vec<&str> =
            entry.members().iter().map(|(key, _)| key.value.as_str()).filter(|key| CONDITIONS.contains(key)).collect();
        unknown(entry, &["type", "any_one_of", "not_any_of", "whitelist", "blacklist", "regex"], sink);
        if entry.text_of("type").is_none() {
            let message = "a remote entry needs a `type`, the name of the claim";
            say(sink, entry.at, Effect::LoginFails, message, "Add type.");
        }
        if conditions.len() > 1 {
            let message = format!("{} stand together, and Keystone refuses the mapping", conditions.join(" and "));
            say(sink, entry.at, Effect::LoginFails, message, "Keep one condition in each entry.");
        }
        // any_one_of and not_any_of take no number of their own.
        direct += usize::from(!conditions.iter().any(|name| matches!(*name, "any_one_of" | "not_any_of")));
        texts_only(entry, &conditions, sink);
    }
    let local = rule.get("local").map(Node::items).unwrap_or_default();
    if local.is_empty() {
        let message = "the rule makes nothing: Could not map any federated user properties to identity values";
        say(sink, rule.at, Effect::LoginFails, message, "Add a user under local.");
    }
    for entry in local {
        unknown(entry, &["user", "group", "groups", "group_ids", "domain", "projects"], sink);
        groups(entry, sink);
        numbers(entry, direct, sink);
    }
}

fn texts_only(entry: &Node, conditions: &[&str], sink: &mut Sink<'_>) {
    for value in conditions.iter().filter_map(|name| entry.get(name)).flat_map(Node::items) {
        if matches!(&value.value, Value::Scalar(_, true)) {
            let message = "only texts are compared: a number or true never matches (a true arrives as 1)";
            say(sink, value.at, Effect::LoginFails, message, "Put it in quotes, as it arrives.");
        }
    }
}

fn groups(entry: &Node, sink: &mut Sink<'_>) {
    let Some(group) = entry.get("group") else { return };
    if group.members().is_empty() {
        let message = "the group is empty";
        say(sink, group.at, Effect::LoginFails, message, "Give it a name and a domain, or an id.");
    } else if group.get("name").is_some() && group.get("domain").is_none() {
        let message = "a group by name needs its domain, and Keystone refuses the mapping without it";
        say(sink, group.at, Effect::LoginFails, message, "Add \"domain\": {\"name\": \"Default\"}.");
    }
}

/// `{n}` counts the direct entries from 0.
fn numbers(node: &Node, direct: usize, sink: &mut Sink<'_>) {
    if let Value::Scalar(text, _) = &node.value {
        for piece in text.split('{').skip(1) {
            let Some((number, _)) = piece.split_once('}') else { continue };
            if number.parse::<usize>().is_ok_and(|number| number >= direct) {
                let message = format!(
                    "{{{number}}} counts from 0, and there are {direct} direct entries: DirectMappingError (500)"
                );
                say(sink, node.at, Effect::LoginFails, message, "Add the entry, or take a smaller number.");
            }
        }
    }
    node.items().iter().for_each(|item| numbers(item, direct, sink));
    node.members().iter().for_each(|(_, value)| numbers(value, direct, sink));
}

fn unknown(node: &Node, known: &[&str], sink: &mut Sink<'_>) {
    for (key, _) in node.members().iter().filter(|(key, _)| !known.contains(&key.value.as_str())) {
        let near = nearest(&key.value, known.iter().copied());
        let remedy = near.map_or("Remove it.".to_owned(), |near| format!("Did you mean `{near}`?"));
        let message = format!("`{}` is not known here, and Keystone refuses the mapping", key.value);
        say(sink, key.at, Effect::LoginFails, message, &remedy);
    }
}
