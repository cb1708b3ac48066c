//! The mapping file of the administrator makes a user of everybody who logs in.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::claims;
use crate::lint::keystone::{Failure, Mapped};
use crate::login::each;
use crate::people;
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Severity, Side, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "app/mapping",
    title: "the mapping file makes a user of everybody who logs in",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::local("the mapping rules of the application")],
    needs: crate::login::NEEDS,
    why: "An application that maps claims by rules lets nobody in whom no rule fits, and it says so in a log that the person does not see.",
    remedy: "Change the mapping so that a rule fits what the provider sends: name of the claim, its value, and the separator of lists.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    case.logins()?;
    if case.profile.file.mapping.is_none() {
        return Ok(Verdict::not_applicable("this application maps no claims by a file"));
    }
    if case.profile.choices.mapping.is_none() {
        return Ok(Verdict::not_applicable("the mapping file was not given; --mapping FILE judges by it"));
    }
    each(case, "a user of everybody", |login| {
        let Some(outcome) = people::by_mapping(case.profile, login) else { return Ok(Vec::new()) };
        let (effect, message, seen) = match outcome {
            Ok(Mapped { user: None, .. }) => (
                Effect::Degraded,
                format!("a rule fits {} and makes no user", login.persona),
                "no user: the web server's REMOTE_USER becomes the name, and without one nobody gets in".to_owned(),
            ),
            Ok(mapped) if mapped.group_names.is_empty() && mapped.group_ids.is_empty() => (
                Effect::Degraded,
                format!("the mapping puts {} into no group", login.persona),
                "a user without rights".to_owned(),
            ),
            Ok(_) => return Ok(Vec::new()),
            // What cannot be worked out, nobody can be blamed for.
            Err(Failure::Open(why)) => return Err(Gap::Undecided(why)),
            Err(failure) => {
                // Claims that were not fetched may be what the rule misses.
                if !claims::userinfo_dropped(case, login) {
                    people::arrived(case.profile, login)?;
                }
                (Effect::LoginFails, format!("the mapping turns {} away", login.persona), failure.to_string())
            }
        };
        let (place, _) = claims::place(login, &people::mapped_claim(case.profile));
        let finding = Finding::new(message, place, CHECK.clauses[0])
            .expected("a rule that fits this person and names a group")
            .actual(seen)
            .side(Side::Application);
        Ok(vec![finding.means(effect, Step::Application)])
    })
}
