//! The provider grants what was asked for.

use super::each;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/scope-granted",
    title: "every scope that was asked for is granted",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "3.3"), Clause::must(Spec::Rfc(6749), "5.1")],
    needs: crate::login::NEEDS,
    why: "A scope that is dropped takes its claims with it: groups, names and refresh tokens are then missing without an error.",
    remedy: "Allow the scope for this client at the provider, or take it out of the application.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "all of them", |login| {
        let grant = login.grant()?;
        let (Some(asked), Some(granted)) = (login.sent("scope"), grant.present("scope").and_then(Node::as_str)) else {
            return Ok(Vec::new());
        };
        let granted: Vec<&str> = granted.split_whitespace().collect();
        let lost: Vec<&str> = asked.split(' ').filter(|scope| !scope.is_empty() && !granted.contains(scope)).collect();
        if lost.is_empty() {
            return Ok(Vec::new());
        }
        let message = format!("not granted: {}", lost.join(", "));
        let finding = Finding::new(message, login.at_tokens("/scope"), CHECK.clauses[0])
            .expected(asked.clone())
            .actual(granted.join(" "));
        Ok(vec![finding.means(Effect::Degraded, Step::Token)])
    })
}
