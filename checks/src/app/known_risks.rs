//! What to know about the application before it is deployed; one finding for each note of its profile.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::Slot;
use crate::spec::{Clause, Spec};
use crate::verdict::{Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "app/known-risks",
    title: "nothing about the application itself has to be known before it is deployed",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::local("know before you deploy"), Clause::should(Spec::Rfc(9700), "2")],
    needs: &[],
    why: "Some properties of an application decide who may get in, although the provider does nothing wrong: who becomes administrator, whose account is taken over, what happens to groups.",
    remedy: "Read the note, decide, and change what can be changed in the application.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let profile = case.profile;
    let concerns = |part: &Option<String>| part.is_none() || *part == case.part.id;
    let notes = profile.notes().filter(|note| concerns(&note.part));
    let findings: Vec<Finding> = notes
        .map(|note| {
            let place = Place {
                slot: Slot::File(format!("profile {}", profile.file.id)),
                spot: Spot::Body(format!("/note/{}", note.id), None),
            };
            let unsure = if note.unconfirmed { "inferred, not confirmed: " } else { "" };
            Finding::new(format!("{unsure}{}", sentence(&note.text)), place, CHECK.clauses[0])
                .means(note.effect, Step::Application)
                .side(Side::Application)
                .remedy(format!("{} Source: {}.", note.remedy.trim(), note.source.trim_end_matches('.')))
        })
        .collect();
    if findings.is_empty() {
        return Ok(match profile.file.notes.is_empty() {
            true => Verdict::not_applicable("the profile has no notes"),
            false => Verdict::pass("no note holds for these settings and this version"),
        });
    }
    Ok(Verdict::from(findings, ""))
}

/// Without the full stop, as every message.
fn sentence(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}
