//! The page where people log in cannot be shown in a frame of somebody else's page.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, Response, SlotKind};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/no-framing",
    title: "the login page cannot be framed by others",
    severity: Severity::Warning,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Rfc(9700), "4.16"), Clause::must(Spec::Rfc(6749), "10.13")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize), SlotKind::Probe(Endpoint::AuthorizeHop)],
    why: "Somebody else's page can lay the login or the consent under something harmless and let people click it.",
    remedy: "Send Content-Security-Policy: frame-ancestors 'none' (or 'self') with the pages of the provider, or X-Frame-Options: DENY; a proxy can add it.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    super::of_login_page(case, |slot, response| {
        if response.status != 200 || response.media_type().as_deref() != Some("text/html") {
            return Err(Gap::Undecided(format!(
                "an ordinary request ends at status {}, so the login page was not seen",
                response.status
            )));
        }
        match protection(response) {
            Ok(header) => Ok(Verdict::pass(header)),
            Err(seen) => {
                let place = Place { slot, spot: Spot::Header("Content-Security-Policy".into()) };
                let finding = Finding::new("any page may show the login page in a frame", place, CHECK.clauses[0])
                    .expected("frame-ancestors 'none' or 'self', or X-Frame-Options: DENY or SAMEORIGIN")
                    .actual(seen);
                Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Authorization)))
            }
        }
    })
}

/// The header that keeps the page out of foreign frames, or what stands in its place. `frame-ancestors` makes browsers
/// disregard X-Frame-Options (Content Security Policy Level 3 section 6.4.2.2).
fn protection(response: &Response) -> Result<String, String> {
    let values = |name: &str| -> Vec<String> {
        let named = response.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        named.flat_map(|(_, value)| value.split(',')).map(|value| value.trim().to_owned()).collect()
    };
    let ancestors: Vec<String> = values("content-security-policy")
        .iter()
        .flat_map(|policy| {
            let directive =
                policy.split(';').map(str::trim).find(|d| d.to_ascii_lowercase().starts_with("frame-ancestors"));
            directive.map(str::to_owned)
        })
        .collect();
    // Of several policies each has to allow, so one that is narrow is enough.
    if let Some(narrow) = ancestors.iter().find(|directive| !wide(directive)) {
        return Ok(narrow.clone());
    }
    if let Some(wide) = ancestors.first() {
        return Err(wide.clone());
    }
    let options: Vec<String> = values("x-frame-options").iter().map(|v| v.to_ascii_uppercase()).collect();
    match options.as_slice() {
        [] => Err("neither frame-ancestors nor X-Frame-Options".to_owned()),
        some if some.iter().any(|v| v == "DENY") || some.iter().all(|v| v == "SAMEORIGIN") => {
            Ok(format!("X-Frame-Options: {}", options.join(", ")))
        }
        // Browsers know no other value, ALLOW-FROM included.
        _ => Err(format!("X-Frame-Options: {}", options.join(", "))),
    }
}

/// Whether a list of ancestors leaves every site in.
fn wide(directive: &str) -> bool {
    directive
        .split_whitespace()
        .skip(1)
        .any(|source| matches!(source, "*" | "http:" | "https:" | "http://*" | "https://*"))
}
