//! An application that looks into the access token gets a JWT.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::library::tokens::Aspect;
use crate::library::{Refusal, Rule};
use crate::login::{Around, Which, each};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "access-token/jwt-if-needed",
    title: "the access token is a JWT where the application reads it",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::local("this application reads the access token as a JWT"), Clause::must(Spec::Rfc(9068), "2.2")],
    needs: crate::login::NEEDS,
    why: "To such an application an opaque token says nothing: it answers 401 to everybody, after a login that looked fine.",
    remedy: "Let the provider issue JWT access tokens for this client (often an API or audience has to be registered first).",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let rules = Which::Access.rules(case);
    let wanted =
        case.profile.file.claims.iter().any(|claim| claim.read_from == crate::profile::ClaimPlace::AccessToken);
    if rules.is_none() && !wanted {
        return Ok(Verdict::not_applicable("this application does not look into the access token"));
    }
    each(case, "a JWT", |login| {
        let grant = login.grant()?;
        let missing = || Gap::Unusable(login.tokens_slot(), login.blamed("token-response/members"));
        let token = grant.access_token.as_ref().ok_or_else(missing)?;
        if token.text().starts_with(crate::login::REMOVED) {
            return Ok(Vec::new());
        }
        let (message, refusal, seen) = match &token.read {
            Ok(jws) => {
                let around = Around::of(case, login);
                let odd = rules.and_then(|rules| {
                    let aspects =
                        [Aspect::Spelling, Aspect::Critical, Aspect::HeaderType, Aspect::Types, Aspect::Subject];
                    let refused = |aspect| {
                        rules.refusals(aspect, jws, &around.known(), &case.library().leeway, Step::AccessToken)
                    };
                    let reader = || {
                        let json = &case.library().json;
                        let (_, because) = json.refuses(&jws.header).or_else(|| json.refuses(&jws.claims))?;
                        let refusal = Refusal::at(Step::AccessToken, Rule::IdTokenUnreadable, because);
                        Some((String::new(), refusal))
                    };
                    aspects.into_iter().flat_map(refused).next().or_else(reader)
                });
                let Some((member, refusal)) = odd else { return Ok(Vec::new()) };
                let what = if member.is_empty() { "spelling".to_owned() } else { member };
                ("the access token is not what this library takes".to_owned(), refusal, what)
            }
            Err(error) => {
                let refusal = Refusal::at(Step::AccessToken, Rule::AccessTokenOpaque, "it cannot read it");
                (format!("the access token cannot be read: {error}"), refusal, error.to_string())
            }
        };
        let finding = Finding::new(message, Which::Access.place(login, ""), CHECK.clauses[0])
            .expected("a signed JWT")
            .actual(seen);
        let finding = finding.means(Effect::Untidy, Step::AccessToken);
        Ok(vec![case.weigh(finding, Some(&refusal).filter(|_| rules.is_some()), Effect::Degraded)])
    })
}
