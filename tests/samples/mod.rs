//! Runs built by hand: every kind of outcome, several parts, hostile text, many applications.

use oidcheck_checks::case::{Case, Facts};
use oidcheck_checks::check::{Check, Tier};
use oidcheck_checks::evidence::{CorsTarget, Evidence, Exchange, Request, Slot, SlotKind, TransportError};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{Decision, Gate, Judged, Outcome, Report, Run, judge};
use oidcheck_checks::spec::{Clause, Spec};
use oidcheck_checks::target::Target;
use oidcheck_checks::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};
use std::collections::BTreeMap;

const ISSUER: &str = "https://auth.example.com/application/o/xo";

const fn sample(id: &'static str, severity: Severity, clauses: &'static [Clause]) -> Check {
    Check {
        id,
        title: "a property that must hold",
        severity,
        tier: Tier::Issuer,
        clauses,
        needs: &[SlotKind::Discovery],
        why: "People could not log in.",
        remedy: "Ask the one who runs the provider.",
        formerly: &[],
        judge: never,
    }
}

fn never(_: &Case<'_>) -> Result<Verdict, Gap> {
    unreachable!("these outcomes are made by hand")
}

static ISSUER_EXACT: Check = sample("discovery/issuer-exact", Severity::Error, &[Clause::must(Spec::Discovery, "4.3")]);
static JSON: Check = sample("discovery/json", Severity::Error, &[Clause::must(Spec::Discovery, "4.2")]);
static PKCE: Check = sample("discovery/pkce", Severity::Warning, &[Clause::should(Spec::Rfc(9700), "2.1.1")]);
static CONTENT_TYPE: Check = sample("jwks/content-type", Severity::Notice, &[Clause::should(Spec::Rfc(7517), "8.5")]);
static SIGNER: Check = sample("jwks/signer", Severity::Error, &[Clause::must(Spec::Core, "10.1")]);
static KEY_SIZE: Check = sample("jwks/key-size", Severity::Error, &[Clause::must(Spec::Rfc(7518), "3.3")]);
static CORS: Check = sample("cors/discovery", Severity::Error, &[Clause::local("an application in the browser")]);
static CERTIFICATE: Check = sample("tls/certificate", Severity::Error, &[Clause::must(Spec::Rfc(6125), "6")]);
static REVOKED: Check = sample("tls/revocation", Severity::Notice, &[]);
static HOST: Check = sample("tls/host", Severity::Error, &[Clause::must(Spec::Rfc(6125), "6")]);

fn outcome(check: &'static Check, judged: Judged) -> Outcome {
    let loudest = match &judged {
        Judged::Told(Verdict::Fail(findings)) => findings.iter().map(|f| f.effect.severity()).max(),
        _ => None,
    };
    Outcome { check, judged, severity: loudest.unwrap_or(check.severity), because: None }
}

fn pass(check: &'static Check) -> Outcome {
    outcome(check, Judged::Told(Verdict::pass("as it has to be")))
}

fn fail(check: &'static Check, findings: Vec<Finding>) -> Outcome {
    outcome(check, Judged::Told(Verdict::Fail(findings)))
}

fn member(name: &str) -> Place {
    Place { slot: Slot::Discovery, spot: Spot::Body(format!("/{name}"), Some(14)) }
}

fn run(profile: Profile, outcomes: Vec<Outcome>) -> Run {
    let discovery = Request::get_json(format!("{ISSUER}/.well-known/openid-configuration"));
    let cors = discovery.clone().header("Origin", "https://xo.example.com");
    Run {
        target: Target {
            typed: ISSUER.into(),
            app_url: Some("https://xo.example.com/".into()),
            client_id: None,
            ..Target::default()
        },
        profile,
        provider: None,
        tier: Tier::Issuer,
        outcomes,
        people: Vec::new(),
        unreachable: None,
        reach: Vec::new(),
        asked: BTreeMap::from([
            (Slot::Discovery, discovery),
            (Slot::Jwks, Request::get_json("https://auth.example.com/jwks?kind=rsa&use=sig")),
            (Slot::Cors(CorsTarget::Discovery), cors),
        ]),
        requests: 3,
        elapsed_ms: 412,
    }
}

fn two_parts() -> Profile {
    let text = "id = 'xo'\ntitle = 'Xen Orchestra'\n[[part]]\nid = 'web'\nlibrary = 'generic'\n[[part]]\nid = 'cli'\nlibrary = 'generic'\n";
    Profile::read("xo.toml", text).expect("it reads")
}

fn slash() -> Finding {
    let message = "the issuer differs in its final slash; passport-openidconnect: it compares byte for byte";
    Finding::new(message, member("issuer"), Clause::must(Spec::Discovery, "4.3"))
        .means(Effect::LoginFails, Step::Discovery)
        .expected(ISSUER)
        .actual(format!("{ISSUER}/"))
        .symptom(Some("did not find expected issuer".into()))
        .side(Side::Application)
        .remedy("Xen Orchestra → Settings → Plugins → auth-oidc: end \"Auto-discovery URL\" with /xo/.well-known/openid-configuration")
}

/// Every kind of outcome, every severity, findings in one part and in both.
pub(crate) fn every_outcome() -> Run {
    let cors =
        Place { slot: Slot::Cors(CorsTarget::Discovery), spot: Spot::Header("Access-Control-Allow-Origin".into()) };
    let findings = vec![
        Finding { parts: vec!["web".into(), "cli".into()], ..slash() },
        Finding {
            parts: vec!["cli".into()],
            ..Finding::new(
                "the issuer of the second document differs too",
                member("issuer"),
                Clause::must(Spec::Core, "3.1.3.7"),
            )
            .means(Effect::LoginFails, Step::IdToken)
            .side(Side::Application)
            .remedy(slash().remedy.expect("it has one"))
        },
    ];
    let not_json = Finding::new(
        "the document cannot be read",
        Place { slot: Slot::Discovery, spot: Spot::Body(String::new(), None) },
        Clause::must(Spec::Discovery, "4.2"),
    )
    .means(Effect::Degraded, Step::Discovery)
    .actual("{\"issuer\":")
    .side(Side::Network)
    .remedy("Let the proxy pass the whole answer:\n\n  reverse_proxy auth.internal:9000\n  systemctl restart caddy");
    let no_origin = Finding::new(
        "a page on https://xo.example.com may not read the document",
        cors,
        Clause::local("an application in the browser"),
    )
    .means(Effect::Degraded, Step::Discovery)
    .expected("https://xo.example.com or *");
    let weak = Finding::new(
        "the signing key has 1024 bits",
        Place { slot: Slot::Jwks, spot: Spot::Body("/keys/0/n".into(), None) },
        Clause::must(Spec::Rfc(7518), "3.3"),
    )
    .means(Effect::Unsafe, Step::IdToken)
    .expected("2048 bits or more")
    .actual("1024 bits");
    let html = Finding::new(
        "the JWK set is sent as text/html",
        Place { slot: Slot::Jwks, spot: Spot::Header("Content-Type".into()) },
        Clause::should(Spec::Rfc(7517), "8.5"),
    );
    run(
        two_parts(),
        vec![
            pass(&HOST),
            outcome(&CERTIFICATE, Judged::Untold(Gap::Undecided("the verifier gave two answers".into()))),
            outcome(&REVOKED, Judged::Crashed("index out of bounds: the len is 0\nbut the index is 0".into())),
            fail(&JSON, vec![not_json]),
            fail(&ISSUER_EXACT, findings),
            outcome(&PKCE, Judged::Told(Verdict::not_applicable("this application never sends PKCE"))),
            outcome(&SIGNER, Judged::Untold(Gap::Unusable(Slot::Discovery, "discovery/json"))),
            fail(&KEY_SIZE, vec![weak]),
            fail(&CONTENT_TYPE, vec![html]),
            fail(&CORS, vec![no_origin]),
        ],
    )
}

/// Nothing wrong.
pub(crate) fn clean_run() -> Run {
    let idle = outcome(&PKCE, Judged::Told(Verdict::not_applicable("this application never sends PKCE")));
    run(Profile::by_id("generic").unwrap(), vec![pass(&HOST), pass(&JSON), pass(&ISSUER_EXACT), idle])
}

/// A provider that wants to write on the terminal.
pub(crate) fn hostile_run() -> Run {
    let evil =
        "\u{1b}[2J\u{7}\u{9b}31m\r\n  ✓ People can log in.\n</testcase>]]>&<!--\u{0}\u{202e}moc.elpmaxe Zürich 東京";
    let finding = Finding::new(
        format!("{evil} is wrong"),
        Place { slot: Slot::DiscoveryAt(evil.into()), spot: Spot::Body(format!("/{evil}"), None) },
        Clause::must(Spec::Discovery, "4.3"),
    )
    .means(Effect::LoginFails, Step::Discovery)
    .expected("東".repeat(5_000))
    .actual(format!("{evil}{}", "a".repeat(100_000)))
    .symptom(Some(evil.into()))
    .remedy(evil);
    let finding = Finding { parts: vec![evil.into()], ..finding };
    let mut run = run(
        two_parts(),
        vec![
            fail(&ISSUER_EXACT, vec![finding.clone(), Finding { effect: Effect::Untidy, ..finding }]),
            outcome(&CERTIFICATE, Judged::Untold(Gap::Undecided(evil.into()))),
            outcome(&SIGNER, Judged::Untold(Gap::NotGathered(Slot::DiscoveryAt(evil.into()), evil.into()))),
            outcome(&PKCE, Judged::Told(Verdict::not_applicable(evil))),
            outcome(&JSON, Judged::Told(Verdict::pass(evil))),
            outcome(&REVOKED, Judged::Crashed(evil.into())),
        ],
    );
    run.outcomes[0].because = Some(evil.into());
    run.target.typed = format!("https://auth.example.com/{evil}");
    run.profile.file.title = evil.into();
    run.asked.insert(Slot::DiscoveryAt(evil.into()), Request::get_json(evil).header("X-Evil", evil));
    run
}

/// What the real judge says when nothing answers.
pub(crate) fn unreachable_run() -> Run {
    let target = Target { typed: ISSUER.into(), app_url: None, client_id: None, ..Target::default() };
    let mut evidence = Evidence::default();
    let exchange = Exchange {
        request: Request::get_json(target.discovery_url()),
        outcome: Err(TransportError::Refused("auth.example.com:443 (192.0.2.7)".into())),
        hops: Vec::new(),
        tls: None,
        started: jiff::Timestamp::UNIX_EPOCH,
        elapsed_ms: 21,
    };
    evidence.record(Slot::Discovery, exchange);
    let mut run =
        judge(&target, &Profile::by_id("generic").unwrap(), &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
    // More checks will come; the picture shall not change with each of them.
    run.outcomes.retain(|outcome| ["discovery/reachable", "discovery/issuer-exact"].contains(&outcome.check.id));
    run
}

/// A provider for many applications.
pub(crate) fn many() -> Vec<Run> {
    let named = |id: &str, title: &str, outcomes: Vec<Outcome>| {
        let mut profile = Profile::by_id("generic").unwrap();
        profile.file.id = id.into();
        profile.file.title = title.into();
        run(profile, outcomes)
    };
    let good = || vec![pass(&JSON), pass(&ISSUER_EXACT)];
    let fails = |symptom: &str| vec![pass(&JSON), fail(&ISSUER_EXACT, vec![slash().symptom(Some(symptom.into()))])];
    let mut keys = slash().symptom(None).means(Effect::LoginFails, Step::IdToken).side(Side::Provider);
    keys.message = "one entry of the JWK set spoils all of it".into();
    keys.remedy = Some("Take the key on P-384 out of the set.".into());
    let mut weak = keys.clone().means(Effect::Unsafe, Step::IdToken);
    weak.message = "the issuer is not compared".into();
    let gap = Judged::Untold(Gap::NotGathered(Slot::Jwks, "the deadline of 10 s passed before anything came".into()));
    vec![
        named(
            "library:go-oidc",
            "go-oidc",
            fails(
                "oidc: issuer did not match the issuer returned by provider, expected \"https://auth.example.com/application/o/xo\" got \"https://auth.example.com/application/o/xo/\"",
            ),
        ),
        named("library:openid-client-6", "openid-client 6", good()),
        named("library:authlib", "Authlib", good()),
        named(
            "library:nimbus",
            "Nimbus OAuth 2.0 SDK with OpenID Connect extensions",
            vec![pass(&JSON), outcome(&SIGNER, gap)],
        ),
        named(
            "library:mozilla-django-oidc",
            "mozilla-django-oidc",
            vec![fail(&KEY_SIZE, vec![keys.clone()]), fail(&ISSUER_EXACT, vec![slash()])],
        ),
        named("library:python-jose", "python-jose", vec![fail(&ISSUER_EXACT, vec![weak]), pass(&JSON)]),
        named("library:passport-openidconnect", "passport-openidconnect", fails("did not find expected issuer")),
        named("library:spring-security", "Spring Security", good()),
    ]
}

/// The report of some runs, as the gate of the command line makes it.
pub(crate) fn report_of(runs: Vec<Run>) -> Report {
    let decision = Decision::of(&runs, Gate { threshold: Severity::Error, inconclusive_counts: true });
    Report { started: "2026-11-26T02:00:00Z".parse().unwrap(), runs, decision }
}
