//! The userinfo endpoint answers with success.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::LoginStep;
use crate::login::each;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "userinfo/reachable",
    title: "the userinfo endpoint answers the access token",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Core, "5.3"),
        Clause::must(Spec::Core, "5.3.1"),
        Clause::must(Spec::Rfc(6750), "2.1"),
    ],
    needs: crate::login::NEEDS,
    why: "An application that asks for userinfo treats a refusal as a failed login.",
    remedy: "Let the provider accept the access token of this client at its userinfo endpoint; a proxy that strips the Authorization header is a usual reason.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !super::asked(case) {
        return Ok(Verdict::not_applicable("this application does not ask for userinfo"));
    }
    let verdict = each(case, "200", |login| {
        let exchange = super::exchange(case, login)?;
        let finding = |message: String, spot| {
            let place = Place { slot: login.slot(LoginStep::Userinfo), spot };
            Finding::new(message, place, CHECK.clauses[1]).means(Effect::LoginFails, Step::Userinfo)
        };
        let response = match &exchange.outcome {
            Ok(response) => response,
            Err(error) => {
                return Ok(vec![finding(format!("the userinfo endpoint does not answer: {error}"), Spot::Connection)]);
            }
        };
        let refusal = case.library().tokens.userinfo.status(exchange, response);
        if response.status == 200 && exchange.hops.is_empty() && refusal.is_none() {
            return Ok(Vec::new());
        }
        let message = match exchange.hops.first() {
            Some(hop) => format!("the userinfo endpoint redirects ({})", hop.status),
            None => format!("the userinfo endpoint answers {}", response.status),
        };
        let challenge = response.header("www-authenticate").map(|text| format!(" ({text})")).unwrap_or_default();
        let finding = finding(message, Spot::Status).expected("200").actual(format!("{}{challenge}", response.status));
        Ok(vec![case.weigh(finding, refusal.as_ref(), Effect::Untidy)])
    });
    super::softened(case, verdict)
}
