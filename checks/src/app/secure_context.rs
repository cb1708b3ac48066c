//! An application that runs in the browser is reached over https when it needs what browsers give over https alone.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::Slot;
use crate::hosts;
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "app/secure-context",
    title: "the application is reached over https where its pages need that",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::local("Secure Contexts (W3C) section 3.1 and Web Cryptography API section 10.1")],
    needs: &[],
    why: "Browsers give the pages of a plain http site no cryptography, so a script can make neither PKCE challenge nor hash; the request goes out without them and the provider refuses it.",
    remedy: "Serve the application over https, and register its redirect URIs with https at the provider.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let file = &case.profile.file;
    let needs = file.browser.as_ref().is_some_and(|browser| browser.needs_https) && case.library().browser;
    if !needs {
        return Ok(Verdict::not_applicable("nothing of it runs in a browser and needs https"));
    }
    let Some(url) = case.target.app_url.as_deref() else {
        return Ok(Verdict::not_applicable("where the application is reached is not known; give --app-url"));
    };
    // A browser trusts its own machine as it trusts https.
    if !url.starts_with("http:") || hosts::is_loopback(&hosts::host(url)) {
        return Ok(Verdict::pass("https"));
    }
    let place = Place {
        slot: Slot::File(format!("profile {}", file.id)),
        spot: Spot::Body("/browser/needs-https".into(), None),
    };
    let finding = Finding::new(
        format!("{} is reached over plain http, where browsers give its pages no cryptography", file.title),
        place,
        CHECK.clauses[0],
    )
    .expected("https")
    .actual(url)
    .side(Side::Application)
    .symptom(Some("the request goes out without a code_challenge, and the provider says that it is required".into()));
    Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Application)))
}
