//! The login page does not tell other sites the address at which it is.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, Response, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/no-referrer",
    title: "the login page keeps its address to itself",
    severity: Severity::Notice,
    tier: Tier::Client,
    clauses: &[Clause::should(Spec::Rfc(9700), "4.2.4")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize), SlotKind::Probe(Endpoint::AuthorizeHop)],
    why: "The address of the login page holds the request, state included; with this policy a browser hands it to every site from which the page loads something or to which it links.",
    remedy: "Send Referrer-Policy: no-referrer with the pages of the provider, or none at all, since browsers then give away no more than its host; a proxy can change it.",
    formerly: &[],
    judge,
};

/// The values that browsers know (Referrer Policy, section 3).
const KNOWN: [&str; 8] = [
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    super::of_login_page(case, |slot, response| match policy(response) {
        Some(policy @ ("unsafe-url" | "no-referrer-when-downgrade")) => {
            let place = Place { slot, spot: Spot::Header("Referrer-Policy".into()) };
            let finding = Finding::new("the login page tells other sites its whole address", place, CHECK.clauses[0])
                .expected("no-referrer, or one that gives away the host alone")
                .actual(policy);
            Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Authorization)))
        }
        Some(policy) => Ok(Verdict::pass(policy)),
        None => Ok(Verdict::pass("no policy, so browsers give away the host alone")),
    })
}

/// The policy that counts: the last one that browsers know, and that of the page over that of the header.
fn policy(response: &Response) -> Option<&'static str> {
    let known = |text: &str| {
        let words = text.split(',').map(|word| word.trim().to_ascii_lowercase());
        words.filter_map(|word| KNOWN.into_iter().find(|known| *known == word)).next_back()
    };
    let headers = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("referrer-policy"));
    let header = headers.filter_map(|(_, value)| known(value)).next_back();
    let page = String::from_utf8_lossy(&response.body).to_ascii_lowercase();
    let meta = page.split("<meta").skip(1).filter_map(|tag| {
        let tag = tag.split('>').next()?;
        let named = ["\"referrer\"", "'referrer'", "=referrer"].iter().any(|name| tag.contains(name));
        let value = tag.split_once("content=")?.1;
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => value[1..].split(quote).next(),
            None => value.split([' ', '/']).next(),
        };
        named.then(|| known(value.unwrap_or_default()))?
    });
    meta.last().or(header)
}
