//! The request is accepted with everything that the application puts into it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{Endpoint, SlotKind};
use crate::probe::oracle::{Oracle, Seen, names, reply};
use crate::probe::reply::Reply;
use crate::probe::{authorize_slot, prompt_of};
use crate::profile::{Flow, Pkce};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "authorize/application-request",
    title: "the authorization request of the application is accepted",
    severity: Severity::Error,
    tier: Tier::Client,
    clauses: &[Clause::must(Spec::Core, "3.1.2.1"), Clause::must(Spec::Rfc(6749), "4.1.2.1")],
    needs: &[SlotKind::Discovery, SlotKind::Probe(Endpoint::Authorize)],
    why: "A scope that is not assigned, a parameter that is not tolerated, PKCE that is demanded or not supported: the login ends before it begins.",
    remedy: "Change the client at the provider so that it allows what the application asks for (scopes, response type, PKCE), or change the application.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let (_, oracle) = case.oracle()?;
    if let Oracle::AllRefused(_, knows) = oracle {
        return Err(Gap::Unusable(
            authorize_slot(names::UNKNOWN),
            if knows { "redirect/accepted" } else { "client/known" },
        ));
    }
    if !crate::probe::sends_people(case.part) {
        return Ok(Verdict::not_applicable("this part of the application sends nobody to the authorization endpoint"));
    }
    let uris = crate::probe::redirect_uris(case.target, case.profile);
    let mine = uris.iter().find(|(_, r)| r.part.is_none() || r.part == case.part.id);
    let Some((uri, _)) = mine else {
        return Ok(Verdict::not_applicable(
            "this part of the application sends no authorization request with a redirect URI",
        ));
    };
    if let Seen::Refused(_) = oracle.seen(case.facts.evidence, &names::expected(uri)) {
        return Err(Gap::Unusable(authorize_slot(&names::expected(uri)), "redirect/accepted"));
    }
    let name = names::application(&case.profile.file.id, uri);
    let sent = if oracle.plain() { names::plain(&name) } else { name.clone() };
    let place = Place { slot: authorize_slot(&sent), spot: Spot::Header("Location".into()) };
    let scopes = case.profile.file.scopes.join(" ");
    let refused = |actual: String, hint: Option<String>| {
        let mut finding = Finding::new(
            "the provider refuses the authorization request as the application sends it",
            place.clone(),
            CHECK.clauses[0],
        )
        .expected(format!("a login, for scope {scopes:?}"))
        .actual(actual);
        finding.remedy = hint;
        Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Authorization)))
    };
    let seen = oracle.seen(case.facts.evidence, &name);
    if let (Seen::ErrorThere(_) | Seen::Refused(_), Some(root)) = (&seen, super::root_of_refusal(case)) {
        return Err(Gap::Unusable(authorize_slot(&sent), root));
    }
    match seen {
        Seen::Accepted(_) | Seen::AcceptedByLanding => match prompted(case, uri) {
            Some(finding) => Ok(Verdict::fail(finding)),
            None => Ok(Verdict::pass(format!("accepted with scope {scopes:?}"))),
        },
        Seen::ErrorThere(delivered) => {
            let error = delivered.error.clone().unwrap_or_default();
            let text = delivered.description.as_ref().map_or(error.clone(), |d| format!("{error}: {d}"));
            let hint = match (error.as_str(), case.part.pkce) {
                ("invalid_scope", _) => Some(format!("Assign all of these scopes to the client at the provider, or take one out of the application: {scopes}.")),
                ("unauthorized_client" | "unsupported_response_type", _) if case.part.flow == Flow::Implicit => {
                    let kind = crate::probe::implicit_type(case.profile);
                    Some(format!("Allow the implicit flow (response type {kind}) for this client at the provider."))
                }
                ("unauthorized_client" | "unsupported_response_type", _) => Some("Allow the authorization code flow (response type code) for this client at the provider.".to_owned()),
                ("unsupported_response_mode", _) => Some("Allow the response mode of the application for this client at the provider.".to_owned()),
                ("invalid_request", _) if text.contains("PAR") || text.to_ascii_lowercase().contains("pushed") => Some("This application pushes no authorization requests: switch the requirement for pushed authorization requests off for this client at the provider.".to_owned()),
                ("invalid_request", Pkce::Never) => Some("If the message speaks of PKCE or code_challenge: this application sends none, so the client at the provider must not demand it.".to_owned()),
                _ => None,
            };
            refused(text, hint)
        }
        Seen::Refused(shape) => refused(shape.words(), None),
        Seen::Unclear(why) => Err(Gap::Undecided(why)),
    }
}

/// What is wrong with the `prompt` that the application sends, which no silent request can have.
fn prompted(case: &Case<'_>, uri: &str) -> Option<Finding> {
    let prompt = prompt_of(case.profile)?;
    let name = names::plain(&names::prompted(&case.profile.file.id, uri));
    let actual = match reply(case.facts.evidence, &name)? {
        Reply::AtRedirect(delivered) if !delivered.welcome() => delivered.error.unwrap_or_else(|| "an error".into()),
        Reply::Elsewhere(shape) if shape.refusal() => shape.words(),
        _ => return None,
    };
    let place = Place { slot: authorize_slot(&name), spot: Spot::Header("Location".into()) };
    let message = format!("the provider refuses prompt={prompt}, which the application sends");
    let finding = Finding::new(message, place, CHECK.clauses[0]).expected("a login").actual(actual);
    Some(
        finding
            .means(Effect::LoginFails, Step::Authorization)
            .remedy(format!("Take prompt={prompt} out of the application, or use a provider that knows it.")),
    )
}
