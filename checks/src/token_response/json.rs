//! The token response is a JSON object.

use super::each;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::LoginStep;
use crate::evidence::json::Value;
use crate::library::{Refusal, Rule};
use crate::login::response;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/json",
    title: "the token response is a JSON object",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Rfc(6749), "5.1"), Clause::must(Spec::Rfc(8259), "8.1")],
    needs: crate::login::NEEDS,
    why: "What is no JSON object holds no tokens for most libraries, whatever else it says.",
    remedy: "Look at what stands between the provider and the application: pages of proxies and login walls are the usual reason.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "a JSON object", |login| {
        let (_, response) = response(login, LoginStep::Tokens, "token-response/status")?;
        if !(200..300).contains(&response.status) {
            return Err(Gap::Unusable(login.slot(LoginStep::Tokens), "token-response/status"));
        }
        let rules = &case.library().tokens.response;
        let grant = login.grant.as_ref().and_then(|grant| grant.as_ref().ok());
        let object = grant.is_some_and(|grant| matches!(grant.document.root.value, Value::Object(_)));
        let document = grant.map(|grant| &grant.document).filter(|_| object);
        let form = grant.is_some_and(|grant| grant.form);
        let message = match (&login.grant, document) {
            (Some(Err(error)), _) => error.to_string(),
            (_, None) => "the token response is JSON, but no object".to_owned(),
            _ if form => "the token response is form-encoded".to_owned(),
            (_, Some(document)) if document.byte_order_mark => {
                "a byte order mark stands before the token response".to_owned()
            }
            _ if response.encoded_len.is_some() => {
                "the token response is compressed although nobody asked for it".to_owned()
            }
            (_, Some(document)) if document.not_finite.is_some() => {
                "the token response holds a number that JSON does not have".to_owned()
            }
            (_, Some(document)) if document.half_pair.is_some() => {
                "a string of the token response holds half of a surrogate pair".to_owned()
            }
            _ => return Ok(Vec::new()),
        };
        let reader = document.and_then(|document| case.library().json.refuses(document));
        let reader = reader.map(|(_, because)| Refusal::at(Step::Token, Rule::TokenNotJson, because));
        let refusal = rules.encoding(response, document, form).or(reader);
        let finding = Finding::new(message, login.at_tokens(""), CHECK.clauses[0])
            .expected("a JSON object")
            .means(Effect::Untidy, Step::Token);
        let otherwise = if document.is_none() { Effect::LoginFails } else { Effect::Untidy };
        Ok(vec![case.weigh(finding, refusal.as_ref(), otherwise)])
    })
}
