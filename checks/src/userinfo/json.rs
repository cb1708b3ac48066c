//! The userinfo response is a JSON object and says so.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::LoginStep;
use crate::evidence::json::Value;
use crate::library::{Refusal, Rule};
use crate::login::{each, response};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "userinfo/json",
    title: "the userinfo response is a JSON object",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "5.3.2")],
    needs: crate::login::NEEDS,
    why: "What is no JSON object holds no claims; some libraries end the whole process over it.",
    remedy: "Let the provider send the claims as a JSON object with Content-Type: application/json.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !super::asked(case) {
        return Ok(Verdict::not_applicable("this application does not ask for userinfo"));
    }
    let rules = &case.library().tokens.userinfo;
    let verdict = each(case, "a JSON object", |login| {
        super::exchange(case, login)?;
        let (_, response) = response(login, LoginStep::Userinfo, "userinfo/reachable")?;
        let person =
            login.person.as_ref().ok_or(Gap::Unusable(login.slot(LoginStep::Userinfo), "userinfo/reachable"))?;
        let media = response.media_type();
        if media.as_deref() == Some("application/jwt") && person.token.is_some() {
            return Ok(Vec::new());
        }
        let mut findings = Vec::new();
        if media.as_deref() != Some("application/json") {
            let place = Place { slot: login.slot(LoginStep::Userinfo), spot: Spot::Header("Content-Type".into()) };
            let finding = Finding::new("the userinfo response is not served as JSON", place, CHECK.clauses[0])
                .expected("application/json")
                .actual(response.header("content-type").unwrap_or("no header"));
            findings.push(case.weigh(
                finding.means(Effect::Untidy, Step::Userinfo),
                rules.content_type(response).as_ref(),
                Effect::Untidy,
            ));
        }
        let message = match &person.document {
            Err(_) if person.token.is_some() => "the userinfo response is a JWT that is called JSON".to_owned(),
            Err(error) => error.to_string(),
            Ok(document) if document.byte_order_mark => {
                "a byte order mark stands before the userinfo response".to_owned()
            }
            Ok(document) if !matches!(document.root.value, Value::Object(_)) => {
                format!("the userinfo response is {}", document.root.kind())
            }
            Ok(document) if document.not_finite.is_some() => {
                "the userinfo response holds a number that JSON does not have".to_owned()
            }
            Ok(document) if document.half_pair.is_some() => {
                "a string of the userinfo response holds half of a surrogate pair".to_owned()
            }
            Ok(_) => return Ok(findings),
        };
        let document = person.document.as_ref().ok();
        let reader = document.and_then(|document| case.library().json.refuses(document));
        let reader = reader.map(|(_, because)| Refusal::at(Step::Userinfo, Rule::UserinfoNotJson, because));
        let refusal = rules.encoding(document).or(reader);
        let finding = Finding::new(message, login.at_userinfo(""), CHECK.clauses[0])
            .expected("a JSON object")
            .means(Effect::Untidy, Step::Userinfo);
        findings.push(case.weigh(finding, refusal.as_ref(), Effect::Untidy));
        Ok(findings)
    });
    super::softened(case, verdict)
}
