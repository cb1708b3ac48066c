//! Userinfo takes access tokens, and no other token of the same login.

use crate::after::{ABUSE, about, answer};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::login::Login;
use crate::evidence::{LoginStep, SlotKind};
use crate::login::each;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "userinfo/access-token-only",
    title: "userinfo refuses ID tokens and refresh tokens",
    severity: Severity::Notice,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(8725), "3.12"), Clause::must(Spec::Core, "5.3.1")],
    needs: &[
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::UserinfoByIdToken),
        SlotKind::Login(LoginStep::UserinfoByRefreshToken),
    ],
    why: "ID tokens are shown to browsers and stand in the address of a logout, so that they come into logs and hands that an access token never reaches.",
    remedy: "Update the provider, or report it to its makers: userinfo has to tell an access token from the other tokens that it issues.",
    formerly: &[],
    judge,
};

const TRIED: [(LoginStep, &str, usize); 2] =
    [(LoginStep::UserinfoByIdToken, "an ID token", 0), (LoginStep::UserinfoByRefreshToken, "a refresh token", 1)];

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let tried = |login: &Login<'_>| TRIED.iter().any(|(step, ..)| login.step(*step).is_some());
    if !case.logins()?.iter().any(tried) {
        return Ok(Verdict::not_applicable(ABUSE));
    }
    each(case, "they are refused", |login| {
        let mut findings = Vec::new();
        for (step, token, clause) in TRIED {
            let Some(exchange) = login.step(step) else { continue };
            let response = answer(exchange)?;
            let known = crate::evidence::json::read(&response.body).is_ok_and(|d| d.root.get("sub").is_some());
            // A signed answer is no JSON, and is one all the same.
            let signed = response.media_type().is_some_and(|kind| kind.eq_ignore_ascii_case("application/jwt"));
            if response.status == 200 && (known || signed) {
                let message = format!("userinfo takes {token} for an access token");
                let finding = about(login, step, Spot::Status, message, CHECK.clauses[clause]);
                findings.push(finding.expected("401").actual("200").means(Effect::Untidy, Step::Userinfo));
            }
        }
        Ok(findings)
    })
}
