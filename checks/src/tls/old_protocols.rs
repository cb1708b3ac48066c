//! The server takes no protocol older than TLS 1.2, even from who knows nothing newer.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Older, Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "tls/old-protocols",
    title: "nothing older than TLS 1.2 is spoken",
    severity: Severity::Warning,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(8996), "5"), Clause::must(Spec::Rfc(8996), "4")],
    needs: &[SlotKind::Discovery],
    why: "TLS 1.0 and 1.1 rest on MD5 and SHA-1; codes, tokens and client secrets of whoever is made to use them can be read. Auditors and scanners fail the host for it.",
    remedy: "Let the server or the reverse proxy take TLS 1.2 and 1.3 alone (nginx: ssl_protocols TLSv1.2 TLSv1.3; Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3).",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let Some(tls) = &case.exchange(&Slot::Discovery)?.tls else {
        return Ok(Verdict::not_applicable("plain http, or no connection"));
    };
    match &tls.older {
        None => Ok(Verdict::not_applicable("no old greeting was sent, or its answer says nothing")),
        Some(Older::Refused) => Ok(Verdict::pass("refused")),
        Some(Older::Spoken(protocol)) => {
            let place = Place { slot: Slot::Discovery, spot: Spot::Connection };
            let clause = CHECK.clauses[usize::from(protocol != "TLS 1.1")];
            let finding = Finding::new(format!("the server still speaks {protocol}"), place, clause)
                .expected("an alert to a client that knows nothing newer than TLS 1.1")
                .actual(protocol.clone());
            Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Discovery)))
        }
    }
}
