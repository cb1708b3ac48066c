//! Claims that come from elsewhere say from where.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::login::each;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "userinfo/aggregated",
    title: "every claim that is to be had elsewhere names a source that is there",
    severity: Severity::Notice,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "5.6.2")],
    needs: crate::login::NEEDS,
    why: "An application that follows the reference finds nothing, as with groups of Entra ID that are too many for a token.",
    remedy: "Let the provider put the claims into the response itself, or name every source in _claim_sources.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !super::asked(case) {
        return Ok(Verdict::not_applicable("this application does not ask for userinfo"));
    }
    each(case, "each does, if there are any", |login| {
        super::exchange(case, login)?;
        let claims = super::claims(login)?;
        let sources = claims.get("_claim_sources");
        let lost = |node: &Node| node.as_str().is_none_or(|source| sources.and_then(|all| all.get(source)).is_none());
        let names = claims.get("_claim_names").map(Node::members).unwrap_or_default();
        let Some((name, node)) = names.iter().find(|(_, node)| lost(node)) else { return Ok(Vec::new()) };
        let message = format!("{name} is to be had from a source that is not there");
        let finding = Finding::new(message, login.at_userinfo(format!("/_claim_names/{name}")), CHECK.clauses[0])
            .expected("a member of _claim_sources")
            .actual(node.show());
        Ok(vec![finding.means(Effect::Untidy, Step::Userinfo)])
    })
}
