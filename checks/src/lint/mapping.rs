//! Keystone's mapping language (openstack/keystone keystone/federation/utils.py, `MAPPING_SCHEMA`, `RuleProcessor`;
//! 30.0.0 was run). That Virtuozzo keeps each of these limits is inferred, since it wraps Keystone.

use super::keystone::{self, Failure};
use super::model::Sink;
use super::tree::{At, Node, Value};
use super::{python, rules};
use crate::data::nearest;
use crate::verdict::{Effect, Side, Step};

/// Whether a document is a mapping.
pub(super) fn is_mapping(node: &Node) -> bool {
    let rules = node.get("rules").unwrap_or(node);
    rules.items().iter().any(|rule| rule.get("local").is_some() || rule.get("remote").is_some())
        || node.get("rules").is_some_and(|rules| rules.items().is_empty()) && node.members().len() == 1
}

/// Whether a document holds the claims of a person: the payload of a token, or a userinfo response.
pub(super) fn is_person(node: &Node) -> bool {
    let claim = |name: &&str| node.get(name).is_some();
    node.text_of("sub").is_some() && ["iss", "email", "name", "preferred_username", "groups"].iter().any(claim)
}

/// Everything about a mapping.
pub(super) fn judge(node: &Node, sink: &mut Sink<'_>) {
    let rules = node.get("rules").unwrap_or(node);
    if rules.items().is_empty() {
        refused(sink, rules.at, "there is no rule", "Add a rule.");
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

/// What becomes of one person.
pub(super) fn tried(node: &Node, person: &Node, whose: &str, sink: &mut Sink<'_>) {
    let rules = node.get("rules").unwrap_or(node);
    let plain = rules.plain();
    let (Some(list), serde_json::Value::Object(claims)) = (plain.as_array(), person.plain()) else { return };
    let (effect, message, remedy) = match keystone::map(list, &keystone::assertion(list, &claims)) {
        Ok(mapped) if mapped.user.is_some() => return,
        Ok(_) => (
            Effect::Degraded,
            "a rule applies and makes no user, so the web server's REMOTE_USER becomes the name".to_owned(),
            "Add a user under local.",
        ),
        Err(Failure::Open(why)) => (
            Effect::Untidy,
            format!("what becomes of the person cannot be worked out here: {why}"),
            "Try it with keystone-manage mapping_engine.",
        ),
        Err(failure @ Failure::NoRule(_)) => {
            (Effect::LoginFails, failure.to_string(), "Let the provider send the claim, or change the condition.")
        }
        Err(failure) => (Effect::LoginFails, failure.to_string(), "Correct the rule."),
    };
    say(sink, rules.at, effect, format!("for the person in {whose}, {message}"), remedy);
}

fn say(sink: &mut Sink<'_>, at: At, effect: Effect, message: impl Into<String>, remedy: &str) {
    sink.say(&rules::MAPPING, at, (effect, Step::Application, Side::Application), message, remedy);
}

/// Against the schema: the mapping cannot even be stored.
fn refused(sink: &mut Sink<'_>, at: At, why: &str, remedy: &str) {
    say(sink, at, Effect::LoginFails, format!("{why}, and Keystone refuses the mapping"), remedy);
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
        refused(sink, rule.at, "the rule has no `remote` entry", "Name at least one claim under remote.");
    }
    let mut direct = 0;
    for entry in remote {
        let conditions: Vec<&str> =
            entry.members().iter().map(|(key, _)| key.value.as_str()).filter(|key| CONDITIONS.contains(key)).collect();
        unknown(entry, &["type", "any_one_of", "not_any_of", "whitelist", "blacklist", "regex"], sink);
        if !entry.get("type").is_some_and(is_text) {
            refused(sink, entry.at, "a remote entry has no `type` that names a claim", "Add type, as a text.");
        }
        if conditions.len() > 1 {
            let why = format!("{} stand together", conditions.join(" and "));
            refused(sink, entry.at, &why, "Keep one condition in each entry.");
        }
        if let Some(regex) = entry.get("regex") {
            if conditions.is_empty() {
                refused(sink, regex.at, "`regex` stands without a condition", "Add a condition, or remove regex.");
            } else if !matches!(&regex.value, Value::Scalar(word, true) if matches!(word.as_str(), "true" | "false")) {
                refused(sink, regex.at, "`regex` is neither true nor false", "Write true, without quotes.");
            }
        }
        for (condition, list) in conditions.iter().filter_map(|name| Some((name, entry.get(name)?))) {
            if !matches!(list.value, Value::List(_)) {
                refused(sink, list.at, &format!("`{condition}` is no list"), "Put it in brackets.");
            }
        }
        // any_one_of and not_any_of take no number of their own.
        direct += usize::from(!conditions.iter().any(|name| matches!(*name, "any_one_of" | "not_any_of")));
        texts_only(entry, &conditions, sink);
    }
    match rule.get("local").map(|local| (local, local.items())) {
        None => refused(sink, rule.at, "the rule has no `local`", "Add a user under local."),
        Some((local, [])) => {
            let message = "the rule makes nothing: Could not map any federated user properties to identity values";
            say(sink, local.at, Effect::LoginFails, message, "Add a user under local.");
        }
        Some((_, entries)) => {
            for entry in entries {
                makes(entry, sink);
                numbers(entry, direct, sink);
            }
        }
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

/// What a piece of `local` may be.
fn makes(entry: &Node, sink: &mut Sink<'_>) {
    unknown(entry, &["user", "group", "groups", "group_ids", "domain", "projects"], sink);
    for name in ["groups", "group_ids"] {
        if let Some(odd) = entry.get(name).filter(|node| !is_text(node)) {
            refused(sink, odd.at, &format!("`{name}` is no text"), "Write one text, such as \"{0}\".");
        }
    }
    if let Some(user) = object(entry, "user", &["id", "name", "email", "domain", "type"], sink) {
        texts(user, &["id", "name", "email"], sink);
        domain(user, sink);
        let kind = user
            .get("type")
            .filter(|kind| !kind.text().is_some_and(|k| matches!(k.value.as_str(), "ephemeral" | "local")));
        if let Some(kind) = kind {
            refused(sink, kind.at, "the type of a user is neither ephemeral nor local", "Remove type, or write local.");
        }
    }
    domain(entry, sink);
    group(entry, sink);
    projects(entry, sink);
}

fn group(entry: &Node, sink: &mut Sink<'_>) {
    let Some(group) = object(entry, "group", &["id", "name", "domain"], sink) else { return };
    texts(group, &["id", "name"], sink);
    domain(group, sink);
    let has = |name| group.get(name).is_some();
    if has("id") && (has("name") || has("domain")) {
        refused(sink, group.at, "the group has an id and something else", "Keep the id alone, or name and domain.");
    } else if !has("id") && !has("name") {
        refused(sink, group.at, "the group has neither id nor name", "Give it a name and a domain, or an id.");
    } else if has("name") && !has("domain") {
        let remedy = "Add \"domain\": {\"name\": \"Default\"}.";
        refused(sink, group.at, "a group by name needs its domain", remedy);
    }
}

fn projects(entry: &Node, sink: &mut Sink<'_>) {
    let Some(projects) = entry.get("projects") else { return };
    if !matches!(projects.value, Value::List(_)) {
        refused(sink, projects.at, "`projects` is no list", "Put the project in brackets.");
    }
    for project in projects.items() {
        unknown(project, &["name", "roles"], sink);
        texts(project, &["name"], sink);
        let roles = project.get("roles").map(Node::items).unwrap_or_default();
        let named = |role: &Node| role.get("name").is_some_and(is_text);
        if project.get("name").is_none() || project.get("roles").is_none() || !roles.iter().all(named) {
            refused(
                sink,
                project.at,
                "a project needs a name and roles with names",
                "Write {\"name\": …, \"roles\": [{\"name\": …}]}.",
            );
        }
    }
}

fn domain(node: &Node, sink: &mut Sink<'_>) {
    if let Some(domain) = object(node, "domain", &["id", "name"], sink) {
        texts(domain, &["id", "name"], sink);
    }
}

fn object<'n>(node: &'n Node, name: &str, known: &[&str], sink: &mut Sink<'_>) -> Option<&'n Node> {
    let member = node.get(name)?;
    if matches!(member.value, Value::Map(_)) {
        unknown(member, known, sink);
        return Some(member);
    }
    refused(sink, member.at, &format!("`{name}` is no object"), "Write it in braces.");
    None
}

fn texts(node: &Node, names: &[&str], sink: &mut Sink<'_>) {
    for (name, member) in names.iter().filter_map(|name| Some((name, node.get(name)?))) {
        if !is_text(member) {
            refused(sink, member.at, &format!("`{name}` is no text"), "Put it in quotes.");
        }
    }
}

fn is_text(node: &Node) -> bool {
    node.plain().is_string()
}

/// `{n}` counts the direct entries from 0.
fn numbers(node: &Node, direct: usize, sink: &mut Sink<'_>) {
    if let Value::Scalar(text, _) = &node.value
        && let Err(Failure::Broken(why)) = python::format(text, &vec![vec![String::new()]; direct])
    {
        let remedy = "Add the entry under remote, or take a smaller number.";
        say(sink, node.at, Effect::LoginFails, format!("{why}: DirectMappingError (500)"), remedy);
    }
    node.items().iter().for_each(|item| numbers(item, direct, sink));
    node.members().iter().for_each(|(_, value)| numbers(value, direct, sink));
}

fn unknown(node: &Node, known: &[&str], sink: &mut Sink<'_>) {
    for (key, _) in node.members().iter().filter(|(key, _)| !known.contains(&key.value.as_str())) {
        let near = nearest(&key.value, known.iter().copied());
        let remedy = near.map_or("Remove it.".to_owned(), |near| format!("Did you mean `{near}`?"));
        refused(sink, key.at, &format!("`{}` is not known here", key.value), &remedy);
    }
}
