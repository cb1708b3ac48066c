//! The access token is a bearer token.

use super::each;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/token-type",
    title: "token_type says Bearer",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "5.1"), Clause::must(Spec::Core, "3.1.3.3")],
    needs: crate::login::NEEDS,
    why: "A library that knows only bearer tokens refuses anything else, and some refuse an answer that does not say.",
    remedy: "Let the provider send token_type Bearer; upper and lower case do not matter.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "Bearer", |login| {
        let grant = login.grant()?;
        let rules = &case.library().tokens.response;
        let finding = |member: &str, message: String, expected: &str| {
            let node = grant.document.root.get(member);
            // A token is never shown, so neither is a member that may hold one.
            let seen = match node {
                None => "absent".to_owned(),
                Some(node) if node.as_str().is_some() && member.ends_with("_token") => "a string".to_owned(),
                Some(node) => node.show(),
            };
            Finding::new(message, login.at_tokens(format!("/{member}")), CHECK.clauses[0])
                .expected(expected)
                .actual(seen)
                .means(Effect::Untidy, Step::Token)
        };
        let node: Option<&Node> = grant.present("token_type");
        let (message, refusal) = match node {
            None => ("token_type is missing".to_owned(), rules.missing("token_type")),
            Some(node) if node.as_str().is_some_and(|word| word.eq_ignore_ascii_case("bearer")) => {
                return Ok(Vec::new());
            }
            Some(node) if node.as_str().is_none() => {
                let refusal = rules.mistyped("token_type", node).or_else(|| rules.other_token_type());
                (format!("token_type is {}", node.kind()), refusal)
            }
            Some(_) => ("token_type is not Bearer".to_owned(), rules.other_token_type()),
        };
        Ok(vec![case.weigh(finding("token_type", message, "Bearer"), refusal.as_ref(), Effect::Untidy)])
    })
}
