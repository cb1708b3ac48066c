//! What a login page shows to whoever reads its HTML without running its scripts.

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent, as written; empty for the page itself.
    pub action: String,
    /// Its method in lower case, when it names one.
    pub method: Option<String>,
    /// Whether it asks for a password.
    pub password: bool,
}

/// The forms of a page, those in comments and scripts left out.
pub fn forms(page: &str) -> Vec<Form> {
    let page = without(&without(page, "<!--", "-->"), "<script", "</script");
    let lower = page.to_ascii_lowercase();
    let starts: Vec<usize> = lower.match_indices("<form").map(|(at, _)| at).collect();
    let form = |(index, start): (usize, &usize)| {
        let next = starts.get(index + 1).copied().unwrap_or(page.len());
        let end = lower[*start..next].find("</form").map_or(next, |end| start + end);
        let inside = &page[*start..end];
        let types = lower[*start..end].match_indices("<input").filter_map(|(at, _)| attribute(&inside[at..], "type"));
        Form {
            action: attribute(inside, "action").unwrap_or_default().replace("&amp;", "&"),
            method: attribute(inside, "method").map(|method| method.to_ascii_lowercase()),
            password: types.into_iter().any(|kind| kind.eq_ignore_ascii_case("password")),
        }
    };
    starts.iter().enumerate().map(form).collect()
}

/// The text without what stands between two marks, the marks included.
fn without(text: &str, from: &str, to: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let (mut out, mut at) = (String::new(), 0);
    while let Some(start) = lower[at..].find(from).map(|start| at + start) {
        out.push_str(&text[at..start]);
        let Some(end) = lower[start..].find(to) else { return out };
        at = start + end + to.len();
    }
    out.push_str(&text[at..]);
    out
}

/// The value of an attribute of the first tag of a text, quoted or not.
fn attribute(text: &str, name: &str) -> Option<String> {
    let mut rest = text.trim_start_matches('<').trim_start_matches(|c: char| !c.is_whitespace() && c != '>');
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return None;
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>')).unwrap_or(rest.len());
        // What stands at the start of a name is a part of it.
        let end = if end == 0 { 1 } else { end };
        let (key, after) = rest.split_at_checked(end)?;
        let Some(value) = after.trim_start().strip_prefix('=').map(str::trim_start) else {
            rest = after;
            continue;
        };
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote)?,
            _ => value.split_at(value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len())),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value.to_owned());
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_browsers_read_them() {
        let page = r#"<!-- <form action="http://comment"><input type=password></form> -->
            <script>let x = '<form action="http://script">';</script>
            <FORM METHOD=POST data-action="no" Action='/login?a=1&amp;b=2'><input name="u"><INPUT TYPE="Password"></FORM>
            <form><input type='text' value='type="password"'/></form>"#;
        let found = forms(page);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0], Form { action: "/login?a=1&b=2".into(), method: Some("post".into()), password: true });
        assert_eq!(found[1], Form { action: String::new(), method: None, password: false });
    }

    #[test]
    fn odd_pages_do_no_harm() {
        for page in
            ["<form", "<form =", "<form a='", "<form ä=ö>", "<!--", "<script", "<form action=>", "<form>é<input"]
        {
            assert!(forms(page).iter().all(|form| !form.password), "{page}");
        }
    }
}
