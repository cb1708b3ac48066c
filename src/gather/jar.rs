//! Cookies of one login, or of the way to a login page: kept in memory, sent back by host, path and scheme (RFC 6265 section 5.4), and forgotten.

use url::Url;

#[derive(Debug)]
struct Cookie {
    name: String,
    value: String,
    /// The host, or the domain without its dot.
    domain: String,
    host_only: bool,
    path: String,
    secure: bool,
}

/// The jar.
#[derive(Debug, Default)]
pub(crate) struct Jar(Vec<Cookie>);

impl Jar {
    /// Takes in the `Set-Cookie` headers of an answer.
    pub(crate) fn take(&mut self, from: &Url, headers: &[(String, String)]) {
        for (_, value) in headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            self.set(from, value);
        }
    }

    fn set(&mut self, from: &Url, text: &str) {
        let host = from.host_str().unwrap_or_default().to_ascii_lowercase();
        let mut parts = text.split(';');
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let folder =
            from.path().rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
        let mut cookie = Cookie {
            name: name.trim().into(),
            value: value.trim().into(),
            domain: host.clone(),
            host_only: true,
            path: folder.into(),
            secure: false,
        };
        let mut gone = false;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "domain" if !value.is_empty() => {
                    let domain = value.trim_start_matches('.').to_ascii_lowercase();
                    // A host may speak for a domain that it is part of, and for no other.
                    if domain != host && !oidcheck_checks::hosts::below(&host, &domain) {
                        return;
                    }
                    (cookie.domain, cookie.host_only) = (domain, false);
                }
                "path" if value.starts_with('/') => cookie.path = value.into(),
                "secure" => cookie.secure = true,
                "max-age" => gone |= value.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
                // Every way of writing the beginning of time; other dates lie behind the end of this login.
                "expires" => gone |= value.contains("1970"),
                _ => {}
            }
        }
        self.0.retain(|old| (&old.name, &old.domain, &old.path) != (&cookie.name, &cookie.domain, &cookie.path));
        if !gone {
            self.0.push(cookie);
        }
    }

    /// The `Cookie` header for a URL.
    pub(crate) fn header(&self, url: &Url) -> Option<String> {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        // Browsers treat loopback as secure, and so must a tool that is used there.
        let secure = url.scheme() == "https" || oidcheck_checks::hosts::is_loopback(&host);
        let fits = |cookie: &&Cookie| {
            let domain =
                cookie.domain == host || !cookie.host_only && oidcheck_checks::hosts::below(&host, &cookie.domain);
            let rest = url.path().strip_prefix(cookie.path.as_str());
            let path = rest.is_some_and(|rest| rest.is_empty() || cookie.path.ends_with('/') || rest.starts_with('/'));
            domain && path && (secure || !cookie.secure)
        };
        let pairs: Vec<String> = self.0.iter().filter(fits).map(|c| format!("{}={}", c.name, c.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn cookies_go_where_they_belong() {
        let mut jar = Jar::default();
        let from = url("https://auth.example.com/login/step");
        let set = |value: &str| vec![("Set-Cookie".to_owned(), value.to_owned())];
        jar.take(&from, &set("a=1; Path=/; HttpOnly"));
        jar.take(&from, &set("b=2"));
        jar.take(&from, &set("c=3; Domain=example.com; Path=/; Secure"));
        jar.take(&from, &set("d=4; Domain=other.com; Path=/"));
        assert_eq!(jar.header(&url("https://auth.example.com/login/next")).as_deref(), Some("a=1; b=2; c=3"));
        assert_eq!(jar.header(&url("https://auth.example.com/loginx")).as_deref(), Some("a=1; c=3"));
        assert_eq!(jar.header(&url("http://sso.example.com/")), None);
        assert_eq!(jar.header(&url("https://sso.example.com/")).as_deref(), Some("c=3"));
        jar.take(&from, &set("a=; Path=/; Max-Age=0"));
        assert_eq!(jar.header(&url("https://auth.example.com/")).as_deref(), Some("c=3"));
    }
}
