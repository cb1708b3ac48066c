//! The issuer is a URL of the form that every library can take.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::hosts;
use crate::spec::{Clause, Spec};
use crate::target::issuer_of;
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/issuer-url",
    title: "the issuer is an https URL without query and fragment",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Discovery, "3"),
        Clause::must(Spec::Rfc(8414), "2"),
        Clause::local("the longest issuer that the application can store"),
    ],
    needs: &[SlotKind::Discovery],
    why: "Libraries build the discovery URL by appending to the issuer, and some refuse one with a query; after a fragment nothing reaches the server.",
    remedy: "Set the provider's issuer (its external, root or base URL) to a plain https URL.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let Some(issuer) = metadata.string("issuer") else {
        return Err(Gap::Unusable(Slot::Discovery, "discovery/required-members"));
    };
    let length = issuer.chars().count();
    if let Some(longest) = case.library().issuer.longest.filter(|longest| length > *longest) {
        let message = format!("the issuer is longer than {} can store", case.profile.file.title);
        let finding = Finding::new(message, case.at_member(metadata, "issuer"), CHECK.clauses[2])
            .expected(format!("at most {longest} characters"))
            .actual(format!("{length} characters: {issuer}"))
            .remedy("Serve the provider under a shorter URL (host name, realm or tenant), or raise the limit in the application.");
        return Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Application)));
    }
    let Some((what, effect)) = defect(issuer) else { return Ok(Verdict::pass(issuer)) };
    // Whatever else is wrong with an issuer that differs from what was typed, the difference is said already.
    let typed = case.target.typed.as_str();
    if issuer != issuer_of(typed) || case.library().issuer.differs(typed, issuer).is_some() {
        return Err(Gap::Unusable(Slot::Discovery, "discovery/issuer-exact"));
    }
    let plain = |url: &str| url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
    if plain(issuer) && metadata.endpoints().any(|(_, url)| plain(url)) {
        // No open question: it is told once, for the provider as a whole.
        return Ok(Verdict::not_applicable(
            "all of the provider is on plain http, which discovery/https-endpoints tells",
        ));
    }
    let shown = if effect == Effect::Unsafe { "a URL with a password, not shown here" } else { issuer };
    let finding = Finding::new(what, case.at_member(metadata, "issuer"), CHECK.clauses[0])
        .expected("https, a host, and at most a port and a path")
        .actual(shown)
        .means(Effect::Untidy, Step::Discovery);
    // Metadata that came over plain http may be anybody's, the endpoints in it as well.
    let open = plain(issuer) && !hosts::is_loopback(&hosts::host(issuer));
    let refusal = case.library().transport.plain_http(Step::Discovery, issuer);
    Ok(Verdict::fail(case.weigh(finding, refusal.as_ref(), if open { Effect::Unsafe } else { effect })))
}

/// What is wrong with the form of an issuer, and what it means.
fn defect(issuer: &str) -> Option<(&'static str, Effect)> {
    let Ok(url) = url::Url::parse(issuer) else { return Some(("the issuer is no absolute URL", Effect::Untidy)) };
    let found = [
        (
            issuer.contains(|c: char| c.is_whitespace() || c.is_control()),
            "the issuer holds white space",
            Effect::Untidy,
        ),
        (issuer.contains(['{', '}']), "the issuer still holds a placeholder", Effect::Untidy),
        (url.password().is_some(), "the issuer shows a password", Effect::Unsafe),
        (!url.username().is_empty(), "the issuer names a user", Effect::Untidy),
        (url.fragment().is_some(), "the issuer has a fragment", Effect::Untidy),
        (url.query().is_some(), "the issuer has a query", Effect::Untidy),
        (url.host_str().is_none(), "the issuer has no host", Effect::Untidy),
        (url.scheme() != "https", "the issuer is not https", Effect::Untidy),
    ];
    found.into_iter().find(|(wrong, _, _)| *wrong).map(|(_, what, effect)| (what, effect))
}
