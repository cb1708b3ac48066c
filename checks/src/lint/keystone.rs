//! What Keystone makes of a person: its mapping language, worked out as `RuleProcessor` of openstack/keystone
//! keystone/federation/utils.py (30.0.0) works it out, schema version 1.0.
//!
//! Python shows through in three places, and people meet them: a claim with several values is written as Python writes a
//! list when it is put into a text, `{n}` is `str.format`, and a text that looks like a Python list is read as one. Where
//! Keystone's answer depends on chance (the order of a set) the order of the claim is kept here.

use super::python;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Mapped {
    /// The user's properties, when some rule makes one.
    pub(crate) user: Option<Value>,
    /// Groups by id.
    pub(crate) group_ids: BTreeSet<String>,
    /// Groups by name, each with its domain as JSON.
    pub(crate) group_names: BTreeSet<(String, String)>,
}

/// Why nothing becomes of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No rule applies; why, for each rule (401).
    NoRule(Vec<String>),
    /// Keystone refuses what came out (400).
    Refused(String),
    /// Keystone breaks (500).
    Broken(String),
    /// It cannot be worked out here.
    Open(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::NoRule(why) => write!(
                f,
                "no rule applies: Could not map any federated user properties to identity values (401); {}",
                why.join("; ")
            ),
            Failure::Refused(why) => write!(f, "Keystone refuses it (400): {why}"),
            Failure::Broken(why) => write!(f, "Keystone breaks (500): {why}"),
            Failure::Open(why) => f.write_str(why),
        }
    }
}

/// What reaches Keystone: a text for each attribute.
pub(crate) type Assertion = BTreeMap<String, String>;

/// Prefixes that a web server in front of Keystone gives to claims, the longest first; whether it writes them in capitals.
const PREFIXES: [(&str, bool); 4] =
    [("HTTP_OIDC_CLAIM_", true), ("HTTP_OIDC_", true), ("OIDC_CLAIM_", false), ("OIDC-", false)];

/// What the claims of a person are when they arrive, for the attributes that the rules read. Behind mod_auth_openidc
/// everything is a text and arrays are joined with commas; otherwise only texts take part.
pub(crate) fn assertion(rules: &[Value], claims: &serde_json::Map<String, Value>) -> Assertion {
    let types = rules.iter().flat_map(|rule| list(rule, "remote")).filter_map(|entry| entry.get("type")?.as_str());
    types.filter_map(|name| Some((name.to_owned(), arrives(name, claims)?))).collect()
}

fn arrives(name: &str, claims: &serde_json::Map<String, Value>) -> Option<String> {
    let Some((rest, capitals)) = PREFIXES.iter().find_map(|(p, capitals)| Some((name.strip_prefix(p)?, *capitals)))
    else {
        return claims.get(name)?.as_str().map(str::to_owned);
    };
    let header = |claim: &str| claim.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let value = if capitals {
        claims.iter().find(|(claim, _)| header(claim) == rest).map(|(_, value)| value)
    } else {
        claims.get(rest)
    };
    match value? {
        Value::Null => None,
        Value::Array(items) => Some(items.iter().map(plain).collect::<Vec<_>>().join(",")),
        value => Some(plain(value)),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "1".into(),
        Value::Bool(false) => "0".into(),
        value => value.to_string(),
    }
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Maps a person.
///
/// # Errors
/// [`Failure`].
pub(crate) fn map(rules: &[Value], assertion: &Assertion) -> Result<Mapped, Failure> {
    let (mut made, mut why) = (Vec::new(), Vec::new());
    for (index, rule) in rules.iter().enumerate() {
        match direct(list(rule, "remote"), assertion)? {
            Ok(direct) => {
                for local in list(rule, "local") {
                    made.push(filled(local, &direct)?);
                }
            }
            Err(reason) => why.push(format!("rule {}: {reason}", index + 1)),
        }
    }
    if made.is_empty() {
        return Err(Failure::NoRule(why));
    }
    let mut mapped = Mapped::default();
    for entry in &made {
        take(entry, &mut mapped)?;
    }
    Ok(mapped)
}

/// The values that `{n}` stands for, or why the rule does not apply.
fn direct(remote: &[Value], assertion: &Assertion) -> Result<Result<Vec<Vec<String>>, String>, Failure> {
    let mut direct = Vec::new();
    for entry in remote {
        let name = entry.get("type").and_then(Value::as_str).unwrap_or_default();
        let Some(text) = assertion.get(name) else { return Ok(Err(format!("`{name}` does not arrive"))) };
        let values: Vec<String> = text.split(';').map(str::to_owned).collect();
        let regex = entry.get("regex").and_then(Value::as_bool).unwrap_or_default();
        let matching = |condition: &str| match entry.get(condition) {
            None => Ok(None),
            Some(wanted) => matches(wanted, &values, regex).map(Some),
        };
        if let Some(found) = matching("any_one_of")? {
            if found.is_empty() {
                return Ok(Err(format!("`{name}` is none of any_one_of")));
            }
            continue;
        }
        if let Some(found) = matching("not_any_of")? {
            if !found.is_empty() {
                return Ok(Err(format!("`{name}` is one of not_any_of")));
            }
            continue;
        }
        direct.push(if let Some(found) = matching("blacklist")? {
            unique(values.iter().filter(|value| !found.contains(value)))
        } else if let Some(found) = matching("whitelist")? {
            // With expressions a value that stands twice stays twice; otherwise it passes through a set.
            if regex { found } else { unique(found.iter()) }
        } else {
            values
        });
    }
    Ok(Ok(direct))
}

fn unique<'s>(values: impl Iterator<Item = &'s String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    values.filter(|value| seen.insert(value.as_str())).cloned().collect()
}

/// The values that a condition names.
fn matches(wanted: &Value, values: &[String], regex: bool) -> Result<Vec<String>, Failure> {
    let wanted = wanted.as_array().ok_or_else(|| Failure::Refused("a condition is no list".into()))?;
    if !regex {
        if wanted.iter().any(|value| value.is_array() || value.is_object()) {
            return Err(Failure::Broken("a condition holds a list, which cannot be compared".into()));
        }
        let same = |value: &&String| wanted.iter().any(|wanted| wanted.as_str() == Some(value));
        return Ok(values.iter().filter(same).cloned().collect());
    }
    let mut found = Vec::new();
    for value in values {
        for pattern in wanted {
            let pattern =
                pattern.as_str().ok_or_else(|| Failure::Broken("an expression of a condition is no text".into()))?;
            let compiled = regex_lite::Regex::new(pattern)
                .map_err(|_| Failure::Open(format!("the expression {pattern:?} is not understood here")))?;
            if compiled.is_match(value) {
                found.push(value.clone());
                break;
            }
        }
    }
    Ok(found)
}

/// A piece of `local` with the values in place of `{n}`.
fn filled(local: &Value, direct: &[Vec<String>]) -> Result<Value, Failure> {
    Ok(match local {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(key, value)| Ok((key.clone(), filled(value, direct)?)))
                .collect::<Result<_, Failure>>()?,
        ),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| filled(item, direct)).collect::<Result<_, Failure>>()?)
        }
        Value::String(text) => Value::String(python::format(text, direct)?),
        other => return Err(Failure::Broken(format!("{other} under local is no text"))),
    })
}

/// Adds what one piece of `local` gives.
fn take(entry: &Value, mapped: &mut Mapped) -> Result<(), Failure> {
    // The first user wins, unless it is empty.
    if let Some(user) = entry.get("user")
        && mapped.user.as_ref().is_none_or(|user| user.as_object().is_some_and(serde_json::Map::is_empty))
    {
        mapped.user = Some(user.clone());
    }
    if let Some(group) = entry.get("group") {
        if let Some(id) = group.get("id").and_then(Value::as_str) {
            mapped.group_ids.insert(id.to_owned());
        } else if let Some(name) = group.get("name").and_then(Value::as_str) {
            let domain = group.get("domain").ok_or_else(|| Failure::Broken("a group has no domain".into()))?;
            mapped.group_names.insert((name.to_owned(), domain.to_string()));
        }
    }
    if let Some(groups) = entry.get("groups").and_then(Value::as_str) {
        mapped.group_names.extend(by_name(groups, entry.get("domain"))?);
    }
    if let Some(ids) = entry.get("group_ids").and_then(Value::as_str) {
        mapped.group_ids.extend(python::list(ids).into_iter().map(|(text, _)| text));
    }
    Ok(())
}

/// `groups`: names in the domain beside them, or, where the text has `name` in it, objects with a domain of their own.
fn by_name(groups: &str, domain: Option<&Value>) -> Result<Vec<(String, String)>, Failure> {
    let refused = || Failure::Refused("`groups` needs `domain` beside it".into());
    let names = python::list(groups);
    if !groups.contains("name") {
        let domain = domain.ok_or_else(refused)?;
        return Ok(names.into_iter().map(|(name, _)| (name, domain.to_string())).collect());
    }
    let one = |(text, is_text): (String, bool)| {
        if !is_text {
            return Err(Failure::Broken("an entry of `groups` is no text".into()));
        }
        if !text.starts_with("JSON:") {
            let broken = Failure::Broken("an entry of `groups` has `name` in it and is no object".into());
            return Err(if text.contains("domain") { broken } else { refused() });
        }
        let json = text.trim_start_matches(|c| "JSON:".contains(c));
        let broken = |_| Failure::Broken("an entry of `groups` is no JSON".into());
        let group: Value = serde_json::from_str(json).map_err(broken)?;
        let domain = group.get("domain").ok_or_else(refused)?;
        Ok((group.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(), domain.to_string()))
    };
    names.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests;
