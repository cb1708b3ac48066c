//! The token endpoint answers with success.

use super::each;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::LoginStep;
use crate::evidence::json::Node;
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/status",
    title: "the token endpoint gives tokens with status 200",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "5.1"),
        Clause::must(Spec::Rfc(6749), "5.2"),
        Clause::must(Spec::Core, "3.1.3.3"),
    ],
    needs: crate::login::NEEDS,
    why: "A refusal here comes after the person has typed the password; most applications show it as an internal error.",
    remedy: "Compare client id, secret and authentication method at the provider with those of the application.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "200", |login| {
        let Some(exchange) = login.tokens else {
            return Err(Gap::Unusable(login.slot(LoginStep::Callback), "token-response/code"));
        };
        let finding = |message: String, spot, clause| {
            let place = Place { slot: login.slot(LoginStep::Tokens), spot };
            Finding::new(message, place, clause).means(Effect::LoginFails, Step::Token)
        };
        let response = match &exchange.outcome {
            Ok(response) => response,
            Err(error) => {
                return Ok(vec![finding(
                    format!("the token endpoint does not answer: {error}"),
                    Spot::Connection,
                    CHECK.clauses[0],
                )]);
            }
        };
        let refusal = case.library().tokens.response.status(exchange, response);
        if response.status == 200 && exchange.hops.is_empty() && refusal.is_none() {
            return Ok(Vec::new());
        }
        if response.status >= 400 && crate::token::secret_refused(case) {
            return Err(Gap::Unusable(login.slot(LoginStep::Tokens), "token/secret-accepted"));
        }
        if response.status >= 400 && case.part.flow == Flow::Device && login.callback.is_some() {
            let why = "an authorization code was refused, and this part of the application comes with a device code";
            return Err(Gap::Undecided(why.into()));
        }
        let error = error_of(&response.body);
        let message = match (response.status, exchange.hops.first()) {
            (300..=399, _) => format!("the token endpoint redirects ({})", response.status),
            (_, Some(hop)) => format!("the token endpoint redirects the request elsewhere ({})", hop.status),
            (401, _) => format!("the token endpoint refuses the client{error}"),
            (status, _) => format!("the token endpoint answers {status}{error}"),
        };
        let clause = CHECK.clauses[usize::from(response.status >= 400)];
        let seen = exchange.hops.first().map_or(response.status, |hop| hop.status);
        let finding = finding(message, Spot::Status, clause).expected("200").actual(seen.to_string());
        let otherwise = if (200..300).contains(&response.status) { Effect::Untidy } else { Effect::LoginFails };
        Ok(vec![case.weigh(finding, refusal.as_ref(), otherwise)])
    })
}

/// The error that a body names, for a message.
fn error_of(body: &[u8]) -> String {
    let member = |name: &str| {
        let document = crate::evidence::json::read(body).ok()?;
        document.root.get(name).and_then(Node::as_str).map(str::to_owned)
    };
    match (member("error"), member("error_description")) {
        (Some(error), Some(text)) => format!(": {error} ({text})"),
        (Some(error), None) => format!(": {error}"),
        _ => String::new(),
    }
}
