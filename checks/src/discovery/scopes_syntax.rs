//! Every scope that is listed is one that could be asked for.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

const MEMBER: &str = "scopes_supported";

pub(crate) static CHECK: Check = Check {
    id: "discovery/scopes-syntax",
    title: "every entry of the list of scopes is one scope",
    severity: Severity::Notice,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Rfc(6749), "3.3"), Clause::should(Spec::Discovery, "3")],
    needs: &[SlotKind::Discovery],
    why: "A scope with a space in it cannot be asked for: written into one string, the list is a single scope that nobody knows.",
    remedy: "Let the provider list each scope as a string of its own.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let Some(listed) = super::listed(metadata, MEMBER)? else {
        return Ok(Verdict::not_applicable("the provider lists no scopes, which is its right"));
    };
    // RFC 6749 appendix A.4: printable ASCII without space, quotation mark and backslash.
    let token = |scope: &str| !scope.is_empty() && scope.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    let mut findings = Vec::new();
    for (index, scope) in listed.iter().enumerate().filter(|(_, scope)| !token(scope)) {
        let message = match *scope {
            "" => "an empty string is listed as a scope".to_owned(),
            text if text.contains(' ') => "several scopes stand in one string".to_owned(),
            text => format!("{text:?} is no scope"),
        };
        let finding = Finding::new(message, super::at_item(metadata, MEMBER, index), CHECK.clauses[0])
            .expected("printable ASCII without space, quotation mark and backslash")
            .actual(format!("{scope:?}"));
        findings.push(finding.means(Effect::Untidy, Step::Authorization));
    }
    Ok(Verdict::from(findings, crate::report::count(listed.len(), "scope")))
}
