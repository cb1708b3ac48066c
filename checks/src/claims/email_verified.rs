//! An address that names an account is verified.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::json::Value;
use crate::login::each;
use crate::profile::Unverified;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "claims/email-verified",
    title: "email is verified where it names an account",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Core, "5.7"),
        Clause::must(Spec::Core, "5.1"),
        Clause::local("an address that is not verified is refused"),
    ],
    needs: crate::login::NEEDS,
    why: "Whoever may type any address into a profile gets the account of its owner, in an application that goes by the address.",
    remedy: "Let the provider verify addresses before it sends them, and send email_verified as it is; else let the application go by sub.",
    formerly: &[],
    judge,
};

/// What the application does then, in the words of its profile.
fn refusal(case: &Case<'_>, said: bool) -> String {
    let claims = &case.profile.file.claims;
    let flag = claims.iter().find(|claim| claim.name == "email_verified");
    let words = flag.and_then(|flag| flag.wrong.as_ref().filter(|_| said).or(Some(&flag.without)));
    let words = words.filter(|words| *words != "nothing happens");
    words.map_or(", and the application lets nobody in without that".to_owned(), |words| format!(": {words}"))
}

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
        let (message, clause, effect) = match (claim.unverified, node) {
            (Unverified::Refused, _) | (Unverified::RefusedIfSaid, Some(_)) => {
                (format!("{message}{}", refusal(case, node.is_some())), CHECK.clauses[2], Effect::LoginFails)
            }
            (_, Some(_)) => (message.to_owned(), CHECK.clauses[0], Effect::Degraded),
            (_, None) => (message.to_owned(), CHECK.clauses[0], Effect::Untidy),
        };
        let finding =
            Finding::new(message, place, clause).expected("true").actual(node.map_or("absent".to_owned(), Node::show));
        Ok(vec![finding.means(effect, Step::Application)])
    })
}
