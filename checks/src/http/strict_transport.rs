//! A provider that asks browsers to stay on https says so in a form that they understand.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "http/strict-transport",
    title: "strict transport security is switched on, where it is sent",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(6797), "6.1.1"), Clause::must(Spec::Rfc(6797), "8.1")],
    needs: &[SlotKind::Discovery],
    why: "A header that browsers ignore leaves the login page open to whoever turns its first request into plain http.",
    remedy: "Send Strict-Transport-Security: max-age=31536000, once, from one place only (the provider or the proxy).",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let response = case.response(&Slot::Discovery, "discovery/reachable")?;
    let sent: Vec<&str> = response
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("strict-transport-security"))
        .map(|(_, value)| value.as_str())
        .collect();
    // Of several headers the first one counts; over plain http none does.
    let Some(first) = sent.first().filter(|_| response.url.starts_with("https:")) else {
        return Ok(Verdict::not_applicable("not sent with this document, which nothing demands"));
    };
    let directive = first.split(';').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("max-age").then(|| value.trim().trim_matches('"').parse::<u64>().ok())
    });
    let message = match directive {
        Some(Some(0)) => "a max-age of 0 switches strict transport security off",
        Some(Some(_)) => return Ok(Verdict::pass(*first)),
        Some(None) => "max-age is no number, so browsers ignore the header",
        None => "there is no max-age, so browsers ignore the header",
    };
    let place = Place { slot: Slot::Discovery, spot: Spot::Header("Strict-Transport-Security".into()) };
    let finding = Finding::new(message, place, CHECK.clauses[0]).expected("max-age=31536000").actual(*first);
    Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Authorization)))
}
