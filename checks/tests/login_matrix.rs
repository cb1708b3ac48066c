//! The mutation matrix of what only a login shows: one login in which everything is right, and every single step that
//! must be noticed. See `matrix.rs` for the rest.
//!
//! Each check of the login tier owns a step that must fail it, for the application that minds; no other check may be
//! loud about the same step, unless it is a fact of its own; and without the answers of a login no check passes.

#[path = "matrix/after.rs"]
mod after;
#[expect(dead_code, reason = "the libraries test uses the rest of it")]
mod faults;
#[path = "matrix/subjects.rs"]
mod subjects;
#[path = "matrix/written.rs"]
mod written;

use faults::grant::{CLIENT, log_in, log_in_as};
use faults::{Provider, gather, now};
use oidcheck_checks::CHECKS;
use oidcheck_checks::case::Facts;
use oidcheck_checks::check::Tier;
use oidcheck_checks::evidence::{Evidence, LoginStep, Response, Slot};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{Judged, Outcome, Run, judge};
use oidcheck_checks::target::Target;
use oidcheck_checks::verdict::Effect::{self, Degraded, LoginFails, Unsafe, Untidy};
use oidcheck_checks::verdict::{Gap, Verdict};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The applications and libraries that are asked: all ways of reading a claim, and libraries unlike each other.
const ASKED: [&str; 13] = [
    "generic",
    "incus",
    "keystone",
    "netbird",
    "netbird-embedded",
    "proxmox",
    "virtuozzo",
    "xen-orchestra",
    "library:go-oidc",
    "library:openidconnect-rs-4",
    "library:nimbus",
    "library:oidc-client-ts",
    "library:spring-security",
];

type Claims = Map<String, Value>;

/// One step by which a good login goes wrong.
struct Mutation {
    check: &'static str,
    profile: &'static str,
    effect: Effect,
    name: &'static str,
    provider: fn(&mut Provider),
    evidence: fn(&mut Evidence),
    /// Checks that may be loud about the same step, and why that is a fact of its own.
    also: &'static [(&'static str, &'static str)],
}

/// Both tokens of the modelled provider change together.
const BOTH: &str = "the access token has the same fault, and this application reads it";
const BOTH_ID: &str = "the ID token has the same fault, and this application reads it";

fn of(
    check: &'static str,
    profile: &'static str,
    effect: Effect,
    name: &'static str,
    provider: fn(&mut Provider),
) -> Mutation {
    Mutation { check, profile, effect, name, provider, evidence: |_| (), also: &[] }
}

fn seen(
    check: &'static str,
    profile: &'static str,
    effect: Effect,
    name: &'static str,
    evidence: fn(&mut Evidence),
) -> Mutation {
    Mutation { evidence, ..of(check, profile, effect, name, |_| ()) }
}

impl Mutation {
    fn also(self, also: &'static [(&'static str, &'static str)]) -> Mutation {
        Mutation { also, ..self }
    }
}

/// What the applications read besides what the modelled provider says of everybody.
fn groups(claims: &mut Claims, _: i64) {
    claims.insert("groups".into(), json!(["admins"]));
}

fn response(evidence: &mut Evidence, step: LoginStep) -> &mut Response {
    let exchange = evidence.get_mut(&Slot::Login(step, "alice".into())).expect("somebody logged in");
    exchange.outcome.as_mut().expect("an answer")
}

fn header(evidence: &mut Evidence, step: LoginStep, name: &str, value: Option<&str>) {
    let headers = &mut response(evidence, step).headers;
    headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
}

fn callback(evidence: &mut Evidence, query: &str) {
    header(evidence, LoginStep::Callback, "Location", Some(&format!("https://app.lab.test/callback?{query}")));
}

fn mutations() -> Vec<Mutation> {
    [
        responses(),
        after::mutations(),
        written::mutations(),
        id_tokens(),
        access_tokens(),
        people(),
        subjects::mutations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn responses() -> Vec<Mutation> {
    vec![
        seen("token-response/code", "generic", LoginFails, "an error in place of the code", |e| {
            callback(e, "error=access_denied&state=s");
        }),
        seen("token-response/code", "generic", LoginFails, "a refusal after the login, and no way back", |e| {
            header(e, LoginStep::Callback, "Location", None);
            response(e, LoginStep::Callback).status = 400;
        }),
        seen("token-response/code", "generic", LoginFails, "another state", |e| callback(e, "code=c&state=t")),
        seen("token-response/code", "proxmox", LoginFails, "a code of 5000 characters", |e| {
            callback(e, "code=REDACTED-of-5000-characters&state=s");
        }),
        seen("token-response/status", "generic", LoginFails, "the secret is refused", |e| {
            *response(e, LoginStep::Tokens) = Response {
                status: 401,
                body: br#"{"error":"invalid_client"}"#.to_vec(),
                ..response(e, LoginStep::Tokens).clone()
            };
        }),
        seen("token-response/content-type", "library:openidconnect-rs-4", LoginFails, "text/html", |e| {
            header(e, LoginStep::Tokens, "Content-Type", Some("text/html"));
        }),
        seen("token-response/json", "generic", LoginFails, "a page", |e| {
            response(e, LoginStep::Tokens).body = b"<html>".to_vec();
        }),
        of("token-response/members", "incus", LoginFails, "no access token", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                c.shift_remove("at_hash");
            };
            p.login.grant = |g| drop(g.shift_remove("access_token"));
        }),
        of("token-response/token-type", "generic", LoginFails, "mac", |p| {
            p.login.grant = |g| drop(g.insert("token_type".into(), "mac".into()));
        }),
        of("token-response/id-token-present", "generic", LoginFails, "no ID token", |p| {
            p.login.grant = |g| drop(g.shift_remove("id_token"));
        }),
        seen("token-response/no-store", "generic", Untidy, "no Cache-Control", |e| {
            header(e, LoginStep::Tokens, "Cache-Control", None);
        }),
        of("token-response/scope-granted", "generic", Degraded, "openid alone", |p| {
            p.login.grant = |g| drop(g.insert("scope".into(), "openid".into()));
        }),
    ]
}

fn claim(name: &'static str) -> impl Fn(&mut Claims, Value) {
    move |claims, value| drop(claims.insert(name.into(), value))
}

fn id_tokens() -> Vec<Mutation> {
    vec![
        of("id-token/signature", "generic", LoginFails, "another key made it", |p| {
            p.login.sign = "rsa2";
            p.login.header = |h| claim("kid")(h, "rsa-1".into());
        })
        .also(&[("access-token/signature", BOTH)]),
        of("id-token/algorithm", "generic", LoginFails, "none", |p| {
            p.login.sign = "none";
            p.login.claims = |c, at| {
                groups(c, at);
                c.shift_remove("at_hash");
            };
        })
        .also(&[("access-token/signature", BOTH), ("access-token/kid", "an unsigned token names no key")]),
        of("id-token/issuer", "generic", LoginFails, "another one", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("iss")(c, "https://other.lab.test".into());
            };
        })
        .also(&[("access-token/issuer", BOTH)]),
        of("id-token/audience", "proxmox", LoginFails, "a project besides the client", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("aud")(c, json!([CLIENT, "project"]));
                claim("azp")(c, CLIENT.into());
            };
        }),
        of("id-token/authorized-party", "generic", LoginFails, "another client", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("azp")(c, "other".into());
            };
        }),
        of("id-token/expiry", "generic", LoginFails, "90 s ago", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("exp")(c, (at - 90).into());
                claim("iat")(c, (at - 390).into());
            };
        })
        .also(&[("access-token/times", BOTH)]),
        of("id-token/issued-at", "incus", LoginFails, "30 s ahead", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("iat")(c, (at + 30).into());
            };
        })
        .also(&[("access-token/times", BOTH)]),
        of("id-token/not-before", "generic", LoginFails, "ten minutes ahead", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("nbf")(c, (at + 600).into());
            };
        })
        .also(&[("access-token/times", BOTH)]),
        of("id-token/nonce", "proxmox", LoginFails, "none", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                c.shift_remove("nonce");
            };
        }),
        of("id-token/subject", "generic", LoginFails, "none", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                c.shift_remove("sub");
            };
        })
        .also(&[("claims/present-where-read", "sub is the user's name there")]),
        of("id-token/at-hash", "generic", LoginFails, "of another token", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("at_hash")(c, "AAAAAAAAAAAAAAAAAAAAAA".into());
            };
        }),
        of("id-token/header-type", "proxmox", LoginFails, "ID+JWT", |p| {
            p.login.header = |h| claim("typ")(h, "ID+JWT".into());
        }),
        of("id-token/critical", "library:nimbus", LoginFails, "something unknown", |p| {
            p.login.header = |h| {
                claim("crit")(h, json!(["x"]));
                claim("x")(h, 1.into());
            };
        })
        .also(&[("access-token/jwt-if-needed", BOTH)]),
        of("id-token/key-references", "generic", Untidy, "has jwk, a key", |p| {
            p.login.header = |h| claim("jwk")(h, json!({"kty": "RSA"}));
        }),
        of("id-token/size", "generic", Degraded, "a picture in it", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("photo")(c, "x".repeat(9000).into());
            };
        })
        .also(&[("access-token/size", BOTH)]),
    ]
}

fn access_tokens() -> Vec<Mutation> {
    vec![
        of("access-token/jwt-if-needed", "incus", LoginFails, "opaque", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                c.shift_remove("at_hash");
            };
            p.login.grant = |g| claim("access_token")(g, "opaque".into());
        }),
        of("access-token/signature", "incus", LoginFails, "another key made it", |p| {
            p.login.sign = "rsa2";
            p.login.header = |h| claim("kid")(h, "rsa-1".into());
        })
        .also(&[("id-token/signature", BOTH_ID)]),
        of("access-token/issuer", "netbird", LoginFails, "another one", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("iss")(c, "https://other.lab.test".into());
            };
        })
        .also(&[("id-token/issuer", BOTH_ID)]),
        of("access-token/audience", "netbird", LoginFails, "another API", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("aud")(c, "api".into());
            };
        })
        .also(&[("id-token/audience", BOTH_ID)]),
        of("access-token/kid", "netbird", LoginFails, "no kid", |p| {
            p.login.header = |h| drop(h.shift_remove("kid"));
        }),
        of("access-token/times", "netbird", LoginFails, "10 s ahead", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("iat")(c, (at + 10).into());
            };
        })
        .also(&[("id-token/issued-at", BOTH_ID)]),
        of("access-token/size", "incus", LoginFails, "4 KB of groups", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("roles")(c, "x".repeat(4000).into());
            };
        }),
    ]
}

fn people() -> Vec<Mutation> {
    vec![
        seen("userinfo/reachable", "proxmox", LoginFails, "refused", |e| response(e, LoginStep::Userinfo).status = 403),
        seen("userinfo/json", "proxmox", LoginFails, "a page", |e| {
            response(e, LoginStep::Userinfo).body = b"<html>".to_vec();
        }),
        of("userinfo/subject", "proxmox", Unsafe, "somebody else", |p| {
            p.login.person = |u| claim("sub")(u, "mallory".into());
        }),
        of("userinfo/typed-claims", "proxmox", LoginFails, "the text true", |p| {
            p.login.person = |u| claim("email_verified")(u, "true".into());
        }),
        of("userinfo/signed", "library:spring-security", LoginFails, "a signed JWT", |p| {
            p.login.userinfo_signed = true;
            p.login.userinfo.content_type = Some("application/jwt");
        }),
        of("claims/present-where-read", "xen-orchestra", LoginFails, "no preferred_username in the ID token", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                c.shift_remove("preferred_username");
            };
        }),
        of("claims/present-where-read", "virtuozzo", LoginFails, "no email in userinfo", |p| {
            p.login.person = |u| drop(u.shift_remove("email"));
        }),
        of("claims/types", "proxmox", LoginFails, "a subject of 64 characters", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("sub")(c, "3".repeat(64).into());
            };
            p.login.person = |u| claim("sub")(u, "3".repeat(64).into());
        }),
        seen("claims/unique-name", "incus", Unsafe, "bob has the address of alice", |e| {
            let mut bob = Provider::healthy("good");
            bob.login.claims = |c, at| {
                groups(c, at);
                claim("sub")(c, "bob".into());
                claim("preferred_username")(c, "bob".into());
            };
            bob.login.person = |u| claim("sub")(u, "bob".into());
            log_in_as("bob", &bob, e, true);
        }),
    ]
}

fn profiles() -> Vec<Profile> {
    let profile = |id: &&str| {
        let mut profile = Profile::by_id(id).unwrap_or_else(|| panic!("no {id}"));
        profile.choices.mapping = (*id == "keystone").then(after::mapping);
        profile
    };
    ASKED.iter().map(profile).collect()
}

/// What everybody is told after the login at this provider.
fn runs(change: impl Fn(&mut Provider), after: impl Fn(&mut Evidence)) -> Vec<Run> {
    let mut provider = Provider::healthy("good");
    provider.login.claims = groups;
    change(&mut provider);
    let client_id = Some(CLIENT.to_owned());
    let app_url = Some("https://app.lab.test".to_owned());
    let target = Target { typed: provider.typed.clone(), client_id, app_url, ..Target::default() };
    let mut evidence = gather(&provider, &target, &profiles());
    log_in(&provider, &mut evidence, true);
    after(&mut evidence);
    let facts = Facts::of(&evidence);
    let run = |profile: &Profile| {
        let mut run = judge(&target, profile, &facts, now());
        assert_eq!(run.tier, Tier::Login);
        run.outcomes.retain(|outcome| outcome.check.tier == Tier::Login);
        run
    };
    profiles().iter().map(run).collect()
}

fn worst(outcome: &Outcome) -> Option<Effect> {
    outcome.findings().iter().map(|finding| finding.effect).max()
}

#[test]
fn a_good_login_passes_everything() {
    for run in runs(|_| (), |_| ()) {
        for outcome in &run.outcomes {
            let fine = matches!(&outcome.judged, Judged::Told(Verdict::Pass(_) | Verdict::NotApplicable(_)));
            assert!(fine, "{} for {}: {:#?}", outcome.check.id, run.profile.file.id, outcome.judged);
        }
    }
}

#[test]
fn every_check_of_a_login_owns_a_mutation() {
    let owners: BTreeSet<&str> = mutations().iter().map(|mutation| mutation.check).collect();
    let checks: BTreeSet<&str> =
        CHECKS.iter().filter(|check| check.tier == Tier::Login).map(|check| check.id).collect();
    assert_eq!(owners, checks, "checks on the right, owners of mutations on the left");
}

#[test]
fn every_mutation_fails_its_check_and_is_loud_in_no_other() {
    let (mut wrong, mut spoke) = (Vec::new(), BTreeSet::new());
    for mutation in mutations() {
        let title = format!("{}: {}", mutation.check, mutation.name);
        for run in runs(mutation.provider, mutation.evidence) {
            let profile = run.profile.file.id.as_str();
            for outcome in &run.outcomes {
                let (id, effect) = (outcome.check.id, worst(outcome));
                if let Judged::Crashed(why) = &outcome.judged {
                    wrong.push(format!("{title}: {id} crashes: {why}"));
                }
                if id == mutation.check {
                    if profile == mutation.profile && effect != Some(mutation.effect) {
                        wrong.push(format!("{title} for {profile}: {} {effect:?}", outcome.word()));
                    }
                } else if mutation.also.iter().any(|(also, _)| *also == id) {
                    if effect.is_some() {
                        spoke.insert((title.clone(), id));
                    }
                } else if effect >= Some(Unsafe) {
                    let message = &outcome.findings()[0].message;
                    wrong.push(format!("{title} also fails {id} for {profile}: {message}"));
                }
                // Whoever is blamed for a gap must have failed, or nobody learns what is wrong.
                if let Judged::Untold(gap) = &outcome.judged {
                    let blamed = gap.blamed_on();
                    let failed = |id| run.outcomes.iter().any(|o| o.check.id == id && !o.findings().is_empty());
                    if !blamed.is_some_and(failed) {
                        wrong.push(format!("{title} for {profile}: {id}: {gap}"));
                    }
                }
            }
        }
        for (also, why) in mutation.also {
            assert!(!why.is_empty());
            if !spoke.contains(&(title.clone(), *also)) {
                wrong.push(format!("{title}: {also} is silent"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Without the answers of a login there is no pass: what a check has not seen it cannot tell.
#[test]
fn a_login_without_answers_is_never_a_pass() {
    let answers = |slot: &Slot| matches!(slot, Slot::Login(LoginStep::Tokens | LoginStep::Userinfo, _));
    let forget = |evidence: &mut Evidence| {
        let all = std::mem::take(evidence);
        let kept = all.iter().filter(|(slot, _)| !answers(slot));
        kept.for_each(|(slot, exchange)| evidence.record(slot.clone(), exchange.clone()));
    };
    for run in runs(|_| (), forget) {
        let came_before = ["token-response/code", "token-response/browser"];
        for outcome in run.outcomes.iter().filter(|outcome| !came_before.contains(&outcome.check.id)) {
            let (id, profile) = (outcome.check.id, &run.profile.file.id);
            match &outcome.judged {
                Judged::Untold(Gap::Unusable(..) | Gap::NotGathered(..)) | Judged::Told(Verdict::NotApplicable(_)) => {}
                other => panic!("{id} for {profile}: {other:?}"),
            }
        }
    }
}
