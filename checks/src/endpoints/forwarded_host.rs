//! A host that somebody puts into a request header is not believed: what such headers say about the way of a request
//! cannot be relied upon (RFC 7239 section 8.1).

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::{self, Node, Value};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::endpoints::{foreign, forwarded_page_slot, forwarded_slot, sent_to};
use crate::probe::{FOREIGN, FORWARDED_HOST};
use crate::spec::Clause;
use crate::target::Depth;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "endpoints/forwarded-host",
    title: "a host in a request header is not believed",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::local("what anybody may say about a request")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Metadata), SlotKind::Probe(Endpoint::Authorize)],
    why: "Where such an answer gets into a cache, applications send passwords and codes to the host that somebody else has chosen.",
    remedy: "Let the outermost proxy set X-Forwarded-Host itself and drop one that comes from outside, or give the provider a fixed external address.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.target.depth < Depth::Thorough {
        return Ok(Verdict::not_applicable("tried with --depth thorough"));
    }
    case.metadata()?;
    case.note_probe(Endpoint::Metadata);
    case.note_probe(Endpoint::Authorize);
    let mut findings = Vec::new();
    let mut found = |slot, spot, message: &str, actual: String| {
        let finding = Finding::new(message, Place { slot, spot }, CHECK.clauses[0])
            .expected(format!("nothing of {FORWARDED_HOST}: {FOREIGN}"))
            .actual(actual);
        findings.push(finding.means(Effect::Degraded, Step::Discovery));
    };
    let response = case.response(&forwarded_slot(), "discovery/reachable")?;
    let named = json::read(&response.body).ok().and_then(|document| believed(&document.root, String::new()));
    if let Some((pointer, url)) = named {
        let message = "the metadata names the host of a request header";
        found(forwarded_slot(), Spot::Body(pointer, None), message, url);
    }
    let uris = crate::probe::redirect_uris(case.target, case.profile);
    let slot = uris.first().map(|(uri, _)| forwarded_page_slot(uri));
    let page = slot.and_then(|slot| Some((case.facts.evidence.get(&slot)?.outcome.as_ref().ok()?, slot)));
    if let Some((response, slot)) = page
        && let Some(to) = sent_to(response).filter(foreign)
    {
        let message = "the authorization endpoint sends people to the host of a request header";
        let bare = to.as_str().split(['?', '#']).next().unwrap_or_default().to_owned();
        found(slot, Spot::Header("Location".into()), message, bare);
    }
    let seen = if response.status == 200 { "the metadata" } else { "what comes in its place" };
    Ok(Verdict::from(findings, format!("{seen} does not follow {FORWARDED_HOST}")))
}

/// The first URL of a document that is at the foreign host, and where it stands.
fn believed(node: &Node, pointer: String) -> Option<(String, String)> {
    match &node.value {
        Value::String(text) => url::Url::parse(text).ok().filter(foreign).map(|_| (pointer, text.clone())),
        Value::Object(members) => {
            members.iter().find_map(|(name, member)| believed(member, format!("{pointer}/{name}")))
        }
        _ => None,
    }
}
