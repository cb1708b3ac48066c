//! Redirect URIs that are nearly the registered one. Each says what an attacker gains where it is accepted.

use super::FOREIGN;
use crate::target::Depth;

/// What accepting a mutation means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gain {
    /// The same address written differently: no gain, but other software may compare otherwise.
    Spelling,
    /// Another query, fragment, path or port of the same host.
    SameHost,
    /// Plain http on the same host: everybody on the way reads the code.
    PlainHttp,
    /// The person's own machine: whatever program listens there gets the code.
    OwnMachine,
    /// Another host below or above in the same domain.
    Subdomain,
    /// A host that anybody can own.
    ForeignHost,
}

/// One mutation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// Its name, as in reports.
    pub name: &'static str,
    /// The URI.
    pub uri: String,
    /// What accepting it means.
    pub gain: Gain,
    /// From which depth on it is tried.
    pub depth: Depth,
}

/// The mutations of a web redirect URI, the most telling ones first. Loopback URIs of native clients have their own
/// rules (RFC 8252 section 7.3) and no mutations of the port.
pub fn of(uri: &str, depth: Depth) -> Vec<Mutation> {
    let Some(parts) = Parts::of(uri) else { return Vec::new() };
    // Any port is right for a loopback URI (RFC 8252 section 7.3), and `localhost` may be its own spelling.
    let loopback = parts.scheme == "http" && crate::hosts::is_loopback(&crate::hosts::host(uri));
    let own = |m: &Mutation| !(loopback && matches!(m.name, "other-port" | "default-port" | "localhost"));
    all(&parts, uri).into_iter().filter(|m| m.depth <= depth && m.uri != uri && own(m)).collect()
}

/// A URI cut into pieces without any normalisation.
struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Parts<'a> {
    fn of(uri: &'a str) -> Option<Parts<'a>> {
        let (scheme, rest) = uri.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let (path, query) = tail.find('?').map_or((tail, ""), |at| tail.split_at(at));
        // A colon inside the brackets of an IPv6 address is no port.
        let colon = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
        let (host, port) = colon.map_or((authority, ""), |at| authority.split_at(at));
        Some(Parts { scheme, host, port, path, query })
    }
}

fn all(p: &Parts<'_>, uri: &str) -> Vec<Mutation> {
    let Parts { scheme, host, port, path, query } = p;
    let mut list = Vec::new();
    let mut add = |name, gain, depth, uri: String| list.push(Mutation { name, uri, gain, depth });
    let site = format!("{scheme}://{host}{port}");
    let slashed = if path.is_empty() { "/" } else { path };
    let named = host.contains('.') && host.parse::<std::net::Ipv4Addr>().is_err();
    use Depth::{Quick, Standard, Thorough};
    use Gain::{ForeignHost, OwnMachine, PlainHttp, SameHost, Spelling, Subdomain};
    add("host-as-prefix", ForeignHost, Quick, format!("{scheme}://{host}.{FOREIGN}{port}{path}{query}"));
    add("path-added", SameHost, Quick, format!("{site}{}/oidcheck{query}", path.trim_end_matches('/')));
    add("host-in-userinfo", ForeignHost, Quick, format!("{scheme}://{host}{port}@{FOREIGN}{slashed}{query}"));
    if named {
        // A regular expression whose dots are not escaped lets any letter stand for one.
        add(
            "dot-replaced",
            ForeignHost,
            Quick,
            format!("{scheme}://{}{port}{path}{query}", host.replacen('.', "x", 1)),
        );
    }
    add("query-added", SameHost, Quick, format!("{uri}{}oidcheck=1", if query.is_empty() { '?' } else { '&' }));
    add("foreign-with-tail", ForeignHost, Standard, format!("{scheme}://{FOREIGN}/{host}{port}{path}{query}"));
    if named {
        add("subdomain", Subdomain, Standard, format!("{scheme}://oidcheck.{host}{port}{path}{query}"));
    }
    if !query.is_empty() {
        add("query-removed", SameHost, Standard, format!("{site}{path}"));
    }
    add("other-path", SameHost, Standard, format!("{site}/oidcheck"));
    add("other-port", SameHost, Standard, format!("{scheme}://{host}:8444{path}{query}"));
    if *scheme == "https" {
        add("plain-http", PlainHttp, Standard, format!("http://{host}{port}{path}{query}"));
    }
    add(
        "slash-toggled",
        Spelling,
        Standard,
        match path.strip_suffix('/') {
            Some(bare) => format!("{site}{bare}{query}"),
            None => format!("{site}{path}/{query}"),
        },
    );
    add("host-upper-case", Spelling, Standard, format!("{scheme}://{}{port}{path}{query}", host.to_ascii_uppercase()));
    if port.is_empty() {
        let default = if *scheme == "https" { ":443" } else { ":80" };
        add("default-port", Spelling, Standard, format!("{scheme}://{host}{default}{path}{query}"));
    }
    add("fragment-added", SameHost, Standard, format!("{uri}#oidcheck"));
    add("dot-dot", SameHost, Standard, format!("{site}/oidcheck/..{slashed}{query}"));
    if let Some(first) = path.strip_prefix('/').and_then(|p| p.chars().next()).filter(char::is_ascii) {
        let encoded = format!("/%{:02x}{}", first as u32, &path[2..]);
        add("path-encoded", Spelling, Standard, format!("{site}{encoded}{query}"));
    }
    // Parameters that the application would take for the provider's.
    let join = if query.is_empty() { '?' } else { '&' };
    add("query-of-an-answer", SameHost, Thorough, format!("{uri}{join}code=oidcheck&state=oidcheck"));
    if let Some((_, parent)) = host.split_once('.').filter(|(_, parent)| named && parent.contains('.')) {
        add("parent-domain", Subdomain, Thorough, format!("{scheme}://{parent}{port}{path}{query}"));
    }
    add("text-glued", SameHost, Thorough, format!("{site}{path}oidcheck{query}"));
    add("path-case", SameHost, Thorough, format!("{site}{}{query}", path.to_ascii_uppercase()));
    add("root", SameHost, Thorough, format!("{site}/"));
    add("userinfo", SameHost, Thorough, format!("{scheme}://oidcheck@{host}{port}{path}{query}"));
    add("letters-before-host", ForeignHost, Thorough, format!("{scheme}://oidcheck{host}{port}{path}{query}"));
    add("backslash-host", ForeignHost, Thorough, format!("{scheme}://{FOREIGN}\\@{host}{port}{path}{query}"));
    add("backslash-path", ForeignHost, Thorough, format!("{scheme}://{FOREIGN}\\.{host}{port}{path}{query}"));
    add("encoded-slash-dot-dot", SameHost, Thorough, format!("{site}{path}%2f..%2foidcheck{query}"));
    add("double-encoded-dot-dot", SameHost, Thorough, format!("{site}{path}/%252e%252e/oidcheck{query}"));
    add("semicolon-segment", SameHost, Thorough, format!("{site}{path}/..;/oidcheck{query}"));
    add("line-break", SameHost, Thorough, format!("{site}{path}\r\n{query}"));
    add("null-byte", ForeignHost, Thorough, format!("{scheme}://{FOREIGN}\0.{host}{port}{path}{query}"));
    add("scheme-missing", ForeignHost, Thorough, format!("//{FOREIGN}{slashed}"));
    add("custom-scheme", ForeignHost, Thorough, format!("oidcheck://{host}{port}{path}{query}"));
    add("javascript", ForeignHost, Thorough, format!("javascript://{host}{port}{path}"));
    add("data", ForeignHost, Thorough, "data:text/html,oidcheck".to_owned());
    add("localhost", OwnMachine, Thorough, format!("{scheme}://localhost{slashed}{query}"));
    add("localhost-foreign", ForeignHost, Thorough, format!("{scheme}://localhost.{FOREIGN}{slashed}{query}"));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_cut_without_normalising() {
        let at = |uri, name| of(uri, Depth::Thorough).into_iter().find(|m| m.name == name).map(|m| m.uri);
        let app = "https://app.example.com:8006/a/cb?x=1";
        assert_eq!(
            at(app, "host-as-prefix").as_deref(),
            Some("https://app.example.com.oidcheck.invalid:8006/a/cb?x=1")
        );
        assert_eq!(at(app, "dot-replaced").as_deref(), Some("https://appxexample.com:8006/a/cb?x=1"));
        assert_eq!(at(app, "path-encoded").as_deref(), Some("https://app.example.com:8006/%61/cb?x=1"));
        assert_eq!(at("https://app.example.com", "path-added").as_deref(), Some("https://app.example.com/oidcheck"));
        assert_eq!(at("http://[::1]:8000/cb", "other-path").as_deref(), Some("http://[::1]:8000/oidcheck"));
        assert_eq!(at("http://[::1]:8000/cb", "other-port"), None, "any port is right there");
        assert_eq!(at("https://10.0.0.1/cb", "dot-replaced"), None);
        assert!(of("not a uri", Depth::Thorough).is_empty());
    }

    #[test]
    fn names_are_unique_and_depths_grow() {
        let names = |depth| of("https://app.example.com/cb", depth).into_iter().map(|m| m.name).collect::<Vec<_>>();
        let all = names(Depth::Thorough);
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
        assert!(names(Depth::Quick).len() < names(Depth::Standard).len());
        assert!(names(Depth::Standard).len() < all.len());
        assert_eq!(names(Depth::Quick).len(), 5);
    }
}
