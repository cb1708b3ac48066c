//! Texts with a piece that is filled in later, such as `https://${HOST}/login` or `https://{{ env "HOST" }}/login`: what
//! they may become. A relative URI is one of them: its beginning is an address that stands elsewhere.

use super::model::{is_open, is_placeholder};

/// What stands between the pieces that are filled in; a text without such a piece is one literal.
fn literals(text: &str) -> Vec<&str> {
    const PIECES: [(&str, &str); 3] = [("{{", "}}"), ("${", "}"), ("$(", ")")];
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        let first = PIECES.iter().filter_map(|(open, close)| Some((rest.find(open)?, *open, *close))).min();
        let split = first.and_then(|(at, open, close)| {
            let inside = rest.get(at + open.len()..)?;
            Some((rest.get(..at)?, inside.split_once(close)?.1))
        });
        let Some((before, after)) = split else { break };
        found.push(before);
        rest = after;
    }
    found.push(rest);
    found
}

/// Whether an open text may become this one.
pub(super) fn may_be(text: &str, wanted: &str) -> bool {
    if is_placeholder(text) {
        return true;
    }
    if text.starts_with('/') {
        return wanted.ends_with(text);
    }
    if !is_open(text) {
        return false;
    }
    let pieces: Vec<String> = literals(text).into_iter().map(regex_lite::escape).collect();
    regex_lite::Regex::new(&format!("^{}$", pieces.join(".*"))).is_ok_and(|regex| regex.is_match(wanted))
}

/// Whether an open text may become a URI that ends in this path, or in no path at all when it is empty.
pub(super) fn may_end_in(text: &str, path: &str) -> bool {
    if is_placeholder(text) {
        return true;
    }
    if text.starts_with('/') {
        return !path.is_empty() && text.ends_with(path);
    }
    let last = literals(text).pop().unwrap_or_default();
    is_open(text) && if path.is_empty() { !last.contains('/') } else { last.ends_with(path) || path.ends_with(last) }
}

/// Whether the address that a text begins with is not known.
pub(super) fn is_anywhere(text: &str) -> bool {
    text.starts_with('/') || is_open(text)
}

/// What an open text may become, with one word in each piece.
pub(super) fn example(text: &str) -> String {
    if text.starts_with('/') {
        return format!("https://x{text}");
    }
    if !is_open(text) {
        return text.to_owned();
    }
    let pieces = literals(text);
    let whole = pieces.join("x");
    // The scheme may come with the first piece.
    match pieces.first() {
        Some(first) if first.contains("://") => whole,
        _ => format!("https://{}", whole.split_once("://").map_or(whole.as_str(), |(_, rest)| rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_text_may_become_what_its_literals_allow() {
        let sent = "https://grafana.example.com/login/generic_oauth";
        for open in [
            "https://${HOST}/login/generic_oauth",
            "https://grafana.{{ env \"DOMAIN\" }}/login/generic_oauth",
            "{{ expandenv \"https://${A}.${B}/login/generic_oauth\" }}",
            "$(env:URL)",
        ] {
            assert!(may_be(open, sent), "{open}");
            assert!(may_end_in(open, "/login/generic_oauth"), "{open}");
        }
        assert!(!may_be("https://${HOST}/login/oauth", sent));
        assert!(!may_be(sent, sent));
        assert!(may_be("/login/generic_oauth", sent) && may_end_in("/login/generic_oauth", "/login/generic_oauth"));
        assert!(!may_be("/login/oauth", sent) && !may_end_in("/", ""));
        assert!(!may_end_in("https://${HOST}/login/oauth", "/login/generic_oauth"));
        assert!(may_end_in("https://${HOST}:8006", "") && !may_end_in("https://${HOST}/", ""));
    }

    #[test]
    fn an_example_is_whole() {
        for (text, whole) in [
            ("https://a.test/cb", "https://a.test/cb"),
            ("/cb", "https://x/cb"),
            ("https://${HOST}/cb", "https://x/cb"),
            ("{{ env \"A\" }}.{{ env \"B\" }}/cb", "https://x.x/cb"),
            ("${SCHEME}://a.${DOMAIN}/cb", "https://a.x/cb"),
            ("$(env:URL)", "https://x"),
        ] {
            assert_eq!(example(text), whole);
        }
    }
}
