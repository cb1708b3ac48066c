//! What an administrator sets in the application and which version it has: both change facts of the profile.
//!
//! A profile declares its settings; `--set KEY=VALUE` chooses. A choice lays a table over the profile, and `{KEY}` in
//! any text of the profile stands for its value. `--app-version` selects the facts of that version.

use super::ProfileFile;
use crate::data::{self, DataError};
use schemars::JsonSchema;
use serde::Deserialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Placeholders that other things stand for; no setting may be called so.
const RESERVED: [&str; 11] = [
    "origin",
    "base",
    "host",
    "issuer",
    "discovery-url",
    "client-id",
    "client-secret",
    "realm",
    "slug",
    "redirect-uri",
    "seen",
];

/// A setting of the application that changes the verdict.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Setting {
    /// The name for `--set`, in kebab case.
    pub key: String,
    /// What it is, and what the application calls it.
    pub about: String,
    /// The application's own default.
    #[serde(default)]
    pub default: String,
    /// The values that it may have; any when empty.
    #[serde(default)]
    pub choices: Vec<String>,
    /// It is a list, separated by white space or commas; `"{KEY}"` as an element of a list becomes its elements.
    #[serde(default)]
    pub list: bool,
    /// Values that stand for another one, which is the claim or scope that is meant.
    #[serde(default)]
    pub means: BTreeMap<String, String>,
    /// What a value changes about the profile, as tables laid over it; `otherwise` is for every other value than those
    /// named and the default.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, serde_json::Map<String, serde_json::Value>>")]
    pub changes: BTreeMap<String, toml::Table>,
}

/// Facts of some versions only.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VersionFact {
    /// The first version that it holds for.
    #[serde(default)]
    pub since: Option<String>,
    /// The last version that it holds for; `8` means every 8.x.
    #[serde(default)]
    pub until: Option<String>,
    /// What is different, in a person's words.
    pub about: String,
    /// The table that is laid over the profile.
    #[serde(default)]
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub changes: toml::Table,
}

/// What a user says about the application.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// Its version; the newest that the profile knows when absent.
    pub version: Option<String>,
    /// Its settings by key.
    pub settings: BTreeMap<String, String>,
    /// The file with which its administrator maps claims to users and groups.
    pub mapping: Option<serde_json::Value>,
}

/// Whether a version lies between two bounds. A bound holds for everything below it: `until = "8"` covers 8.4.1.
/// Without a version it is the newest, so that a fact with an end does not hold.
pub fn holds(version: Option<&str>, since: Option<&str>, until: Option<&str>) -> bool {
    let Some(version) = version else { return until.is_none() };
    since.is_none_or(|bound| compare(version, bound) != Ordering::Less)
        && until.is_none_or(|bound| compare(version, bound) != Ordering::Greater)
}

/// Compares as many numbers as the bound has; missing ones of the version count as 0.
fn compare(version: &str, bound: &str) -> Ordering {
    let numbers = |text: &str| -> Vec<u64> {
        let text = text.trim_start_matches(['v', 'V']);
        text.split(['.', '-', '+', '~']).map_while(|part| part.parse().ok()).collect()
    };
    let (version, bound) = (numbers(version), numbers(bound));
    let same_length = bound.iter().enumerate().map(|(i, _)| version.get(i).copied().unwrap_or(0));
    same_length.collect::<Vec<_>>().cmp(&bound)
}

/// Whether a text can be compared with a bound at all.
pub fn is_version(text: &str) -> bool {
    text.trim_start_matches(['v', 'V']).starts_with(|c: char| c.is_ascii_digit())
}

/// The profile with the choices applied, and the value of every setting.
///
/// # Errors
/// [`DataError`] when a choice does not exist, a value is none of the choices, or what a choice changes does not fit.
pub(super) fn apply(
    name: &str,
    text: &str,
    choices: &Choices,
) -> Result<(ProfileFile, BTreeMap<String, String>), DataError> {
    // Read as it stands first, so that an error points into the file that somebody wrote.
    let written: ProfileFile = data::read(name, text)?;
    let mut table = data::table(name, text)?;
    check_keys(name, &written)?;
    let version = choices.version.as_deref();
    for fact in written.versions_differ.iter().filter(|f| f.until.is_some() || f.since.is_some()) {
        if holds(version, fact.since.as_deref(), fact.until.as_deref()) {
            data::merge(&mut table, &fact.changes);
        }
    }
    let mut values = BTreeMap::new();
    for setting in &written.settings {
        let value = match choices.settings.get(&setting.key) {
            Some(value) => checked(setting, value)?,
            None => setting.default.clone(),
        };
        let otherwise = || setting.changes.get("otherwise").filter(|_| value != setting.default);
        if let Some(changes) = setting.changes.get(&value).or_else(otherwise) {
            data::merge(&mut table, changes);
        }
        let meant = setting.means.get(&value).cloned().unwrap_or(value);
        values.insert(setting.key.clone(), meant);
    }
    let lists: Vec<&str> = written.settings.iter().filter(|s| s.list).map(|s| s.key.as_str()).collect();
    for (key, value) in table.iter_mut().filter(|(key, _)| !matches!(key.as_str(), "setting" | "version")) {
        // The templates are filled later, when the client id is known; `about` says what it says.
        if key != "setup" {
            fill(value, &values, &lists);
        }
    }
    let merged = toml::to_string(&table).map_err(|e| DataError::whole(name, e.to_string()))?;
    let file: ProfileFile = data::read(&format!("{name} with its settings"), &merged)?;
    Ok((file, values))
}

fn check_keys(name: &str, file: &ProfileFile) -> Result<(), DataError> {
    for (index, setting) in file.settings.iter().enumerate() {
        if RESERVED.contains(&setting.key.as_str()) {
            return Err(DataError::whole(name, format!("a setting may not be called {:?}", setting.key)));
        }
        if file.settings.iter().take(index).any(|other| other.key == setting.key) {
            return Err(DataError::whole(name, format!("the setting {:?} stands twice", setting.key)));
        }
        if !setting.choices.is_empty() && !setting.choices.contains(&setting.default) {
            return Err(DataError::whole(name, format!("the default of {:?} is none of its choices", setting.key)));
        }
    }
    Ok(())
}

fn checked(setting: &Setting, value: &str) -> Result<String, DataError> {
    if setting.choices.is_empty() || setting.choices.iter().any(|choice| choice == value) {
        return Ok(value.to_owned());
    }
    let help = match data::nearest(value, setting.choices.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("it may be {}", setting.choices.join(", ")),
    };
    let message = format!("{}={value} is no choice", setting.key);
    Err(DataError { help: Some(help), ..DataError::whole("--set", message) })
}

/// The elements of a list setting.
pub fn elements(value: &str) -> Vec<String> {
    value.split([' ', ',', ';', '\t']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Puts the values of the settings into every text below.
fn fill(value: &mut toml::Value, settings: &BTreeMap<String, String>, lists: &[&str]) {
    match value {
        toml::Value::String(text) => *text = filled(text, settings),
        toml::Value::Array(items) => {
            let mut out: Vec<toml::Value> = Vec::new();
            for mut item in std::mem::take(items) {
                let whole = item.as_str().and_then(|t| t.strip_prefix('{')?.strip_suffix('}'));
                let list = whole.filter(|key| lists.contains(key)).and_then(|key| settings.get(key));
                match list {
                    Some(list) => {
                        for element in elements(list).into_iter().map(toml::Value::String) {
                            if !out.contains(&element) {
                                out.push(element);
                            }
                        }
                    }
                    None => {
                        fill(&mut item, settings, lists);
                        // A setting that is not set leaves nothing behind.
                        if item.as_str() != Some("") {
                            out.push(item);
                        }
                    }
                }
            }
            *items = out;
        }
        toml::Value::Table(table) => table.iter_mut().for_each(|(_, value)| fill(value, settings, lists)),
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) | toml::Value::Datetime(_) => {}
    }
}

/// A text with `{KEY}` replaced by the value of that setting.
pub fn filled(text: &str, settings: &BTreeMap<String, String>) -> String {
    settings.iter().fold(text.to_owned(), |text, (key, value)| text.replace(&format!("{{{key}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_covers_what_lies_below_it() {
        assert!(holds(Some("8.4.1"), None, Some("8")));
        assert!(!holds(Some("9.0"), None, Some("8")));
        assert!(holds(Some("v0.77.1"), None, Some("0.77.1")));
        assert!(!holds(Some("0.78"), None, Some("0.77.1")));
        assert!(holds(Some("8.2.1"), Some("8.2.1"), None));
        assert!(!holds(Some("8.2"), Some("8.2.1"), None));
        assert!(holds(None, Some("1"), None));
        assert!(!holds(None, None, Some("1")));
    }

    const TEXT: &str = "id = 'x'\ntitle = 'X'\nlibrary = 'go-oidc'\nscopes = ['openid', '{scopes}']\n\
        [[claim]]\nname = '{user}'\nread-from = 'id-token'\nwithout = 'no {user}'\n\
        [[setting]]\nkey = 'user'\nabout = 'a'\ndefault = 'sub'\n\
        [[setting]]\nkey = 'scopes'\nabout = 'a'\ndefault = 'email profile'\nlist = true\n\
        [[setting]]\nkey = 'flow'\nabout = 'a'\ndefault = 'code'\nchoices = ['code', 'implicit']\n\
        [setting.changes.implicit]\nresponse-type = 'id_token'\n\
        [[version]]\nuntil = '1'\nabout = 'old'\nchanges = { library = 'pyjwt' }\n";

    #[test]
    fn settings_and_versions_change_facts() {
        let (file, _) = apply("x.toml", TEXT, &Choices::default()).unwrap();
        assert_eq!(file.scopes, ["openid", "email", "profile"]);
        assert_eq!((file.claims[0].name.as_str(), file.claims[0].without.as_str()), ("sub", "no sub"));
        assert_eq!((file.library.as_deref(), file.response_type), (Some("go-oidc"), None));
        let set = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let choices = Choices {
            version: Some("1.4".into()),
            settings: set(&[("flow", "implicit"), ("scopes", "openid,groups"), ("user", "email")]),
            ..Choices::default()
        };
        let (file, values) = apply("x.toml", TEXT, &choices).unwrap();
        assert_eq!(file.scopes, ["openid", "groups"]);
        assert_eq!(file.claims[0].name, "email");
        assert_eq!((file.library.as_deref(), file.response_type.as_deref()), (Some("pyjwt"), Some("id_token")));
        assert_eq!(values["flow"], "implicit");
        let wrong = Choices { settings: set(&[("flow", "implicitt")]), ..Choices::default() };
        assert_eq!(apply("x.toml", TEXT, &wrong).unwrap_err().help.as_deref(), Some("did you mean implicit?"));
    }
}
