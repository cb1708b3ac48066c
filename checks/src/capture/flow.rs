//! The application begins the flow that its profile describes, and protects it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::profile::{Flow, Pkce};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Side, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "capture/flow",
    title: "the application begins the flow that is expected, protected as it should be",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[
        Clause::local("what is known about this application"),
        Clause::must(Spec::Rfc(9700), "2.1.1"),
        Clause::must(Spec::Rfc(9700), "2.1"),
        Clause::must(Spec::Core, "3.2.2.1"),
        Clause::should(Spec::Rfc(7636), "4.2"),
    ],
    needs: &[SlotKind::App],
    why: "A provider that allows or demands something else refuses the request; without protection a code can be stolen or slipped in.",
    remedy: "Set the flow in the application as its guide says, and tell oidcheck with --set and --app-version what is set.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let requests = match super::requests(case) {
        Ok(requests) => requests,
        Err(verdict) => return Ok(verdict),
    };
    let implicit = case.part.flow == Flow::Implicit;
    let expected = case.profile.file.response_type.as_deref().unwrap_or(if implicit { "id_token" } else { "code" });
    let mut findings = Vec::new();
    let mut notes = Vec::new();
    for (place, request) in requests {
        let Some(kind) = request.query("response_type").filter(|_| request.query("request_uri").is_none()) else {
            continue;
        };
        let has = |name: &str| request.query(name).is_some_and(|value| !value.is_empty());
        let mut told = |clause: usize, message: &str, expected: &str, actual: &str, effect| {
            let finding = Finding::new(message, place.clone(), CHECK.clauses[clause])
                .expected(expected)
                .actual(actual)
                .side(Side::Application);
            findings.push(finding.means(effect, Step::Authorization));
        };
        let sorted = |text: &str| {
            let mut words: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
            words.sort();
            words
        };
        if sorted(&kind) != sorted(expected) {
            let message = "the application asks for another response type than its profile says, so that other checks are about another flow";
            told(0, message, expected, &kind, Effect::Degraded);
        }
        let code = kind.split(' ').any(|word| word == "code");
        let challenge = has("code_challenge");
        let method = request.query("code_challenge_method").unwrap_or_else(|| "plain".into());
        if code && !challenge && case.profile.public() {
            let message = "a client without a secret sends no PKCE, so that whoever sees a code can use it";
            told(1, message, "code_challenge with S256", "no code_challenge", Effect::Unsafe);
        } else if code && !challenge && case.part.pkce == Pkce::Always {
            let message = "the application sends no PKCE, although its profile says that it always does";
            told(0, message, "code_challenge with S256", "no code_challenge", Effect::Untidy);
        }
        if challenge && method != "S256" {
            told(4, "the application sends its PKCE verifier in the open", "S256", &method, Effect::Degraded);
        }
        if !has("state") && !challenge && !has("nonce") {
            let message = "the application sends neither state, PKCE nor nonce: anybody can slip somebody else's login into a browser";
            told(2, message, "state", "none of them", Effect::Unsafe);
        }
        if kind.split(' ').any(|word| word == "id_token") && !has("nonce") {
            let message = "an ID token is asked for directly and without a nonce, which providers have to refuse";
            told(3, message, "nonce", "none", Effect::LoginFails);
        }
        notes.push(format!("{kind}{}", if challenge { format!(", PKCE {method}") } else { String::new() }));
    }
    let note =
        if notes.is_empty() { "its request was pushed, and cannot be read".to_owned() } else { notes.join(", ") };
    Ok(Verdict::from(findings, note))
}
