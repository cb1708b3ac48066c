//! The ID token of a refresh is signed, and good now, as the first one was.

use crate::after::{ABUSE, about, tried};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::{Node, Value};
use crate::evidence::jws::{Jws, Signature};
use crate::evidence::login::{Login, Token};
use crate::evidence::{Exchange, LoginStep, SlotKind};
use crate::login::{Which, span};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "refresh/id-token-valid",
    title: "the ID token of a refresh is signed and has not expired",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "12.2"), Clause::must(Spec::Core, "3.1.3.7")],
    needs: &[SlotKind::Jwks, SlotKind::Login(LoginStep::Tokens), SlotKind::Login(LoginStep::Refreshed)],
    why: "The rules for an ID token hold for that of a refresh, too. A library that looks refuses it and ends the session; one that does not takes what anybody could have written.",
    remedy: "Let the provider sign the ID token of a refresh with its published key, and give it a life of its own, as it does after a login.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    tried(case, LoginStep::Refreshed, (ABUSE, "it is"), |login, _| {
        let grant = super::refreshed(case, login);
        let Some(token) = grant.as_ref().and_then(|grant| grant.id_token.as_ref()) else {
            // It might not contain one.
            return Ok(Vec::new());
        };
        let at = |spot: &str, message: String, clause| {
            let spot = Spot::Body(format!("/id_token{spot}"), None);
            about(login, LoginStep::Refreshed, spot, message, CHECK.clauses[clause])
        };
        // Who never looks into ID tokens does not mind.
        let effect = if Which::Id.rules(case).is_some() { Effect::Degraded } else { Effect::Untidy };
        let token_text = match &token.read {
            Ok(jws) => jws,
            // A first one that cannot be read, either, has checks of its own.
            Err(_) if login.id_token().is_err() => return Ok(Vec::new()),
            Err(_) => {
                let finding = at("", "the ID token of a refresh cannot be read".into(), 0);
                let finding = finding.expected("a signed JWT").actual("something else");
                return Ok(vec![finding.means(effect, Step::IdToken)]);
            }
        };
        let mut findings: Vec<Finding> = Vec::new();
        if let Some((message, seen)) = expired(login, token_text) {
            let finding = at("/exp", message, 1).expected("a number of seconds, in the future").actual(seen);
            findings.push(finding.means(effect, Step::IdToken));
        }
        if let Some(message) = forged(case, login, token, token_text)? {
            let named = token_text.kid().map_or("no kid".to_owned(), |kid| format!("kid {kid:?}"));
            let seen = format!("alg {}, {named}", token_text.alg().unwrap_or("missing"));
            let finding = at("", message.into(), 1).expected("a signature by a published key").actual(seen);
            findings.push(finding.means(effect, Step::IdToken));
        }
        Ok(findings)
    })
}

/// When the answer came, in seconds.
fn came(exchange: &Exchange) -> i64 {
    let elapsed = i64::try_from(exchange.elapsed_ms).unwrap_or_default();
    exchange.started.as_second() + elapsed / 1000
}

/// What is wrong with `exp`, and what stands there.
fn expired(login: &Login<'_>, token: &Jws) -> Option<(String, String)> {
    let now = login.step(LoginStep::Refreshed).map(came)?;
    let node = token.claim("exp");
    let message = match (node, token.seconds("exp")) {
        (None, _) => "exp of the ID token of a refresh is missing".to_owned(),
        (Some(node), _) if !matches!(node.value, Value::Number(_)) => {
            format!("exp of the ID token of a refresh is {}", node.kind())
        }
        (Some(_), Some(exp)) if exp < now => {
            format!("the ID token of a refresh expired {} before it came", span(now - exp))
        }
        _ => return None,
    };
    Some((message, node.map_or("absent".to_owned(), Node::show)))
}

/// What is wrong with the signature, where that of the first token was right.
fn forged(case: &Case<'_>, login: &Login<'_>, token: &Token, jws: &Jws) -> Result<Option<&'static str>, Gap> {
    // A first one that does not verify, either, is told by its own checks.
    let (first, before) = login.id_token()?;
    if !matches!(first.signature, Signature::Good(_) | Signature::WasGood) {
        return Ok(None);
    }
    Ok(match token.signature {
        Signature::Good(_) | Signature::WasGood => None,
        Signature::Unsigned => Some("the ID token of a refresh is not signed"),
        Signature::Symmetric | Signature::Unknown => Some("the ID token of a refresh is signed in another way"),
        Signature::Bad(true) => Some("the signature of the ID token of a refresh does not verify"),
        Signature::Bad(false) if jws.kid() == before.kid() => {
            Some("the signature of the ID token of a refresh does not verify")
        }
        // The provider may have changed its key since, and published the new one.
        Signature::Bad(false) if case.library().keys.refetches => {
            let why = "the ID token of a refresh is signed by a key that is not in the set as it was fetched; this library fetches it again, and then it may be there";
            return Err(Gap::Undecided(why.into()));
        }
        Signature::Bad(false) => Some("the key that signed the ID token of a refresh is not published"),
    })
}
