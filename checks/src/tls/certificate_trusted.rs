//! The certificate is one that an application trusts.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::certificate::Certificate;
use crate::evidence::{DistrustKind, Slot, SlotKind, Tls};
use crate::hosts::day;
use crate::library::{Refusal, Rule};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "tls/certificate-trusted",
    title: "the certificate is trusted",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "7.1"), Clause::must(Spec::Rfc(9110), "4.3.4")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Applications verify the certificate and give no way around it; what shows is a dead login button or a bare connection error.",
    remedy: "Renew or replace the certificate, and let the server send the whole chain.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let first = case.exchange(&Slot::Discovery)?;
    let keys = case.exchange(&Slot::Jwks).ok();
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: Vec<&Tls> = Vec::new();
    let jwks_step = case.library().keys.verified.then_some(case.library().keys.fetched);
    for (slot, exchange, step) in [(Slot::Discovery, Some(first), Some(Step::Discovery)), (Slot::Jwks, keys, jwks_step)]
    {
        let Some(tls) = exchange.and_then(|e| e.tls.as_ref()) else { continue };
        // One certificate is one finding, however many documents come over it.
        if seen.iter().any(|other| other.chain == tls.chain && other.server_name == tls.server_name) {
            continue;
        }
        seen.push(tls);
        if let Some(finding) = explain(tls, case.chain(&slot), slot) {
            let refusal = step.map(|step| {
                Refusal::at(step, Rule::Certificate, "it verifies certificates against the trust store of its host")
            });
            findings.push(case.weigh(finding, refusal.as_ref(), Effect::Untidy));
        }
    }
    if seen.is_empty() {
        return match &first.outcome {
            Ok(_) => Ok(Verdict::not_applicable("plain http; there is no certificate")),
            Err(_) => Err(Gap::Unusable(Slot::Discovery, "discovery/reachable")),
        };
    }
    let chain = [Slot::Discovery, Slot::Jwks].iter().map(|slot| case.chain(slot)).find(|chain| !chain.is_empty());
    let leaf = chain.and_then(|chain| chain[0].as_ref());
    Ok(Verdict::from(findings, leaf.map_or("trusted".into(), |c| format!("{}, by {}", c.subject, c.issuer))))
}

fn explain(tls: &Tls, chain: &[Option<Certificate>], slot: Slot) -> Option<Finding> {
    let distrust = tls.distrust.as_ref()?;
    let leaf = chain.first().and_then(Option::as_ref);
    let place = |field| Place { slot: slot.clone(), spot: Spot::Certificate(field) };
    let finding =
        |message: String, field| Finding::new(message, place(field), CHECK.clauses[0]).actual(distrust.text.clone());
    Some(match (distrust.kind, leaf) {
        (DistrustKind::Expired, Some(leaf)) => {
            finding(format!("the certificate expired on {}", day(leaf.not_after)), "notAfter").expected("a date in the future").actual(day(leaf.not_after))
                .remedy("Renew the certificate, and find out why the automatic renewal did not.")
        }
        (DistrustKind::NotYetValid, Some(leaf)) => {
            finding(format!("the certificate is not valid before {}", day(leaf.not_before)), "notBefore").expected("a date in the past").actual(day(leaf.not_before))
                .remedy("Compare the clocks of the host that made the certificate and of this one.")
        }
        (DistrustKind::WrongName, Some(leaf)) => {
            finding(format!("the certificate is not for {}", tls.server_name), "subjectAltName").expected(&tls.server_name).actual(names(leaf))
                .remedy(format!("Get a certificate that names {}; the server may be sending its default one because no virtual host fits the name.", tls.server_name))
        }
        (DistrustKind::UnknownIssuer, Some(leaf)) => unknown_issuer(chain, leaf, place("issuer")),
        (kind, _) => finding(format!("the certificate is not trusted ({})", if kind == DistrustKind::Revoked { "revoked" } else { "see below" }), "chain").expected("a chain to a known root"),
    })
}

/// A private authority, a certificate that signed itself, or an intermediate that the server forgot.
fn unknown_issuer(chain: &[Option<Certificate>], leaf: &Certificate, place: Place) -> Finding {
    let alone = chain.len() == 1;
    let (message, remedy, side) = if leaf.self_issued {
        ("the certificate signed itself".to_owned(), "Put a certificate of a known authority there, or add this one to the trust store of the application's host; `oidcheck … --ca-file` checks with it.".to_owned(), Side::Provider)
    } else if alone && leaf.issuer_url.is_some() {
        (
            format!("the server does not send the intermediate certificate {}", leaf.issuer),
            format!(
                "Let the server send the whole chain (fullchain.pem instead of cert.pem). Browsers hide this fault, because they fetch {} themselves; libraries do not.",
                leaf.issuer_url.clone().unwrap_or_default()
            ),
            Side::Provider,
        )
    } else if alone {
        (format!("the chain ends at {}, which is unknown here: a private authority, or an intermediate that the server does not send", leaf.issuer),
         "With a private authority, add its root to the trust store of the application's host and check with --ca-file; otherwise let the server send the whole chain.".to_owned(), Side::Application)
    } else {
        let root = chain.last().and_then(Option::as_ref).unwrap_or(leaf).issuer.clone();
        (format!("the chain leads to {root}, which is unknown here: a private authority"),
         "Add its root certificate to the trust store of the application's host, and check again with --ca-file ROOT.pem.".to_owned(), Side::Application)
    };
    Finding::new(message, place, CHECK.clauses[0])
        .expected("a chain to a root that the application trusts")
        .actual(format!("issued by {}", leaf.issuer))
        .side(side)
        .remedy(remedy)
}

fn names(leaf: &Certificate) -> String {
    if leaf.names.is_empty() { format!("no names at all, subject {}", leaf.subject) } else { leaf.names.join(", ") }
}
