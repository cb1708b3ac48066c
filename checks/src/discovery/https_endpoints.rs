//! Every URL of the metadata is https.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::library::{Refusal, Rule};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/https-endpoints",
    title: "every endpoint is https",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "3"), Clause::must(Spec::Rfc(6749), "3.1")],
    needs: &[SlotKind::Discovery],
    why: "Over plain http everybody on the way reads codes, secrets and tokens; some libraries refuse, and browsers block it as mixed content.",
    remedy: "Tell the provider its public https address, or let the reverse proxy in front of it send X-Forwarded-Proto: https and the provider trust that proxy.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let plain = |url: &str| url.get(..5).is_some_and(|s| s.eq_ignore_ascii_case("http:"));
    let issuer_plain = plain(&case.target.typed);
    let urls: Vec<(&str, &str)> = metadata.endpoints().filter(|(_, url)| plain(url)).collect();
    let Some((first, url)) = urls.first().copied() else {
        return Ok(Verdict::pass("all https"));
    };
    let names: Vec<&str> = urls.iter().map(|(name, _)| *name).collect();
    let rules = case.library();
    let step = |name: &str| {
        rules.members.used_at(name).or((name == "jwks_uri" && rules.keys.verified).then_some(rules.keys.fetched))
    };
    let refusal = if issuer_plain {
        rules.transport.plain_http(Step::Discovery, &case.target.typed)
    } else {
        urls.iter().filter_map(|(name, url)| rules.transport.plain_http(step(name)?, url)).min_by_key(|r| r.step)
    };
    // Scripts of a page on https may fetch nothing over http, but for the browser's own machine (W3C Mixed Content section 5).
    let paged = rules.browser && case.target.app_url.as_deref().is_some_and(|url| url.starts_with("https:"));
    let mixed = || {
        let fetched = |name: &str| name != "authorization_endpoint" && name != "end_session_endpoint";
        let away = |url: &str| !crate::hosts::is_loopback(&crate::hosts::host(url));
        let first = urls.iter().find(|(name, url)| fetched(name) && step(name).is_some() && away(url));
        let (name, _) = first.filter(|_| paged)?;
        Some(Refusal::at(step(name)?, Rule::PlainHttp, format!("browsers block {name} in its pages as mixed content")))
    };
    let refusal = refusal.or_else(mixed);
    // Plain http beside an https issuer is a proxy that nobody told of, on loopback too.
    let loopback = issuer_plain && urls.iter().all(|(_, url)| crate::hosts::is_loopback(&crate::hosts::host(url)));
    let message = match (issuer_plain, loopback) {
        (_, true) => "plain http, but on the loopback interface only".to_owned(),
        (true, false) => "the whole provider is on plain http".to_owned(),
        (false, false) if names.len() > 3 && names.len() == metadata.endpoints().count() => {
            format!("all {} endpoints are on plain http although the issuer is https", names.len())
        }
        (false, false) => format!(
            "{} on plain http",
            if names.len() == 1 { format!("{first} is") } else { format!("{} are", names.join(", ")) }
        ),
    };
    let finding = Finding::new(message, case.at_member(metadata, first), CHECK.clauses[0])
        .expected("https")
        .actual(url)
        .means(Effect::Untidy, step(first).unwrap_or(Step::Discovery));
    let otherwise = if loopback { Effect::Untidy } else { Effect::Unsafe };
    Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), otherwise)))
}
