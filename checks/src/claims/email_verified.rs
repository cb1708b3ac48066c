//! An address that names an account is verified.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::json::Value;
use crate::login::each;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "claims/email-verified",
    title: "email is verified where it names an account",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "5.7"), Clause::must(Spec::Core, "5.1")],
    needs: crate::login::NEEDS,
    why: "Whoever may type any address into a profile gets the account of its owner, in an application that goes by the address.",
    remedy: "Let the provider verify addresses before it sends them, and send email_verified as it is; else let the application go by sub.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let Some(claim) = case.profile.file.claims.iter().find(|claim| claim.name == "email") else {
        return Ok(Verdict::not_applicable("this application does not read email"));
    };
    each(case, "verified", |login| {
        if super::read(case, login, claim)?.is_none() {
            return Ok(Vec::new());
        }
        let flag = crate::profile::Claim { name: "email_verified".into(), ..claim.clone() };
        let node: Option<&Node> = super::read(case, login, &flag)?;
        let message = match node.map(|node| &node.value) {
            Some(Value::Bool(true)) => return Ok(Vec::new()),
            Some(Value::String(text)) if text == "true" => return Ok(Vec::new()),
            None => "nothing says that the address is verified",
            Some(_) => "the address is not verified",
        };
        let (place, _) = super::place(login, &flag);
        let effect = if node.is_some() { Effect::Degraded } else { Effect::Untidy };
        let finding = Finding::new(message, place, CHECK.clauses[0])
            .expected("true")
            .actual(node.map_or("absent".to_owned(), Node::show));
        Ok(vec![finding.means(effect, Step::Application)])
    })
}
