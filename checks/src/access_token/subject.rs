//! The access token is about the person of the ID token.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::jws::Jws;
use crate::login::{Around, Which, each};
use crate::profile::ClaimPlace;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "access-token/subject",
    title: "sub of the access token is that of the ID token",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::should(Spec::Rfc(9068), "2.2"), Clause::must(Spec::Rfc(9068), "2.2")],
    needs: crate::login::NEEDS,
    why: "An application that takes the user from the access token knows somebody else than the ID token names, and everybody as one and the same where sub is that of a client or a service.",
    remedy: "Let the provider put the subject of the person who logs in into the access tokens of this client.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if Which::Access.rules(case).is_none() {
        return Ok(Verdict::not_applicable("this application does not look into the access token"));
    }
    let named = |claim: &crate::profile::Claim| claim.name == "sub" && claim.read_from == ClaimPlace::AccessToken;
    let user = case.profile.claims_read().iter().any(named);
    each(case, "the same", |login| {
        let (_, access) = login.access_token()?;
        let (_, id) = login.id_token()?;
        let (here, there) = (access.claim("sub"), id.claim("sub"));
        // A missing one of the ID token has a check of its own.
        let Some(there) = there.filter(|node| node.as_str().is_some()) else { return Ok(Vec::new()) };
        let around = Around::of(case, login);
        let client = around.known().client_id.map(str::to_owned);
        let (message, effect, clause) = match here {
            Some(node) if node.plain() == there.plain() => return Ok(Vec::new()),
            // Where it is the user, claims/present-where-read says what happens.
            None => ("the access token has no sub", Effect::Untidy, 1),
            Some(node) if client.is_some() && node.as_str() == client.as_deref() => {
                ("sub of the access token is the client, and nobody who logs in", Effect::Unsafe, 0)
            }
            // Whoever it is meant for may know the person by a name of its own.
            Some(_) if pairwise(case) && !meant_for(access, client.as_deref()) => return Ok(Vec::new()),
            Some(_) => ("sub of the access token is not that of the ID token", Effect::Degraded, 0),
        };
        let effect = if user { effect } else { Effect::Untidy };
        let finding = Finding::new(message, Which::Access.place(login, "sub"), CHECK.clauses[clause])
            .expected(there.show())
            .actual(here.map_or("absent".to_owned(), Node::show));
        Ok(vec![finding.means(effect, Step::AccessToken)])
    })
}

/// Whether the provider gives one person different subjects (OpenID Connect Core 1.0 section 8.1).
fn pairwise(case: &Case<'_>) -> bool {
    let kinds = case.metadata().ok().and_then(|metadata| metadata.strings("subject_types_supported"));
    kinds.is_some_and(|kinds| kinds.contains(&"pairwise"))
}

fn meant_for(token: &Jws, client: Option<&str>) -> bool {
    client.is_some_and(|client| token.audiences().contains(&client))
}
