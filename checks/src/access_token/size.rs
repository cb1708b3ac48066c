//! The access token fits where the application keeps it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::login::{Which, each};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "access-token/size",
    title: "the access token is small enough for where the application keeps it",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::local("the application keeps the access token where there is little room"),
        Clause::should(Spec::Rfc(6265), "6.1"),
    ],
    needs: crate::login::NEEDS,
    why: "An application that keeps the token in a cookie loses it when it is longer than about 4 KB, so people with many groups are logged out at once and nobody else notices.",
    remedy: "Put fewer claims into the access token: only the groups that this application needs.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let rules = case.profile.file.access_token.as_ref();
    let Some((most, rules)) = rules.and_then(|rules| Some((rules.max_length?, rules))) else {
        return Ok(Verdict::not_applicable("it is not known that the application has little room for the token"));
    };
    each(case, "small enough", |login| {
        let (token, _) = Which::Access.of(login)?;
        let length = token.length();
        if length <= most {
            return Ok(Vec::new());
        }
        let why = rules.too_long.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let message = format!("the access token has {length} bytes{why}");
        let finding = Finding::new(message, Which::Access.place(login, ""), CHECK.clauses[0])
            .expected(format!("at most {most} bytes"))
            .actual(length.to_string());
        let effect = if rules.unconfirmed { Effect::Degraded } else { Effect::LoginFails };
        Ok(vec![finding.means(effect, Step::Application)])
    })
}
