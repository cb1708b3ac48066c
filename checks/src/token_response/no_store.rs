//! Nobody on the way may keep the tokens.

use super::each;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::LoginStep;
use crate::login::response;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/no-store",
    title: "the token response forbids caching",
    severity: Severity::Notice,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "5.1")],
    needs: crate::login::NEEDS,
    why: "A cache that keeps the answer keeps the tokens of a person.",
    remedy: "Let the token endpoint send Cache-Control: no-store.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "no-store", |login| {
        let (_, response) = response(login, LoginStep::Tokens, "token-response/status")?;
        if !(200..300).contains(&response.status) {
            return Err(Gap::Unusable(login.slot(LoginStep::Tokens), "token-response/status"));
        }
        let values: Vec<&str> = response
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("cache-control"))
            .map(|(_, value)| value.as_str())
            .collect();
        // Tokens that were handed over came without headers.
        if login.callback.is_none() || values.iter().any(|value| value.to_ascii_lowercase().contains("no-store")) {
            return Ok(Vec::new());
        }
        let place = Place { slot: login.slot(LoginStep::Tokens), spot: Spot::Header("Cache-Control".into()) };
        let seen = if values.is_empty() { "no header".to_owned() } else { values.join(", ") };
        let finding =
            Finding::new("the token response may be cached", place, CHECK.clauses[0]).expected("no-store").actual(seen);
        Ok(vec![finding.means(Effect::Untidy, Step::Token)])
    })
}
