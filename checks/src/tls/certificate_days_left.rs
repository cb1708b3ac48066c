//! The certificate will still be good next week.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

/// Automatic renewal happens earlier than this; who gets here has none, or one that does not work.
const DAYS: i64 = 7;

pub(crate) static CHECK: Check = Check {
    id: "tls/certificate-days-left",
    title: "the certificate is good for another week",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::local("time to renew")],
    needs: &[SlotKind::Discovery],
    why: "The day it expires, every login of every application stops at once.",
    remedy: "Renew the certificate now, and see to it that renewal happens by itself.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let exchange = case.exchange(&Slot::Discovery)?;
    if exchange.tls.is_none() {
        return Ok(Verdict::not_applicable("plain http, or no connection"));
    }
    let Some(Some(leaf)) = case.chain(&Slot::Discovery).first() else {
        return Err(Gap::Unusable(Slot::Discovery, "tls/certificate-trusted"));
    };
    let left = (leaf.not_after - case.now.as_second()).div_euclid(86_400);
    if left < 0 {
        return Err(Gap::Unusable(Slot::Discovery, "tls/certificate-trusted"));
    }
    let lifetime = (leaf.not_after - leaf.not_before).div_euclid(86_400);
    // Certificates that live for days are renewed by machines in hours: judge those by a third of their life.
    let limit = DAYS.min(lifetime / 3);
    if left >= limit {
        return Ok(Verdict::pass(format!(
            "until {}, {}",
            crate::hosts::day(leaf.not_after),
            crate::report::count(usize::try_from(left).unwrap_or(0), "day")
        )));
    }
    let place = Place { slot: Slot::Discovery, spot: Spot::Certificate("notAfter") };
    let days = crate::report::count(usize::try_from(left).unwrap_or(0), "day");
    let finding = Finding::new(format!("the certificate expires in {days}"), place, CHECK.clauses[0])
        .expected(format!("{limit} days or more"))
        .actual(crate::hosts::day(leaf.not_after));
    Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Discovery)))
}
