//! The provider returns state as it came.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::authorize_slot;
use crate::probe::oracle::{names, reply};
use crate::probe::reply::Reply;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/state-returned",
    title: "state comes back byte for byte",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "4.1.2"), Clause::must(Spec::Rfc(6749), "4.1.2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "The application compares state and throws people out when one character of it has changed.",
    remedy: "Report it to the maker of the provider, or of the proxy that rewrites the address.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let (first, _) = case.oracle()?;
    let shaped = format!("state:{}", case.profile.file.id);
    let mut seen = 0;
    for name in [names::expected(&first), shaped.clone(), names::plain(&shaped)] {
        let Some(Reply::AtRedirect(delivered)) = reply(case.facts.evidence, &name) else { continue };
        let slot = authorize_slot(&name);
        let sent = case.exchange(&slot)?.request.query("state").unwrap_or_default();
        seen += 1;
        if delivered.state.as_deref() != Some(sent.as_str()) {
            let message = if delivered.state.is_none() {
                "the provider does not return state"
            } else {
                "the provider returns another state than was sent"
            };
            let finding =
                Finding::new(message, Place { slot, spot: Spot::Header("Location".into()) }, CHECK.clauses[1])
                    .expected(sent)
                    .actual(delivered.state.unwrap_or_else(|| "absent".into()));
            return Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Authorization)));
        }
    }
    if seen == 0 && case.facts.logins.iter().any(|login| login.callback.is_some()) {
        return Ok(Verdict::not_applicable("state was compared when the login came back"));
    }
    if seen == 0 {
        return Err(Gap::Undecided("nothing came back to the redirect URI, so state could not be compared".into()));
    }
    Ok(Verdict::pass("unchanged"))
}
