//! The ID token of a refresh speaks of the same person and client.

use crate::after::{ABUSE, about, claim, tried};
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::login::Grant;
use crate::evidence::{LoginStep, Question, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Gap, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "refresh/id-token",
    title: "the ID token of a refresh is about the same login",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "12.2")],
    needs: &[
        SlotKind::Login(LoginStep::Tokens),
        SlotKind::Login(LoginStep::SessionTokens(Question::Again)),
        SlotKind::Login(LoginStep::Refreshed),
    ],
    why: "An application that takes the new token for the person would go on as somebody else, or refuse it and log the person out.",
    remedy: "Update the provider, or report it to its makers: iss, sub and aud must stay, and auth_time is that of the login.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    tried(case, LoginStep::Refreshed, (ABUSE, "it is"), |login, _| {
        let fresh = login.grant_of(LoginStep::SessionTokens(Question::Again), None);
        let old = match &fresh {
            Some(fresh) => fresh,
            None => login.grant()?,
        };
        let Some(new) = super::refreshed(case, login).filter(|new| new.id_token.is_some()) else {
            // It might not contain one.
            return Ok(Vec::new());
        };
        let mut findings = Vec::new();
        let mut say = |name: &str, message: String, effect| {
            let (before, after) = (claim(old, name), claim(&new, name));
            let show = |node: Option<&Node>| node.map_or("absent".to_owned(), Node::show);
            let spot = Spot::Body(format!("/id_token/{name}"), None);
            let finding = about(login, LoginStep::Refreshed, spot, message, CHECK.clauses[0]);
            findings.push(finding.expected(show(before)).actual(show(after)).means(effect, Step::IdToken));
        };
        let same = |name: &str| claim(old, name).map(Node::plain) == claim(&new, name).map(Node::plain);
        for (name, effect) in [("iss", Effect::Degraded), ("sub", Effect::Unsafe), ("azp", Effect::Untidy)] {
            if !same(name) {
                say(name, format!("{name} of the ID token is another after a refresh"), effect);
            }
        }
        let audiences = |grant: &Grant| match claim(grant, "aud") {
            Some(node) => node.as_array().map_or(vec![node.plain()], |all| all.iter().map(Node::plain).collect()),
            None => Vec::new(),
        };
        if audiences(old) != audiences(&new) {
            say("aud", "aud of the ID token is another after a refresh".into(), Effect::Degraded);
        }
        // These two may be left out, and are the same when they are there.
        for name in ["auth_time", "nonce"] {
            if claim(&new, name).is_some() && claim(old, name).is_some() && !same(name) {
                say(name, format!("{name} of the ID token is another after a refresh"), Effect::Untidy);
            }
        }
        let issued = |grant: &Grant| grant.id_token.as_ref()?.read.as_ref().ok()?.seconds("iat");
        if let (Some(before), Some(after)) = (issued(old), issued(&new))
            && after < before
        {
            say("iat", "the ID token of a refresh was issued before the first one".into(), Effect::Untidy);
        }
        Ok(findings)
    })
}
