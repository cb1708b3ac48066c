//! The token endpoint takes the way in which the library authenticates.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBER: &str = "token_endpoint_auth_methods_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/token-auth-methods",
    title: "the way in which the library authenticates at the token endpoint is offered",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[
        Clause::should(Spec::Discovery, "3"),
        Clause::must(Spec::Core, "9"),
        Clause::local("how this client library authenticates at the token endpoint"),
    ],
    needs: &[SlotKind::Discovery],
    why: "Most libraries never change the way in which they send the client secret; a token endpoint that insists on another one answers invalid_client after the person has typed the password.",
    remedy: "Let the provider accept the method for this client (it is a setting of the client, or of the provider as a whole), and list it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let library = case.library();
    let by_key = ["private_key_jwt".to_owned()];
    let sent = if case.target.has_key { by_key.as_slice() } else { library.client_auth.as_slice() };
    if sent.is_empty() {
        return Ok(Verdict::not_applicable("how this library authenticates is left to the application"));
    }
    let tries = sent.join(" or ");
    let Some(listed) = super::listed(metadata, MEMBER)? else {
        let usual = sent.iter().any(|method| method == "client_secret_basic");
        return Ok(if usual {
            Verdict::pass("no list, which means client_secret_basic")
        } else {
            Verdict::not_applicable(format!(
                "no list, which means client_secret_basic; the library uses {tries}, and only a client can tell whether that works"
            ))
        });
    };
    if let Some(method) = sent.iter().find(|method| listed.contains(&method.as_str())) {
        return Ok(Verdict::pass(method));
    }
    if sent.iter().all(|method| method == "none") {
        let why = "the library sends no secret; most providers serve such clients without listing none, so only a client can tell";
        return Ok(Verdict::not_applicable(why));
    }
    let seen = if listed.is_empty() { "an empty list".to_owned() } else { listed.join(", ") };
    let who = if case.target.has_key { "the application" } else { &library.title };
    let message = format!("{who} authenticates with {tries}, which is not listed");
    // Servers often accept more than they list.
    let finding =
        Finding::new(message, case.at_member(metadata, MEMBER), CHECK.clauses[2]).expected(tries).actual(seen);
    Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Token)))
}
