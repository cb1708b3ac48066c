//! The metadata is a JSON object that every parser reads alike.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::{Document, NotJson, Value};
use crate::evidence::{Slot, SlotKind};
use crate::library::transport::Doc;
use crate::library::{Refusal, Rule};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};
use crate::wall;

pub(crate) static CHECK: Check = Check {
    id: "discovery/json",
    title: "the metadata is a clean JSON object",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Discovery, "4.2"),
        Clause::must(Spec::Rfc(8259), "2"),
        Clause::should(Spec::Rfc(8259), "4"),
        Clause::must(Spec::Rfc(8259), "8.1"),
        Clause::should(Spec::Rfc(8259), "8.2"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::DiscoveryAt],
    why: "A login page, a proxy error page or a stray byte in place of the document stops the login before it starts; small oddities stop some libraries and not others.",
    remedy: "Open the URL without any session: it must give the JSON document itself, with nothing before or after it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let place = |at: Option<usize>| Place { slot: Slot::Discovery, spot: Spot::Body(String::new(), at) };
    let refused = |because: &str| Refusal::at(Step::Discovery, Rule::NotJson, because);
    let document = match (case.discovery(), &case.facts.discovery_error) {
        (Ok(document), _) => document,
        (Err(_), Some(error)) => {
            let mut finding = Finding::new(error.to_string(), place(None), CHECK.clauses[0])
                .expected("a JSON object")
                .actual(error.to_string());
            if let NotJson::Html { login: true } = error {
                finding = finding.remedy("Something in front of the provider asks for a login first (single sign-on proxy, bot wall, network portal): exempt /.well-known/ and the key set from it.");
            }
            let exchange = case.exchange(&Slot::Discovery)?;
            if let Some(what) =
                exchange.outcome.as_ref().ok().and_then(|response| wall::in_front_of(exchange, response))
            {
                finding = finding.side(Side::Network).remedy(wall::remedy(&what));
            }
            if let Some(nearby) = super::url_typed::nearby(case) {
                finding = finding.side(nearby.side).remedy(nearby.remedy);
            }
            return Ok(Verdict::fail(case.weigh(
                finding,
                Some(&refused("it cannot read the document")),
                Effect::LoginFails,
            )));
        }
        (Err(gap), None) => return Err(gap),
    };
    if !matches!(document.root.value, Value::Object(_)) {
        let kind = document.root.kind();
        let finding = Finding::new(
            format!("the document is {kind}, not an object"),
            place(Some(document.root.span.start)),
            CHECK.clauses[0],
        )
        .expected("a JSON object")
        .actual(kind);
        return Ok(Verdict::fail(case.weigh(
            finding,
            Some(&refused("it cannot read the document")),
            Effect::LoginFails,
        )));
    }
    let library = case.library();
    let refusal = library.transport.oddities(Doc::Metadata, document);
    let of_reader = library.json.refuses(document).map(|(rule, because)| Refusal::at(Step::Discovery, rule, because));
    let findings: Vec<Finding> = oddities(document)
        .into_iter()
        .map(|(finding, rule)| {
            let refusal = refusal.iter().chain(&of_reader).find(|r| r.rule == rule);
            case.weigh(finding, refusal, Effect::Untidy)
        })
        .collect();
    Ok(Verdict::from(findings, format!("{} members", document.root.members().len())))
}

/// What is odd about a document that can still be read, with the rule by which a library may refuse it.
fn oddities(document: &Document) -> Vec<(Finding, Rule)> {
    let place = |at: usize| Place { slot: Slot::Discovery, spot: Spot::Body(String::new(), Some(at)) };
    let mut found = Vec::new();
    if document.byte_order_mark {
        let finding = Finding::new("the document starts with a byte order mark", place(0), CHECK.clauses[3])
            .expected("no byte order mark")
            .actual("EF BB BF");
        found.push((finding, Rule::ByteOrderMark));
    }
    if let Some(at) = document.trailing {
        let finding = Finding::new("something stands after the document", place(at), CHECK.clauses[1])
            .expected("nothing")
            .actual(format!("text from byte {at} on"));
        found.push((finding, Rule::TrailingText));
    }
    if let Some(at) = document.not_utf8 {
        let finding = Finding::new("the document is not UTF-8", place(at), CHECK.clauses[3])
            .expected("UTF-8")
            .actual(format!("another byte at {at}"));
        found.push((finding, Rule::NotUtf8));
    }
    if let Some(at) = document.half_pair {
        let finding =
            Finding::new("a string of the document holds half of a surrogate pair", place(at), CHECK.clauses[4])
                .expected("whole characters")
                .actual("an escape that is no character");
        found.push((finding, Rule::HalfPair));
    }
    if let Some(at) = document.not_finite {
        let finding = Finding::new("the document holds a number that JSON does not have", place(at), CHECK.clauses[1])
            .expected("a number in digits")
            .actual("NaN or Infinity");
        found.push((finding, Rule::NotJson));
    }
    for (pointer, at) in &document.duplicates {
        let spot = Spot::Body(pointer.clone(), Some(*at));
        let finding = Finding::new(
            format!("{pointer} stands more than once"),
            Place { slot: Slot::Discovery, spot },
            CHECK.clauses[2],
        )
        .expected("one")
        .actual("several; parsers differ in which one they take");
        found.push((finding, Rule::Duplicate));
    }
    found
}
