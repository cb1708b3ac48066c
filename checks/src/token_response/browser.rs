//! What comes through the browser is a code, once, and nothing that could be used without one.

use crate::after::parameters;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, SlotKind};
use crate::login::each;
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/browser",
    title: "nothing but one code comes through the browser",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "3.1"), Clause::should(Spec::Rfc(9700), "2.1.2")],
    needs: &[SlotKind::Login(LoginStep::Callback)],
    why: "What stands in an address ends up in histories and logs, where a token can be used by whoever reads it; of a parameter that stands twice libraries take the first, the last, or none.",
    remedy: "Let the provider answer response_type=code with one code, state and iss.",
    formerly: &[],
    judge,
};

/// Tokens, which a request for a code does not ask for.
const TOKENS: [&str; 3] = ["access_token", "id_token", "refresh_token"];

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.part.flow != Flow::Code {
        return Ok(Verdict::not_applicable("this part of the application asks for no code"));
    }
    let logins = case.logins()?;
    if logins.iter().all(|login| login.callback.is_none()) {
        return Ok(Verdict::not_applicable("the tokens came without an authorization response"));
    }
    each(case, "one code", |login| {
        let Some(exchange) = login.callback else { return Ok(Vec::new()) };
        // What the login did not come to is another check's.
        let slot = login.slot(LoginStep::Callback);
        let gap = || Gap::Unusable(slot.clone(), "token-response/code");
        let response = exchange.outcome.as_ref().map_err(|_| gap())?;
        let names = parameters(response.header("location").ok_or_else(gap)?);
        let finding = |message: String, clause| {
            let place = Place { slot: slot.clone(), spot: Spot::Header("Location".into()) };
            Finding::new(message, place, clause).means(Effect::Degraded, Step::Authorization)
        };
        let mut findings = Vec::new();
        let asked = login.sent("response_type").unwrap_or_default();
        let asked = |name: &str| asked.split(' ').any(|word| word == name || word == "token" && name == "access_token");
        for token in TOKENS.into_iter().filter(|token| names.iter().any(|name| name == token) && !asked(token)) {
            let message = format!("{token} comes through the browser although a code was asked for");
            findings.push(finding(message, CHECK.clauses[1]).expected("a code alone").actual(token));
        }
        let repeated = |name: &&String| names.iter().filter(|other| other == name).count() > 1;
        if let Some(name) = names.iter().find(repeated) {
            let message = format!("{name} stands more than once in the authorization response");
            let finding = finding(message, CHECK.clauses[0]).expected("once").actual("more than once");
            let refuses = case.library().tokens.response_repeated && name == "code";
            let effect = if refuses { Effect::LoginFails } else { Effect::Degraded };
            findings.push(finding.means(effect, Step::Authorization));
        }
        Ok(findings)
    })
}
