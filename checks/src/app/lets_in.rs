//! The application itself lets the person in.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{LoginStep, SlotKind};
use crate::login::{each, response};
use crate::probe::capture::ending;
use crate::probe::redirect_uris;
use crate::profile::{Answered, Through};
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "app/lets-in",
    title: "the application itself lets the person in",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[Clause::local("what the running application answers to a login")],
    needs: &[SlotKind::Login(LoginStep::Application)],
    why: "It is the login that people will make: with the application's own request, its own token request and its own rules.",
    remedy: "Look into the application's log at the time of this run; the other findings of this report say what it probably does not like.",
    formerly: &[],
    judge,
};

/// So many characters of its words are shown.
const SHOWN: usize = 200;

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let logins = case.logins()?;
    let Some(through) = &case.profile.file.through else {
        return Ok(Verdict::not_applicable("how one sees that this application lets somebody in is not known"));
    };
    if logins.iter().all(|login| login.application.is_none()) {
        let reason = "nobody came as far as the application; --through-app tries it, which opens a real session";
        return Ok(Verdict::not_applicable(reason));
    }
    // A recording may be judged for another application than the one that was asked.
    let own = case.profile.redirects(case.target.app_url.as_deref());
    let given = redirect_uris(case.target, case.profile);
    let uris: Vec<String> = own.into_iter().chain(given).map(|(uri, _)| uri).collect();
    if !logins.iter().filter_map(|login| login.application).all(|exchange| through.concerns(exchange, &uris)) {
        return Ok(Verdict::not_applicable("the login was brought to another application"));
    }
    each(case, "it does", |login| {
        let Some(exchange) = login.application else { return Ok(Vec::new()) };
        match through.answered(exchange) {
            Answered::LetIn => Ok(Vec::new()),
            Answered::Unclear => Err(Gap::Undecided(format!(
                "the application answered the login with {}; its log says whether it let the person in",
                ending(exchange)
            ))),
            Answered::Refused => {
                let (_, response) = response(login, LoginStep::Application, "app/lets-in")?;
                let text: String = words(through, &response.body).trim().chars().take(SHOWN).collect();
                let status = format!("status {}", response.status);
                let place = Place { slot: login.slot(LoginStep::Application), spot: Spot::Status };
                let message = format!("{} does not let {} in", case.profile.file.title, login.persona);
                let finding = Finding::new(message, place, CHECK.clauses[0])
                    .expected(through.expected())
                    .actual(if text.is_empty() { status } else { format!("{status}: {text}") })
                    .side(Side::Application);
                Ok(vec![finding.means(Effect::LoginFails, Step::Application)])
            }
        }
    })
}

/// What it says for a reason: of JSON the member that has it, or what stands where somebody who is in is told so.
fn words(through: &Through, body: &[u8]) -> String {
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) else {
        return String::from_utf8_lossy(body).into_owned();
    };
    let places = ["/error", "/message"].into_iter().chain(through.member.as_deref());
    let mut texts = places.filter_map(|place| json.pointer(place)?.as_str());
    texts.find(|text| !text.trim().is_empty()).unwrap_or_default().to_owned()
}
