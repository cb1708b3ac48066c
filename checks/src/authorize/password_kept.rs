//! What is typed into the login page goes no further than the provider.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, SlotKind};
use crate::hosts;
use crate::login::each;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/password-kept",
    title: "the password is not passed on by a redirect",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(9700), "4.12")],
    needs: &[SlotKind::Login(LoginStep::Password)],
    why: "With the status 307 or 308 a browser sends user name and password again, to wherever the redirect leads: to the application, or to whoever got a redirect URI registered.",
    remedy: "Let the provider answer its login form with the status 303 (or 302); where a proxy rewrites redirects, let it leave the status alone.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let logins = case.logins()?;
    if logins.iter().all(|login| login.step(LoginStep::Password).is_none()) {
        return Ok(Verdict::not_applicable("nobody typed a password into a form that was seen"));
    }
    each(case, "it is not", |login| {
        let Some(exchange) = login.step(LoginStep::Password) else { return Ok(Vec::new()) };
        let response = crate::after::answer(exchange)?;
        let Some(location) = response.header("location").filter(|_| matches!(response.status, 307 | 308)) else {
            return Ok(Vec::new());
        };
        let (from, to) = (hosts::host(&exchange.request.url), hosts::host(location));
        let place = Place { slot: login.slot(LoginStep::Password), spot: Spot::Status };
        let message = match from == to {
            true => "the login form is answered with a redirect that repeats the password".to_owned(),
            false => format!("the login form is answered with a redirect that sends the password on to {to}"),
        };
        let effect = if from == to { Effect::Untidy } else { Effect::Unsafe };
        let finding =
            Finding::new(message, place, CHECK.clauses[0]).expected("303").actual(response.status.to_string());
        Ok(vec![finding.means(effect, Step::Authorization)])
    })
}
