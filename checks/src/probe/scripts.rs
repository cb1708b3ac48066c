//! Settings that an application carries in the scripts of its first page, where every browser reads them.

use url::Url;

/// So many scripts of a page are looked at.
const MOST: usize = 32;

/// The scripts that a page names, in their order, as far as they lie on the page's own host.
pub(super) fn of(page: &str, base: &Url) -> Vec<Url> {
    let source = |tag: &str| {
        let tag = tag.split('>').next()?;
        let value = tag.split_once("src=")?.1;
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        base.join(value[1..].split(quote).next()?).ok()
    };
    let mut found: Vec<Url> = Vec::new();
    for url in page.split("<script").skip(1).filter_map(source) {
        if url.origin() == base.origin() && !found.contains(&url) && found.len() < MOST {
            found.push(url);
        }
    }
    found
}

/// The value of a setting: `name:"value"` as bundlers write an object, or `"name":"value"` as JSON has it. `None` when it is
/// empty, or a variable that nobody filled in.
pub(super) fn setting<'a>(script: &'a str, name: &str) -> Option<&'a str> {
    let part_of_a_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    script.match_indices(name).find_map(|(at, _)| {
        if script[..at].ends_with(part_of_a_name) {
            return None;
        }
        let rest = script[at + name.len()..].trim_start_matches(['"', '\'', '\\']);
        let value = rest.trim_start().strip_prefix(':')?.trim_start().trim_start_matches('\\');
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let value = value[1..].split([quote, '\\']).next()?;
        (!value.is_empty() && !value.starts_with('$')).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_bundlers_and_json_write_them() {
        let minified = r#"},497923,e=>{e.v({auth0Auth:"false",authAuthority:"https://op.example.test/o/nb",authClientId:'nb',audience:"$X"})}"#;
        assert_eq!(setting(minified, "authAuthority"), Some("https://op.example.test/o/nb"));
        assert_eq!(setting(minified, "authClientId"), Some("nb"));
        assert_eq!(setting(minified, "audience"), None, "a variable that nobody filled in");
        assert_eq!(setting(minified, "ClientId"), None, "the end of another name");
        let parsed = r#"JSON.parse('{"authClientId": "nb"}')"#;
        assert_eq!(setting(parsed, "authClientId"), Some("nb"));
        let escaped = r#"JSON.parse("{\"authClientId\":\"nb\"}")"#;
        assert_eq!(setting(escaped, "authClientId"), Some("nb"));
        assert_eq!(setting("let x = authClientId;", "authClientId"), None);
    }

    #[test]
    fn scripts_are_those_of_the_own_host_in_their_order() {
        let page = r#"<link href="/a.css"><script src="/_next/b.js" async=""></script><script>var x = 1</script>
            <script async src='https://elsewhere.example.test/c.js'></script><script src="d.js"></script><script src="/_next/b.js">"#;
        let base = Url::parse("https://nb.example.test/").expect("parses");
        let found: Vec<String> = of(page, &base).into_iter().map(String::from).collect();
        assert_eq!(found, ["https://nb.example.test/_next/b.js", "https://nb.example.test/d.js"]);
    }
}
