//! The login ends at the redirect URI with a code, or with the tokens of the implicit flow, our state, and the right
//! issuer.

use crate::after::parameter;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::login::Login;
use crate::evidence::{LoginStep, TransportError};
use crate::login::each;
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/code",
    title: "the login comes back with a code, or with tokens in the implicit flow",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "4.1.2"),
        Clause::must(Spec::Core, "3.1.2.5"),
        Clause::must(Spec::Rfc(9207), "2.4"),
        Clause::must(Spec::Core, "3.2.2.5"),
        Clause::must(Spec::Rfc(6749), "4.2.2"),
    ],
    needs: crate::login::NEEDS,
    why: "Without a code there is nothing to exchange; a wrong state or issuer is how one provider is mixed up with another, and careful clients refuse it.",
    remedy: "Read the error in the address: it names what the provider did not like about the request or the person.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let logins = case.logins()?;
    if case.part.flow == Flow::Device {
        return Ok(Verdict::not_applicable("this part of the application logs in by the device flow"));
    }
    if logins.iter().all(|login| login.callback.is_none()) {
        return Ok(Verdict::not_applicable("the tokens came without an authorization response"));
    }
    let front = case.part.flow == Flow::Implicit;
    let (wanted, good) = match front {
        true => ("id_token", "an ID token came back with the state that was sent"),
        false => ("code", "a code came back with the state that was sent"),
    };
    each(case, good, |login| {
        // Tokens that were handed over have no request before them.
        let Some(exchange) = login.callback else { return Ok(Vec::new()) };
        let finding = |message: String, spot, clause| {
            let place = Place { slot: login.slot(LoginStep::Callback), spot };
            Finding::new(message, place, clause).means(Effect::LoginFails, Step::Authorization)
        };
        let response = match &exchange.outcome {
            Ok(response) => response,
            Err(TransportError::Stopped(why)) => return Err(Gap::Undecided(why.clone())),
            Err(error) => {
                return Ok(vec![finding(format!("the login broke off: {error}"), Spot::Connection, CHECK.clauses[0])]);
            }
        };
        let Some(location) = response.header("location") else {
            let message = "the login does not come back to the application".to_owned();
            // What follows the path may be a secret of this login.
            let page = response.url.split(['?', '#']).next().unwrap_or_default();
            let seen = format!("status {} and no redirect at {page}", response.status);
            return Ok(vec![
                finding(message, Spot::Status, CHECK.clauses[0])
                    .expected("a redirect to the redirect URI")
                    .actual(seen)
                    .remedy("Look into the provider's log for what it does not like about the request; commonest is a redirect URI that is not registered exactly as the application sends it."),
            ]);
        };
        let here = || Spot::Header("Location".into());
        if let Some(error) = parameter(location, "error") {
            let why = parameter(location, "error_description").map(|text| format!(": {text}")).unwrap_or_default();
            let message = format!("the provider ends the login with the error {error}{why}");
            let expected = if front { "an ID token" } else { "a code" };
            return Ok(vec![finding(message, here(), CHECK.clauses[1]).expected(expected).actual(error)]);
        }
        if parameter(location, wanted).is_none() {
            let message = if front { "there is no ID token" } else { "there is no code" };
            let finding = finding(message.into(), here(), CHECK.clauses[if front { 3 } else { 1 }]);
            return Ok(vec![finding.expected(wanted).actual("absent")]);
        }
        let mut findings = Vec::new();
        if !front && in_query(location, wanted).is_none() && login.sent("response_mode").as_deref() != Some("fragment")
        {
            let message = "the code comes in the fragment, which the application's server never sees".to_owned();
            let finding = finding(message, here(), CHECK.clauses[0]).expected("in the query").actual(FRAGMENT);
            findings.push(finding.remedy("Let the provider answer a request for a code in the query, unless the request asks for another response_mode."));
        }
        if front {
            let (came, due) = (carrier(response.status, location), due(login));
            if came != due {
                let message = format!("the tokens come {came}, where the application does not look");
                let finding = finding(message, here(), CHECK.clauses[3]).expected(due).actual(came);
                findings.push(finding.remedy("Let the provider answer by the response_mode of the request (OAuth 2.0 Form Post Response Mode); one that does not know it cannot be used with this flow."));
            }
            if parameter(location, "refresh_token").is_some() {
                let finding = finding("a refresh token comes through the browser".into(), here(), CHECK.clauses[4]);
                let finding = finding
                    .expected("no refresh_token")
                    .actual("there")
                    .remedy("Let the provider give no refresh tokens in the implicit flow.");
                findings.push(finding.means(Effect::Unsafe, Step::Authorization));
            }
        }
        let (sent, came) = (login.sent("state"), parameter(location, "state"));
        if sent.is_some() && sent != came {
            let seen = came.unwrap_or_else(|| "absent".into());
            findings.push(
                finding("state does not come back as it was sent".into(), here(), CHECK.clauses[0])
                    .expected(sent.unwrap_or_default())
                    .actual(seen),
            );
        }
        let most = case.profile.file.code_max_length;
        let length = parameter(location, "code").map(|code| code_length(&code)).unwrap_or_default();
        if let Some(most) = most.filter(|most| length > *most) {
            let message = format!("the code has {length} characters, and {} takes {most}", case.profile.file.title);
            findings.push(
                finding(message, here(), Clause::local("the longest code that this application takes"))
                    .expected(format!("at most {most} characters"))
                    .actual(length.to_string())
                    .remedy("Let the provider issue shorter codes: many that are longer are tokens in themselves, and a setting makes them references."),
            );
        }
        let issuer = case.metadata()?.string("issuer");
        if let Some(iss) = parameter(location, "iss").filter(|iss| Some(iss.as_str()) != issuer) {
            let message = "iss in the authorization response is another issuer".to_owned();
            let other = finding(message, here(), CHECK.clauses[2]).expected(issuer.unwrap_or("?")).actual(iss);
            let refused = case.library().tokens.response_issuer;
            let ours = |url: &str| issuer.is_some_and(|issuer| crate::hosts::host(issuer) == crate::hosts::host(url));
            let effect = match (refused, other.actual.as_deref().is_some_and(ours)) {
                (true, _) => Effect::LoginFails,
                (false, true) => Effect::Degraded,
                (false, false) => Effect::Unsafe,
            };
            let remedy = "Let the provider send the issuer of its metadata as iss, letter by letter, or leave iss out and authorization_response_iss_parameter_supported with it.";
            findings.push(other.remedy(remedy).means(effect, Step::Authorization));
        }
        Ok(findings)
    })
}

const FRAGMENT: &str = "in the fragment";
const FORM: &str = "by a form";

/// How an answer came: evidence keeps the status of a page that posts itself.
fn carrier(status: u16, location: &str) -> &'static str {
    match (status, location.contains('#')) {
        (200..=299, _) => FORM,
        (_, true) => FRAGMENT,
        (_, false) => "in the query",
    }
}

/// How the tokens of a login were asked for (OAuth 2.0 Multiple Response Type Encoding Practices section 2.1).
fn due(login: &Login<'_>) -> &'static str {
    match login.sent("response_mode").as_deref() {
        Some("form_post") => FORM,
        _ => FRAGMENT,
    }
}

/// How long a code was: evidence says so of one that was taken out of it.
fn code_length(code: &str) -> usize {
    let said = code.rsplit_once("-of-").and_then(|(_, rest)| rest.strip_suffix("-characters")?.parse().ok());
    said.unwrap_or_else(|| code.chars().count())
}

/// A parameter of the query of a URL.
fn in_query(location: &str, name: &str) -> Option<String> {
    parameter(location.split('#').next().unwrap_or_default(), name)
}
