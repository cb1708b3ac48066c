//! The application asks for the scopes that it needs.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Side, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "capture/scopes",
    title: "the application asks for the scopes that it needs",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Core, "3.1.2.1"), Clause::local("the claims that this application reads")],
    needs: &[SlotKind::App],
    why: "Without openid there is no ID token; without the others claims are missing that the application reads.",
    remedy: "Add the scope in the application.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let requests = match super::requests(case) {
        Ok(requests) => requests,
        Err(verdict) => return Ok(verdict),
    };
    let mut findings = Vec::new();
    let mut notes = Vec::new();
    for (place, request) in requests {
        // What was pushed stands where nobody but the provider reads it.
        let Some(scope) = request.query("scope") else { continue };
        let asked: Vec<&str> = scope.split_ascii_whitespace().collect();
        let mut missing = |name: &str, clause, text: String, effect| {
            let finding = Finding::new(text, place.clone(), clause)
                .expected(name)
                .actual(&scope)
                .side(Side::Application)
                .remedy(format!("Add {name} to the scopes in the application."));
            findings.push(finding.means(effect, Step::Authorization));
        };
        if !asked.contains(&"openid") {
            let text = "the application does not ask for openid, so that no ID token comes".to_owned();
            missing("openid", CHECK.clauses[0], text, Effect::LoginFails);
        }
        let mut told = Vec::new();
        let mine = |part: &Option<String>| part.is_none() || *part == case.part.id;
        for claim in case.profile.file.claims.iter().filter(|claim| mine(&claim.part)) {
            let Some(name) = claim.scope.as_deref().filter(|name| *name != "openid") else { continue };
            if asked.contains(&name) || told.contains(&name) {
                continue;
            }
            told.push(name);
            let text = format!(
                "the application does not ask for {name}, which usually brings {}: {}",
                claim.name, claim.without
            );
            missing(name, CHECK.clauses[1], text, if claim.required { Effect::Degraded } else { Effect::Untidy });
        }
        notes.push(format!("scope {scope:?}"));
    }
    let note = if notes.is_empty() { "its scopes are not to be seen".to_owned() } else { notes.join(", ") };
    Ok(Verdict::from(findings, note))
}
