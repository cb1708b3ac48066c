//! JSON is UTF-8, and nothing says otherwise.

use super::{readable, told};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "http/charset",
    title: "no other charset than UTF-8 is claimed",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(8259), "8.1")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "A client that believes the header reads names with umlauts, or the whole document, wrongly.",
    remedy: "Let the server or the reverse proxy send Content-Type: application/json without a charset, or with charset=utf-8.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let (documents, gap) = readable(case);
    let mut findings = Vec::new();
    for (slot, _, response) in documents {
        let Some(header) = response.header("content-type") else { continue };
        let charset = header.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        });
        let Some(charset) = charset.filter(|name| !matches!(name.as_str(), "utf-8" | "utf8" | "us-ascii")) else {
            continue;
        };
        let step = if slot == Slot::Jwks { case.library().keys.fetched } else { Step::Discovery };
        // Plain ASCII is the same in nearly every charset.
        let effect =
            if response.body.is_ascii() && !charset.starts_with("utf-") { Effect::Untidy } else { Effect::Degraded };
        let place = Place { slot: slot.clone(), spot: Spot::Header("Content-Type".into()) };
        let finding = Finding::new(format!("the {} claims to be {charset}", slot.noun()), place, CHECK.clauses[0])
            .expected("utf-8, or no charset")
            .actual(header);
        findings.push(finding.means(effect, step));
    }
    told(findings, gap, "UTF-8")
}
