//! The answer to a refresh is a token response.

use crate::after::{ABUSE, about, tried};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::{LoginStep, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "refresh/response",
    title: "the answer to a refresh is JSON that nobody keeps",
    severity: Severity::Notice,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "6"), Clause::must(Spec::Rfc(6749), "5.1")],
    needs: &[SlotKind::Login(LoginStep::Refreshed)],
    why: "It holds new tokens: a cache that keeps it keeps them, and a library that finds no token in it ends the session.",
    remedy: "Let the token endpoint answer a refresh as it answers a code: JSON with access_token and token_type, and Cache-Control: no-store.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    tried(case, LoginStep::Refreshed, (ABUSE, "it is"), |login, response| {
        if response.status != 200 {
            return Err(Gap::Unusable(login.slot(LoginStep::Refreshed), "refresh/works"));
        }
        let mut findings = Vec::new();
        let mut say = |spot, message: &str, expected: &str, actual: String| {
            let finding = about(login, LoginStep::Refreshed, spot, message, CHECK.clauses[1]);
            findings.push(finding.expected(expected).actual(actual).means(Effect::Untidy, Step::Token));
        };
        let values = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cache-control"));
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        if !values.iter().any(|value| value.to_ascii_lowercase().contains("no-store")) {
            let seen = if values.is_empty() { "no header".to_owned() } else { values.join(", ") };
            say(Spot::Header("Cache-Control".into()), "the answer to a refresh may be cached", "no-store", seen);
        }
        let grant = login.grant_of(LoginStep::Refreshed, None).filter(|grant| !grant.form);
        let missing = ["access_token", "token_type"]
            .into_iter()
            .find(|name| grant.as_ref().and_then(|grant| grant.present(name)).and_then(Node::as_str).is_none());
        if let Some(missing) = missing {
            let message = format!("the answer to a refresh has no {missing}");
            say(Spot::Body(format!("/{missing}"), None), &message, "a JSON object with it", "absent".into());
        }
        Ok(findings)
    })
}
