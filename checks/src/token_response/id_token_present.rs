//! An ID token comes with the access token.

use super::each;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::profile::Flow;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/id-token-present",
    title: "the token response holds an ID token",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "3.1.3.3")],
    needs: crate::login::NEEDS,
    why: "Without an ID token this is OAuth and no login: nobody knows who the person is.",
    remedy: "Ask for the scope openid, and let the provider know the application as an OpenID Connect client.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    // RFC 8628 speaks of no ID token, and who reads none misses none.
    if case.part.flow == Flow::Device && !case.library().tokens.id_token.read {
        return Ok(Verdict::not_applicable(
            "this part of the application logs in by the device flow and reads no ID token",
        ));
    }
    each(case, "there", |login| {
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
        if grant.id_token.is_some() {
            return Ok(Vec::new());
        }
        let message = match grant.document.root.get("id_token") {
            None => "there is no ID token".to_owned(),
            Some(node) => format!("id_token is {}", node.kind()),
        };
        let scope = login.sent("scope").filter(|scope| !scope.split(' ').any(|one| one == "openid"));
        let found = finding("id_token", message, "a string");
        let found =
            if scope.is_some() { found.remedy("Ask for the scope openid; the request left it out.") } else { found };
        Ok(vec![case.weigh(found, rules.missing("id_token").as_ref(), Effect::Untidy)])
    })
}
