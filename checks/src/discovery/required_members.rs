//! The metadata holds what the specification and the library cannot do without.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::metadata::{KNOWN, Kind, Metadata, kind_of};
use crate::library::Refusal;
use crate::profile::ClaimPlace;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

/// The members that OpenID Connect Discovery 1.0 section 3 marks REQUIRED, apart from `issuer`.
pub(super) const REQUIRED: [&str; 6] = [
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
];

/// Those that it marks RECOMMENDED.
const RECOMMENDED: [&str; 4] = ["userinfo_endpoint", "registration_endpoint", "scopes_supported", "claims_supported"];

/// The member of RFC 8628 section 4.
const DEVICE: &str = "device_authorization_endpoint";

pub(crate) static CHECK: Check = Check {
    id: "discovery/required-members",
    title: "the members that nobody can do without are there",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Discovery, "3"),
        Clause::should(Spec::Discovery, "3"),
        Clause::may(Spec::Rfc(8628), "4"),
        Clause::local("the members that this application uses"),
    ],
    needs: &[SlotKind::Discovery],
    why: "What is missing is noticed late and named badly by most libraries: an empty URL, a null pointer, a browser sent nowhere.",
    remedy: "Let the provider publish the member; a hand-written or proxied document lacks it most often.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let rules = &case.library().members;
    let mut findings = Vec::new();
    if metadata.string("issuer").is_none() {
        let refusal = case.library().issuer.unusable(metadata.member("issuer"));
        findings.push(finding(case, metadata, "issuer", "a URL", refusal.as_ref()));
    }
    for (name, kind) in KNOWN.iter().filter(|(name, _)| *name != "issuer") {
        let refusal = || rules.refusal(metadata, name, *kind);
        let missed = if REQUIRED.contains(name) {
            // Whatever is wrong with a member that nobody can do without is said here.
            !metadata
                .present(name)
                .is_some_and(|node| kind.fits(node) && (*kind != Kind::Url || metadata.url(name).is_some()))
        } else {
            // Of the others only those that this library misses; a wrong type is discovery/member-types.
            let absent = metadata.present(name).is_none_or(|node| node.as_str() == Some(""));
            let used = metadata.member(name).is_none() || rules.uses.contains_key(*name);
            absent && used && refusal().is_some() || *name == "userinfo_endpoint" && unread_userinfo(case, metadata)
        };
        if missed {
            findings.push(finding(case, metadata, name, kind.word(), refusal().as_ref()));
        }
    }
    Ok(Verdict::from(findings, "all there"))
}

/// Nobody breaks for want of it, and what the application would read there has to come in the ID token.
fn unread_userinfo(case: &Case<'_>, metadata: &Metadata) -> bool {
    let claims = case.profile.claims_read();
    let elsewhere = |place| matches!(place, ClaimPlace::IdToken | ClaimPlace::AccessToken);
    metadata.member("userinfo_endpoint").is_none()
        && !case.library().tokens.userinfo.asked_if_advertised
        && (claims.is_empty() || !claims.iter().all(|claim| elsewhere(claim.read_from)))
}

fn finding(case: &Case<'_>, metadata: &Metadata, name: &str, kind: &str, refusal: Option<&Refusal>) -> Finding {
    let clause = match name {
        "issuer" => CHECK.clauses[0],
        _ if REQUIRED.contains(&name) => CHECK.clauses[0],
        _ if RECOMMENDED.contains(&name) => CHECK.clauses[1],
        DEVICE => CHECK.clauses[2],
        _ => CHECK.clauses[3],
    };
    let (message, actual) = match metadata.member(name) {
        None => match super::member_names::lookalike(case, name) {
            Some(other) => (
                format!("{name} is missing; {other} looks like a misspelling of it"),
                format!("absent; there is {other}"),
            ),
            None => (format!("{name} is missing"), "absent".to_owned()),
        },
        Some(node) if node.is_null() => (format!("{name} is null"), "null".to_owned()),
        Some(node) if node.as_str() == Some("") => (format!("{name} is empty"), "\"\"".to_owned()),
        Some(node) if node.as_str().is_some() => (format!("{name} is no absolute URL"), node.show()),
        Some(node) => (format!("{name} is {}", node.kind_inside()), node.show()),
    };
    let finding = Finding::new(message, case.at_member(metadata, name), clause)
        .expected(kind_of(name).map_or(kind, |k| k.word()))
        .actual(actual)
        .means(Effect::Untidy, Step::Discovery);
    // A provider without the device flow publishes a document that is right, so the usual suspects are innocent.
    let finding = match name {
        // Publishing it is no advice where it is there.
        _ if metadata.present(name).is_some_and(|node| node.as_str() != Some("")) => {
            finding.remedy("Let the provider publish the member as the specification describes it.")
        }
        _ if metadata.member(name).is_some() => finding,
        DEVICE => finding.remedy(
            "Switch the device flow (RFC 8628) on; a provider that has none cannot serve this part of the application.",
        ),
        "userinfo_endpoint" => finding.remedy(
            "Let the provider publish it; where the provider has no userinfo, let the application take the claims from \
             the ID token and switch its userinfo request off.",
        ),
        _ => finding,
    };
    case.weigh(finding, refusal, Effect::Untidy)
}
