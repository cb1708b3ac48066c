//! The lifetime of the access token is a number, and a short one.

use super::each;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::{Node, Value};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/expires-in",
    title: "expires_in is a positive number, of an hour at most",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "5.1"),
        Clause::should(Spec::Rfc(6749), "5.1"),
        Clause::should(Spec::Rfc(6750), "5.3"),
        Clause::must(Spec::Rfc(6749), "A.14"),
    ],
    needs: crate::login::NEEDS,
    why: "A lifetime in quotes stops typed libraries, and without one an application cannot know when to renew. A token that is stolen works until it ends.",
    remedy: "Let the provider send expires_in as a whole JSON number of seconds, without quotes.",
    formerly: &[],
    judge,
};

/// An hour, in seconds.
const SHORT: i64 = 3_600;

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "a number", |login| {
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
        let Some(node) = grant.document.root.get("expires_in") else {
            let silent =
                finding("expires_in", "the lifetime of the access token is not said".into(), "a number of seconds");
            return Ok(vec![Finding { clause: CHECK.clauses[1], ..silent }]);
        };
        // In a form everything is a string.
        let refusal = if grant.form { None } else { rules.mistyped("expires_in", node) };
        let seconds = crate::evidence::jws::seconds(node);
        let number = grant.form || matches!(node.value, Value::Number(_));
        let message = match seconds {
            Some(seconds) if seconds <= 0 => format!("the access token lives for {seconds} s"),
            Some(seconds) if number && seconds > SHORT && refusal.is_none() => {
                let message = format!("the access token lives for {}", crate::report::count(hours(seconds), "hour"));
                let long = finding("expires_in", message, "3600 or less")
                    .remedy("Shorten the life of access tokens at the provider; an application that needs longer takes a refresh token.");
                return Ok(vec![Finding { clause: CHECK.clauses[2], ..long }]);
            }
            Some(_) if number && !fraction(node) => return Ok(Vec::new()),
            Some(_) if number => "expires_in is no whole number of seconds".to_owned(),
            _ => format!("expires_in is {}", node.kind()),
        };
        Ok(vec![case.weigh(finding("expires_in", message, "a number of seconds"), refusal.as_ref(), Effect::Untidy)])
    })
}

/// Whether a number is written with a fraction or an exponent.
fn fraction(node: &Node) -> bool {
    matches!(&node.value, Value::Number(text) if text.contains(['.', 'e', 'E']))
}

/// In whole hours, rounded up.
fn hours(seconds: i64) -> usize {
    usize::try_from(seconds.saturating_add(SHORT - 1) / SHORT).unwrap_or(usize::MAX)
}
