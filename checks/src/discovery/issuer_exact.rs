//! The issuer of the document is the one that the operator typed.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::{Clause, Spec};
use crate::target::is_whole;
use crate::verdict::{Effect, Finding, Gap, Severity, Side, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/issuer-exact",
    title: "the issuer is the configured one, byte for byte",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "4.3"), Clause::must(Spec::Core, "3.1.3.7")],
    needs: &[SlotKind::Discovery],
    why: "Most libraries compare the text, not the URL: a final slash more or less refuses every login.",
    remedy: "Enter the value of `issuer` from the document in the application, slash included; or make the provider \
             publish the issuer that the application was given.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let typed = case.target.typed.as_str();
    let Some(issuer) = metadata.string("issuer") else {
        return Err(Gap::Unusable(crate::evidence::Slot::Discovery, "discovery/required-members"));
    };
    let wanted = case.issuer_meant();
    // A whole discovery URL is no issuer; where the library cannot use one, discovery/url-typed tells.
    let refusal = if is_whole(typed) && issuer == wanted { None } else { case.library().issuer.differs(typed, issuer) };
    if issuer == wanted && refusal.is_none() {
        return Ok(Verdict::pass(issuer));
    }
    let slash = issuer.trim_end_matches('/') == wanted.trim_end_matches('/');
    // Products with many tenants publish a text for all of them, with the name of a tenant left open.
    let template = issuer.contains('{') && !wanted.contains('{');
    let message = match (slash, template) {
        (true, _) => "the issuer differs in its final slash",
        (_, true) => "the document is for many tenants: its issuer is a template, and no token will ever carry it",
        _ => "the issuer is another one than was typed",
    };
    let side = if slash { Side::Application } else { Side::Provider };
    let mut finding = Finding::new(message, case.at_member(metadata, "issuer"), CHECK.clauses[0])
        .expected(wanted)
        .actual(issuer)
        .side(side);
    if slash {
        let end = if issuer.ends_with('/') { "with the slash at its end" } else { "without a slash at its end" };
        finding = finding.remedy(format!("Enter {issuer} as the issuer in the application, {end}."));
    } else if template {
        let id = issuer.replace('{', "<").replace('}', ">");
        finding =
            finding.remedy(format!("Give the application the issuer of one tenant: {id}, with its id filled in."));
    }
    // What the application was given may be the discovery URL: then there was no issuer to compare with.
    let otherwise = if slash { Effect::Untidy } else { Effect::Degraded };
    Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), otherwise)))
}
