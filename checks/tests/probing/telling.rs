//! What is said of a provider whose answers a test has chosen.

use super::provider::{APP, ISSUER, Op};
use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::{Evidence, Response};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{self, Judged, Outcome, Run};
use oidcheck_checks::target::Target;
use oidcheck_checks::verdict::{Effect, Verdict};

pub(crate) const ORIGIN: &str = "https://app.example.com";

pub(crate) fn judge(op: &Op, profile: &str, secret: bool) -> (Run, Evidence) {
    let target = Target {
        typed: ISSUER.into(),
        app_url: Some(ORIGIN.into()),
        client_id: Some("app".into()),
        redirect_uris: vec![APP.into()],
        has_secret: secret,
        ..Target::default()
    };
    let profile = Profile::by_id(profile).expect("a profile of this build");
    let evidence = op.gather(&target, std::slice::from_ref(&profile));
    let run = report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
    (run, evidence)
}

pub(crate) fn told(op: &Op, profile: &str, check: &str) -> Outcome {
    let run = judge(op, profile, profile != "netbird").0;
    run.outcomes.into_iter().find(|o| o.check.id == check).unwrap_or_else(|| panic!("{check} was not selected"))
}

/// `pass`, `inconclusive`, `not-applicable`, or the worst effect.
pub(crate) fn word(outcome: &Outcome) -> &'static str {
    match &outcome.judged {
        Judged::Told(Verdict::Fail(findings)) => {
            findings.iter().map(|f| f.effect).max().unwrap_or(Effect::Untidy).word()
        }
        _ => outcome.word(),
    }
}

pub(crate) fn answers(members: &'static str, answers: &[(&'static str, Response)]) -> Op {
    Op { members, answers: answers.to_vec(), ..Op::default() }
}
