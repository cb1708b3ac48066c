//! What the checks of what is tried after a login share: whether it was tried, and where a request with the session ended.

use crate::case::Case;
use crate::evidence::json::Node;
use crate::evidence::login::{Grant, Login};
use crate::evidence::{Exchange, LoginStep, Question, Response, SecretChoice};
use crate::login::each;
use crate::profile::Flow;
use crate::spec::Clause;
use crate::verdict::{Finding, Gap, Place, Spot, Verdict};

/// Why something that uses tokens up or ends a session is not decided.
pub(crate) const ABUSE: &str =
    "it was not tried, since that uses tokens up; --login form --abuse tries it where there is something to try";
/// Why something that the session answers is not decided.
pub(crate) const THOROUGH: &str =
    "it was not asked; --login form --depth thorough asks it where the provider keeps a session";

/// Why something about a logout is not decided.
pub(crate) const LOGOUT: &str = "it was not tried, since that ends the session; --login form --abuse tries it where the provider has an end_session_endpoint";

/// Judges the answer of a step for every login that came to it.
pub(crate) fn tried<'a>(
    case: &Case<'a>,
    step: LoginStep,
    (why_not, note): (&'static str, &str),
    judge: impl Fn(&'a Login<'a>, &'a Response) -> Result<Vec<Finding>, Gap>,
) -> Result<Verdict, Gap> {
    let logins = case.logins()?;
    if logins.iter().all(|login| login.step(step).is_none()) {
        return Ok(Verdict::not_applicable(why_not));
    }
    each(case, note, |login| match login.step(step) {
        Some(exchange) => judge(login, answer(exchange)?),
        None => Ok(Vec::new()),
    })
}

/// The same for a part of an application that sends people to the provider.
pub(crate) fn asked<'a>(
    case: &Case<'a>,
    step: LoginStep,
    told: (&'static str, &str),
    judge: impl Fn(&'a Login<'a>, &'a Response) -> Result<Vec<Finding>, Gap>,
) -> Result<Verdict, Gap> {
    if case.part.flow == Flow::Device {
        return Ok(Verdict::not_applicable("this part of the application logs in by the device flow"));
    }
    if case.part.flow == Flow::Implicit {
        return Ok(Verdict::not_applicable("nothing is tried after a login by the implicit flow"));
    }
    tried(case, step, told, judge)
}

/// An answer that says something; a server in trouble does not.
pub(crate) fn answer(exchange: &Exchange) -> Result<&Response, Gap> {
    let response = exchange.outcome.as_ref().map_err(|error| Gap::Undecided(format!("no answer came: {error}")))?;
    match response.status {
        status @ (429 | 500..) => Err(Gap::Undecided(format!("the answer has status {status}, which says nothing"))),
        _ => Ok(response),
    }
}

/// A finding about the answer of a step.
pub(crate) fn about(
    login: &Login<'_>,
    step: LoginStep,
    spot: Spot,
    message: impl Into<String>,
    clause: Clause,
) -> Finding {
    Finding::new(message, Place { slot: login.slot(step), spot }, clause)
}

/// Where a request with the session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Landed {
    /// At the application, with a code.
    Code,
    /// At the application, with this error.
    Error(String),
    /// At a page on which something is typed.
    Form,
    /// At another page, with this status.
    Page(u16),
    /// Somewhere else, which says nothing.
    Elsewhere,
}

impl Landed {
    pub(crate) fn of(response: &Response) -> Landed {
        let Some(location) = response.header("location").filter(|_| matches!(response.status, 301..=308)) else {
            let body = String::from_utf8_lossy(&response.body);
            return if body.contains("<input") { Landed::Form } else { Landed::Page(response.status) };
        };
        match (parameter(location, "code"), parameter(location, "error")) {
            (Some(_), _) => Landed::Code,
            (None, Some(error)) => Landed::Error(error),
            (None, None) => Landed::Elsewhere,
        }
    }

    pub(crate) fn words(&self) -> String {
        match self {
            Landed::Code => "a code at once".into(),
            Landed::Error(error) => format!("the error {error}"),
            Landed::Form => "a page on which something is typed".into(),
            Landed::Page(status) => format!("a page with status {status}"),
            Landed::Elsewhere => "a redirect to another place".into(),
        }
    }
}

/// A parameter of a redirect, in its query or its fragment.
pub(crate) fn parameter(location: &str, name: &str) -> Option<String> {
    let (_, rest) = location.split_once(['?', '#'])?;
    let pairs = rest.split(['?', '#']).flat_map(|part| url::form_urlencoded::parse(part.as_bytes()));
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The names of the parameters of a redirect, in its query or its fragment.
pub(crate) fn parameters(location: &str) -> Vec<String> {
    let parts = location.split(['?', '#']).skip(1);
    parts.flat_map(|part| url::form_urlencoded::parse(part.as_bytes())).map(|(name, _)| name.into_owned()).collect()
}

/// A claim of the ID token in a token response.
pub(crate) fn claim<'g>(grant: &'g Grant, name: &str) -> Option<&'g Node> {
    grant.id_token.as_ref()?.read.as_ref().ok()?.claim(name)
}

/// When the person logged in, as the ID token of a response says.
pub(crate) fn auth_time(grant: &Grant) -> Option<i64> {
    grant.id_token.as_ref()?.read.as_ref().ok()?.seconds("auth_time")
}

/// Whether the session of a login answered the plainest question, so that others mean something.
pub(crate) fn has_session(login: &Login<'_>) -> bool {
    let response = login.step(LoginStep::Session(Question::Silent)).and_then(|exchange| exchange.outcome.as_ref().ok());
    response.is_some_and(|response| Landed::of(response) == Landed::Code)
}

/// Whether the client showed its secret with the request of a step.
pub(crate) fn with_secret(login: &Login<'_>, step: LoginStep) -> bool {
    let auth = login.step(step).and_then(|exchange| exchange.request.auth.as_ref());
    auth.is_some_and(|auth| auth.secret == SecretChoice::Given)
}

/// Whether the application sends a parameter itself.
pub(crate) fn sends(case: &Case<'_>, name: &str) -> bool {
    case.profile.file.extra_parameters.contains_key(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_in_query_and_fragment() {
        assert_eq!(parameter("https://a.test/cb?x=1&code=c", "code").as_deref(), Some("c"));
        assert_eq!(parameter("https://a.test/cb#error=login_required", "error").as_deref(), Some("login_required"));
        assert_eq!(parameter("https://a.test/cb", "code"), None);
    }
}
