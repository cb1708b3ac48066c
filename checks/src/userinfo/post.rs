//! Userinfo can be asked by POST.

use crate::after::{about, tried};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "userinfo/post",
    title: "userinfo can be asked by POST",
    severity: Severity::Notice,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "5.3"), Clause::may(Spec::Rfc(6750), "2.2")],
    needs: &[
        SlotKind::Login(LoginStep::Userinfo),
        SlotKind::Login(LoginStep::UserinfoPost),
        SlotKind::Login(LoginStep::UserinfoBody),
    ],
    why: "Some libraries ask by POST, so that a proxy on the way keeps no address and no answer.",
    remedy: "Let the provider, or the proxy before it, take POST at the userinfo endpoint.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if !super::asked(case) {
        return Ok(Verdict::not_applicable("this application does not ask for userinfo"));
    }
    let body = case.logins()?.iter().find_map(|login| login.step(LoginStep::UserinfoBody)?.outcome.as_ref().ok());
    let body = body.map_or("not asked".to_owned(), |response| format!("status {}", response.status));
    let note = format!("it can; with the token in the body, which is optional: {body}");
    tried(case, LoginStep::UserinfoPost, ("it was not asked; --depth thorough asks it", &note), |login, response| {
        if login.person.is_none() {
            return Err(Gap::Unusable(login.slot(LoginStep::Userinfo), "userinfo/reachable"));
        }
        if response.status == 200 {
            return Ok(Vec::new());
        }
        let message = "the userinfo endpoint does not take POST";
        let finding = about(login, LoginStep::UserinfoPost, Spot::Status, message, CHECK.clauses[0]);
        let finding = finding.expected("200").actual(response.status.to_string());
        Ok(vec![finding.means(Effect::Untidy, Step::Userinfo)])
    })
}
