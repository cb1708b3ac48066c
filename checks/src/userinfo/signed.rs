//! A signed userinfo response can be read and verified.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::LoginStep;
use crate::evidence::jws::Signature;
use crate::login::{each, response};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "userinfo/signed",
    title: "a signed userinfo response is one that the library understands",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "5.3.2"), Clause::must(Spec::Core, "5.3.4")],
    needs: crate::login::NEEDS,
    why: "A library that expects JSON cannot read a JWT; a signature that does not verify is worth nothing.",
    remedy: "Turn signed userinfo off for this client at the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !super::asked(case) {
        return Ok(Verdict::not_applicable("this application does not ask for userinfo"));
    }
    let verdict = each(case, "not signed, or rightly so", |login| {
        super::exchange(case, login)?;
        let (_, response) = response(login, LoginStep::Userinfo, "userinfo/reachable")?;
        let token = login.person.as_ref().and_then(|person| person.token.as_ref());
        let Some(token) = token.filter(|_| response.media_type().as_deref() == Some("application/jwt")) else {
            return Ok(Vec::new());
        };
        let refusal = case.library().tokens.userinfo.signed();
        let good = matches!(token.signature, Signature::Good(_) | Signature::WasGood);
        let (message, otherwise) = match (good, &refusal) {
            (true, None) => return Ok(Vec::new()),
            (true, Some(_)) => ("the userinfo response is a signed JWT", Effect::Untidy),
            (false, _) => ("the signature of the userinfo response verifies with no published key", Effect::Degraded),
        };
        let finding = Finding::new(message, login.at_userinfo(""), CHECK.clauses[usize::from(!good)])
            .expected("a JSON object")
            .actual("application/jwt");
        Ok(vec![case.weigh(finding.means(Effect::Untidy, Step::Userinfo), refusal.as_ref(), otherwise)])
    });
    super::softened(case, verdict)
}
