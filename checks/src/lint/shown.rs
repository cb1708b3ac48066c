//! What a report may show. Every text of a finding comes past here, whoever wrote it and in whatever format it goes out.
//!
//! A URL may hold a user name and a password before the `@` of its authority, or a secret in its query. They are taken out wherever they stand: in
//! a value, in a message or in what has to be done.

use crate::verdict::Finding;

/// What stands in the place of a user name and a password.
const HIDDEN: &str = "***";

/// Takes what nobody may read out of everything that a finding says.
pub(super) fn clean(finding: &mut Finding) {
    let texts = [&mut finding.symptom, &mut finding.expected, &mut finding.actual, &mut finding.remedy];
    for text in texts.into_iter().flatten().chain([&mut finding.message]) {
        *text = without_secrets(text);
    }
}

/// The text without what stands before the `@` of a URL, and without what its query calls a secret. What surrounds a URL
/// in a sentence ends it.
fn without_secrets(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>');
    let word = |word: &str| match word.char_indices().next_back() {
        Some((at, c)) if ends(c) => format!("{}{c}", query(&hide(&word[..at]))),
        _ => query(&hide(word)),
    };
    text.split_inclusive(ends).map(word).collect()
}

/// A URL without the values of its secret parameters.
fn query(url: &str) -> String {
    const SECRETS: [&str; 5] = ["secret", "token", "password", "passwd", "apikey"];
    let Some((before, query)) = url.split_once('?') else { return url.to_owned() };
    let shown = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && SECRETS.iter().any(|s| name.to_lowercase().contains(s)) => {
            format!("{name}={HIDDEN}")
        }
        _ => pair.to_owned(),
    };
    format!("{before}?{}", query.split('&').map(shown).collect::<Vec<_>>().join("&"))
}

fn hide(word: &str) -> String {
    let start = word.find("//").map_or(0, |at| at + 2);
    let rest = &word[start..];
    let authority = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    // A password may hold a slash that nobody escaped: then what stands before it has a colon and no port behind it.
    let plain = |text: &str| {
        let port = text.split_once(':').is_none_or(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        text.contains('@') || text.starts_with('[') || port
    };
    let end = if plain(&rest[..authority]) { authority } else { rest.len() };
    let Some(at) = rest[..end].rfind('@') else { return word.to_owned() };
    // Without a scheme only a password makes it a URL: an address of a person has none.
    let (scheme, inside) = match &rest[..at] {
        // Parsers find an authority behind `https:` too.
        inside if start == 0 => match inside.split_once(':') {
            Some((scheme, inside)) if matches!(scheme, "http" | "https") => (scheme.len() + 1, inside),
            Some(_) => (0, inside),
            None => return word.to_owned(),
        },
        inside => (0, inside),
    };
    if inside.is_empty() {
        return word.to_owned();
    }
    format!("{}{HIDDEN}{}", &word[..start + scheme], &rest[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_hidden_and_nothing_else() {
        for (text, shown) in [
            ("https://admin:Pa55@op.test/b@c", "https://***@op.test/b@c"),
            ("see \"https://u:p@w@op.test/b?x=@\".", "see \"https://***@op.test/b?x=@\"."),
            ("https://u:p/w#x@op.test/b", "https://***@op.test/b"),
            ("//u@op.test", "//***@op.test"),
            ("https://[::1]:8443/a@b", "https://[::1]:8443/a@b"),
            ("u:pass@op.test/cb and https://op.test:8443/a@b", "***@op.test/cb and https://op.test:8443/a@b"),
            ("https:u:p@op.test", "https:***@op.test"),
            ("anna@example.com", "anna@example.com"),
            ("https://op.test/a@b", "https://op.test/a@b"),
            ("{origin}/callback", "{origin}/callback"),
            (
                "'https://a.test/cb?x=1&api_token=t&client_secret=s'",
                "'https://a.test/cb?x=1&api_token=***&client_secret=***'",
            ),
            ("is it?", "is it?"),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
    }
}
