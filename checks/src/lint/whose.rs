//! Whose a client is: which application it is for, and which settings at hand are that application's.

use super::apps;
use super::may::May;
use super::model::{App, Client, Field};
use super::redirects::serves;
use crate::profile::{self, Flow, Profile};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a client is judged by.
pub(super) struct Whose<'a> {
    /// The application that it is for.
    pub(super) may: Option<Rc<May>>,
    /// The settings of that application, with the number of their file.
    pub(super) partner: Option<(usize, &'a App)>,
}

/// For each client what it is judged by.
pub(super) fn subjects<'a>(
    clients: &[(usize, &Client)],
    apps: &[(usize, &'a App)],
    given: Option<&Profile>,
) -> Vec<Whose<'a>> {
    // What an application may be set to is worked out once for all of its clients.
    let mut known: BTreeMap<(String, BTreeMap<String, String>), Rc<May>> = BTreeMap::new();
    let mut share = |profile: Profile| {
        let key = (profile.file.id.clone(), profile.choices.settings.clone());
        known.entry(key).or_insert_with(|| Rc::new(May::new(profile))).clone()
    };
    let one = |(_, client): &(usize, &Client)| {
        // A service logs nobody in, whatever application its name reminds of.
        if client.service && !apps.iter().any(|(_, app)| calls_itself(app, client)) {
            return Whose { may: None, partner: None };
        }
        let partner = partner(client, apps, clients);
        let profile = match (given, partner) {
            (Some(profile), _) => Some(profile.clone()),
            (None, Some((_, app))) => apps::profile_of(app),
            (None, None) => guess(client),
        };
        Whose { may: profile.map(&mut share), partner }
    };
    let mut all: Vec<Whose<'a>> = clients.iter().map(one).collect();
    by_parts(clients, &mut all);
    all
}

/// An application with several parts may have a client for each of them: each is then judged by its own part, provided
/// that what it leaves out is what another one is for.
fn by_parts(clients: &[(usize, &Client)], all: &mut [Whose<'_>]) {
    let mut groups: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
    for (index, (whose, (file, _))) in all.iter().zip(clients).enumerate() {
        let Some(may) = whose.may.as_ref().filter(|may| may.profile.parts.len() > 1) else { continue };
        groups.entry((*file, may.profile.file.id.clone())).or_default().push(index);
    }
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let served: Vec<Vec<String>> = group
            .iter()
            .map(|index| all[*index].may.as_ref().map(|may| parts_of(clients[*index].1, may)).unwrap_or_default())
            .collect();
        for (own, index) in served.iter().zip(&group) {
            let Some(may) = all[*index].may.clone() else { continue };
            let with_uri = may.profile.file.redirects.iter().filter_map(|redirect| redirect.part.as_ref());
            let left: Vec<&String> = with_uri.filter(|part| !own.contains(part)).collect();
            let elsewhere = |part: &&&String| served.iter().any(|parts| parts.contains(part));
            if !own.is_empty() && !left.is_empty() && left.iter().all(|part| elsewhere(&part)) {
                let rest = may.profile.parts.iter().filter(|part| part.flow != Flow::Code);
                let parts: Vec<String> = own.iter().cloned().chain(rest.filter_map(|part| part.id.clone())).collect();
                all[*index].may = Some(Rc::new(may.narrowed(&parts)));
            }
        }
    }
}

/// The parts of an application whose redirect URIs a client has.
fn parts_of(client: &Client, may: &May) -> Vec<String> {
    let has = |redirect: &&profile::Redirect| client.redirects.iter().any(|uri| serves(may, redirect, &uri.value));
    let mut parts: Vec<String> =
        may.profile.file.redirects.iter().filter(has).filter_map(|redirect| redirect.part.clone()).collect();
    parts.sort();
    parts.dedup();
    parts
}

/// Whether an application has the client's id.
fn calls_itself(app: &App, client: &Client) -> bool {
    let own = app.get(Field::ClientId).map(|text| text.value.as_str());
    own.is_some() && own == client.id.as_ref().map(|id| id.value.as_str())
}

/// The application that a client belongs to: the one with its id, or the only one. A client that is named for one
/// application is never another's.
fn partner<'a>(client: &Client, apps: &[(usize, &'a App)], clients: &[(usize, &Client)]) -> Option<(usize, &'a App)> {
    if let Some(same) = apps.iter().find(|(_, app)| calls_itself(app, client)) {
        return Some(*same);
    }
    // One that has found its client is not another client's.
    let free = |app: &App| !clients.iter().any(|(_, client)| calls_itself(app, client));
    let named = guess(client);
    let may_be = |app: &App| named.as_ref().is_none_or(|profile| related(&profile.file.id, app.profile));
    let logins = clients.iter().filter(|(_, client)| !client.service).count();
    let only = || (apps.len() == 1 && logins == 1).then(|| apps[0]).filter(|(_, app)| may_be(app));
    let guessed = || {
        let profile = named.as_ref()?;
        let mut fit = apps.iter().filter(|(_, app)| app.profile == profile.file.id);
        fit.next().filter(|_| fit.next().is_none()).copied()
    };
    only().or_else(guessed).filter(|(_, app)| free(app))
}

/// Whether two profiles are of one family, such as proxmox and proxmox-backup: people call their clients alike. What no
/// profile is known for may be anything.
fn related(a: &str, b: &str) -> bool {
    let begins =
        |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    b == "generic" || begins(a, b) || begins(b, a)
}

/// The application that a client is for, by its names and its redirect URIs.
fn guess(client: &Client) -> Option<Profile> {
    const WORDS: [(&str, &str); 9] = [
        ("xen", "xen-orchestra"),
        ("pve", "proxmox"),
        ("pbs", "proxmox-backup"),
        ("vhi", "virtuozzo"),
        ("kubelogin", "kubernetes"),
        ("openbao", "vault"),
        ("forgejo", "gitea"),
        ("paperless", "paperless-ngx"),
        ("xo", "xen-orchestra"),
    ];
    let names: Vec<String> = [&client.id, &client.name, &client.slug]
        .into_iter()
        .flatten()
        .map(|text| text.value.to_lowercase().replace([' ', '_'], "-"))
        .collect();
    let uris = || client.redirects.iter().chain(&client.patterns).map(|uri| uri.value.as_str());
    let ends = |end: &str| uris().any(|uri| uri.ends_with(end));
    let is = |id: &str, name: &str| name.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    // The longest name, so that proxmox-backup is not taken for proxmox.
    let named = profile::stems().filter(|id| names.iter().any(|name| is(id, name))).max_by_key(|id| id.len());
    let words = || {
        let parts = names.iter().flat_map(|name| name.split('-')).collect::<Vec<_>>();
        WORDS.iter().find(|(word, _)| parts.contains(word)).map(|(_, id)| *id)
    };
    let by_uri = || {
        Some(match () {
            () if ends("/signin/oidc/callback") => "xen-orchestra",
            () if ends("/api/v2/login/idp/") => "virtuozzo",
            () if ends(":8006") => "proxmox",
            () if ends(":8007") => "proxmox-backup",
            () if ends("http://localhost:53000") => "netbird",
            () => return None,
        })
    };
    let other =
        |profile: &&Profile| profile.file.other_programs.iter().any(|part| uris().any(|uri| uri.contains(part)));
    profile::one(named.or_else(words).or_else(by_uri)?).filter(|profile| !other(profile)).cloned()
}
