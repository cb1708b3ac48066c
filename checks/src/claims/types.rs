//! The claims that the application reads can be read.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::json::Value;
use crate::login::each;
use crate::profile::ClaimType;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "claims/types",
    title: "every claim that the application reads has a usable value",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::local("a claim that this application reads"), Clause::must(Spec::Core, "5.1")],
    needs: crate::login::NEEDS,
    why: "An empty name, a number for a name or a lone string where a list is read makes accounts without names and people without groups.",
    remedy: "Correct the mapper of the claim at the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let wanted = &case.profile.claims_read();
    if wanted.is_empty() {
        return Ok(Verdict::not_applicable("the profile names no claim"));
    }
    each(case, "usable", |login| {
        let mut findings = Vec::new();
        for claim in wanted {
            let Some(node) = super::read(case, login, claim)? else { continue };
            // What the application cannot use has its own words in the profile.
            if let Some(why) = claim.refuses(&node.plain()) {
                let (place, _) = super::place(login, claim);
                let means = claim.wrong.as_ref().map(|wrong| format!(": {wrong}")).unwrap_or_default();
                let fails = claim.required && !claim.unconfirmed;
                let effect = if fails { Effect::LoginFails } else { Effect::Degraded };
                findings.push(
                    Finding::new(format!("{} cannot be used{means}", claim.name), place, CHECK.clauses[0])
                        .expected(why)
                        .actual(Node::show(node))
                        .means(effect, Step::Application),
                );
                continue;
            }
            let list = matches!(claim.name.as_str(), "groups" | "roles");
            let (fine, expected) = match &node.value {
                _ if claim.kind != ClaimType::Any => {
                    (claim.kind != ClaimType::String || !blank(node), "a string that is not empty")
                }
                Value::String(text) if list => {
                    (false, if text.is_empty() { "an array of strings" } else { "an array of strings, not one string" })
                }
                Value::String(text) => (!text.trim().is_empty(), "a string that is not empty"),
                Value::Array(items) if list => {
                    (items.iter().all(|item| item.as_str().is_some()), "an array of strings")
                }
                _ if list => (false, "an array of strings"),
                _ => (crate::id_token::kind_of(&claim.name).is_some_and(|kind| kind.fits(node)), "a string"),
            };
            if fine {
                continue;
            }
            let (place, _) = super::place(login, claim);
            let what = match node.as_str() {
                Some("") => "empty",
                Some(text) if text.trim().is_empty() => "blank",
                _ => node.kind(),
            };
            let message = format!("{} is {what}", claim.name);
            let effect = if claim.required { Effect::LoginFails } else { Effect::Degraded };
            findings.push(
                Finding::new(message, place, CHECK.clauses[0])
                    .expected(expected)
                    .actual(Node::show(node))
                    .means(effect, Step::Application),
            );
        }
        Ok(findings)
    })
}

fn blank(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.trim().is_empty())
}
