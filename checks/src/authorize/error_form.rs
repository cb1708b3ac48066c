//! An error comes to the application in the form that it reads.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, Request, Slot, SlotKind};
use crate::probe::redirect_uris;
use crate::probe::reply::{Carrier, Delivery, delivery, odd, polite};
use crate::spec::{Clause, Spec};
use crate::token::ASCII;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/error-form",
    title: "errors come to the redirect URI in the form of the specifications",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "4.1.2.1"),
        Clause::must(Spec::Rfc(6749), "4.2.2.1"),
        Clause::must(Spec::Core, "3.1.2.6"),
        Clause::must(Spec::Rfc(6749), "3.1"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "An application that finds no error where it looks for one shows an error of its own, and nobody learns why the login failed.",
    remedy: "Nothing that the application can change; report it to the maker of the provider, or of the proxy that rewrites the answer.",
    formerly: &[],
    judge,
};

/// What only an answer without an error has.
const SUCCESS: [&str; 5] = ["code", "access_token", "id_token", "token_type", "expires_in"];

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    case.oracle()?;
    let own: Vec<String> = redirect_uris(case.target, case.profile).into_iter().map(|(uri, _)| uri).collect();
    let (mut seen, mut findings) = (0, Vec::<Finding>::new());
    for (slot, exchange) in case.facts.evidence.iter() {
        let Slot::Probe(Endpoint::Authorize, _) = slot else { continue };
        // What goes to another redirect URI is another matter.
        if exchange.request.parameter("redirect_uri").is_none_or(|uri| !own.contains(&uri)) {
            continue;
        }
        let Some(delivery) = delivery(exchange).filter(|delivery| delivery.get("error").is_some()) else { continue };
        seen += 1;
        for (message, effect, clause, expected, actual) in kinds(&exchange.request, &delivery) {
            // Each kind once, where it was seen first.
            if findings.iter().all(|finding| finding.message != message) {
                let spot = match delivery.carrier {
                    Carrier::Form(..) => Spot::Body(String::new(), None),
                    _ => Spot::Header("Location".into()),
                };
                let place = Place { slot: slot.clone(), spot };
                let finding = Finding::new(message, place, clause).expected(expected).actual(actual);
                findings.push(finding.means(effect, Step::Authorization));
            }
        }
    }
    if seen == 0 {
        return Ok(Verdict::not_applicable("no error came to the redirect URI"));
    }
    Ok(Verdict::from(findings, format!("{} looked at", crate::report::count(seen, "error"))))
}

/// What is wrong with an answer: in words, what it means, against which clause, what was expected, and what was there.
type Kind = (String, Effect, Clause, String, String);

fn kinds(request: &Request, delivery: &Delivery) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let carrier = carrier(&delivery.carrier);
    if let Some((due, clause)) = due(request, delivery)
        && due != carrier
    {
        let message = format!("an error comes {carrier}, where the application does not look");
        kinds.push((message, Effect::Degraded, clause, due.to_owned(), carrier.to_owned()));
    }
    if let Carrier::Form(method, media) = &delivery.carrier {
        let form = |message: &str, expected: &str, actual: &str| {
            (message.to_owned(), Effect::Degraded, CHECK.clauses[2], expected.to_owned(), actual.to_owned())
        };
        if method != "POST" {
            kinds.push(form("the form that carries an error is not posted", "method=\"post\"", method));
        }
        if media != "text/html" {
            kinds.push(form("the page that carries an error is none for a browser", "text/html", media));
        }
    }
    let success: Vec<&str> = SUCCESS.into_iter().filter(|name| delivery.get(name).is_some()).collect();
    if let Some(first) = success.first() {
        let message = format!("{first} comes beside an error");
        let (expected, actual) = ("an error alone".to_owned(), format!("error and {}", success.join(", ")));
        kinds.push((message, Effect::Degraded, CHECK.clauses[2], expected, actual));
    }
    for name in ["error", "error_description", "error_uri"] {
        if let Some(c) = delivery.get(name).and_then(|value| odd(name, value)) {
            let message = format!("{name} has a character that it must not have");
            let expected = if name == "error_uri" { "a URI" } else { ASCII };
            kinds.push((
                message,
                Effect::Untidy,
                CHECK.clauses[0],
                expected.to_owned(),
                format!("U+{:04X}", u32::from(c)),
            ));
        }
    }
    let twice = |(at, (name, _)): &(usize, &(String, String))| delivery.pairs[..*at].iter().any(|(n, _)| n == name);
    if let Some((_, (name, _))) = delivery.pairs.iter().enumerate().find(twice) {
        let message = format!("{name} comes twice");
        kinds.push((message, Effect::Untidy, CHECK.clauses[3], "each parameter once".to_owned(), "twice".to_owned()));
    }
    kinds
}

fn carrier(carrier: &Carrier) -> &'static str {
    match carrier {
        Carrier::Query => "in the query",
        Carrier::Fragment => "in the fragment",
        Carrier::Form(..) => "by a form",
    }
}

/// Where the answer to this request belongs; `None` when the provider may not know what was asked for.
fn due(request: &Request, delivery: &Delivery) -> Option<(&'static str, Clause)> {
    let (kind, mode) = (request.parameter("response_type")?, request.parameter("response_mode"));
    // Whoever refuses the response type or mode itself has no other way than the one that it knows.
    let taken = delivery.get("error").is_some_and(polite);
    match (mode.as_deref(), kind.as_str()) {
        (Some("form_post"), _) if taken => Some(("by a form", CHECK.clauses[2])),
        (Some("fragment"), _) if taken => Some(("in the fragment", CHECK.clauses[1])),
        (None, "code") | (Some("query"), "code") => Some(("in the query", CHECK.clauses[0])),
        (None, kind) if taken && kind.split(' ').any(|word| matches!(word, "token" | "id_token")) => {
            Some(("in the fragment", CHECK.clauses[1]))
        }
        _ => None,
    }
}
