//! No scope of the application is refused.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::params::{Told, what};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/scopes",
    title: "no scope of the application is refused",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "3.3"), Clause::must(Spec::Rfc(6749), "4.1.2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "Many providers refuse the whole request over one scope that they do not know, or that the client may not have.",
    remedy: "Create the scope at the provider and assign it to the client, or take it out of the application.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Asked::of(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let scopes = &case.profile.file.scopes;
    if scopes.iter().all(|scope| scope == "openid") {
        return Ok(Verdict::not_applicable("the application asks for no scope but openid"));
    }
    match (&asked.application, &asked.plainest) {
        (Told::Welcome, _) => Ok(Verdict::pass(match asked.told(case, what::UNKNOWN_SCOPE) {
            Told::Refused(_) => format!("{}: all let through, an unknown one is refused", scopes.join(" ")),
            // What is dropped without a word shows in the token response, and in what the metadata lists.
            Told::Welcome => format!("{}: let through, as an unknown one is", scopes.join(" ")),
            Told::Unclear(_) => format!("{}: none is refused before the login", scopes.join(" ")),
        })),
        (Told::Refused(_), Told::Welcome) => {
            let told: Vec<(&String, Told)> = scopes
                .iter()
                .filter(|scope| *scope != "openid")
                .map(|scope| (scope, asked.told(case, &what::scope(scope))))
                .collect();
            let refused: Vec<(&str, &str)> = told
                .iter()
                .filter_map(|(scope, told)| match told {
                    Told::Refused(words) => Some((scope.as_str(), words.as_str())),
                    _ => None,
                })
                .collect();
            let Some((first, words)) = refused.first() else { return Err(asked.other_reason(case)) };
            let names = refused.iter().map(|(scope, _)| *scope).collect::<Vec<_>>().join(", ");
            let finding = Finding::new(
                format!("the provider refuses the request over the scope {names}"),
                asked.place_of(&what::scope(first)),
                CHECK.clauses[0],
            )
            .expected(format!("a login, for scope {:?}", scopes.join(" ")))
            .actual((*words).to_owned())
            .remedy(format!(
                "Create the scope at the provider where it is missing and assign it to this client, or take it out of the application: {names}."
            ));
            Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Authorization)))
        }
        (Told::Refused(_), _) => Err(asked.other_reason(case)),
        (Told::Unclear(why), _) => Err(Gap::Undecided(why.clone())),
    }
}
