//! End to end: the rule by which a provider compares redirect URIs is told rightly, or it is not told.
//!
//! The embedded provider takes every rule, every way to refuse, every place at which it may look, and every answer to a
//! silent request. What is true of each rule is written down here by what it lets in, and not taken from the oracle.

use futures_util::StreamExt;
use oidcheck::gather;
use oidcheck_checks::case::Facts;
use oidcheck_checks::plan::Plan;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{self, Judged, Run};
use oidcheck_checks::target::{Depth, Target};
use oidcheck_checks::verdict::{Effect, Verdict};
use oidcheck_op::{Looks, Manner, Matching, Options, Refusal, Silence, start};

const REDIRECT: &str = "https://app.example.test/callback";

const MATCHINGS: [Matching; 12] = [
    Matching::Exact,
    Matching::TrailingWildcard,
    Matching::OriginPrefix,
    Matching::Prefix,
    Matching::HostGlob,
    Matching::HostRegex,
    Matching::BareDots,
    Matching::Parsed,
    Matching::IgnoresQuery,
    Matching::IgnoresPort,
    Matching::Anything,
    Matching::FirstUse,
];

const REFUSALS: [Refusal; 14] = [
    Refusal::Page,
    Refusal::Json,
    Refusal::Text,
    Refusal::Empty,
    Refusal::FriendlyPage,
    Refusal::Forbidden,
    Refusal::NotFound,
    Refusal::Stumbles,
    Refusal::OwnErrorPage,
    Refusal::SilentErrorPage,
    Refusal::RandomPath,
    Refusal::Bounce,
    Refusal::BounceRegistered,
    Refusal::Replaces,
];

/// What is true of a rule: what the report calls it, whether it lets in a host that anybody can own, and whether it
/// lets in another address of the right host.
fn truth(matching: Matching) -> (&'static str, bool, bool) {
    match matching {
        // The first URI that came is the right one, and nobody outside can tell that from a registration.
        Matching::Exact | Matching::FirstUse => ("exact", false, false),
        Matching::TrailingWildcard => ("any path of the host (a wildcard at the end)", false, true),
        Matching::OriginPrefix => ("a prefix that ends inside the host", true, true),
        Matching::Prefix => ("a prefix: anything may follow the path", false, true),
        Matching::HostGlob => ("a wildcard for subdomains", true, false),
        Matching::HostRegex => ("a pattern with a wildcard in or before the host", true, false),
        Matching::BareDots => ("a regular expression whose dots are not escaped", true, false),
        Matching::Parsed => ("parsed URLs, not text", false, true),
        Matching::IgnoresQuery => ("everything but the query", false, true),
        Matching::IgnoresPort => ("everything but the port", false, true),
        Matching::Anything => ("any redirect URI", true, true),
    }
}

/// What a run says of the checks of one group of words, in one.
struct Said {
    run: Run,
    requests: usize,
}

impl Said {
    fn verdict(&self, check: &str) -> &'static str {
        let outcome = self.run.outcomes.iter().find(|o| o.check.id == check).expect("it was selected");
        match &outcome.judged {
            Judged::Told(Verdict::Pass(_)) => "pass",
            Judged::Told(Verdict::Fail(_)) => "FAIL",
            Judged::Told(_) => "n/a",
            Judged::Untold(_) => "?",
            _ => "crashed",
        }
    }

    fn worst(&self, check: &str) -> Option<Effect> {
        let outcome = self.run.outcomes.iter().find(|o| o.check.id == check)?;
        outcome.findings().iter().map(|f| f.effect).max()
    }

    /// The rule, in the words of the report.
    fn rule(&self) -> Option<String> {
        let of = |check: &str| self.run.outcomes.iter().find(|o| o.check.id == check);
        for check in ["redirect/foreign-host-refused", "redirect/exact"] {
            for finding in of(check)?.findings() {
                if let Some((_, rule)) = finding.message.split_once("matches by ") {
                    return Some(rule.to_owned());
                }
                if finding.message.contains("to any redirect URI") {
                    return Some("any redirect URI".to_owned());
                }
            }
        }
        match &of("redirect/exact")?.judged {
            Judged::Told(Verdict::Pass(why)) => Some(why.split(", after").next().unwrap_or(why).to_owned()),
            _ => None,
        }
    }
}

async fn examine(manner: Manner) -> Said {
    let provider = start(Options { tls: false, manner, ..Options::default() }).await.expect("starts");
    let target = Target {
        typed: provider.issuer.clone(),
        client_id: Some("web".into()),
        redirect_uris: vec![REDIRECT.into()],
        depth: Depth::Standard,
        ..Target::default()
    };
    let profiles = [Profile::by_id("generic").expect("a profile of this build")];
    let plan = Plan { target: &target, profiles: &profiles };
    let evidence = gather::gather(&plan, &gather::Options::default(), &|_| {}).await;
    let run = report::judge(&target, &profiles[0], &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
    let requests = provider.requests().len();
    provider.stop().await;
    Said { run, requests }
}

/// Examines a provider of every manner; says what was told, and complains about what is not true.
async fn table(manners: Vec<Manner>) -> String {
    let said = futures_util::stream::iter(manners.into_iter().map(async |manner| (manner, examine(manner).await)));
    let said: Vec<(Manner, Said)> = said.buffered(4).collect().await;
    let mut table = String::new();
    let mut wrong = Vec::new();
    for (manner, said) in said {
        let (rule, foreign, own) = truth(manner.matching);
        let mut complain = |what: &str| wrong.push(format!("{manner:?}: {what}; {:?}", said.rule()));
        let checks =
            ["redirect/accepted", "redirect/foreign-host-refused", "redirect/exact", "redirect/no-error-bounce"];
        let [accepted, host, exact, bounce] = checks.map(|check| said.verdict(check));
        let bounces = manner.refusal == Refusal::Bounce && manner.looks == Looks::First;
        if said.verdict("client/known") == "FAIL" || accepted == "FAIL" {
            complain("a false alarm about the registration");
        }
        match host {
            "pass" if foreign => complain("a wrong pass about foreign hosts"),
            "FAIL" if !foreign => complain("a false alarm about foreign hosts"),
            _ => {}
        }
        match exact {
            "pass" if own && !foreign => complain("a wrong pass about the own host"),
            "FAIL" if !own => complain("a false alarm about the own host"),
            _ => {}
        }
        match bounce {
            "pass" if bounces && manner.matching != Matching::Anything => complain("a wrong pass about errors"),
            "FAIL" if !bounces && manner.looks != Looks::AfterLogin => complain("a false alarm about errors"),
            _ => {}
        }
        match said.rule() {
            // A rule that lets nothing else in is only told where the host was refused as well.
            Some(told) if told != rule => complain(&format!("the rule is {rule}")),
            _ => {}
        }
        if said.worst("redirect/foreign-host-refused") == Some(Effect::Unsafe) && manner.matching == Matching::HostGlob
        {
            complain("the standard set has no foreign host that this lets in");
        }
        if manner.looks == Looks::AfterLogin && [accepted, host, exact, bounce] != ["?"; 4] {
            complain("it looks at nothing before the login");
        }
        let name = |long: String| long.split_once(' ').map_or(long.clone(), |(short, _)| short.to_owned());
        let Manner { matching, looks, refusal, silence } = manner;
        let names =
            [format!("{matching:?}"), format!("{looks:?}"), format!("{refusal:?}"), format!("{silence:?}")].map(name);
        table += &format!(
            "{:<17}{:<12}{:<17}{:<9} {accepted:<5}{host:<5}{exact:<5}{bounce:<5}{:>3}  {}\n",
            names[0],
            names[1],
            names[2],
            names[3],
            said.requests,
            said.rule().unwrap_or_else(|| "-".into()),
        );
    }
    assert!(wrong.is_empty(), "{}\n\n{table}", wrong.join("\n"));
    format!(
        "rule             looks       refusal          silence   uri  host own  error   requests; rule that was told\n{table}"
    )
}

/// All rules, each with all refusals, where the provider answers silently.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_rule_is_told_rightly_in_every_style_of_refusal() {
    let manners = MATCHINGS.iter().flat_map(|matching| {
        REFUSALS.iter().map(|refusal| Manner { matching: *matching, refusal: *refusal, ..Manner::default() })
    });
    insta::assert_snapshot!("rule_by_refusal", table(manners.collect()).await);
}

/// Where a silent request is not answered at the redirect URI, or in another way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_rule_is_told_rightly_or_not_told_without_a_silent_answer() {
    let mut manners = Vec::new();
    for silence in [Silence::Ignored, Silence::Refused, Silence::Fragment, Silence::FormPost] {
        for refusal in REFUSALS {
            for matching in [Matching::Exact, Matching::TrailingWildcard, Matching::BareDots, Matching::Anything] {
                manners.push(Manner { matching, refusal, silence, ..Manner::default() });
            }
        }
    }
    insta::assert_snapshot!("rule_by_silence", table(manners).await);
}

/// Where the provider looks later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_looked_at_later_is_told_rightly_or_not_told() {
    let mut manners = Vec::new();
    for looks in [Looks::OneHop, Looks::ClientFirst, Looks::AfterLogin] {
        for silence in [Silence::Query, Silence::Ignored] {
            for matching in MATCHINGS {
                manners.push(Manner { matching, looks, silence, ..Manner::default() });
            }
            for refusal in [Refusal::FriendlyPage, Refusal::OwnErrorPage, Refusal::RandomPath, Refusal::Bounce] {
                manners.push(Manner { refusal, looks, silence, ..Manner::default() });
            }
        }
    }
    insta::assert_snapshot!("rule_by_look", table(manners).await);
}
