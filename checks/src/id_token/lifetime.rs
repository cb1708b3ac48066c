//! The ID token ends, and before long.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::{Node, Value};
use crate::login::{each, span};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/lifetime",
    title: "exp of the ID token is a time that people live to see",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Core, "2"),
        Clause::local("an ID token that is found does not log anybody in for years"),
    ],
    needs: crate::login::NEEDS,
    why: "An ID token that never ends is good for whoever finds it in a log, as long as the key that signed it is published.",
    remedy: "Set exp in seconds, and let ID tokens live for minutes: the session of the application does not depend on it.",
    formerly: &[],
    judge,
};

/// In seconds this is the year 5138, in milliseconds 1973.
pub(super) const MILLISECONDS: f64 = 1e11;
const YEAR: i64 = 365 * 86_400;

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "it is", |login| {
        let (_, token) = login.id_token()?;
        let at = login.at().unwrap_or(case.now).as_second();
        // What is no number has a check of its own.
        let Some((node, exp)) = token.claim("exp").and_then(|node| Some((node, number(node)?))) else {
            return Ok(Vec::new());
        };
        let (message, effect, clause) = if exp >= MILLISECONDS {
            let means = if exp < MILLISECONDS * 1000.0 { "is in milliseconds" } else { "is beyond all times" };
            (format!("exp of the ID token {means}, so that it never ends"), Effect::Degraded, 0)
        } else {
            match token.seconds("exp").map(|exp| exp.saturating_sub(at)) {
                Some(life) if life > YEAR => (format!("the ID token lives for {}", span(life)), Effect::Untidy, 1),
                _ => return Ok(Vec::new()),
            }
        };
        let finding = Finding::new(message, login.at_tokens("/id_token/exp"), CHECK.clauses[clause])
            .expected("seconds since 1970, some minutes ahead")
            .actual(Node::show(node));
        Ok(vec![finding.means(effect, Step::IdToken)])
    })
}

/// A number, however large.
pub(super) fn number(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}
