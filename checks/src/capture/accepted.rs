//! The provider takes the authorization request that the application itself sends.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::capture::endpoint_of;
use crate::probe::oracle::{Oracle, Seen, names};
use crate::probe::{authorize_slot, redirect_uris};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "capture/accepted",
    title: "the provider takes the application's own request",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Core, "3.1.2.2")],
    needs: &[SlotKind::Discovery, SlotKind::App, SlotKind::Probe(Endpoint::Authorize)],
    why: "This is the request that people will bring; when the provider refuses it, nobody gets in.",
    remedy: "Compare the request with the registration of the client at the provider: redirect URI, scopes, response type, PKCE.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let requests = match super::requests(case) {
        Ok(requests) => requests,
        Err(verdict) => return Ok(verdict),
    };
    let endpoint = case.metadata()?.string("authorization_endpoint").unwrap_or_default();
    let endpoint = endpoint.split('?').next().unwrap_or_default();
    let Some((place, request)) = requests.iter().find(|(_, request)| endpoint_of(request) == endpoint) else {
        return Err(Gap::Unusable(requests[0].0.slot.clone(), "capture/provider"));
    };
    if request.query("request_uri").is_some() {
        return Ok(Verdict::not_applicable("its request was pushed, and can be used but once"));
    }
    let client = case.target.client_id.clone().unwrap_or_default();
    if request.query("client_id").is_some_and(|sent| sent != client) {
        return Err(Gap::Unusable(place.slot.clone(), "capture/as-typed"));
    }
    let uri = request.query("redirect_uri").unwrap_or_default();
    let known = redirect_uris(case.target, case.profile).iter().any(|(expected, _)| *expected == uri);
    let (_, oracle) = case.oracle()?;
    if let Oracle::AllRefused(_, knows) = oracle {
        let blamed = if knows { "redirect/accepted" } else { "client/known" };
        return Err(Gap::Unusable(authorize_slot(names::UNKNOWN), blamed));
    }
    let name = names::captured(&case.profile.file.id);
    let refused = |actual: String| {
        let slot = authorize_slot(&if oracle.plain() { names::plain(&name) } else { name.clone() });
        let place = Place { slot, spot: Spot::Header("Location".into()) };
        let finding =
            Finding::new("the provider refuses the request that the application itself sends", place, CHECK.clauses[0])
                .expected("a login")
                .actual(actual)
                .side(Side::Application);
        Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Authorization)))
    };
    match oracle.seen(case.facts.evidence, &name) {
        Seen::Accepted(_) | Seen::AcceptedByLanding => Ok(Verdict::pass("it leads to a login")),
        Seen::ErrorThere(delivered) => {
            let error = delivered.error.clone().unwrap_or_default();
            // The request that the profile describes is refused in the same way: that is said there.
            let described = oracle.seen(case.facts.evidence, &names::application(&case.profile.file.id, &uri));
            if matches!(&described, Seen::ErrorThere(other) if other.error == delivered.error) {
                return Err(Gap::Unusable(place.slot.clone(), "authorize/application-request"));
            }
            refused(delivered.description.as_ref().map_or(error.clone(), |text| format!("{error}: {text}")))
        }
        Seen::Refused(_) if !known => Err(Gap::Unusable(place.slot.clone(), "capture/redirect-uri")),
        Seen::Refused(shape) => refused(shape.words()),
        Seen::Unclear(why) => Err(Gap::Undecided(why)),
    }
}
