//! The ID token is a signed JWT that can be read.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::library::{Refusal, Rule};
use crate::login::{Around, Which, each};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/readable",
    title: "the ID token is a compact JWS",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "2"), Clause::must(Spec::Rfc(7515), "7.1")],
    needs: crate::login::NEEDS,
    why: "An encrypted or broken token cannot be read by the application, which then knows nobody.",
    remedy: "Turn encryption of ID tokens off for this client, or give the application the key; a broken token is a defect of the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "a signed JWT", |login| {
        let grant = login.grant()?;
        let missing = || Gap::Unusable(login.tokens_slot(), login.blamed("token-response/id-token-present"));
        let token = grant.id_token.as_ref().ok_or_else(missing)?;
        let rules = Which::Id.rules(case);
        let step = rules.and_then(|rules| rules.parsed).unwrap_or(Step::IdToken);
        let (message, refusal, seen) = match &token.read {
            Ok(jws) => {
                let odd = rules.and_then(|rules| {
                    let around = Around::of(case, login);
                    rules
                        .refusals(Aspect::Spelling, jws, &around.known(), &case.library().leeway, Step::IdToken)
                        .into_iter()
                        .next()
                });
                let Some(part) = jws.misspelt.first() else { return Ok(Vec::new()) };
                (
                    format!("the {} of the ID token is not base64url without padding", part.word()),
                    odd.map(|(_, refusal)| refusal),
                    "padding".to_owned(),
                )
            }
            Err(error) => {
                let refusal = rules
                    .filter(|rules| !rules.unreadable_passes)
                    .map(|_| Refusal::at(step, Rule::IdTokenUnreadable, "it cannot read it"));
                (format!("the ID token cannot be read: {error}"), refusal, error.to_string())
            }
        };
        let finding = Finding::new(message, Which::Id.place(login, ""), CHECK.clauses[1])
            .expected("three parts in base64url")
            .actual(seen);
        Ok(vec![case.weigh(finding.means(Effect::Untidy, step), refusal.as_ref(), Effect::Untidy)])
    })
}
