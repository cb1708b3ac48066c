//! Hosts and dates in a person's words.

/// The host of a URL in lower case, without the brackets of an IPv6 address; empty when there is none.
pub fn host(url: &str) -> String {
    url::Url::parse(url).ok().as_ref().and_then(of).unwrap_or_default().to_owned()
}

/// The same of a URL that was parsed, which puts hosts in small letters.
pub fn of(url: &url::Url) -> Option<&str> {
    Some(url.host_str()?.trim_start_matches('[').trim_end_matches(']'))
}

/// Whether a host is the machine that asks.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether a host is one that only an inner network knows: a private address, a name without a domain, or a name under
/// a domain that is reserved for such networks.
pub fn is_inner(host: &str) -> bool {
    use std::net::IpAddr;
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => {
            !host.is_empty() && !host.contains('.')
                || ["local", "internal", "lan", "home.arpa"].iter().any(|domain| below(host, domain))
        }
    }
}

/// Whether two hosts belong to the same registrable domain (public suffix list).
pub fn related(a: &str, b: &str) -> bool {
    let domain = |host: &str| psl::domain_str(host).map(str::to_owned);
    a == b || is_loopback(a) && is_loopback(b) || domain(a).is_some() && domain(a) == domain(b)
}

/// Whether a host is a domain or below it.
pub fn below(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// A Unix time as a day, in UTC.
pub fn day(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |t| t.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_by_registrable_domain() {
        assert!(related("auth.example.co.uk", "app.example.co.uk"));
        assert!(!related("a.co.uk", "b.co.uk"));
        assert!(related("127.0.0.1", "localhost"));
        assert!(!related("10.0.0.1", "10.0.0.2"));
        assert!(below("oauth2.googleapis.com", "googleapis.com"));
        assert!(!below("notgoogleapis.com", "googleapis.com"));
        assert!(
            is_inner("10.0.0.2") && is_inner("keycloak") && is_inner("auth.svc.cluster.local") && is_inner("fd00::1")
        );
        assert!(!is_inner("auth.example.org") && !is_inner("8.8.8.8") && !is_inner("localhost.example.org"));
        assert_eq!(host("https://[::1]:8443/x"), "::1");
    }
}
