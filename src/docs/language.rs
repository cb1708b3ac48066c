//! The profile language for people and for editors: a reference page and a JSON Schema, both from the types that read
//! the files, so that neither can be out of date.

use oidcheck_checks::profile::ProfileFile;
use serde_json::Value;

/// The JSON Schema of a profile.
pub fn schema() -> String {
    let schema = schemars::schema_for!(ProfileFile);
    let mut value = schema.to_value();
    if let Some(object) = value.as_object_mut() {
        object.insert("title".into(), "oidcheck profile".into());
        object.insert("description".into(), "What one application needs of an OpenID Provider.".into());
    }
    format!("{value:#}\n")
}

/// The reference page.
pub fn reference() -> String {
    let schema: Value = schemars::schema_for!(ProfileFile).to_value();
    let mut out = String::from(
        "<!-- Generated from the types; OIDCHECK_BLESS=1 cargo test --test profiles rewrites it. -->\n\n# The profile language\n\n\
         A profile is one TOML file that says what one application needs of a provider. It names the client library \
         that the application is built on (`oidcheck list libraries`) and adds what the application itself does. \
         `oidcheck check --profile ./mine.toml` uses a file of your own; editors check it with \
         [profile.schema.json](profile.schema.json) (`#:schema ./profile.schema.json` as the first line).\n\n\
         The smallest profile:\n\n```toml\nid = \"mine\"\ntitle = \"My application\"\nlibrary = \"go-oidc\"\n```\n\n\
         - Keys are in kebab case, and one that does not exist is an error with a suggestion.\n\
         - `[[setting]]` declares what an administrator can set. `{KEY}` in any text stands for its value, and \
         `[setting.changes.VALUE]` is laid over the profile when the setting has that value.\n\
         - `[[version]]` is laid over the profile for some versions of the application.\n\
         - A fact that was inferred and not confirmed has `unconfirmed = true`, and the report says so.\n\
         - Where a fact was read or measured stands in `[[source]]` and in the `source` of a note.\n\n\
         ## A profile\n",
    );
    table(&mut out, &schema);
    let empty = serde_json::Map::new();
    let definitions = schema.get("$defs").and_then(Value::as_object).unwrap_or(&empty);
    for (name, definition) in definitions {
        if definition.get("properties").is_none() {
            continue;
        }
        out.push_str(&format!("\n## {name}\n\n{}\n", text_of(definition)));
        table(&mut out, definition);
    }
    out.push_str("\n## Words\n");
    for (name, definition) in definitions {
        let words = words(definition);
        if words.is_empty() || definition.get("properties").is_some() {
            continue;
        }
        out.push_str(&format!("\n**{name}**: {}\n\n", text_of(definition)));
        for (word, about) in words {
            out.push_str(&format!("- `{word}`: {about}\n"));
        }
    }
    out
}

fn text_of(value: &Value) -> String {
    let text = value.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn table(out: &mut String, definition: &Value) {
    let Some(properties) = definition.get("properties").and_then(Value::as_object) else { return };
    let required = definition.get("required").and_then(Value::as_array);
    let needed = |name: &str| required.is_some_and(|list| list.iter().any(|item| item.as_str() == Some(name)));
    out.push_str("\n| key | value | what it says |\n|---|---|---|\n");
    for (name, property) in properties {
        let must = if needed(name) { " (required)" } else { "" };
        out.push_str(&format!("| `{name}`{must} | {} | {} |\n", kind(property), text_of(property)));
    }
}

/// What a value may be, in a word.
fn kind(property: &Value) -> String {
    if let Some(name) = property.get("$ref").and_then(Value::as_str) {
        return reference_to(name);
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(options) = property.get(key).and_then(Value::as_array) {
            let kinds: Vec<String> = options.iter().map(kind).filter(|kind| kind != "null").collect();
            return kinds.join(" or ");
        }
    }
    let word = match property.get("type") {
        Some(Value::String(word)) => word.clone(),
        Some(Value::Array(words)) => {
            let words = words.iter().filter_map(Value::as_str).filter(|word| *word != "null");
            words.collect::<Vec<_>>().join(" or ")
        }
        _ => "anything".into(),
    };
    match word.as_str() {
        "array" => format!("list of {}", property.get("items").map_or_else(|| "anything".into(), kind)),
        "object" => "table".into(),
        "string" => "text".into(),
        "boolean" => "true or false".into(),
        "integer" => "number".into(),
        other => other.into(),
    }
}

fn reference_to(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    format!("[{name}](#{})", name.to_lowercase())
}

/// The words of an enumeration with what each says.
fn words(definition: &Value) -> Vec<(String, String)> {
    let one = |option: &Value| Some((option.get("const")?.as_str()?.to_owned(), text_of(option)));
    let options = ["oneOf", "anyOf"].iter().find_map(|key| definition.get(*key)?.as_array());
    options.map(|options| options.iter().filter_map(one).collect()).unwrap_or_default()
}
