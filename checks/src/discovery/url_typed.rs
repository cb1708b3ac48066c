//! What was typed leads the application to the metadata.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Slot, SlotKind};
use crate::spec::{Clause, Spec};
use crate::target::{WELL_KNOWN, discovery_url, elsewhere, is_whole, issuer_of};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/url-typed",
    title: "what was typed leads the application to the metadata",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[Clause::must(Spec::Discovery, "4.1"), Clause::local("how the client library forms the discovery URL")],
    needs: &[SlotKind::Discovery, SlotKind::DiscoveryAt],
    why: "People paste the issuer, the discovery URL, or something between; libraries forgive different ones of these.",
    remedy: "Give the application the issuer exactly as the document says it; give it the whole discovery URL only where its own documentation asks for that.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let typed = case.target.typed.as_str();
    case.exchange(&Slot::Discovery)?;
    let place = Place { slot: Slot::Discovery, spot: Spot::Url };
    let nearby = nearby(case);
    if let Some(refusal) = case.library().issuer.typed(typed) {
        let issuer = nearby.map_or_else(|| case.issuer_meant().into_owned(), |nearby| nearby.give);
        let finding = Finding::new("the whole discovery URL was typed where the issuer belongs", place, CHECK.clauses[1])
            .expected(&issuer)
            .actual(typed)
            .side(Side::Application)
            .remedy(format!("Give the application {issuer} as the issuer; a whole discovery URL belongs only where its documentation asks for one."));
        return Ok(Verdict::fail(case.weigh(finding, Some(&refusal), Effect::Untidy)));
    }
    if let Some(Nearby { url, give, side, remedy }) = nearby {
        // That people cannot log in is said by discovery/reachable, with the same remedy.
        let finding =
            Finding::new(format!("the metadata is not at what was typed, but at {url}"), place, CHECK.clauses[0])
                .expected(give)
                .actual(typed)
                .side(side)
                .remedy(remedy);
        return Ok(Verdict::fail(finding.means(Effect::Untidy, Step::Discovery)));
    }
    case.metadata()?;
    let form = if is_whole(typed) { "the discovery URL, which this library takes" } else { "an issuer" };
    Ok(Verdict::pass(format!("{typed} is {form}")))
}

/// Where the metadata is when it is not at what was typed, and what to do about it.
pub(super) struct Nearby {
    /// Where it is.
    pub(super) url: String,
    /// What the application is to be given.
    give: String,
    /// Who has to change something.
    pub(super) side: Side,
    /// What.
    pub(super) remedy: String,
}

/// The nearest place that has metadata, when there is none at what was typed.
pub(super) fn nearby(case: &Case<'_>) -> Option<Nearby> {
    let found = case.elsewhere().filter_map(|(url, exchange)| Some((url, crate::case::published_issuer(exchange)?)));
    // The places in the order in which they were thought of: the nearest first.
    let places = elsewhere(&case.target.typed);
    let (url, issuer) =
        found.min_by_key(|(url, _)| places.iter().position(|place| place == url).unwrap_or(usize::MAX))?;
    let appended = url.ends_with(WELL_KNOWN);
    // Slashes at its end are part of an issuer, and only the document shows them.
    let own = if discovery_url(&issuer) == url { issuer.clone() } else { issuer_of(url).into_owned() };
    let other = if own.trim_end_matches('/') == issuer.trim_end_matches('/') {
        String::new()
    } else {
        format!(", whose issuer is {issuer}")
    };
    let (give, side, remedy) = if case.library().issuer.discovery_url_typed {
        (
            url.to_owned(),
            Side::Application,
            format!("Give the application {url}, which is where the metadata is{other}."),
        )
    } else if appended {
        (
            own.clone(),
            Side::Application,
            format!("Give the application {own} as the issuer; the metadata is at {url}{other}."),
        )
    } else {
        let wanted = discovery_url(&issuer);
        (
            own,
            Side::Provider,
            format!(
                "Let the provider serve its metadata at {wanted} as well: {} asks there, and not at {url}.",
                case.library().title
            ),
        )
    };
    Some(Nearby { url: url.to_owned(), give, side, remedy })
}
