//! The login is of a strength that the application asked for.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::login::{Which, each};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/acr",
    title: "acr of the ID token is one that the application asked for",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::should(Spec::Core, "3.1.2.1"), Clause::may(Spec::Core, "5.5.1.1")],
    needs: crate::login::NEEDS,
    why: "The application asked for a login of a certain strength, such as a second factor, and cannot see that it was one.",
    remedy: "Configure at the provider how the values of acr_values are met, and let it put acr into the ID token.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.logins()?.iter().all(|login| login.sent("acr_values").is_none()) {
        return Ok(Verdict::not_applicable("the login asked for no acr"));
    }
    each(case, "one of them", |login| {
        let Some(asked) = login.sent("acr_values") else { return Ok(Vec::new()) };
        let (_, token) = login.id_token()?;
        if token.text("acr").is_some_and(|acr| asked.split(' ').any(|one| one == acr)) {
            return Ok(Vec::new());
        }
        let message = "acr of the ID token is none that was asked for";
        let finding = Finding::new(message, Which::Id.place(login, "acr"), CHECK.clauses[0])
            .expected(asked.replace(' ', " or "))
            .actual(token.claim("acr").map_or("absent".to_owned(), Node::show));
        Ok(vec![finding.means(Effect::Degraded, Step::IdToken)])
    })
}
