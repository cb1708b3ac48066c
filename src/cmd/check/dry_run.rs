//! `--dry-run`: what would be sent, said without sending it.
//!
//! What depends on answers is shown with answers made up: metadata that names every endpoint, an authorization endpoint
//! that tells good requests from bad ones, an application that shows its request. A provider that answers otherwise is
//! asked a few questions more or less.

use crate::cli::LoginArg;
use oidcheck_checks::evidence::{
    Auth, AuthMethod, Endpoint, Evidence, Exchange, LoginStep, Request, Response, SecretChoice, Slot,
};
use oidcheck_checks::plan::{Ask, Plan};
use oidcheck_checks::probe::{CONTROL_URI, UNKNOWN_CLIENT, implicit, implicit_type};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::target::{Depth, Target};
use std::io::{Result, Write};

/// Members of the metadata whose URLs are asked.
const MEMBERS: [&str; 8] = [
    "jwks_uri",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "device_authorization_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
];
/// What stands for the request of the application, which only the application knows.
const OWN_REQUEST: &str = "the application's own request";
/// So many rounds of answers are made up: more than any plan has.
const ROUNDS: usize = 12;

/// Says what would be sent: what the plan starts with, then what it asks once there are answers.
pub(super) fn print(target: &Target, assumed: &Target, profiles: &[Profile], out: &mut dyn Write) -> Result<()> {
    if target.typed.is_empty() {
        writeln!(out, "Nothing is sent. The application is asked first:")?;
        for ask in (Plan { target, profiles }).next(&Evidence::default()) {
            show(out, &ask)?;
        }
        writeln!(
            out,
            "\nThen the metadata is looked for, one step up the path after the other (at most six requests),"
        )?;
        writeln!(out, "on the host to which the application sends people. These follow once it is found:")?;
        let target = Target { typed: "<issuer>".to_owned(), ..assumed.clone() };
        return rounds(&Plan { target: &target, profiles }, Evidence::default(), true, out);
    }
    writeln!(out, "Nothing is sent. These requests come first:")?;
    let plan = Plan { target, profiles };
    let first = plan.next(&Evidence::default());
    for ask in &first {
        show(out, ask)?;
    }
    if target.discovery_url().starts_with("https:") {
        writeln!(out, "  and one connection that offers nothing newer than TLS 1.1, and ends with the first answer")?;
    }
    let mut evidence = Evidence::default();
    imagine(&first, &mut evidence);
    if !plan.next(&evidence).is_empty() {
        writeln!(out, "\nThese follow from the answers:")?;
        rounds(&plan, evidence, false, out)?;
    }
    Ok(())
}

/// Says what a login asks, and what is tried after it.
pub(super) fn login(
    how: LoginArg,
    abuse: bool,
    target: &Target,
    profiles: &[Profile],
    out: &mut dyn Write,
) -> Result<()> {
    let (form, device) = (how == LoginArg::Form, how == LoginArg::Device);
    let again = profiles.iter().any(crate::login::asks_again);
    writeln!(
        out,
        "\nThen somebody logs in. What follows needs what came before, and is left out where that is missing:"
    )?;
    let implicit = profiles.first().filter(|_| !device && profiles.iter().all(implicit)).map(implicit_type);
    let steps = match implicit {
        Some(kind) => crate::login::after::implicit_steps(form, kind),
        None => crate::login::after::steps(form, device, again, target.depth >= Depth::Thorough, abuse),
    };
    for step in steps {
        let (method, endpoint) = match step {
            LoginStep::Password => {
                writeln!(out, "  POST <the address of the form>\n      {}", step.asks())?;
                continue;
            }
            LoginStep::Callback | LoginStep::Session(_) => ("GET", "authorization_endpoint"),
            LoginStep::Userinfo
            | LoginStep::UserinfoAfter
            | LoginStep::UserinfoByIdToken
            | LoginStep::UserinfoByRefreshToken
            | LoginStep::UserinfoEnded
            | LoginStep::UserinfoRevoked => ("GET", "userinfo_endpoint"),
            LoginStep::UserinfoPost | LoginStep::UserinfoBody => ("POST", "userinfo_endpoint"),
            LoginStep::RevokeRefresh | LoginStep::RevokeAccess => ("POST", "revocation_endpoint"),
            LoginStep::Logout | LoginStep::ForgedLogout => ("GET", "end_session_endpoint"),
            _ => ("POST", "token_endpoint"),
        };
        writeln!(out, "  {method} <{endpoint} of the metadata>\n      {}", step.asks())?;
    }
    if implicit.is_some() {
        writeln!(out, "The form or the redirect that brings the tokens is read, and goes no further.")?;
    }
    Ok(())
}

fn rounds(plan: &Plan<'_>, mut evidence: Evidence, without_application: bool, out: &mut dyn Write) -> Result<()> {
    for _ in 0..ROUNDS {
        let asks = plan.next(&evidence);
        for ask in asks.iter().filter(|ask| !without_application || !matches!(ask.slot, Slot::App(_))) {
            show(out, ask)?;
        }
        if asks.is_empty() {
            break;
        }
        imagine(&asks, &mut evidence);
    }
    Ok(())
}

fn show(out: &mut dyn Write, ask: &Ask) -> Result<()> {
    let Request { method, url, headers, form, auth, .. } = &ask.request;
    writeln!(out, "  {method} {}", named(url))?;
    writeln!(out, "      {}", ask.why)?;
    headers.iter().try_for_each(|(name, value)| writeln!(out, "      {name}: {}", named(value)))?;
    if let Some(auth) = auth {
        // Which secret and how it is sent; the secret itself is not here.
        writeln!(out, "      client {}, {}", auth.client_id, credentials(auth))?;
    }
    form.iter().try_for_each(|form| writeln!(out, "      {}", named(form)))
}

/// The host that stands for a member of the metadata.
fn host(member: &str) -> String {
    format!("{}.invalid", member.replace('_', "-"))
}

/// Such hosts in words.
fn named(text: &str) -> String {
    if let Some((before, _)) = text.split_once("?%3Cthe%20application") {
        return named(&format!("{before}?<{OWN_REQUEST}>&prompt=none"));
    }
    MEMBERS.iter().fold(text.to_owned(), |text, member| {
        text.replace(&format!("https://{}/", host(member)), &format!("<{member} of the metadata>"))
    })
}

/// Answers that let the plan go on.
fn imagine(asks: &[Ask], evidence: &mut Evidence) {
    for Ask { slot, request, .. } in asks {
        let response = |status, body: String| Response {
            url: request.url.clone(),
            version: String::new(),
            status,
            headers: Vec::new(),
            body: body.into_bytes(),
            encoded_len: None,
            cut_at: None,
        };
        let sent_to = |to: String| {
            let mut answer = response(302, String::new());
            answer.headers.push(("Location".to_owned(), to));
            answer
        };
        let get = |name: &str| request.query(name).unwrap_or_default();
        let answer = match slot {
            Slot::Discovery => {
                let members =
                    MEMBERS.iter().map(|member| ((*member).to_owned(), format!("https://{}/", host(member)).into()));
                response(200, serde_json::Value::Object(members.collect()).to_string())
            }
            Slot::Probe(Endpoint::Authorize, _) if get("client_id") == UNKNOWN_CLIENT => response(400, String::new()),
            Slot::Probe(Endpoint::Authorize, _) if get("redirect_uri") == CONTROL_URI => response(400, String::new()),
            Slot::Probe(Endpoint::Authorize, _) if get("prompt") == "none" => {
                sent_to(format!("{}?error=login_required", get("redirect_uri")))
            }
            // Only who refuses is asked again.
            Slot::Probe(Endpoint::Userinfo, _) => response(401, String::new()),
            Slot::App(_) => sent_to(format!(
                "https://{}/?<{OWN_REQUEST}>&client_id=-&response_type=-&redirect_uri=-",
                host("authorization_endpoint")
            )),
            Slot::Probe(Endpoint::Device, name) if name != "unknown-client" => {
                let uri = format!("https://{}/verification_uri", host("device_authorization_endpoint"));
                response(200, serde_json::json!({ "verification_uri": uri }).to_string())
            }
            _ => response(200, String::new()),
        };
        let (request, started) = (request.clone(), jiff::Timestamp::UNIX_EPOCH);
        let exchange = Exchange { request, outcome: Ok(answer), hops: Vec::new(), tls: None, started, elapsed_ms: 0 };
        evidence.record(slot.clone(), exchange);
    }
}

/// How the client authenticates, in a person's words.
fn credentials(auth: &Auth) -> String {
    let secret = match (auth.method, auth.secret) {
        (AuthMethod::PrivateKeyJwt, SecretChoice::Given) => return "an assertion signed by its key".into(),
        (AuthMethod::PrivateKeyJwt, _) => return "an assertion with a wrong signature".into(),
        (_, SecretChoice::Given) => "the secret that was given",
        (_, SecretChoice::Invented) => "a made-up secret",
        (_, SecretChoice::Empty) => "an empty secret",
    };
    let how = match auth.method {
        AuthMethod::BasicEncoded => "by Basic",
        AuthMethod::BasicRaw => "by Basic, not form-encoded",
        AuthMethod::Post | AuthMethod::PrivateKeyJwt => "in the body",
    };
    format!("{secret}, {how}")
}
