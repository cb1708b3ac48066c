//! Reads what was typed, and says what is wrong with it: what, where, and what to do.
//!
//! A credential never belongs on a command line, where every user of the machine can read it. A URL that holds one
//! is refused, and the text of the refusal does not repeat it.

use crate::cli::{CheckArgs, JudgingArgs, LoginArg, NetworkArgs};
use crate::gather::client_key::ClientKey;
use crate::gather::secrets::Secret;
use crate::gather::{self, Options, Resolve, tls};
use crate::login::Way;
use crate::{Error, output};
use oidcheck_checks::data::{DataError, nearest};
use oidcheck_checks::profile::{Choices, ClientAuth, Profile, choice};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const ISSUER_HELP: &str = "an issuer looks like https://auth.example.com or https://auth.example.com/realms/main";

/// The issuer or discovery URL, byte for byte, with `https://` before it when the scheme was left away.
pub(super) fn issuer(typed: &str) -> Result<String, Error> {
    let what = "the issuer";
    if typed.is_empty() {
        return Err(Error::usage("the issuer is empty", ISSUER_HELP));
    }
    no_odd_characters(what, typed)?;
    let text = if has_scheme(typed) {
        typed.to_owned()
    } else {
        let text = format!("https://{}", typed.trim_start_matches("//"));
        // What was typed may hold a credential, so it is shown only once it is known to hold none.
        web_url(what, &text, ISSUER_HELP)?;
        output::note(&format!("note: no scheme was given; checking {text} (the application needs the scheme as well)"));
        text
    };
    let url = web_url(what, &text, ISSUER_HELP)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::usage(
            format!(
                "{what} {text:?} has a query or a fragment, which an issuer may not have (OpenID Connect Discovery 1.0 section 3)"
            ),
            "leave away everything from ? or # on",
        ));
    }
    Ok(text)
}

/// The application's URL as typed.
pub(super) fn app_url(typed: &str) -> Result<String, Error> {
    let help = "give the URL that people open, such as https://app.example.com";
    no_odd_characters("--app-url", typed)?;
    web_url("--app-url", typed, help)?;
    Ok(typed.to_owned())
}

/// `localhost:8080` has no scheme, `mailto:x` has one, and so has `https:/x`, with a mistake.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let name = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-".contains(c));
    name && (rest.starts_with('/') || matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https"))
}

fn no_odd_characters(what: &str, text: &str) -> Result<(), Error> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    match text.chars().position(odd) {
        Some(at) => {
            let name = if text.chars().nth(at) == Some('\\') { "a backslash" } else { "a space or control character" };
            let help = "leave it away, or put quotes around the URL alone";
            Err(Error::usage(format!("{what} has {name} at character {}", at + 1), help))
        }
        None => Ok(()),
    }
}

/// A URL that can be asked and holds no credential.
fn web_url(what: &str, text: &str, help: &str) -> Result<Url, Error> {
    let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
    let authority = rest.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(Error::usage(
            format!("{what} has a user name or password before the @, which other users of this machine can read"),
            "leave it away, and change the password if it was a real one",
        ));
    }
    if scheme.is_empty() {
        return Err(Error::usage(format!("{what} {text:?} does not begin with https:// or http://"), help));
    }
    if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
        let message = format!("{what} {text:?} begins with {scheme:?}, but only https:// and http:// can be asked");
        return Err(Error::usage(message, help));
    }
    if !rest.starts_with("//") {
        return Err(Error::usage(format!("{what} {text:?} needs two slashes after {scheme}:"), help));
    }
    if rest.starts_with("///") || authority.is_empty() {
        return Err(Error::usage(format!("{what} {text:?} has no host"), help));
    }
    Url::parse(text).map_err(|e| Error::usage(format!("{what} {text:?} is no URL: {e}"), help))
}

/// The profiles that the arguments name, each once, in the order of the arguments; `generic` for none. Settings go to
/// the profiles that know them, and one that none of them knows is a mistake.
pub(super) fn profiles(names: &[String], args: &JudgingArgs) -> Result<Vec<Profile>, Error> {
    let mut profiles = chosen(names, &args.settings, args.app_version.as_deref())?;
    if let Some(path) = &args.mapping {
        let mapping = mapping(path)?;
        let mut taken = profiles.iter_mut().filter(|profile| profile.file.mapping.is_some()).peekable();
        if taken.peek().is_none() {
            let help = "leave --mapping away, or name an application that has such a file, for example virtuozzo";
            return Err(Error::usage("--mapping: none of these applications maps claims by a file", help));
        }
        taken.for_each(|profile| profile.choices.mapping = Some(mapping.clone()));
    }
    Ok(profiles)
}

/// The file with which an administrator maps claims. Whether it is right is a question for `oidcheck lint`.
fn mapping(path: &Path) -> Result<serde_json::Value, Error> {
    let fail = |source| Error::File { doing: "read", path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(fail)?;
    serde_json::from_str(&text).map_err(|error| {
        let why = format!("--mapping {}: no JSON at line {} column {}", path.display(), error.line(), error.column());
        Error::usage(why, "oidcheck lint FILE says more about it")
    })
}

/// The same from settings and version alone.
pub(super) fn chosen(names: &[String], settings: &[String], version: Option<&str>) -> Result<Vec<Profile>, Error> {
    let choices = choices(settings, version)?;
    let fallback = ["generic".to_owned()];
    let mut found: Vec<Profile> = Vec::new();
    for name in if names.is_empty() { &fallback[..] } else { names } {
        for profile in named(name, &choices)? {
            // Two files may well share an id; only what is the same in every respect is judged once.
            if !found.contains(&profile) {
                found.push(profile);
            }
        }
    }
    for key in choices.settings.keys() {
        if !found.iter().any(|profile| profile.settings.contains_key(key)) {
            return Err(unknown_setting(key, &found));
        }
    }
    Ok(found)
}

fn choices(settings: &[String], version: Option<&str>) -> Result<Choices, Error> {
    let mut choices = Choices { version: version.map(str::to_owned), ..Choices::default() };
    for text in settings {
        let (key, value) = text.split_once('=').ok_or_else(|| {
            Error::usage(format!("--set {text}: no KEY=VALUE"), "for example --set username-claim=preferred_username")
        })?;
        if choices.settings.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Error::usage(format!("--set {key} stands twice"), "give each setting once"));
        }
    }
    if let Some(version) = version.filter(|version| !choice::is_version(version)) {
        let help = "give it as numbers with dots, for example --app-version 8.2.1";
        return Err(Error::usage(format!("--app-version {version:?} is no version"), help));
    }
    Ok(choices)
}

fn unknown_setting(key: &str, profiles: &[Profile]) -> Error {
    let mut known: Vec<&str> =
        profiles.iter().flat_map(|profile| profile.settings.keys().map(String::as_str)).collect();
    known.dedup();
    let names: Vec<&str> = profiles.iter().map(|profile| profile.file.id.as_str()).collect();
    let help = match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None if known.is_empty() => "this profile has no settings".to_owned(),
        None => format!("there are {}", known.join(", ")),
    };
    Error::usage(format!("--set {key}: {} has no such setting", crate::render::and(&names)), help)
}

fn named(name: &str, choices: &Choices) -> Result<Vec<Profile>, Error> {
    let refused = |error: DataError| match error.file.as_str() {
        "--set" => Error::usage(format!("--set {}", error.message), error.help.unwrap_or_default()),
        _ => Error::Data(error),
    };
    if let Some(profile) = Profile::by_id_with(name, choices) {
        return Ok(vec![profile.map_err(refused)?]);
    }
    let path = Path::new(name);
    if name.ends_with(".toml") || path.exists() {
        let fail = |source| Error::File { doing: "read", path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(fail)?;
        return Ok(vec![Profile::read_with(name, &text, choices).map_err(refused)?]);
    }
    let ids = Profile::ids();
    let list = "`oidcheck list profiles` and `oidcheck list libraries` show them all";
    if name.contains(['*', '?', '[', '{']) {
        let fit = ids.iter().filter(|id| glob_match::glob_match(name, id));
        let found: Result<Vec<_>, _> = fit.filter_map(|id| Profile::by_id_with(id, choices)).collect();
        let found = found.map_err(refused)?;
        return match found.is_empty() {
            true => Err(Error::usage(format!("no profile fits the pattern {name:?}"), list)),
            false => Ok(found),
        };
    }
    let near = nearest(name, ids.iter().map(String::as_str));
    let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
    Err(Error::usage(format!("no profile is called {name:?}, and there is no such file"), format!("{near}{list}")))
}

/// The client secret: from a file, else from the environment. One line feed at its end is the editor's, not the secret's.
pub(super) fn client_secret(file: Option<&Path>) -> Result<Option<Secret>, Error> {
    let text = match file {
        Some(path) => {
            let fail = |source| Error::File { doing: "read", path: path.to_owned(), source };
            Some(std::fs::read_to_string(path).map_err(fail)?)
        }
        None => std::env::var("OIDCHECK_CLIENT_SECRET").ok().filter(|s| !s.is_empty()),
    };
    let Some(text) = text else { return Ok(None) };
    let secret = text.strip_suffix('\n').map(|s| s.strip_suffix('\r').unwrap_or(s)).unwrap_or(&text);
    if secret.is_empty() {
        return Err(Error::usage(
            "the client secret is empty",
            "put the secret into the file, or leave the option away",
        ));
    }
    Ok(Some(Secret::new(secret)))
}

/// The private key of the client.
pub(super) fn client_key(args: &CheckArgs) -> Result<Option<Arc<ClientKey>>, Error> {
    let Some(path) = &args.client_key_file else { return Ok(None) };
    let fail = |source| Error::File { doing: "read", path: path.to_owned(), source };
    let pem = std::fs::read(path).map_err(fail)?;
    let key = ClientKey::read(&pem, args.client_key_alg.as_deref(), args.client_key_id.clone());
    let key = key.map_err(|why| {
        let help = "give the private key (not the public one) without a passphrase; `openssl pkcs8 -topk8 -nocrypt -in KEY` turns every other form into the one that is read";
        Error::usage(format!("--client-key-file {}: {why}", path.display()), help)
    })?;
    Ok(Some(Arc::new(key)))
}

/// An application that authenticates in some other way has no use for a key.
pub(super) fn can_use_a_key(profiles: &[Profile]) -> Result<(), Error> {
    let knows = |profile: &&Profile| {
        let known = &profile.file.client_authentication;
        !known.is_empty() && !known.contains(&ClientAuth::PrivateKeyJwt)
    };
    match profiles.iter().find(knows) {
        None => Ok(()),
        Some(profile) => Err(Error::usage(
            format!("{} does not authenticate by a private key", profile.file.title),
            "give the client secret, or check with --profile generic",
        )),
    }
}

/// Who logs in and how, with what that takes.
pub(super) fn login_ways(args: &CheckArgs) -> Result<Vec<(String, Way)>, Error> {
    let Some(how) = args.login else {
        return match args.personas.first() {
            None => Ok(Vec::new()),
            Some(name) => Err(Error::usage(format!("--persona {name} needs a login"), "add --login form")),
        };
    };
    if how != LoginArg::Form && !args.personas.is_empty() {
        let help = "log in as one user, or take --login form";
        return Err(Error::usage("--persona goes with --login form alone", help));
    }
    let wait = Duration::from_secs(args.login_wait);
    let one = match how {
        LoginArg::Form if args.personas.is_empty() => Way::Form(credentials("OIDCHECK_")?),
        LoginArg::Form => {
            let mut ways = Vec::new();
            for name in &args.personas {
                let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
                if !plain {
                    let help = "take small letters and digits, since it becomes a part of the names of variables";
                    return Err(Error::usage(format!("--persona {name:?} is no name"), help));
                }
                if ways.iter().any(|(known, _)| known == name) {
                    return Err(Error::usage(format!("--persona {name} stands twice"), "give each name once"));
                }
                let prefix = format!("OIDCHECK_{}_", name.to_ascii_uppercase());
                ways.push((name.clone(), Way::Form(credentials(&prefix)?)));
            }
            return Ok(ways);
        }
        LoginArg::Paste => Way::Paste,
        LoginArg::Device => Way::Device { wait },
        // Where nobody sees what it says, there is nobody to open a browser for.
        LoginArg::Browser => {
            let open = std::io::IsTerminal::is_terminal(&std::io::stderr());
            Way::Browser { wait, open }
        }
    };
    Ok(vec![(crate::login::PERSONA.to_owned(), one)])
}

/// The test user, from the environment or from files that it names; never from the command line.
fn credentials(prefix: &str) -> Result<crate::login::Credentials, Error> {
    let maybe = |name: &str| -> Result<Option<Secret>, Error> {
        let file = std::env::var_os(format!("{name}_FILE")).filter(|path| !path.is_empty());
        let text = match file {
            Some(path) => {
                let fail = |source| Error::File { doing: "read", path: path.clone().into(), source };
                let text = std::fs::read_to_string(&path).map_err(fail)?;
                text.strip_suffix('\n').map(|s| s.strip_suffix('\r').unwrap_or(s)).unwrap_or(&text).to_owned()
            }
            None => std::env::var(name).unwrap_or_default(),
        };
        Ok((!text.is_empty()).then(|| Secret::new(text)))
    };
    let one = |name: &str| {
        let missing = || {
            let help = format!("set {name}, or {name}_FILE to the path of a file");
            Error::usage(format!("--login form needs {name}"), help)
        };
        maybe(name)?.ok_or_else(missing)
    };
    Ok(crate::login::Credentials {
        username: one(&format!("{prefix}USERNAME"))?,
        password: one(&format!("{prefix}PASSWORD"))?,
        totp: maybe(&format!("{prefix}TOTP_SECRET"))?,
    })
}

/// How to gather.
pub(super) fn options(args: &NetworkArgs) -> Result<Options, Error> {
    let mut extra_roots = Vec::new();
    for path in &args.ca_files {
        let fail = |source| Error::File { doing: "read", path: path.clone(), source };
        let bytes = std::fs::read(path).map_err(fail)?;
        let certs = tls::read_pem(&bytes);
        let certs =
            certs.map_err(|why| Error::usage(format!("--ca-file {}: {why}", path.display()), "give a PEM file"))?;
        extra_roots.extend(certs);
    }
    let user_agent = args.user_agent.clone().unwrap_or_else(gather::user_agent);
    if !user_agent.chars().all(|c| (' '..='~').contains(&c)) {
        return Err(Error::usage("--user-agent may hold printable ASCII alone", "write it without special characters"));
    }
    Ok(Options {
        resolve: args.resolve.iter().map(|text| resolve(text)).collect::<Result<_, _>>()?,
        extra_roots,
        secrets: gather::secrets::Secrets::default(),
        proxy: args.proxy.as_deref().map(proxy).transpose()?,
        user_agent,
        timeout: Duration::from_secs(args.timeout),
        deadline: Duration::from_secs(args.deadline),
    })
}

fn proxy(typed: &str) -> Result<Url, Error> {
    no_odd_characters("--proxy", typed)?;
    let (_, rest) = typed.split_once("//").unwrap_or(("", typed));
    if rest.contains('@') {
        return Err(Error::usage(
            "--proxy has a user name or password before the @, which other users of this machine can read",
            "put the URL into the environment variable HTTPS_PROXY instead",
        ));
    }
    web_url("--proxy", typed, "a proxy looks like http://proxy.example.com:3128")
}

/// `HOST:PORT:ADDR[,ADDR]…`, an IPv6 address with or without brackets.
fn resolve(text: &str) -> Result<Resolve, Error> {
    let bad = |why: &str| {
        Error::usage(format!("--resolve {text}: {why}"), "for example --resolve auth.example.com:443:192.0.2.7")
    };
    let mut parts = text.splitn(3, ':');
    let (Some(host), Some(port), Some(addresses)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(bad("no HOST:PORT:ADDR"));
    };
    let port = port.parse().map_err(|_| bad("the port is no number from 1 to 65535"))?;
    // As a URL would have it: in lower case, other scripts in Punycode.
    let host = url::Host::parse(host).map_err(|_| bad("the host is no host name"))?.to_string();
    let address = |a: &str| a.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let addresses: Result<Vec<_>, _> = addresses.split(',').map(address).collect();
    let addresses = addresses.map_err(|_| bad("the address is no IP address"))?;
    Ok(Resolve { host, port, addresses })
}
