//! What is to be checked, as the user typed it.

use std::borrow::Cow;

/// The well-known path of OpenID Connect Discovery 1.0 section 4.
pub const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// What the user typed. Nothing here is normalised: libraries compare strings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// Issuer or discovery URL, byte for byte.
    pub typed: String,
    /// Where the application is reached.
    pub app_url: Option<String>,
    /// The client id.
    pub client_id: Option<String>,
    /// The redirect URIs that the user named; they stand in for those of the profile.
    pub redirect_uris: Vec<String>,
    /// A client secret was given. The secret itself is the gatherer's.
    pub has_secret: bool,
    /// A private key was given, by which the client authenticates in place of a secret.
    pub has_key: bool,
    /// What the form of the secret tells.
    pub secret_shape: SecretShape,
    /// How far the user wants to go; as far as the inputs allow when absent.
    pub tier: Option<crate::check::Tier>,
    /// How many redirect mutations are tried.
    pub depth: Depth,
}

/// What the form of a client secret tells. Nothing of the secret itself is in here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct SecretShape {
    /// It is written as the hash of a password is.
    pub hashed: bool,
    /// It has characters that the form encoding changes (RFC 6749 section 2.3.1 and appendix B).
    pub reserved: bool,
    /// How hard it is to guess at best.
    pub strength: Strength,
}

/// How hard a secret is to guess, if every character of it is random: its length and its alphabet allow for no more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// 128 bits or more, or nothing is known.
    #[default]
    Enough,
    /// Less than 128 bits.
    Short,
    /// Less than 64 bits.
    Weak,
}

impl Strength {
    fn of(secret: &str) -> Strength {
        let has = |kind: fn(char) -> bool| secret.chars().any(kind);
        let hex = |c: char| c.is_ascii_hexdigit() || c == '-';
        let letters = [has(|c| c.is_ascii_lowercase()), has(|c| c.is_ascii_uppercase())];
        let cases = letters.iter().filter(|there| **there).count();
        // A UUID and the like: sixteen digits, and dashes that say nothing.
        let (alphabet, count) = if secret.chars().all(hex) && cases < 2 && has(|c| c.is_ascii_digit()) {
            let digits = secret.chars().filter(|c| *c != '-').count();
            (if cases == 0 { 10 } else { 16 }, digits)
        } else {
            let digits = if has(|c| c.is_ascii_digit()) { 10 } else { 0 };
            let others = if has(|c| !c.is_ascii_alphanumeric()) { 32 } else { 0 };
            (26 * cases + digits + others, secret.chars().count())
        };
        // Of few different characters there can be no more than these.
        let distinct = secret.chars().collect::<std::collections::BTreeSet<_>>().len();
        let alphabet = if distinct <= 4 { distinct } else { alphabet };
        let bits = |alphabet: usize| (alphabet.max(1) as f64).log2() * count as f64;
        match bits(alphabet) {
            b if b < 63.9 => Strength::Weak,
            b if b < 127.9 => Strength::Short,
            _ => Strength::Enough,
        }
    }
}

impl SecretShape {
    /// The shape of a secret. Hashes are told by the identifier in front of them, as crypt(5) and the PHC string format
    /// write it, with or without the word that Authelia's configuration puts before it.
    pub fn of(secret: &str) -> SecretShape {
        const HASHES: [&str; 11] =
            ["$pbkdf2", "$argon2", "$2a$", "$2b$", "$2y$", "$scrypt$", "$5$", "$6$", "$y$", "$7$", "$bcrypt"];
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '*');
        SecretShape {
            hashed: HASHES.iter().any(|start| secret.starts_with(start)) && secret.matches('$').count() >= 3,
            reserved: !secret.chars().all(plain),
            strength: Strength::of(secret),
        }
    }
}

/// How many mutations of the redirect URI are tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// The few that decide what an attacker can do.
    #[default]
    Quick,
    /// Enough to name the matching rule.
    Standard,
    /// The whole corpus.
    Thorough,
}

impl Target {
    /// What proves who the client is, in a person's words.
    pub fn proof(&self) -> &'static str {
        if self.has_key { "client assertion" } else { "client secret" }
    }

    /// Whether there is something by which the client can authenticate.
    pub fn authenticates(&self) -> bool {
        self.has_secret || self.has_key
    }

    /// The URL of the metadata for what was typed.
    pub fn discovery_url(&self) -> String {
        discovery_url(&self.typed)
    }

    /// The origin of the application, as a browser sends it.
    pub fn app_origin(&self) -> Option<String> {
        let url = url::Url::parse(self.app_url.as_deref()?).ok()?;
        Some(url.origin().ascii_serialization())
    }
}

/// Before the path of an issuer, where RFC 8414 section 3.1 puts the well-known part.
const BEFORE: [&str; 2] = [WELL_KNOWN, "/.well-known/oauth-authorization-server"];

/// The URL of the metadata for an issuer: final slashes dropped, the well-known path added
/// (OpenID Connect Discovery 1.0 section 4.1). A whole discovery URL stays as it is.
pub fn discovery_url(typed: &str) -> String {
    if is_whole(typed) { typed.to_owned() } else { format!("{}{WELL_KNOWN}", typed.trim_end_matches('/')) }
}

/// Whether this is the URL of a document, in either form, and no issuer.
pub fn is_whole(typed: &str) -> bool {
    typed.ends_with(WELL_KNOWN) || inserted(typed).is_some()
}

/// The issuer that a discovery URL belongs to, or the text itself.
pub fn issuer_of(typed: &str) -> Cow<'_, str> {
    match (typed.strip_suffix(WELL_KNOWN), inserted(typed)) {
        (Some(issuer), _) => Cow::Borrowed(issuer),
        (None, Some((origin, path))) => Cow::Owned(format!("{origin}{path}")),
        (None, None) => Cow::Borrowed(typed),
    }
}

/// Origin and path of the issuer, when the well-known part stands before the path.
fn inserted(typed: &str) -> Option<(&str, &str)> {
    let at = typed.find("://")? + 3;
    let (origin, path) = typed.split_at(at + typed[at..].find('/')?);
    let rest = BEFORE.iter().find_map(|before| path.strip_prefix(before))?;
    (rest.len() > 1 && rest.starts_with('/')).then_some((origin, rest))
}

/// Other places where the metadata may be when it is not at what was typed: the levels of the path above it, and the
/// form of RFC 8414 section 3.1, with the well-known part before the path. At most six.
pub fn elsewhere(typed: &str) -> Vec<String> {
    let issuer = issuer_of(typed);
    let Some((scheme, rest)) = issuer.trim_end_matches('/').split_once("://") else { return Vec::new() };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let levels = (0..=segments.len()).rev().take(4).map(|n| {
        let path: String = segments[..n].iter().map(|s| format!("/{s}")).collect();
        format!("{scheme}://{host}{path}{WELL_KNOWN}")
    });
    let mut found: Vec<String> = levels.collect();
    if !segments.is_empty() {
        found.extend(BEFORE.iter().map(|before| format!("{scheme}://{host}{before}/{}", segments.join("/"))));
    }
    let asked = discovery_url(typed);
    found.retain(|url| *url != asked);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_told_from_a_secret() {
        for hash in [
            "$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$JNRBzwAo0ek5qKn50cFzzvE9RXV88h1wJn5KGiHrD0Y",
            "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
            "$2y$10$vbg/T.jAA5jUG5izxzjRzO.aodn7jDCrKhsRqH3XEnjQBvmYb8QGS",
        ] {
            assert!(SecretShape::of(hash).hashed, "{hash}");
        }
        for secret in ["web-secret", "$ecret$with$dollars", "$2y$", "pbkdf2", "$plaintext$abc"] {
            assert!(!SecretShape::of(secret).hashed, "{secret}");
        }
        assert!(SecretShape::of("a+b").reserved && SecretShape::of("a b").reserved && SecretShape::of("ä").reserved);
        assert!(!SecretShape::of("aZ09-._~*").reserved);
    }

    #[test]
    fn the_metadata_is_looked_for_up_the_path() {
        let places = elsewhere("https://idp.example.com/realms/main/protocol/");
        assert_eq!(
            places.first().map(String::as_str),
            Some("https://idp.example.com/realms/main/.well-known/openid-configuration")
        );
        assert_eq!(places.len(), 5);
        assert!(elsewhere("https://idp.example.com").is_empty());
    }

    #[test]
    fn a_whole_discovery_url_is_known_in_both_forms() {
        for (typed, issuer) in [
            ("https://idp.example.com/a/.well-known/openid-configuration", "https://idp.example.com/a"),
            ("https://idp.example.com/.well-known/openid-configuration", "https://idp.example.com"),
            ("https://idp.example.com/.well-known/openid-configuration/a/b", "https://idp.example.com/a/b"),
            ("https://idp.example.com/.well-known/oauth-authorization-server/a/", "https://idp.example.com/a/"),
        ] {
            assert!(is_whole(typed), "{typed}");
            assert_eq!((issuer_of(typed).as_ref(), discovery_url(typed).as_str()), (issuer, typed));
        }
        for typed in ["https://idp.example.com/a/", "idp.example.com", "https://idp.example.com/.well-known/"] {
            assert!(!is_whole(typed) && issuer_of(typed) == typed, "{typed}");
        }
        let places = elsewhere("https://idp.example.com/.well-known/openid-configuration/a");
        assert_eq!(places[0], "https://idp.example.com/a/.well-known/openid-configuration");
        assert!(!places.contains(&"https://idp.example.com/.well-known/openid-configuration/a".to_owned()));
    }
}
