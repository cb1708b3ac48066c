//! The access token names its key.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::jws::Jws;
use crate::library::{Refusal, Rule};
use crate::login::{Which, each};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "access-token/kid",
    title: "the access token names its key where the library needs it",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "10.1"), Clause::local("this library finds the key by kid alone")],
    needs: crate::login::NEEDS,
    why: "A library that looks keys up by kid refuses a token without one, even when there is a single key.",
    remedy: "Let the provider put kid into the header of access tokens.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if Which::Access.rules(case).is_none() {
        return Ok(Verdict::not_applicable("this application does not look into the access token"));
    }
    each(case, "named", |login| {
        let (_, token): (_, &Jws) = login.access_token()?;
        if token.kid().is_some() {
            return Ok(Vec::new());
        }
        let keys = &case.library().keys;
        let refusal =
            keys.kid_required.then(|| Refusal::at(Step::AccessToken, Rule::NoKey, "it takes no token without kid"));
        let finding =
            Finding::new("the access token does not name its key", Which::Access.place(login, "kid"), CHECK.clauses[0])
                .expected("the kid of a published key")
                .actual(token.odd_kid().map_or_else(|| "absent".to_owned(), Node::show))
                .means(Effect::Untidy, Step::AccessToken);
        Ok(vec![case.weigh(finding, refusal.as_ref(), Effect::Untidy)])
    })
}
