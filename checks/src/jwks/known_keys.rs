//! No key is one whose private half stands in a book.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::evidence::jwks::Jwks;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

/// Keys whose private halves are published, by the first member that tells them apart from any other: what it is, and
/// how it begins.
const KNOWN: [(&str, &str, &str); 7] = [
    (
        "n",
        "xwQ72P9z9OYshiQ-ntDYaPnnfwG6u9JAdLMZ5o0dmjlcyrvwQRdo",
        "the development key that comes with node oidc-provider",
    ),
    ("n", "u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw", "the example key of jwt.io"),
    ("n", "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W2", "the example key of RFC 7515"),
    ("n", "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4", "the example key of RFC 7517"),
    ("x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "the example key of RFC 7515"),
    ("x", "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "the example key of RFC 7517"),
    ("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "the example key of RFC 8037"),
];

pub(crate) static CHECK: Check = Check {
    id: "jwks/known-keys",
    title: "no key is a published example",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Core, "10.1"), Clause::must(Spec::Rfc(7517), "9.2")],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "Everybody can read the private half of such a key, and with it log in as anybody, at every application of this provider.",
    remedy: "Make a new signing key for the provider now, configure it (in node oidc-provider: jwks), and end all sessions.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    let step = case.library().keys.used;
    let found = super::weigh_unverified(case, defects(jwks));
    Ok(Verdict::from(
        found.into_iter().map(|(f, effect)| f.means(effect, step)).collect(),
        crate::report::count(jwks.keys.len(), "key"),
    ))
}

fn defects(jwks: &Jwks) -> Vec<(Finding, Effect)> {
    let mut found = Vec::new();
    for key in &jwks.keys {
        let text =
            |member: &str| key.node.get(member).and_then(crate::evidence::json::Node::as_str).unwrap_or_default();
        let Some((member, _, what)) = KNOWN.iter().find(|(member, start, _)| text(member).starts_with(start)) else {
            continue;
        };
        let finding = Finding::new(format!("{} is {what}", key.name()), super::at_key(key, member), CHECK.clauses[1])
            .expected("a key that nobody else has")
            .actual(*what);
        found.push((finding, if key.can_sign() { Effect::Unsafe } else { Effect::Untidy }));
    }
    found
}
