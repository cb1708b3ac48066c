//! What is said about a token, for people and for programs.

use super::given::{Given, Keys};
use crate::render::text::clean;
use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::jwks::Jwks;
use oidcheck_checks::evidence::jws::{Signature, UNIQUE, seconds};
use oidcheck_checks::evidence::login::Token;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{Judged, judge};
use oidcheck_checks::target::Target;
use oidcheck_checks::verdict::{Effect, Severity};
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};

/// Claims that are times.
const TIMES: [&str; 5] = ["exp", "iat", "nbf", "auth_time", "updated_at"];
/// What stands for a value that is not shown.
const HIDDEN: &str = "(not shown)";

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct Inspection {
    schema: &'static str,
    /// When the token was looked at.
    at: jiff::Timestamp,
    /// The tokens.
    pub tokens: Vec<TokenView>,
    /// What each application makes of them.
    pub profiles: Vec<ProfileSays>,
}

/// One token.
#[derive(Debug, Clone, Serialize)]
pub struct TokenView {
    /// `ID token` or `access token`.
    pub kind: &'static str,
    /// Why it cannot be read, when it cannot.
    pub unreadable: Option<String>,
    /// The JOSE header.
    pub header: serde_json::Map<String, Value>,
    /// The claims.
    pub claims: serde_json::Map<String, Value>,
    /// Claims that are times, in words.
    pub times: serde_json::Map<String, Value>,
    /// Who signed it.
    pub signature: Said,
    /// Its length in bytes.
    pub bytes: usize,
}

/// A verdict and its words.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// `good`, `bad`, `none` or `unknown`.
    pub verdict: &'static str,
    /// Why.
    pub text: String,
}

/// What one application makes of it.
#[derive(Debug, Clone, Serialize)]
pub struct ProfileSays {
    /// The profile's id.
    pub profile: String,
    /// What people call the application.
    pub title: String,
    /// Whether anything at error level speaks against it.
    pub accepts: bool,
    /// The findings: check, effect, what is wrong.
    pub findings: Vec<Finding>,
    /// What could not be judged, and why.
    pub open: Vec<String>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    check: &'static str,
    severity: Severity,
    effect: Effect,
    message: String,
    symptom: Option<String>,
}

/// Looks at what was given. The time is passed in.
pub fn inspect(
    given: &Given,
    keys: &Keys,
    client_id: Option<&str>,
    issuer: Option<&str>,
    profiles: &[Profile],
    now: jiff::Timestamp,
) -> Inspection {
    let evidence = given.evidence(keys, now);
    let facts = Facts::of(&evidence);
    let typed = issuer.or(given.issuer()).unwrap_or_default().to_owned();
    let target = Target { typed, client_id: client_id.map(str::to_owned), ..Target::default() };
    let jwks = facts.jwks.as_ref().ok();
    let grant = given.grant(jwks);
    let pairs = [("ID token", "id_token"), ("access token", "access_token")];
    let tokens = pairs.into_iter().filter_map(|(kind, member)| {
        let grant = grant.as_ref()?;
        let token = if member == "id_token" { grant.id_token.as_ref() } else { grant.access_token.as_ref() }?;
        Some(TokenView::of(kind, token, jwks, keys, now))
    });
    let tokens: Vec<TokenView> = tokens.collect();
    let profiles = profiles.iter().map(|profile| says(profile, &target, &facts, given.lone, keys, now)).collect();
    Inspection { schema: "oidcheck-inspect/1", at: now, tokens, profiles }
}

fn says(
    profile: &Profile,
    target: &Target,
    facts: &Facts<'_>,
    lone: bool,
    keys: &Keys,
    now: jiff::Timestamp,
) -> ProfileSays {
    let run = judge(target, profile, facts, now);
    // A lone token says nothing about the answer that it came in, and nobody saw headers and status.
    let unseen =
        ["token-response/content-type", "token-response/status", "token-response/no-store", "token-response/code"];
    let ours = |id: &str| {
        let group = id.split('/').next().unwrap_or_default();
        matches!(group, "id-token" | "access-token" | "claims")
            || group == "token-response" && !lone && !unseen.contains(&id)
    };
    let (mut findings, mut open) = (Vec::new(), Vec::new());
    for outcome in run.outcomes.iter().filter(|outcome| ours(outcome.check.id)) {
        match &outcome.judged {
            Judged::Untold(gap) => {
                // With one token of two, what is about the other is not open but beside the point.
                let beside = lone && gap.blamed_on().is_some_and(|id| id.starts_with("token-response/"));
                let unfetched = outcome.check.id.ends_with("/signature") && matches!(keys, Keys::None);
                if unfetched {
                    open.push("the signature: give --issuer or --jwks".to_owned());
                } else if !beside {
                    open.push(format!("{}: {gap}", outcome.check.id));
                }
            }
            Judged::Crashed(why) => {
                open.push(format!("{} crashed, which is a bug in oidcheck: {why}", outcome.check.id))
            }
            Judged::Told(_) => {}
        }
        for finding in outcome.findings() {
            findings.push(Finding {
                check: outcome.check.id,
                severity: run.severity(outcome, finding),
                effect: finding.effect,
                message: finding.message.clone(),
                symptom: finding.symptom.clone(),
            });
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.severity, finding.effect)));
    let accepts = findings.iter().all(|finding| finding.severity < Severity::Error);
    open.dedup();
    ProfileSays { profile: profile.file.id.clone(), title: profile.file.title.clone(), accepts, findings, open }
}

impl TokenView {
    fn of(kind: &'static str, token: &Token, jwks: Option<&Jwks>, keys: &Keys, now: jiff::Timestamp) -> TokenView {
        let mut view = TokenView {
            kind,
            unreadable: None,
            header: serde_json::Map::new(),
            claims: serde_json::Map::new(),
            times: serde_json::Map::new(),
            signature: Said { verdict: "unknown", text: "not checked".into() },
            bytes: token.length(),
        };
        let jws = match &token.read {
            Ok(jws) => jws,
            Err(error) => {
                view.unreadable = Some(error.to_string());
                return view;
            }
        };
        for (name, node) in jws.header.root.members() {
            view.header.insert(name.clone(), node.plain());
        }
        for (name, node) in jws.claims.root.members() {
            let value = if UNIQUE.contains(&name.as_str()) { HIDDEN.into() } else { node.plain() };
            view.claims.insert(name.clone(), value);
            if let Some(at) = seconds(node).filter(|_| TIMES.contains(&name.as_str())) {
                view.times.insert(name.clone(), when(at, now).into());
            }
        }
        view.signature = signature(token, jwks, keys);
        view
    }
}

fn signature(token: &Token, jwks: Option<&Jwks>, keys: &Keys) -> Said {
    let said = |verdict, text: String| Said { verdict, text };
    let alg = token.read.as_ref().ok().and_then(|jws| jws.alg()).unwrap_or("nothing");
    match (&token.signature, jwks) {
        (Signature::Unsigned, _) => said("none", "there is none: anybody can write such a token".into()),
        (Signature::Symmetric, _) => {
            said("unknown", format!("{alg} needs the client secret, which is not asked for here"))
        }
        (Signature::Unknown, _) => said("unknown", format!("{alg} is no algorithm that providers use")),
        (Signature::WasGood, _) => said("good", "it had verified before it was taken out".into()),
        (Signature::Good(index), Some(set)) => {
            let key = set.keys.iter().find(|key| key.index == *index).map(|key| key.name());
            said("good", format!("verified with {}", key.unwrap_or_else(|| "a published key".into())))
        }
        (Signature::Bad(true), Some(_)) => said("bad", "it does not verify with the key that the token names".into()),
        (Signature::Bad(false), Some(_)) => said("bad", "no key of the set made it".into()),
        (_, None) if matches!(keys, Keys::None) => said("unknown", "not checked; give --issuer or --jwks".into()),
        (_, None) => said("unknown", "not checked: there is no usable key set".into()),
    }
}

/// A time in words: how far away, and the date.
fn when(at: i64, now: jiff::Timestamp) -> String {
    let date = jiff::Timestamp::from_second(at).map_or_else(|_| "no date".to_owned(), |date| date.to_string());
    let off = at.saturating_sub(now.as_second());
    let amount = match off.unsigned_abs() {
        s @ 0..=119 => format!("{s} seconds"),
        s @ 120..=7199 => format!("{} minutes", s / 60),
        s @ 7200..=172_799 => format!("{} hours", s / 3600),
        s => format!("{} days", s / 86_400),
    };
    match off {
        0 => format!("now, {date}"),
        1.. => format!("in {amount}, {date}"),
        _ => format!("{amount} ago, {date}"),
    }
}

/// Writes it for people.
///
/// # Errors
/// What the writer says.
pub fn human(inspection: &Inspection, out: &mut dyn Write) -> io::Result<()> {
    for (index, token) in inspection.tokens.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_token(token, out)?;
    }
    for says in &inspection.profiles {
        let sign = if says.accepts { "✓" } else { "✗" };
        let word = match (says.accepts, says.findings.is_empty()) {
            (true, true) => "nothing speaks against it",
            (true, false) => "takes it",
            (false, _) => "refuses it, or should",
        };
        writeln!(out, "\n{sign} {}: {word}", clean(&says.title))?;
        for finding in &says.findings {
            writeln!(out, "    {:<8} {}  ({})", finding.severity.word(), clean(&finding.message), finding.check)?;
            if let Some(symptom) = &finding.symptom {
                writeln!(out, "             people or the log see {:?}", clean(symptom))?;
            }
        }
        for open in &says.open {
            writeln!(out, "    cannot tell  {}", clean(open))?;
        }
    }
    Ok(())
}

fn write_token(token: &TokenView, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}, {} bytes", token.kind, token.bytes)?;
    if let Some(why) = &token.unreadable {
        return writeln!(out, "  {why}");
    }
    writeln!(out, "  signature  {}: {}", token.signature.verdict, clean(&token.signature.text))?;
    let mut table = |title: &str, members: &serde_json::Map<String, Value>| -> io::Result<()> {
        writeln!(out, "  {title}")?;
        let longest = members.keys().map(|name| clean(name).chars().count()).max().unwrap_or_default().min(24);
        for (name, value) in members {
            let value = match value {
                Value::String(text) => clean(text),
                other => clean(&other.to_string()),
            };
            let time = token.times.get(name).and_then(Value::as_str).filter(|_| title == "claims");
            let time = time.map(|time| format!("  {time}")).unwrap_or_default();
            writeln!(out, "    {:<longest$}  {value}{time}", clean(name))?;
        }
        Ok(())
    };
    table("header", &token.header)?;
    table("claims", &token.claims)
}
