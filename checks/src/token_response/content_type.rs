//! The token response says that it is JSON.

use super::each;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::LoginStep;
use crate::login::response;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/content-type",
    title: "the token response is served as JSON",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "5.1")],
    needs: crate::login::NEEDS,
    why: "Go's oauth2 package reads anything else as a form and finds no token in it; strict libraries refuse the answer.",
    remedy: "Let the provider, or the proxy before it, send Content-Type: application/json with the tokens.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "application/json", |login| {
        let (_, response) = response(login, LoginStep::Tokens, "token-response/status")?;
        if !(200..300).contains(&response.status) {
            return Err(Gap::Unusable(login.slot(LoginStep::Tokens), "token-response/status"));
        }
        let refusal = case.library().tokens.response.content_type(response);
        if response.media_type().as_deref() == Some("application/json") && refusal.is_none() {
            return Ok(Vec::new());
        }
        let place = Place { slot: login.slot(LoginStep::Tokens), spot: Spot::Header("Content-Type".into()) };
        let finding = Finding::new("the token response is not served as JSON", place, CHECK.clauses[0])
            .expected("application/json")
            .actual(response.header("content-type").unwrap_or("no header"))
            .means(Effect::Untidy, Step::Token);
        Ok(vec![case.weigh(finding, refusal.as_ref(), Effect::Untidy)])
    })
}
