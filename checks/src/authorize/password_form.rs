//! The login page sends the password over TLS, and not in an address.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::hosts;
use crate::probe::page::forms;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};
use url::Url;

pub(crate) static CHECK: Check = Check {
    id: "authorize/password-form",
    title: "the login page sends the password over TLS, and not in an address",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(6749), "3.1"), Clause::must(Spec::Rfc(6819), "5.1.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize), SlotKind::Probe(Endpoint::AuthorizeHop)],
    why: "Whoever is on the way reads a password that is sent without TLS; one that stands in an address ends up in histories and logs.",
    remedy: "Let the form of the login page post to an https address: behind a proxy that ends TLS the provider has to know its own address, for example by X-Forwarded-Proto.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    super::of_login_page(case, |slot, response| {
        let page = String::from_utf8_lossy(&response.body);
        let Ok(here) = Url::parse(&response.url) else { return Ok(Verdict::not_applicable("it has no address")) };
        let finding = |message: &str, clause| {
            Finding::new(message, Place { slot: slot.clone(), spot: Spot::Body(String::new(), None) }, clause)
        };
        let mut seen = None;
        for form in forms(&page).into_iter().filter(|form| form.password) {
            let Ok(action) = here.join(&form.action) else { continue };
            let host = hosts::host(action.as_str());
            if action.scheme() == "http" && !hosts::is_loopback(&host) {
                let finding = finding("the login page sends the password over plain http", CHECK.clauses[0]);
                let finding = finding.expected("an https address").actual(format!("http://{host}{}", action.path()));
                return Ok(Verdict::fail(finding.means(Effect::Unsafe, Step::Authorization)));
            }
            // A form without a method is one of a script's, which sends it otherwise.
            if form.method.as_deref() == Some("get") {
                let finding = finding("the login page sends the password in an address (GET)", CHECK.clauses[1]);
                let finding = finding.expected("method=\"post\"").actual("method=\"get\"");
                let finding = finding.remedy("Let the form of the login page use the method POST.");
                return Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)));
            }
            seen = Some(host);
        }
        Ok(match seen {
            Some(host) => Verdict::pass(format!("to {host}")),
            None => {
                Verdict::not_applicable("the login page has no form with a password that can be read without a script")
            }
        })
    })
}
