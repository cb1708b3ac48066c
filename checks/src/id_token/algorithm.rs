//! The algorithm of the ID token is advertised and taken.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::jws::Jws;
use crate::login::{Which, each, key_refusal};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/algorithm",
    title: "the algorithm of the ID token is one that was advertised",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Core, "3.1.3.7"),
        Clause::must(Spec::Rfc(8725), "3.1"),
        Clause::must(Spec::Discovery, "3"),
    ],
    needs: crate::login::NEEDS,
    why: "A library takes the algorithms that it was told of or set up for; a token with another one is refused, and an unsigned one is no proof of anything.",
    remedy: "Let the provider sign this client's ID tokens with RS256, or with an algorithm that metadata and application both name.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let read = Which::Id.rules(case).is_some();
    each(case, "advertised", |login| {
        let (_, token): (_, &Jws) = login.id_token()?;
        let alg = token.alg().unwrap_or("nothing");
        let listed = case.metadata().ok().and_then(|m| m.strings("id_token_signing_alg_values_supported"));
        // The signature that the library would look for is another check's.
        let refusal = key_refusal(case, token, None)?.filter(|_| read);
        let unsigned = token.unsigned();
        let advertised = listed.as_ref().is_none_or(|list| list.contains(&alg));
        let (message, clause, otherwise) = match (unsigned, advertised) {
            (true, _) if case.library().keys.verified && read => {
                ("the ID token is not signed, and this library believes it", CHECK.clauses[1], Effect::Unsafe)
            }
            (true, _) => ("the ID token is not signed", CHECK.clauses[1], Effect::Degraded),
            (false, false) => {
                ("the ID token is signed with an algorithm that is not advertised", CHECK.clauses[2], Effect::Untidy)
            }
            (false, true) if refusal.is_some() => (
                "the ID token is signed with an algorithm that this library does not take",
                CHECK.clauses[0],
                Effect::LoginFails,
            ),
            (false, true) => return Ok(Vec::new()),
        };
        let message = if unsigned && refusal.is_some() { "the ID token is not signed" } else { message };
        let taken = &case.library().algorithms.accepts;
        let expected = match listed {
            _ if refusal.is_some() && !taken.is_empty() && !taken.iter().any(|one| one == alg) => taken.join(", "),
            Some(listed) => listed.join(", "),
            None => "RS256".to_owned(),
        };
        let finding = Finding::new(message, Which::Id.place(login, "alg"), clause)
            .expected(expected)
            .actual(alg)
            .means(Effect::Untidy, Step::IdToken);
        Ok(vec![case.weigh(finding, refusal.as_ref(), otherwise)])
    })
}
