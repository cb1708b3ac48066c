//! Command lines: in shell scripts, and between backticks of a guide.

use super::app_files::{incus_key, proxmox_option};
use super::model::{App, Field, Sink};
use super::rules;
use super::tree::{At, Text};
use crate::verdict::{Effect, Side, Step};

/// Whether a text has a command that is understood.
pub(super) fn has_commands(text: &str) -> bool {
    ["incus config set", "pveum realm ", "proxmox-backup-manager openid ", "vinfra domain idp "]
        .iter()
        .any(|command| text.contains(command))
}

/// The settings that the commands make. Several commands for one application are put together.
pub(super) fn read(text: &str, offset: usize, sink: &mut Sink<'_>) -> Vec<App> {
    let mut apps: Vec<App> = Vec::new();
    for words in lines(text, offset) {
        // A prompt, or the words before a command in backticks.
        let start = words
            .iter()
            .position(|word| matches!(word.value.as_str(), "incus" | "pveum" | "proxmox-backup-manager" | "vinfra"));
        let Some(words) = start.and_then(|start| words.get(start..)) else { continue };
        let is =
            |expected: &[&str]| expected.iter().zip(words).all(|(a, b)| *a == b.value) && words.len() > expected.len();
        if is(&["incus", "config", "set"]) {
            let app = entry(&mut apps, "incus", words[0].at);
            incus(app, &words[3..], sink);
        } else if is(&["pveum", "realm", "add"]) || is(&["pveum", "realm", "modify"]) {
            let app = entry(&mut apps, "proxmox", words[0].at);
            options(&words[3..], |key, value| proxmox_option(app, key, value, sink));
        } else if is(&["proxmox-backup-manager", "openid"]) {
            let app = entry(&mut apps, "proxmox-backup", words[0].at);
            options(&words[3..], |key, value| proxmox_option(app, key, value, sink));
        } else if is(&["vinfra", "domain", "idp", "create"]) || is(&["vinfra", "domain", "idp", "set"]) {
            let app = entry(&mut apps, "virtuozzo", words[0].at);
            vinfra(app, &words[4..], sink);
        }
    }
    apps
}

fn entry<'a>(apps: &'a mut Vec<App>, profile: &'static str, at: At) -> &'a mut App {
    match apps.iter().position(|app| app.profile == profile) {
        Some(index) => &mut apps[index],
        None => {
            apps.push(App::new(profile, at, profile != "incus"));
            let last = apps.len() - 1;
            &mut apps[last]
        }
    }
}

/// `KEY=VALUE …` or `KEY VALUE`.
fn incus(app: &mut App, words: &[Text], sink: &mut Sink<'_>) {
    if let [key, value] = words
        && !key.value.contains('=')
    {
        if key.value.starts_with("oidc.") {
            incus_key(app, key, Some(value.clone()), sink);
        }
        return;
    }
    for word in words {
        let Some((key, value)) = word.value.split_once('=').filter(|(key, _)| key.starts_with("oidc.")) else {
            continue;
        };
        let at = At::new(word.at.line, word.at.column + key.chars().count() + 1);
        let key = Text { value: key.to_owned(), at: word.at };
        incus_key(app, &key, Some(Text { value: value.to_owned(), at }), sink);
    }
}

/// `--KEY VALUE` or `--KEY=VALUE`.
fn options(words: &[Text], mut take: impl FnMut(&Text, Text)) {
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(name) = word.value.strip_prefix("--") else { continue };
        if let Some((key, value)) = name.split_once('=') {
            let key = Text { value: key.to_owned(), at: word.at };
            take(&key, Text { value: value.to_owned(), at: word.at });
            continue;
        }
        let key = Text { value: name.to_owned(), at: word.at };
        let value = words.next_if(|next| !next.value.starts_with("--"));
        take(&key, value.cloned().unwrap_or(Text { value: String::new(), at: word.at }));
    }
}

fn vinfra(app: &mut App, words: &[Text], sink: &mut Sink<'_>) {
    // The usage text of a manual is no command.
    if words.iter().any(|word| word.value.starts_with(['[', '<']) && word.value != "<client-secret>") {
        app.whole = false;
        return;
    }
    options(words, |key, value| {
        let what = (Effect::LoginFails, Step::Application, Side::Application);
        let needs_value = matches!(
            key.value.as_str(),
            "issuer"
                | "scope"
                | "metadata-url"
                | "client-id"
                | "client-secret"
                | "mapping"
                | "domain"
                | "response-type"
        );
        if needs_value && value.value.trim().is_empty() {
            let message = format!("--{} has no value, so the command takes the next option for it", key.value);
            sink.say(&rules::VALUES, key.at, what, message, "Put in the value.");
            return;
        }
        let field = match key.value.as_str() {
            "issuer" => Field::Issuer,
            "scope" => Field::Scopes,
            "metadata-url" => Field::Discovery,
            "client-id" => Field::ClientId,
            "client-secret" => Field::Secret,
            "response-type" => Field::ResponseType,
            "dont-verify-ssl" => Field::Tls,
            _ => return,
        };
        let value = if field == Field::Tls { Text { value: "no".into(), at: key.at } } else { value };
        app.set(field, Some(value));
    });
}

/// Each command as its words. Lines that end in a backslash are joined, quotes are taken off.
fn lines(text: &str, offset: usize) -> Vec<Vec<Text>> {
    let mut out = Vec::new();
    let mut words: Vec<Text> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let goes_on = line.trim_end().ends_with('\\');
        words.extend(split(line.trim_end().trim_end_matches('\\'), index + 1 + offset));
        if !goes_on {
            out.push(std::mem::take(&mut words));
        }
    }
    out.push(words);
    out
}

fn split(line: &str, number: usize) -> Vec<Text> {
    let mut words: Vec<Text> = Vec::new();
    let (mut word, mut begun, mut quote) = (String::new(), None, None);
    for (index, c) in line.chars().enumerate() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                begun.get_or_insert(index + 1);
            }
            // In a guide a command ends with its backtick.
            (None, '`') | (None, ' ' | '\t') => {
                if let Some(column) = begun.take() {
                    words.push(Text { value: std::mem::take(&mut word), at: At::new(number, column) });
                }
                if c == '`' && !words.is_empty() && words.iter().any(|w| w.value.starts_with("oidc.")) {
                    return words;
                }
            }
            (None, _) => {
                begun.get_or_insert(index + 1);
                word.push(c);
            }
        }
    }
    if let Some(column) = begun {
        words.push(Text { value: word, at: At::new(number, column) });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_their_places() {
        let mut sink = Sink::new("x");
        let text = "# comment\n1. do `incus config set oidc.issuer https://a.example`.\n\
            pveum realm add sso --type openid \\\n  --issuer-url 'https://b.example' --scopes \"email profile\"\n";
        let apps = read(text, 0, &mut sink);
        let issuer = apps[0].get(Field::Issuer).unwrap();
        assert_eq!((issuer.value.as_str(), issuer.at), ("https://a.example", At::new(2, 37)));
        assert_eq!(apps[1].get(Field::Issuer).unwrap().at, At::new(4, 16));
        assert_eq!(apps[1].get(Field::Scopes).unwrap().value, "email profile");
        assert!(sink.hits.is_empty());
    }
}
