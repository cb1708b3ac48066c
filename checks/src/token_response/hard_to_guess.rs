//! Codes and opaque tokens are too long to be guessed.

use super::each;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::login::{ODD, Token, UNGUESSABLE, length};
use crate::evidence::{LoginStep, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token-response/hard-to-guess",
    title: "codes and opaque tokens are long enough not to be guessed",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "10.10"),
        Clause::must(Spec::Rfc(6749), "A.12"),
        Clause::must(Spec::Rfc(6749), "A.17"),
    ],
    needs: &[SlotKind::Login(LoginStep::Callback), SlotKind::Login(LoginStep::Tokens)],
    why: "Whoever guesses a code or a token has the login of somebody; one with characters that no header takes is lost on the way.",
    remedy: "Let the provider make codes and tokens of at least 128 random bits, in printable characters.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "long enough, as far as their length tells", |login| {
        let grant = login.grant()?;
        let mut findings = Vec::new();
        let mut short = |what: &str, place: Place, count: usize| {
            let finding = Finding::new(format!("the {what} is short enough to be guessed"), place, CHECK.clauses[0]);
            let finding = finding.expected("128 random bits: 22 characters of base64url, or more");
            findings.push(finding.actual(format!("{count} characters")).means(Effect::Degraded, Step::Token));
        };
        let answer = login.callback.and_then(|exchange| exchange.outcome.as_ref().ok());
        let location = answer.and_then(|response| response.header("location"));
        // Evidence holds no code; what stands there says how long a short one was.
        let code =
            location.and_then(|to| crate::after::parameter(to, "code")).filter(|code| code.starts_with("REDACTED"));
        let code = code.and_then(|code| length(&code));
        if let Some(count) = code.filter(|count| *count < UNGUESSABLE) {
            let place = Place { slot: login.slot(LoginStep::Callback), spot: Spot::Header("Location".into()) };
            short("code", place, count);
        }
        let mut odd = Vec::new();
        for (name, clause) in [("access_token", 1), ("refresh_token", 2)] {
            let Some(text) = grant.present(name).and_then(Node::as_str) else { continue };
            // The signature of a JWT cannot be guessed, however short the rest is.
            if Token::read(text, None).read.is_ok() {
                continue;
            }
            if text == ODD || !text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
                odd.push((name, clause));
            } else if let Some(count) = length(text).filter(|count| *count < UNGUESSABLE) {
                short(&name.replace('_', " "), login.at_tokens(format!("/{name}")), count);
            }
        }
        for (name, clause) in odd {
            let message = format!("{name} has characters that are not printable ASCII");
            let finding = Finding::new(message, login.at_tokens(format!("/{name}")), CHECK.clauses[clause]);
            findings.push(finding.expected("printable ASCII").actual("others").means(Effect::Degraded, Step::Token));
        }
        Ok(findings)
    })
}
