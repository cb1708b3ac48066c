//! The access token is valid now.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::json::Value;
use crate::evidence::jws::Jws;
use crate::library::Refusal;
use crate::library::tokens::Aspect;
use crate::login::{Around, Which, each, span};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "access-token/times",
    title: "the times of the access token allow it now",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(7519), "4.1"), Clause::must(Spec::Rfc(9068), "4")],
    needs: crate::login::NEEDS,
    why: "A library without leeway refuses a token that is a second too new or too old for its clock.",
    remedy: "Set both clocks by NTP; let access tokens live for some minutes at least.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let Some(rules) = Which::Access.rules(case) else {
        return Ok(Verdict::not_applicable("this application does not look into the access token"));
    };
    each(case, "valid now", |login| {
        let (_, token): (_, &Jws) = login.access_token()?;
        let around = Around::of(case, login);
        let aspects = [Aspect::Expiry, Aspect::IssuedAt, Aspect::NotBefore];
        let refused =
            |aspect| rules.refusals(aspect, token, &around.known(), &case.library().leeway, Step::AccessToken);
        let judged = |(claim, refusal): (String, Refusal)| {
            let node = token.claim(&claim);
            let off = token.seconds(&claim).map(|at| at - around.known().at);
            let message = match (node, off) {
                (None, _) => format!("{claim} is missing"),
                (Some(node), _) if !matches!(node.value, Value::Number(_)) => format!("{claim} is {}", node.kind()),
                (_, Some(off)) if off < 0 => format!("{claim} is {} ago", span(off)),
                (_, Some(off)) => format!("{claim} is {} ahead", span(off)),
                _ => format!("{claim} is no time"),
            };
            let finding = Finding::new(message, Which::Access.place(login, &claim), CHECK.clauses[0])
                .expected("a number of seconds that allows it now")
                .actual(node.map_or("absent".to_owned(), Node::show));
            case.weigh(finding.means(Effect::Untidy, Step::AccessToken), Some(&refusal), Effect::Untidy)
        };
        Ok(aspects.into_iter().flat_map(refused).map(judged).collect())
    })
}
