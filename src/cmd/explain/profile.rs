//! A profile as prose: everything that it says about an application, with its sources.

use super::library;
use crate::docs::{Block, Page};
use crate::render::and;
use oidcheck_checks::profile::{
    Audience, Azp, Claim, ClaimPlace, ClaimType, ClientAuth, ExtraAudiences, Flow, Leeway, Life, Nonce, Part, Pkce,
    Profile, RedirectKind, TokenRules,
};

/// The page.
pub(super) fn page(profile: &Profile) -> Page {
    let file = &profile.file;
    let mut facts = Vec::new();
    if !file.versions.is_empty() {
        facts.push(("versions", file.versions.clone()));
    }
    if !file.scopes.is_empty() {
        facts.push(("scopes", file.scopes.join(" ")));
    }
    let page = Page { title: file.id.clone(), lead: file.title.clone(), facts, sections: Vec::new() };
    // The line breaks of the TOML file are those of its width, not of a paragraph.
    let about = file.about.split_whitespace().collect::<Vec<_>>().join(" ");
    let about = if about.is_empty() { Vec::new() } else { vec![Block::Prose(about)] };
    let mut ways = parts(profile);
    ways.extend(lives(profile).map(Block::Item));
    let mut rest: Vec<String> = tokens(profile);
    if let Some(device) = &file.device {
        if !device.requires.is_empty() {
            let symptom = device.symptom.as_ref().map(|s| format!(": {s}")).unwrap_or_default();
            let needs = and(&device.requires);
            rest.push(format!("Of the device authorization answer it needs {needs}, which RFC 8628 lets a provider leave out in part{symptom}."));
        }
        if !device.sends.is_empty() {
            rest.push(format!("Its device request sends {}, which the provider has to tolerate.", and(&device.sends)));
        }
    }
    rest.extend(browser(profile));
    if file.same_host_only {
        rest.push("Its pages may only talk to the issuer's own host (content security policy).".into());
    }
    for (name, value) in &file.extra_parameters {
        rest.push(format!("Its authorization request also has {name}={value}."));
    }
    for rule in &file.severities {
        let because = rule.because.trim_end_matches('.');
        rest.push(format!("{} is {} here: {because}.", rule.check, with_article(rule.level.word())));
    }
    let items = |texts: Vec<String>| texts.into_iter().map(Block::Item).collect::<Vec<_>>();
    let remedies = file.remedies.iter().map(|(check, text)| format!("{check}: {}", text.trim())).collect();
    let sources = file.sources.iter().map(|source| format!("{} ({})", source.url, source.read)).collect();
    page.section("about", about)
        .section("how it logs people in", ways)
        .section("redirect URIs", items(redirects(profile)))
        .section("claims", items(file.claims.iter().map(claim_sentence).collect()))
        .section("what else it needs", items(rest))
        .section("settings (--set KEY=VALUE)", items(settings(profile)))
        .section("versions (--app-version V)", items(versions(profile)))
        .section("know before you deploy", items(notes(profile)))
        .section("where it shows its settings without a login", items(captures(profile)))
        .section("what to change, in its own words", items(remedies))
        .section("sources", items(sources))
}

fn with_article(noun: &str) -> String {
    format!("{} {noun}", if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

/// The parts, each with its library and with what that does about the commonest reason of a failure.
fn parts(profile: &Profile) -> Vec<Block> {
    let mut blocks = Vec::new();
    for part in &profile.parts {
        let library = &part.library;
        let who = part.id.as_ref().map_or_else(|| "It is built".to_owned(), |id| format!("{id}: built"));
        let mut text = format!("{who} on {}. {}", library.title, library::comparison(&library.issuer));
        for more in [flow(part), pkce(part.pkce).into(), nonce(part.nonce).into(), authentication(part)] {
            if !more.is_empty() {
                text.push(' ');
                text.push_str(&more);
            }
        }
        if part.scopes != profile.file.scopes {
            text.push_str(&format!(" It asks for the scopes {}.", part.scopes.join(" ")));
        }
        text.push_str(&format!(" oidcheck explain library:{} has the rest.", library.id));
        blocks.push(Block::Item(text));
    }
    let changes = profile.file.parts.iter().filter(|part| !part.library_changes.is_empty());
    let mut changed: Vec<(String, &_)> =
        changes.map(|part| (format!(" for {}", part.id), &part.library_changes)).collect();
    if !profile.file.library_changes.is_empty() {
        changed.push((String::new(), &profile.file.library_changes));
    }
    for (part, table) in changed {
        let names: Vec<&str> = table.keys().map(String::as_str).collect();
        blocks.push(Block::Item(format!("The application changes what the library does{part} about {}.", and(&names))));
    }
    blocks
}

fn flow(part: &Part) -> String {
    match part.flow {
        Flow::Code => String::new(),
        Flow::Implicit => "It takes the ID token from the authorization endpoint (implicit flow).".into(),
        Flow::Device => "It logs in by the device flow.".into(),
        Flow::Bearer => "It fetches no token itself: it is handed one.".into(),
    }
}

fn pkce(pkce: Pkce) -> &'static str {
    match pkce {
        Pkce::Always => "It sends PKCE with S256 every time.",
        Pkce::IfAdvertised => "It sends PKCE when the provider lists S256.",
        Pkce::Never => "It never sends PKCE.",
        Pkce::Unknown => "Whether it sends PKCE is not known.",
    }
}

fn nonce(nonce: Nonce) -> &'static str {
    match nonce {
        Nonce::Required => "It sends a nonce and refuses an ID token without it.",
        Nonce::Sent => "It sends a nonce and takes an ID token without it.",
        Nonce::Absent => "It sends no nonce.",
        Nonce::Forbidden => "It sends no nonce and refuses an ID token that has one.",
        Nonce::Unknown => "",
    }
}

fn authentication(part: &Part) -> String {
    let word = |auth: &ClientAuth| match auth {
        ClientAuth::ClientSecretBasic => "client_secret_basic",
        ClientAuth::ClientSecretPost => "client_secret_post",
        ClientAuth::None => "client_id alone (none)",
        ClientAuth::BasicEmpty => "Basic with an empty secret",
        ClientAuth::PrivateKeyJwt => "private_key_jwt",
    };
    let words: Vec<&str> = part.client_authentication.iter().map(word).collect();
    if words.is_empty() { String::new() } else { format!("At the token endpoint it tries {}.", words.join(", then ")) }
}

fn lives(profile: &Profile) -> impl Iterator<Item = String> {
    let word = |life: Life| match life {
        Life::AtStart => "once, when it starts: whoever is down then stays unknown until it is restarted",
        Life::EveryLogin => "afresh for every login",
        Life::UntilUnknownKey => "when it starts, and again when a key is not found",
        Life::Cached => "now and then; in between they are kept",
    };
    let file = &profile.file;
    let metadata = file.reads_metadata.map(|life| format!("It reads the metadata {}.", word(life)));
    metadata.into_iter().chain(file.reads_keys.map(|life| format!("It reads the keys {}.", word(life))))
}

fn redirects(profile: &Profile) -> Vec<String> {
    let one = |redirect: &oidcheck_checks::profile::Redirect| {
        let kind = match redirect.kind {
            RedirectKind::Web => "",
            RedirectKind::Loopback => ", on the person's own machine",
            RedirectKind::Silent => ", for the silent renewal",
            RedirectKind::PostLogout => ", after logging out",
        };
        let part = redirect.part.as_ref().map(|part| format!(" ({part})")).unwrap_or_default();
        format!("{}{part}{kind}", redirect.uri)
    };
    profile.file.redirects.iter().map(one).collect()
}

fn claim_sentence(claim: &Claim) -> String {
    let place = match claim.read_from {
        ClaimPlace::IdToken => "the ID token only",
        ClaimPlace::AccessToken => "the access token, which has to be a JWT",
        ClaimPlace::Userinfo => "the userinfo response",
        ClaimPlace::IdTokenOrUserinfo => "the ID token, then the userinfo response",
    };
    let need = if claim.required { "required" } else { "optional" };
    let scope = claim.scope.as_ref().map(|scope| format!("; scope {scope} usually brings it")).unwrap_or_default();
    let mut text = format!(
        "{} ({need}): read from {place}{scope}. Without it {}.",
        claim.name,
        claim.without.trim_end_matches('.')
    );
    if claim.username {
        text.push_str(" It is the user's name.");
    }
    if claim.kind != ClaimType::Any {
        text.push_str(&format!(" It has to be {}.", claim.kind.noun()));
    }
    if let Some(most) = claim.max_length {
        let with = claim.suffix.as_ref().map(|suffix| format!(" with {suffix}")).unwrap_or_default();
        text.push_str(&format!(" It may have {most} characters{with}."));
    }
    if let Some(wrong) = &claim.wrong {
        text.push_str(&format!(" Otherwise: {}.", wrong.trim_end_matches('.')));
    }
    if claim.unconfirmed {
        text.push_str(" This was inferred and is not confirmed.");
    }
    text
}

fn tokens(profile: &Profile) -> Vec<String> {
    let file = &profile.file;
    let mut out = Vec::new();
    for (name, rules) in [("ID token", &file.id_token), ("access token", &file.access_token)] {
        if let Some(rules) = rules {
            out.push(token(name, rules));
        }
    }
    out
}

fn token(name: &str, rules: &TokenRules) -> String {
    let mut says: Vec<String> = Vec::new();
    let mut say = |condition: bool, text: &str| {
        if condition {
            says.push(text.to_owned());
        }
    };
    say(rules.jwt, "a signed JWT");
    say(rules.unverified, "its signature is not verified");
    say(rules.kid, "with a kid in its header");
    if !rules.typ.is_empty() {
        says.push(format!("typ absent or {}", rules.typ.join(", ")));
    }
    if !rules.further_audiences.is_empty() {
        says.push(format!("aud may also hold {}", rules.further_audiences.join(", ")));
    }
    match rules.audience {
        Some(Audience::ClientId) => says.push("aud holds the client id".into()),
        Some(Audience::Configured) => {
            let value = rules.audience_value.as_deref().unwrap_or("the configured value");
            says.push(format!("aud holds {value}"));
        }
        Some(Audience::Unchecked) => says.push("aud is not looked at".into()),
        None => {}
    }
    match rules.extra_audiences {
        Some(ExtraAudiences::Allowed) => says.push("further audiences pass".into()),
        Some(ExtraAudiences::NeedAzp) => says.push("further audiences need an azp".into()),
        Some(ExtraAudiences::Refused) => says.push("a further audience is refused".into()),
        None => {}
    }
    match rules.azp {
        Some(Azp::IfPresent) => says.push("azp, if there, is the client id".into()),
        Some(Azp::Unchecked) => says.push("azp is not looked at".into()),
        None => {}
    }
    let leeways = [("exp", rules.leeway.exp), ("nbf", rules.leeway.nbf), ("iat", rules.leeway.iat)];
    for (claim, leeway) in leeways.into_iter().filter_map(|(claim, leeway)| Some((claim, leeway?))) {
        says.push(match leeway {
            Leeway::Seconds(0) => format!("no leeway on {claim}"),
            Leeway::Seconds(seconds) => format!("{seconds} s leeway on {claim}"),
            Leeway::Word(_) => format!("{claim} is not looked at"),
        });
    }
    if let Some(most) = rules.max_length {
        let why = rules.too_long.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        says.push(format!("at most {most} bytes{why}"));
    }
    let unsure = if rules.unconfirmed { " (inferred, not confirmed)" } else { "" };
    format!("The {name}{unsure}: {}.", says.join("; "))
}

fn browser(profile: &Profile) -> Vec<String> {
    let Some(browser) = &profile.file.browser else { return Vec::new() };
    let mut out = Vec::new();
    if !browser.cors.is_empty() {
        out.push(format!("Its pages ask {} across origins.", and(&browser.cors)));
    }
    if browser.frames {
        out.push("It opens the provider in a frame for a silent renewal.".into());
    }
    if browser.needs_https {
        out.push("It has to be opened over https, or the browser gives it no PKCE.".into());
    }
    if browser.token_cookies {
        out.push("It keeps tokens in cookies, and a browser drops one that is longer than about 4 KB.".into());
    }
    out
}

fn settings(profile: &Profile) -> Vec<String> {
    let one = |setting: &oidcheck_checks::profile::Setting| {
        let default = if setting.default.is_empty() { "not set".into() } else { setting.default.clone() };
        let choices = match setting.choices.is_empty() {
            true => String::new(),
            false => format!("; one of {}", setting.choices.join(", ")),
        };
        format!("{}: {} (default: {default}{choices})", setting.key, setting.about.trim_end_matches('.'))
    };
    profile.file.settings.iter().map(one).collect()
}

fn versions(profile: &Profile) -> Vec<String> {
    let one = |fact: &oidcheck_checks::profile::VersionFact| {
        let when = match (&fact.since, &fact.until) {
            (Some(since), Some(until)) => format!("{since} to {until}"),
            (Some(since), None) => format!("from {since} on"),
            (None, Some(until)) => format!("up to {until}"),
            (None, None) => "always".into(),
        };
        format!("{when}: {}", fact.about.trim())
    };
    profile.file.versions_differ.iter().map(one).collect()
}

fn notes(profile: &Profile) -> Vec<String> {
    let one = |note: &oidcheck_checks::profile::Note| {
        let when: Vec<String> = note.when.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let when = if when.is_empty() { String::new() } else { format!(" with {}", when.join(", ")) };
        let unsure = if note.unconfirmed { " (inferred, not confirmed)" } else { "" };
        let effect = note.effect.word();
        format!(
            "{} [{effect}{when}]{unsure}: {} {} Source: {}.",
            note.id,
            note.text.trim(),
            note.remedy.trim(),
            note.source.trim_end_matches('.')
        )
    };
    profile.file.notes.iter().map(one).collect()
}

fn captures(profile: &Profile) -> Vec<String> {
    let one = |capture: &oidcheck_checks::profile::Capture| {
        let caution = capture.caution.as_ref().map(|c| format!(" Mind: {c}.")).unwrap_or_default();
        format!("{}: {}.{caution}", capture.request, capture.shows)
    };
    profile.file.captures.iter().map(one).collect()
}
