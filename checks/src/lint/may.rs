//! What an application may be set to. A provider's file does not tell how its application is set, so what a setting of
//! the application can make right is no mistake of that file, unless the setting is known.

use super::open;
use crate::profile::choice::{Setting, filled};
use crate::profile::need::Need;
use crate::profile::{Profile, Redirect};
use std::cell::OnceCell;

/// What stands for an address that is not known.
pub(super) const SOMEWHERE: &str = "https://HOST";

/// An application, or some of its parts, with everything that it may be set to.
pub(super) struct May {
    /// As it is set, or by its defaults.
    pub(super) profile: Profile,
    /// The parts that are meant; all when empty.
    parts: Vec<String>,
    others: OnceCell<Vec<Profile>>,
    shapes: OnceCell<Vec<Shape>>,
}

/// A redirect URI with what people choose in it.
struct Shape {
    redirect: Redirect,
    shown: String,
    pattern: regex_lite::Regex,
    fits: Fits,
}

/// How well a registered URI fits what an application may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fits {
    /// It holds a name that people choose.
    ByName,
    /// Its whole path is a setting.
    ByPath,
}

impl May {
    pub(super) fn new(profile: Profile) -> May {
        May { profile, parts: Vec::new(), others: OnceCell::new(), shapes: OnceCell::new() }
    }

    /// The same for some parts of the application alone.
    pub(super) fn narrowed(&self, parts: &[String]) -> May {
        let mut may = May::new(narrow(self.profile.clone(), parts));
        may.parts = parts.to_vec();
        may
    }

    /// What nobody told, with every other choice of it.
    fn others(&self) -> &[Profile] {
        self.others.get_or_init(|| {
            let choices = |setting: &Setting| {
                let mut choices = setting.choices.clone();
                // Of a list nothing has to be left.
                choices.extend((choices.is_empty() && setting.list).then(String::new));
                let key = setting.key.clone();
                choices.into_iter().map(move |choice| (key.clone(), choice)).collect::<Vec<_>>()
            };
            self.open()
                .flat_map(choices)
                .filter_map(|(key, choice)| Some(narrow(self.profile.with(&key, &choice)?, &self.parts)))
                .collect()
        })
    }

    /// The settings that nobody told.
    fn open(&self) -> impl Iterator<Item = &Setting> {
        self.profile.file.settings.iter().filter(|setting| !self.profile.choices.settings.contains_key(&setting.key))
    }

    /// Whether some setting makes the application one that this holds for.
    pub(super) fn can(&self, holds: impl Fn(&Profile) -> bool) -> bool {
        self.others().iter().any(holds)
    }

    /// Whether some setting makes it need something that this holds for.
    pub(super) fn can_need(&self, id: &str, holds: impl Fn(&Need) -> bool) -> bool {
        self.can(|profile| holds(&Need::of(profile, None, id)))
    }

    /// A redirect URI for people to read: an address that is not known is `https://HOST`, and what they choose stands in
    /// angle brackets.
    pub(super) fn shown(&self, redirect: &Redirect) -> String {
        let shape = self.shapes().iter().find(|shape| shape.redirect == *redirect && shape.fits == Fits::ByName);
        let mut text = shape.map_or_else(|| redirect.uri.clone(), |shape| shape.shown.clone());
        for place in ["{base}", "{origin}"] {
            text = text.replace(place, SOMEWHERE);
        }
        text.replace("{host}", "HOST")
    }

    fn shapes(&self) -> &[Shape] {
        self.shapes.get_or_init(|| {
            let settings: Vec<&Setting> = self.open().collect();
            let shape = |redirect: &Redirect| {
                let (pattern, fits) = pattern(&redirect.uri, &settings, &self.profile)?;
                let named = |shown: String, setting: &&Setting| match setting.choices.is_empty() {
                    true => shown.replace(&format!("{{{}}}", setting.key), &format!("<{}>", setting.key)),
                    false => shown,
                };
                let shown = filled(&settings.iter().fold(redirect.uri.clone(), named), &self.profile.settings);
                // One that a choice has changed is none that was written.
                let uri = filled(&redirect.uri, &self.profile.settings);
                Some(Shape { redirect: Redirect { uri, ..redirect.clone() }, shown, pattern, fits })
            };
            self.profile.redirects_as_written().iter().filter_map(shape).collect()
        })
    }

    /// Whether a registered URI is what the application sends once it is set so.
    pub(super) fn sends(&self, redirect: &Redirect, uri: &str) -> Option<Fits> {
        let uri = open::example(uri);
        let of = |shape: &&Shape| shape.redirect == *redirect && shape.pattern.is_match(&uri);
        self.shapes().iter().find(of).map(|shape| shape.fits)
    }
}

/// The profile with some of its parts alone.
fn narrow(mut profile: Profile, parts: &[String]) -> Profile {
    if !parts.is_empty() {
        let meant = |id: Option<&String>| id.is_none_or(|id| parts.contains(id));
        profile.parts.retain(|part| meant(part.id.as_ref()));
        profile.file.redirects.retain(|redirect| meant(redirect.part.as_ref()));
    }
    profile
}

/// A template as a pattern, when something in it is for people to choose.
fn pattern(template: &str, open: &[&Setting], profile: &Profile) -> Option<(regex_lite::Regex, Fits)> {
    const PLACE: &str = "https?://[^/?#]+";
    // What is a setting as a whole says nothing about what else it may be.
    let (place, path) = match template.strip_prefix("{base}") {
        Some(path) => (format!("{PLACE}(?:/[^?#]*)?"), path),
        None => (PLACE.to_owned(), template.strip_prefix("{origin}")?),
    };
    let (mut out, mut rest, mut fits) = (String::new(), path, None);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(&regex_lite::escape(before));
        let (key, behind) = after.split_once('}')?;
        rest = behind;
        match open.iter().find(|setting| setting.key == key) {
            Some(setting) if !setting.choices.is_empty() => {
                let choices: Vec<String> = setting.choices.iter().map(|choice| regex_lite::escape(choice)).collect();
                out.push_str(&format!("(?:{})", choices.join("|")));
                fits = fits.or(Some(Fits::ByName));
            }
            Some(setting) if setting.default.starts_with('/') => {
                out.push_str("/[^?#]*");
                fits = Some(Fits::ByPath);
            }
            Some(_) => {
                out.push_str("[^/?#]+(?:/[^/?#]+)*");
                fits = fits.or(Some(Fits::ByName));
            }
            None => out.push_str(&regex_lite::escape(profile.settings.get(key)?)),
        }
    }
    out.push_str(&regex_lite::escape(rest));
    Some((regex_lite::Regex::new(&format!("^{place}{out}$")).ok()?, fits?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sends(id: &str, index: usize, uri: &str) -> Option<Fits> {
        let may = May::new(Profile::by_id(id).unwrap());
        let redirect = may.profile.file.redirects[index].clone();
        may.sends(&redirect, uri)
    }

    #[test]
    fn what_people_choose_may_be_anything_and_the_rest_may_not() {
        let named = Some(Fits::ByName);
        assert_eq!(sends("gitea", 0, "https://git.example.com/user/oauth2/authelia/callback"), named);
        assert_eq!(sends("gitea", 0, "https://example.com/git/user/oauth2/My%20SSO/callback"), named);
        assert_eq!(sends("gitea", 0, "https://git.example.com/user/oauth2/authelia/callback/"), None);
        assert_eq!(sends("gitea", 0, "https://git.example.com/user/oauth2//callback"), None);
        assert_eq!(sends("jellyfin", 0, "https://j.example.com/sso/OID/r/keycloak"), named);
        assert_eq!(sends("jellyfin", 0, "https://j.example.com/sso/OID/redir/keycloak"), None);
        assert_eq!(sends("netbird", 0, "https://nb.example.com/peers"), Some(Fits::ByPath));
        // The whole address is a setting, but where Xen Orchestra answers is none.
        assert_eq!(sends("xen-orchestra", 0, "https://xo.example.com/callback"), None);
        assert_eq!(sends("bookstack", 0, "https://books.example.com/oidc/callback"), None);
    }

    #[test]
    fn a_setting_that_is_known_leaves_no_choice() {
        let may = May::new(Profile::by_id("grafana").unwrap());
        assert!(may.can_need("x", |need| !need.pkce));
        let known = May::new(may.profile.with("use-pkce", "true").unwrap());
        assert!(!known.can_need("x", |need| !need.pkce));
        assert!(!May::new(Profile::by_id("jellyfin").unwrap()).can_need("x", |need| !need.pkce));
    }

    #[test]
    fn one_part_is_a_part_of_every_choice() {
        let may = May::new(Profile::by_id("argocd").unwrap()).narrowed(&["web".to_owned()]);
        assert_eq!((may.profile.parts.len(), may.profile.file.redirects.len()), (1, 1));
        assert!(may.can(|profile| profile.parts.len() == 1) && !may.can(|profile| profile.parts.len() > 1));
    }
}
