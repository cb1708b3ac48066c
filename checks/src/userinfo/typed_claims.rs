//! The claims of userinfo have the types that the specification gives them.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::login::each;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "userinfo/typed-claims",
    title: "the standard claims of userinfo have the right JSON types",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "5.1"), Clause::must(Spec::Core, "5.3.2")],
    needs: crate::login::NEEDS,
    why: "A typed library refuses the whole answer for one claim of the wrong type.",
    remedy: "Correct the mapper of the claim at the provider: a boolean without quotes, a time as a number, an address as an object.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !super::asked(case) {
        return Ok(Verdict::not_applicable("this application does not ask for userinfo"));
    }
    let rules = &case.library().tokens.userinfo;
    let verdict = each(case, "as specified", |login| {
        super::exchange(case, login)?;
        let claims = super::claims(login)?;
        let refused = claims
            .members()
            .iter()
            .filter(|(name, _)| name != "sub")
            .find_map(|(name, node)| Some((name.as_str(), rules.mistyped(name, node)?)));
        let wrong = crate::id_token::mistyped(claims);
        let Some(claim) = refused.as_ref().map(|(name, _)| *name).or(wrong.map(|(name, _)| name)) else {
            return Ok(Vec::new());
        };
        let node: Option<&Node> = claims.get(claim);
        let expected = wrong.filter(|(name, _)| *name == claim).map_or("another type", |(_, kind)| kind.word());
        let what = node.map_or_else(|| "absent".to_owned(), Node::kind_inside);
        let message = format!("{claim} of userinfo is {what}");
        let finding = Finding::new(message, login.at_userinfo(format!("/{claim}")), CHECK.clauses[0])
            .expected(expected)
            .actual(node.map_or("absent".to_owned(), Node::show))
            .means(Effect::Untidy, Step::Userinfo);
        Ok(vec![case.weigh(finding, refused.as_ref().map(|(_, refusal)| refusal), Effect::Untidy)])
    });
    super::softened(case, verdict)
}
