//! The application uses the provider that was typed.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::probe::capture::endpoint_of;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "capture/provider",
    title: "the application uses the provider that was typed here",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::local("what the running application sends"), Clause::must(Spec::Discovery, "4.3")],
    needs: &[SlotKind::Discovery, SlotKind::App],
    why: "People are sent to another provider than the one that is examined here, or the application refuses its metadata.",
    remedy: "Correct the issuer in the application, or type the one that it uses.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let shown = match super::shown(case) {
        Ok(shown) => shown,
        Err(verdict) => return Ok(verdict),
    };
    let metadata = case.metadata()?;
    let endpoint = metadata.string("authorization_endpoint").unwrap_or_default();
    let endpoint = endpoint.split('?').next().unwrap_or_default();
    let issuer = metadata.string("issuer").unwrap_or_default();
    let mut findings = Vec::new();
    let requests: Vec<_> = shown.iter().filter_map(|one| Some((one, endpoint_of(one.request.as_ref()?)))).collect();
    if let Some((one, sent)) = requests.first().filter(|_| requests.iter().all(|(_, sent)| *sent != endpoint)) {
        let (here, there) = (crate::hosts::host(endpoint), crate::hosts::host(sent));
        let message = if here == there {
            "the application sends people to another endpoint of this host than the metadata names".to_owned()
        } else {
            format!(
                "the application sends people to {there}, which is another provider than was typed, or another name of it"
            )
        };
        let place = Place { slot: one.slot.clone(), spot: one.spot.clone() };
        let finding =
            Finding::new(message, place, CHECK.clauses[0]).expected(endpoint).actual(*sent).side(Side::Application);
        findings.push(finding.means(Effect::Degraded, Step::Authorization));
    }
    for (one, set) in shown.iter().filter_map(|one| Some((one, one.issuer.as_deref()?))) {
        if set == issuer {
            continue;
        }
        // Another text for the same issuer is what the library will refuse; another issuer is another provider.
        let near = set.trim_end_matches('/').eq_ignore_ascii_case(issuer.trim_end_matches('/'));
        if near && case.library().issuer.differs(set, issuer).is_none() {
            continue;
        }
        let place = Place { slot: one.slot.clone(), spot: one.spot.clone() };
        let message = if near {
            "the issuer in the application is not letter for letter that of the metadata"
        } else {
            "the application has another issuer than was typed"
        };
        let finding = Finding::new(message, place, CHECK.clauses[if near { 1 } else { 0 }])
            .expected(issuer)
            .actual(set)
            .side(Side::Application);
        findings.push(finding.means(if near { Effect::LoginFails } else { Effect::Degraded }, Step::Discovery));
    }
    Ok(Verdict::from(findings, format!("people are sent to {endpoint}")))
}
