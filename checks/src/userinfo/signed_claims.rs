//! A signed userinfo response says who made it and for whom, and is no ID token.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::login::each;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "userinfo/signed-claims",
    title: "a signed userinfo response names issuer and client, and is no ID token",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::should(Spec::Core, "5.3.2"), Clause::must(Spec::Rfc(8725), "3.12")],
    needs: crate::login::NEEDS,
    why: "A signed answer that does not say for whom it is can be shown to another application; one that looks like an ID token can be used as one.",
    remedy: "Let the provider put iss and aud into the signed response and leave nonce out, or turn signed userinfo off for this client.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !super::asked(case) {
        return Ok(Verdict::not_applicable("this application does not ask for userinfo"));
    }
    let signed = |login: &crate::evidence::login::Login<'_>| login.person.as_ref().is_some_and(|p| p.token.is_some());
    let logins = case.logins()?;
    if logins.iter().any(|login| login.person.is_some()) && !logins.iter().any(signed) {
        return Ok(Verdict::not_applicable("the userinfo response is not signed"));
    }
    each(case, "it does", |login| {
        super::exchange(case, login)?;
        super::claims(login)?;
        let token = login.person.as_ref().and_then(|person| person.token.as_ref());
        let Some(jws) = token.and_then(|token| token.read.as_ref().ok()) else { return Ok(Vec::new()) };
        let mut findings = Vec::new();
        let mut say = |member: &str, message: String, expected: &str, effect, clause: usize| {
            let seen = jws.claim(member).map_or("absent".to_owned(), |node| node.show());
            let finding = Finding::new(message, login.at_userinfo(format!("/{member}")), CHECK.clauses[clause]);
            findings.push(finding.expected(expected).actual(seen).means(effect, Step::Userinfo));
        };
        let issuer = case.metadata()?.string("issuer").unwrap_or("?");
        let client = case.target.client_id.clone().or_else(|| login.sent("client_id")).unwrap_or_default();
        match (jws.claim("iss"), jws.text("iss")) {
            (None, _) => say("iss", "the signed userinfo response has no iss".into(), issuer, Effect::Untidy, 0),
            (Some(_), text) if text != Some(issuer) => {
                let message = "iss of the signed userinfo response is another issuer";
                say("iss", message.into(), issuer, Effect::Degraded, 0);
            }
            _ => {}
        }
        match jws.claim("aud") {
            None => say("aud", "the signed userinfo response has no aud".into(), &client, Effect::Untidy, 0),
            Some(_) if !jws.audiences().contains(&client.as_str()) => {
                say("aud", "the signed userinfo response is for another client".into(), &client, Effect::Degraded, 0);
            }
            Some(_) => {}
        }
        if jws.claim("nonce").is_some() {
            say(
                "nonce",
                "the signed userinfo response has a nonce, as ID tokens have".into(),
                "absent",
                Effect::Untidy,
                1,
            );
        }
        Ok(findings)
    })
}
