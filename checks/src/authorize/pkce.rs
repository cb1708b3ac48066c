//! Provider and application agree on PKCE.

use super::Asked;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::oracle::names;
use crate::probe::params::{self, Told, what};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/pkce",
    title: "PKCE is neither missed nor refused",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(7636), "4.4.1"), Clause::must(Spec::Rfc(9700), "2.1.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "A provider that demands PKCE of an application that sends none, or refuses the one that it sends, ends every login at its start.",
    remedy: "Set PKCE alike on both sides: required at the provider only when the application sends it, with the method S256.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let asked = match Asked::of(case) {
        Ok(asked) => asked,
        Err(verdict) => return verdict,
    };
    let metadata = case.metadata()?;
    if case.part.flow != crate::profile::Flow::Code {
        return Ok(Verdict::not_applicable("no code comes back that PKCE could protect"));
    }
    match params::sends_challenge(case.part, metadata) {
        Some(false) => without(case, &asked, params::lists_s256(metadata).is_some()),
        sends => with(case, &asked, sends.is_some()),
    }
}

/// The application sends a challenge, or (not `surely`) it is not known whether it does.
fn with(case: &Case<'_>, asked: &Asked, surely: bool) -> Result<Verdict, Gap> {
    let absent = || asked.told(case, what::NO_PKCE);
    match &asked.plainest {
        Told::Welcome => Ok(Verdict::pass("a request with an S256 challenge is let through")),
        Told::Refused(words) if surely && absent() == Told::Welcome => {
            let finding = Finding::new(
                "the provider refuses a request with PKCE, which the application sends, and takes the same without",
                asked.place(&names::expected(&asked.uri)),
                CHECK.clauses[0],
            )
            .expected("a login")
            .actual(words.clone())
            .remedy(
                "Allow PKCE with the method S256 for this client at the provider, or switch it off in the application.",
            );
            Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Authorization)))
        }
        Told::Refused(_) => Err(asked.other_reason(case)),
        Told::Unclear(why) => Err(Gap::Undecided(why.clone())),
    }
}

/// The application sends no challenge. `offered`: the metadata says that the provider supports PKCE.
fn without(case: &Case<'_>, asked: &Asked, offered: bool) -> Result<Verdict, Gap> {
    match (&asked.application, &asked.plainest) {
        (Told::Welcome, _) if !offered => {
            Ok(Verdict::pass("the metadata offers no PKCE, and a request without it is let through"))
        }
        (Told::Welcome, _) => match asked.told(case, what::UNKNOWN_METHOD) {
            Told::Refused(_) => Ok(Verdict::pass("not demanded: a request without a challenge is let through")),
            _ if logged_in_without(case) => Ok(Verdict::pass("not demanded: a login without a challenge went through")),
            Told::Welcome => Err(Gap::Undecided(
                "this provider looks at PKCE only after the login, so whether it demands it cannot be told before; run with --login to know".into(),
            )),
            Told::Unclear(why) => Err(Gap::Undecided(why)),
        },
        (Told::Refused(_), Told::Welcome) => match asked.told(case, what::NO_PKCE) {
            Told::Refused(words) => {
                let finding = Finding::new(
                    "the provider demands PKCE, which the application does not send",
                    asked.place_of(what::NO_PKCE),
                    CHECK.clauses[0],
                )
                .expected("a login without code_challenge")
                .actual(words)
                .remedy("Switch PKCE on in the application where it can, or do not require it of this client at the provider.");
                Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Authorization)))
            }
            Told::Welcome => Err(asked.other_reason(case)),
            Told::Unclear(why) => Err(Gap::Undecided(why)),
        },
        (Told::Refused(_), _) => Err(asked.other_reason(case)),
        (Told::Unclear(why), _) => Err(Gap::Undecided(why.clone())),
    }
}

fn logged_in_without(case: &Case<'_>) -> bool {
    let sent = |login: &crate::evidence::login::Login<'_>| {
        login.callback.is_some_and(|callback| callback.request.query("code_challenge").is_some())
    };
    case.facts.logins.iter().any(|login| login.grant.is_some() && login.callback.is_some() && !sent(login))
}
