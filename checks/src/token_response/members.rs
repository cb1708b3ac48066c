//! The token response holds an access token, and its members have the right types.

use super::each;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/members",
    title: "the members of the token response are there and of the right type",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "5.1"), Clause::must(Spec::Rfc(6749), "A")],
    needs: crate::login::NEEDS,
    why: "A missing access token or a list where a string belongs makes typed libraries refuse the whole answer.",
    remedy: "Let the provider send access_token and refresh_token as strings, scope as one string with blanks, and leave out what it does not give.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "all there", |login| {
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
        let mut findings = Vec::new();
        if grant.access_token.is_none() {
            let refusal = rules.missing("access_token");
            let found = finding("access_token", "there is no access token".into(), "a string");
            findings.push(case.weigh(found, refusal.as_ref(), Effect::Degraded));
        }
        for member in ["scope", "refresh_token"] {
            let node: Option<&Node> = grant.document.root.get(member);
            if let Some(node) = node.filter(|node| node.as_str().is_none()) {
                let found = finding(member, format!("{member} is {}", node.kind()), "a string");
                findings.push(case.weigh(found, rules.mistyped(member, node).as_ref(), Effect::Untidy));
            }
        }
        Ok(findings)
    })
}
