//! Userinfo speaks about the person of the ID token.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::login::each;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "userinfo/subject",
    title: "sub of userinfo is that of the ID token",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "5.3.2"), Clause::must(Spec::Core, "5.3.4")],
    needs: crate::login::NEEDS,
    why: "Another subject in userinfo is how one person gets the account of another; a library that compares refuses it, and the rest is open to it.",
    remedy: "Let the provider put the same sub into ID token and userinfo for this client.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !super::asked(case) {
        return Ok(Verdict::not_applicable("this application does not ask for userinfo"));
    }
    let verdict = each(case, "the same", |login| {
        super::exchange(case, login)?;
        let claims = super::claims(login)?;
        let here = claims.get("sub");
        let in_token = login.id_token().ok().and_then(|(_, token)| token.claim("sub"));
        let refusal = case.library().tokens.userinfo.subject(here, in_token);
        let (message, clause, otherwise) = match (here, in_token) {
            (None, _) => ("userinfo has no sub".to_owned(), CHECK.clauses[0], Effect::Degraded),
            (Some(node), _) if node.as_str().is_none() => {
                (format!("sub of userinfo is {}", node.kind()), CHECK.clauses[0], Effect::Untidy)
            }
            (Some(node), Some(other)) if node.plain() != other.plain() => {
                ("sub of userinfo is not that of the ID token".to_owned(), CHECK.clauses[1], Effect::Unsafe)
            }
            _ => return Ok(Vec::new()),
        };
        let finding = Finding::new(message, login.at_userinfo("/sub"), clause)
            .expected(in_token.map_or("a string".to_owned(), Node::show))
            .actual(here.map_or("absent".to_owned(), Node::show));
        Ok(vec![case.weigh(finding.means(Effect::Untidy, Step::Userinfo), refusal.as_ref(), otherwise)])
    });
    super::softened(case, verdict)
}
