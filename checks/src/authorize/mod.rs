//! The authorization request: is it accepted as the application sends it, and answered as the specifications say, and
//! is the page that it leads to safe from frames.

group![
    application_request,
    pkce,
    pkce_strict,
    scopes,
    nonce_optional,
    extra_parameters,
    state_returned,
    issuer_returned,
    no_framing,
    no_referrer,
    password_form,
    password_kept,
    post,
    error_form,
    response_type,
    any_order,
    nonce_required,
    request_objects,
    request_object_checked
];

use crate::case::Case;
use crate::evidence::{Endpoint, Response, Slot};
use crate::probe::authorize_slot;
use crate::probe::endpoints::{Landing, landing};
use crate::probe::oracle::{Oracle, names};
use crate::probe::params::{self, Told};
use crate::target::Depth;
use crate::verdict::{Gap, Place, Spot, Verdict};

/// What the checks of single parameters start from.
struct Asked {
    oracle: Oracle,
    /// The redirect URI of every probe.
    uri: String,
    /// What became of the plainest valid request.
    plainest: Told,
    /// What became of the request as the application sends it.
    application: Told,
}

impl Asked {
    /// `Err` holds the verdict where nothing is to be asked.
    fn of(case: &Case<'_>) -> Result<Asked, Result<Verdict, Gap>> {
        if !crate::probe::sends_people(case.part) {
            return Err(Ok(Verdict::not_applicable(
                "this part of the application sends nobody to the authorization endpoint",
            )));
        }
        let (uri, oracle) = case.oracle().map_err(Err)?;
        match &oracle {
            Oracle::AllRefused(_, knows) => {
                let root = if *knows { "redirect/accepted" } else { "client/known" };
                return Err(Err(Gap::Unusable(authorize_slot(names::UNKNOWN), root)));
            }
            Oracle::Blind(why) => return Err(Err(Gap::Undecided(why.clone()))),
            _ => {}
        }
        let told = |name: &str| params::told(&oracle, case.facts.evidence, name);
        let plainest = told(&names::expected(&uri));
        let application = told(&names::application(&case.profile.file.id, &uri));
        Ok(Asked { oracle, uri, plainest, application })
    }

    /// The same for what only the thorough set asks, and only where the plainest request is let through.
    fn thorough(case: &Case<'_>) -> Result<Asked, Result<Verdict, Gap>> {
        if case.target.depth < Depth::Thorough {
            return Err(Ok(Verdict::not_applicable("tried with --depth thorough")));
        }
        let asked = Asked::of(case)?;
        match &asked.plainest {
            Told::Refused(_) => Err(Err(asked.other_reason(case))),
            Told::Unclear(why) => Err(Err(Gap::Undecided(why.clone()))),
            Told::Welcome => Ok(asked),
        }
    }

    fn told(&self, case: &Case<'_>, what: &str) -> Told {
        params::told(&self.oracle, case.facts.evidence, &params::name(what, &self.uri))
    }

    fn place(&self, name: &str) -> Place {
        let name = if self.oracle.plain() { names::plain(name) } else { name.to_owned() };
        Place { slot: authorize_slot(&name), spot: Spot::Header("Location".into()) }
    }

    fn place_of(&self, what: &str) -> Place {
        self.place(&params::name(what, &self.uri))
    }

    /// The application's request was refused, and not for what was asked about.
    fn other_reason(&self, case: &Case<'_>) -> Gap {
        let name = names::application(&case.profile.file.id, &self.uri);
        Gap::Unusable(self.place(&name).slot, "authorize/application-request")
    }
}

/// What `judge` says of the page at which people log in, if the ordinary request comes to one.
fn of_login_page<'a>(
    case: &Case<'a>,
    judge: impl FnOnce(Slot, &'a Response) -> Result<Verdict, Gap>,
) -> Result<Verdict, Gap> {
    let (first, oracle) = case.oracle()?;
    case.note_probe(Endpoint::AuthorizeHop);
    if let Oracle::AllRefused(shape, _) = oracle {
        return Ok(Verdict::not_applicable(format!("the request comes to no login page ({})", shape.words())));
    }
    match landing(case.facts.evidence, case.metadata()?, &first) {
        Landing::AtApplication => Ok(Verdict::not_applicable("the provider answers without showing a page")),
        Landing::Open | Landing::Next(..) => Err(Gap::Undecided("the way to the login page was not followed".into())),
        Landing::Lost(why) => Err(Gap::Undecided(format!("the login page was not seen: {why}"))),
        Landing::Page(slot, response) => judge(slot, response),
    }
}

/// The check that knows why the application's request is refused.
fn root_of_refusal(case: &Case<'_>) -> Option<&'static str> {
    let roots = [&pkce::CHECK, &scopes::CHECK, &nonce_optional::CHECK];
    roots.into_iter().find(|check| matches!((check.judge)(case), Ok(Verdict::Fail(_)))).map(|check| check.id)
}
