//! The clock of the provider is right, as far as the library minds.

use super::documents;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Exchange, Response, Slot, SlotKind};
use crate::library::{Refusal, Rule};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Verdict};

/// What a library that gives no leeway at all bears, and what the whole seconds of a date hide.
const GRACE: i64 = 2;
/// Beyond this somebody's clock is wrong, whatever the library makes of it.
const WRONG: i64 = 60;
/// Beyond this it is no longer a matter of luck.
const CERTAIN: i64 = 300;

pub(crate) static CHECK: Check = Check {
    id: "http/clock",
    title: "the provider's clock agrees with ours",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Core, "3.1.3.7"), Clause::must(Spec::Rfc(9110), "6.6.1")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "A token from a clock that is ahead has not been issued yet, and one from a clock that is behind has expired early; strict libraries allow not even two seconds.",
    remedy: "Compare the clocks of the provider's host, the application's host and the one that runs this check (timedatectl, chronyc tracking), and let NTP set all of them.",
    formerly: &[],
    judge,
};

/// How far the provider's clock is ahead of ours at least (negative: behind), in seconds.
fn ahead(exchange: &Exchange, response: &Response) -> Option<i64> {
    let date = response.header("date")?;
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?.as_second();
    let age: i64 = response.header("age").and_then(|age| age.trim().parse().ok()).unwrap_or_default();
    let date = date.saturating_add(age);
    let start = exchange.started.as_second();
    let end = exchange.started.as_millisecond().saturating_add(i64::try_from(exchange.elapsed_ms).unwrap_or(i64::MAX));
    let end = end.div_euclid(1_000) + 1;
    // The date was written at some moment between the first byte sent and the last one read, and cut to a second.
    Some(if date > end { date - end } else { (date + 1 - start).min(0) })
}

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    case.response(&Slot::Discovery, "discovery/reachable")?;
    let documents = documents(case);
    // A copy that lay in a cache shows an old date, so the answer that is nearest to now counts.
    let seen =
        documents.iter().filter_map(|(slot, exchange, response)| Some((ahead(exchange, response)?, slot, response)));
    let Some((ahead, slot, response)) = seen.min_by_key(|(ahead, _, _)| ahead.abs()) else {
        return Ok(Verdict::not_applicable("no answer carries a date"));
    };
    let rules = &case.library().leeway;
    let limit = if ahead > 0 { rules.iat_ahead } else { rules.iat_ago }.limit();
    let off = ahead.abs();
    let over = limit.is_some_and(|limit| off > i64::from(limit) + GRACE);
    if !over && off <= WRONG {
        return Ok(Verdict::pass(if off <= GRACE {
            "within two seconds".to_owned()
        } else {
            format!("{off} s apart")
        }));
    }
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    let place = Place { slot: slot.clone(), spot: Spot::Header("Date".into()) };
    let finding = Finding::new(
        format!("the provider's clock is {off} s {direction} the clock of this machine"),
        place,
        CHECK.clauses[0],
    )
    .expected("the same time, as far as it can be told")
    .actual(response.header("date").unwrap_or_default())
    .side(Side::Network);
    let step = case.library().keys.used;
    // What people read is what the library says of a token that was issued at the wrong time.
    let known = case.library().symptoms.contains_key(&Rule::Clock);
    let rule = if known { Rule::Clock } else { Rule::TokenIssuedAt };
    let allowed = limit.map_or_else(|| "it sets no limit".to_owned(), |limit| format!("it allows {limit} s for iat"));
    let refusal = Refusal::at(step, rule, allowed);
    // Between the leeway and five minutes it depends on how long a login takes, and on whose clock is wrong.
    let certain = over && off > CERTAIN;
    let effect = if over { Effect::Degraded } else { Effect::Untidy };
    let shows = case.library().symptom(rule, &[("seen", &format!("{off} s"))]).filter(|_| over);
    let finding = finding.symptom(shows);
    Ok(Verdict::fail(case.weigh(finding.means(effect, step), certain.then_some(&refusal), effect)))
}
