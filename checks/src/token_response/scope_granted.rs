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
        let lost = |granted: &[&str]| -> Vec<String> {
            let asked = asked.split(' ').filter(|scope| !scope.is_empty() && !granted.contains(scope));
            asked.map(str::to_owned).collect()
        };
        let missing = lost(&granted.split_whitespace().collect::<Vec<_>>());
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        // A scope may have a comma in it, so that commas separate only what would be lost without them.
        let parts: Vec<&str> = granted.split([' ', ',']).filter(|scope| !scope.is_empty()).collect();
        let by_commas = lost(&parts);
        let commas = granted.contains(',');
        let (message, effect) = if commas && by_commas.is_empty() {
            ("the scopes that are granted are separated by commas, and not by spaces".to_owned(), Effect::Untidy)
        } else if commas && by_commas.len() < missing.len() {
            (format!("not granted, in a list with commas: {}", by_commas.join(", ")), Effect::Degraded)
        } else {
            (format!("not granted: {}", missing.join(", ")), Effect::Degraded)
        };
        let mut finding =
            Finding::new(message, login.at_tokens("/scope"), CHECK.clauses[0]).expected(asked.clone()).actual(granted);
        if effect == Effect::Untidy {
            finding = finding.remedy("Let the provider put a space between the scopes that it grants.");
        }
        Ok(vec![finding.means(effect, Step::Token)])
    })
}
