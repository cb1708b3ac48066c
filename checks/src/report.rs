//! From verdicts to a decision: every selected check has an outcome, always.

use crate::case::{Case, Facts};
use crate::check::{Check, Tier};
use crate::evidence::{Evidence, Request, Slot};
use crate::people::{self, Person};
use crate::profile::{Flow, Part, Profile};
use crate::provider::Provider;
use crate::target::Target;
use crate::verdict::{Effect, Finding, Gap, Severity, Side, Verdict};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What came of a check.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// It could tell.
    Told(Verdict),
    /// It could not.
    Untold(Gap),
    /// It is broken: a bug of oidcheck.
    Crashed(String),
}

/// The result of one check for one application.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The check.
    pub check: &'static Check,
    /// What came of it.
    pub judged: Judged,
    /// The loudest severity of its findings after the profile's word; the check's own otherwise.
    pub severity: Severity,
    /// Why the profile changed the severity, if it did.
    pub because: Option<String>,
}

impl Outcome {
    /// The word used in reports.
    pub fn word(&self) -> &'static str {
        match &self.judged {
            Judged::Told(Verdict::Pass(_)) => "pass",
            Judged::Told(Verdict::Fail(_)) => "fail",
            Judged::Told(Verdict::NotApplicable(_)) => "not-applicable",
            Judged::Untold(_) => "inconclusive",
            Judged::Crashed(_) => "crashed",
        }
    }

    /// The findings; none unless it failed.
    pub fn findings(&self) -> &[Finding] {
        match &self.judged {
            Judged::Told(Verdict::Fail(findings)) => findings,
            _ => &[],
        }
    }

    /// The note of a pass, or the reason of anything else that is no failure.
    pub fn reason(&self) -> Option<String> {
        match &self.judged {
            Judged::Told(Verdict::Pass(text) | Verdict::NotApplicable(text)) | Judged::Crashed(text) => {
                Some(text.clone())
            }
            Judged::Untold(gap) => Some(gap.to_string()),
            Judged::Told(Verdict::Fail(_)) => None,
        }
    }
}

/// One target judged for one application.
#[derive(Debug, Clone)]
pub struct Run {
    /// What the user typed.
    pub target: Target,
    /// The application.
    pub profile: Profile,
    /// The product, when it was recognised.
    pub provider: Option<&'static Provider>,
    /// The tier that was reached.
    pub tier: Tier,
    /// All outcomes, in the order of the checks.
    pub outcomes: Vec<Outcome>,
    /// What the application would make of the people who logged in.
    pub people: Vec<Person>,
    /// The target could not be reached at all.
    pub unreachable: Option<String>,
    /// What was asked, so that a finding can be shown as a curl line.
    pub asked: BTreeMap<Slot, Request>,
    /// The options with which curl reaches the provider as we did (`--cacert FILE` …), a pair in each.
    pub reach: Vec<(&'static str, String)>,
    /// How many requests the evidence holds.
    pub requests: usize,
    /// How long they took together, from the first start to the last end, in milliseconds.
    pub elapsed_ms: u64,
}

impl Run {
    /// Counts outcomes by their word.
    pub fn count(&self, word: &str) -> usize {
        self.outcomes.iter().filter(|o| o.word() == word).count()
    }

    /// All findings with their outcome, the loudest first, then in the order of a login.
    pub fn findings(&self) -> Vec<(&Outcome, &Finding)> {
        let mut all: Vec<_> = self.outcomes.iter().flat_map(|o| o.findings().iter().map(move |f| (o, f))).collect();
        all.sort_by_key(|(o, f)| (std::cmp::Reverse(self.severity(o, f)), std::cmp::Reverse(f.effect), f.step));
        all
    }

    /// The severity of one finding: the profile's word for the check, or what its effect says.
    pub fn severity(&self, outcome: &Outcome, finding: &Finding) -> Severity {
        set_by_profile(&self.profile, outcome.check).map_or_else(|| finding.effect.severity(), |rule| rule.0)
    }

    /// Whether what cannot be told is nothing to this application: the check that says why found the document unusable,
    /// and that people log in all the same, so the application gets along without it.
    fn spares(&self, gap: &Gap) -> bool {
        let blamed = gap.blamed_on().and_then(|id| self.outcomes.iter().find(|o| o.check.id == id));
        blamed.is_some_and(|o| !o.findings().is_empty() && o.findings().iter().all(|f| f.effect <= Effect::Degraded))
    }

    /// Whether people can log in, as far as it is known.
    pub fn login(&self) -> Login {
        let fails: Vec<&Finding> =
            self.findings().into_iter().map(|(_, f)| f).filter(|f| f.effect == Effect::LoginFails).collect();
        if let Some(why) = &self.unreachable {
            return Login::Unreachable(why.clone());
        }
        let every = |part: &Part| {
            fails.iter().any(|f| f.parts.is_empty() || part.id.as_ref().is_some_and(|id| f.parts.contains(id)))
        };
        if fails.is_empty() {
            // A check that is at most a warning keeps nobody out, so not knowing its answer leaves this one alone.
            let untold = self.outcomes.iter().any(|o| match &o.judged {
                Judged::Untold(gap) => o.check.severity == Severity::Error && !self.spares(gap),
                Judged::Crashed(_) => true,
                Judged::Told(_) => false,
            });
            return if untold { Login::Unknown } else { Login::NothingAgainst };
        }
        let broken: Vec<String> = self.profile.parts.iter().filter(|p| every(p)).filter_map(|p| p.id.clone()).collect();
        if self.profile.parts.iter().all(every) { Login::Fails } else { Login::FailsFor(broken) }
    }
}

/// The answer to the question that the tool exists for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// The provider could not be reached.
    Unreachable(String),
    /// Nobody can log in.
    Fails,
    /// Nobody can log in through these parts of the application.
    FailsFor(Vec<String>),
    /// Nothing that was seen speaks against it.
    NothingAgainst,
    /// Nothing that was seen speaks against it, and something could not be seen.
    Unknown,
}

fn set_by_profile<'p>(profile: &'p Profile, check: &Check) -> Option<(Severity, &'p str)> {
    let rule = profile.file.severities.iter().find(|rule| rule.check == check.id)?;
    Some((rule.level, rule.because.as_str()))
}

/// Whether somebody logged in, and the user did not ask for less than a login.
fn logged_in(target: &Target, evidence: &Evidence) -> bool {
    target.tier.is_none_or(|asked| asked == Tier::Login)
        && evidence.iter().any(|(slot, _)| matches!(slot, Slot::Login(..)))
}

/// Judges one target for one application from evidence alone.
pub fn judge(target: &Target, profile: &Profile, facts: &Facts<'_>, now: jiff::Timestamp) -> Run {
    let unlocked = crate::check::reached(target, profile);
    let login = logged_in(target, facts.evidence);
    let tier = if login { Tier::Login } else { unlocked };
    // A login may come without the probes of a registration (tokens from a file), so each tier stands for itself.
    let wanted = |check: &&Check| if check.tier == Tier::Login { login } else { check.tier <= unlocked };
    let selected = crate::CHECKS.iter().copied().filter(wanted);
    let outcomes = selected.map(|check| outcome(check, target, profile, facts, now)).collect();
    let unreachable = match facts.evidence.get(&Slot::Discovery).map(|e| &e.outcome) {
        Some(Err(error)) => Some(error.to_string()),
        _ => None,
    };
    let (requests, elapsed_ms) = totals(facts.evidence);
    let people = if login { people::all(profile, facts) } else { Vec::new() };
    let asked = facts.evidence.iter().map(|(slot, exchange)| (slot.clone(), exchange.request.clone())).collect();
    let (target, profile) = (target.clone(), profile.clone());
    Run {
        target,
        profile,
        provider: facts.provider,
        tier,
        outcomes,
        people,
        unreachable,
        asked,
        reach: Vec::new(),
        requests,
        elapsed_ms,
    }
}

fn totals(evidence: &Evidence) -> (usize, u64) {
    let requests = evidence.iter().map(|(_, e)| 1 + e.hops.len()).sum();
    let start = evidence.iter().map(|(_, e)| e.started.as_millisecond()).min().unwrap_or_default();
    let end = evidence
        .iter()
        .map(|(_, e)| e.started.as_millisecond() + i64::try_from(e.elapsed_ms).unwrap_or(i64::MAX))
        .max();
    (requests, u64::try_from(end.unwrap_or(start) - start).unwrap_or_default())
}

/// Runs one check for every part of the application and joins what they say.
fn outcome(
    check: &'static Check,
    target: &Target,
    profile: &Profile,
    facts: &Facts<'_>,
    now: jiff::Timestamp,
) -> Outcome {
    let mut joined: Option<Judged> = None;
    for part in &profile.parts {
        let case = Case::new(target, profile, part, facts, now);
        let judge = if part.flow == Flow::Device && check.needs_authorization_endpoint_alone() {
            |_: &Case<'_>| Ok(Verdict::not_applicable("this part of the application logs in by the device flow"))
        } else {
            check.judge
        };
        let judged = match catch_unwind(AssertUnwindSafe(|| judge(&case))) {
            Ok(Ok(verdict)) => Judged::Told(tag(verdict, part)),
            Ok(Err(gap)) => Judged::Untold(gap),
            Err(panic) => Judged::Crashed(panic_text(panic.as_ref())),
        };
        joined = Some(match joined {
            None => judged,
            Some(before) => join(before, judged),
        });
    }
    let mut judged = joined.unwrap_or_else(|| Judged::Crashed("the profile has no part".into()));
    if let Judged::Told(Verdict::Fail(findings)) = &mut judged {
        for finding in findings {
            finding.remedy = Some(remedy(check, profile, facts.provider, finding));
        }
    }
    let rule = set_by_profile(profile, check);
    let loudest = match &judged {
        Judged::Told(Verdict::Fail(findings)) => findings.iter().map(|f| f.effect.severity()).max(),
        _ => None,
    };
    // What an answer that is not known could have meant is read off the check.
    debug_assert!(loudest <= Some(check.severity), "{} is louder than it says", check.id);
    Outcome {
        check,
        judged,
        severity: rule.map(|r| r.0).or(loudest).unwrap_or(check.severity),
        because: rule.map(|r| r.1.to_owned()),
    }
}

/// What to change, in the nearest words: the finding's own, the product's or the application's, the check's.
fn remedy(check: &Check, profile: &Profile, provider: Option<&Provider>, finding: &Finding) -> String {
    let of_provider = || provider.and_then(|p| p.remedies.get(check.id).cloned());
    let of_profile = || profile.file.remedies.get(check.id).cloned();
    // What the provider says itself is nearest.
    let texts = || finding.actual.iter().chain([&finding.message]);
    let known = provider.and_then(|provider| texts().find_map(|error| provider.remedy_of(error)));
    if let Some(known) = known {
        return known.to_owned();
    }
    let near = match finding.side {
        Side::Application => of_profile().or_else(|| finding.remedy.clone()),
        Side::Provider => of_provider().or_else(|| finding.remedy.clone()).or_else(of_profile),
        Side::Network | Side::User => finding.remedy.clone(),
    };
    near.unwrap_or_else(|| check.remedy.to_owned())
}

fn tag(verdict: Verdict, part: &Part) -> Verdict {
    match (verdict, &part.id) {
        (Verdict::Fail(findings), Some(id)) => {
            Verdict::Fail(findings.into_iter().map(|f| Finding { parts: vec![id.clone()], ..f }).collect())
        }
        (verdict, _) => verdict,
    }
}

/// Joins what two parts of an application say: a failure outweighs a gap, a gap outweighs a pass.
fn join(a: Judged, b: Judged) -> Judged {
    use Judged::{Crashed, Told, Untold};
    use Verdict::{Fail, NotApplicable, Pass};
    match (a, b) {
        (Crashed(text), _) | (_, Crashed(text)) => Crashed(text),
        (Told(Fail(mut a)), Told(Fail(b))) => {
            for finding in b {
                match a.iter_mut().find(|f| twins(f, &finding)) {
                    Some(twin) => twin.parts.extend(finding.parts),
                    None => a.push(finding),
                }
            }
            Told(Fail(a))
        }
        (Told(Fail(a)), _) | (_, Told(Fail(a))) => Told(Fail(a)),
        (Untold(gap), _) | (_, Untold(gap)) => Untold(gap),
        (Told(Pass(note)), _) | (_, Told(Pass(note))) => Told(Pass(note)),
        (Told(NotApplicable(reason)), Told(NotApplicable(_))) => Told(NotApplicable(reason)),
    }
}

/// Whether two parts of an application say the same: one finding then names both. The message may differ, because it
/// names the library of the part; where the login would break matters only when it does break.
fn twins(a: &Finding, b: &Finding) -> bool {
    let step = a.step == b.step || a.effect != Effect::LoginFails;
    let seen = a.place == b.place && a.actual == b.actual && a.expected == b.expected;
    a.effect == b.effect && step && seen && !b.parts.iter().any(|part| a.parts.contains(part))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a check panicked".into())
}

/// The whole report.
#[derive(Debug, Clone)]
pub struct Report {
    /// When the run started.
    pub started: jiff::Timestamp,
    /// One run for each application.
    pub runs: Vec<Run>,
    /// What to do about it.
    pub decision: Decision,
}

/// The exit code and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// 0, 1, 3, 4 or 70; see the exit codes in the README.
    pub exit: u8,
    /// One sentence.
    pub because: String,
}

/// What a user wants to be told by the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// Findings of this severity and above count.
    pub threshold: Severity,
    /// An inconclusive check of this severity and above counts.
    pub inconclusive_counts: bool,
}

impl Decision {
    /// Decides over all runs.
    pub fn of(runs: &[Run], gate: Gate) -> Decision {
        let decide = |exit, because: String| Decision { exit, because };
        let outcomes = || runs.iter().flat_map(|run| run.outcomes.iter());
        if let Some(crashed) = outcomes().find(|o| matches!(o.judged, Judged::Crashed(_))) {
            return decide(70, format!("{} crashed, which is a bug in oidcheck", crashed.check.id));
        }
        if let Some(why) = runs.iter().find_map(|run| run.unreachable.as_ref()) {
            return decide(4, format!("the provider could not be reached: {why}"));
        }
        let loud = runs.iter().flat_map(|run| run.findings().into_iter().map(move |(o, f)| run.severity(o, f)));
        let loud: Vec<Severity> = loud.filter(|s| *s >= gate.threshold).collect();
        if !loud.is_empty() {
            return decide(1, format!("{} at or above {}", count(loud.len(), "finding"), gate.threshold.word()));
        }
        // A gap that some failure below the threshold already explains is no open question of its own.
        let explained = |gap: &Gap| {
            gap.blamed_on().is_some_and(|id| outcomes().any(|o| o.check.id == id && !o.findings().is_empty()))
        };
        // Had it failed, one that is at most below the threshold would not have counted either.
        let counts = |o: &&Outcome| o.check.severity >= gate.threshold;
        let open = outcomes().filter(counts).filter(|o| matches!(&o.judged, Judged::Untold(gap) if !explained(gap)));
        let open = open.count();
        if open > 0 && gate.inconclusive_counts {
            return decide(3, format!("nothing failed, but {} could not be decided", count(open, "check")));
        }
        decide(0, format!("nothing at or above {}", gate.threshold.word()))
    }
}

/// `1 finding`, `2 findings`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
