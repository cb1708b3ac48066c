//! Logins beside those of the mutation matrix: several people at one application, and what comes back only to a login.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

#[expect(dead_code, reason = "the libraries test uses the rest of it")]
mod faults;

use faults::grant::{CLIENT, log_in_as};
use faults::{Provider, gather, now};
use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::Evidence;
use oidcheck_checks::people::Person;
use oidcheck_checks::profile::{Choices, Profile};
use oidcheck_checks::report::{Judged, judge};
use oidcheck_checks::target::Target;
use oidcheck_checks::verdict::Effect::{LoginFails, Unsafe};
use oidcheck_checks::verdict::{Effect, Gap, Verdict};

type Login = (&'static str, fn(&mut Provider));

/// One more person, with a subject and an address.
macro_rules! somebody {
    ($sub:literal, $email:literal, $name:literal) => {
        |provider: &mut Provider| {
            provider.login.claims = |claims, _| {
                claims.insert("groups".into(), serde_json::json!(["admins"]));
                claims.insert("sub".into(), $sub.into());
                claims.insert("email".into(), $email.into());
                claims.insert("preferred_username".into(), $name.into());
            };
            provider.login.person = |claims| {
                claims.insert("sub".into(), $sub.into());
                claims.insert("email".into(), $email.into());
                claims.insert("preferred_username".into(), $name.into());
            };
        }
    };
}

/// What the check of names says of these people, and what the application makes of them.
fn told(profile: &str, logins: &[Login]) -> (Judged, Vec<Person>) {
    asked(profile, "claims/unique-name", logins)
}

fn asked(profile: &str, check: &str, logins: &[Login]) -> (Judged, Vec<Person>) {
    let (id, set) = profile.split_once('?').unwrap_or((profile, ""));
    let set = set.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    let choices = Choices { settings: set.into_iter().collect(), ..Choices::default() };
    let profile = Profile::by_id_with(id, &choices).unwrap().unwrap();
    let healthy = Provider::healthy("good");
    let target = Target { typed: healthy.typed.clone(), client_id: Some(CLIENT.to_owned()), ..Target::default() };
    let mut evidence: Evidence = gather(&healthy, &target, std::slice::from_ref(&profile));
    for (persona, change) in logins {
        let mut provider = Provider::healthy("good");
        change(&mut provider);
        log_in_as(persona, &provider, &mut evidence, true);
    }
    let run = judge(&target, &profile, &Facts::of(&evidence), now());
    let outcome = run.outcomes.into_iter().find(|outcome| outcome.check.id == check).unwrap();
    (outcome.judged, run.people)
}

const ALICE: Login = ("alice", somebody!("a", "desk@example.test", "alice"));
const BOB: Login = ("bob", somebody!("b", "desk@example.test", "bob"));
const SHOUTED: Login = ("bob", somebody!("b", "Desk@example.test", "Alice"));
const CAROL: Login = ("carol", somebody!("c", "carol@example.test", "carol"));
const AGAIN: Login = ("again", somebody!("a", "desk@example.test", "alice"));

#[test]
fn two_people_under_one_name_are_noticed_for_what_becomes_of_them() {
    let cases: [(&str, &[Login], Option<Effect>); 11] = [
        ("incus", &[ALICE, BOB], Some(Unsafe)),
        ("incus", &[ALICE, BOB, CAROL], Some(Unsafe)),
        ("incus", &[ALICE, CAROL], None),
        ("incus?claim=preferred_username", &[ALICE, BOB], None),
        // Case counts unless the profile says that it does not.
        ("incus", &[ALICE, SHOUTED], None),
        ("portainer", &[ALICE, SHOUTED], Some(Unsafe)),
        ("vaultwarden", &[ALICE, SHOUTED], Some(LoginFails)),
        ("xen-orchestra", &[ALICE, BOB], None),
        ("proxmox?username-claim=email", &[ALICE, BOB], Some(Unsafe)),
        ("virtuozzo", &[ALICE, BOB], Some(Unsafe)),
        ("netbird", &[ALICE, BOB], None),
    ];
    for (profile, logins, effect) in cases {
        let (judged, people) = told(profile, logins);
        let failed = match &judged {
            Judged::Told(Verdict::Fail(findings)) => {
                assert_eq!(findings.len(), 1, "{profile}: {findings:#?}");
                Some(findings[0].effect)
            }
            Judged::Told(Verdict::Pass(_)) => None,
            other => panic!("{profile}: {other:?}"),
        };
        assert_eq!(failed, effect, "{profile}: {judged:#?}");
        assert_eq!(people.iter().any(|person| !person.same_as.is_empty()), effect.is_some(), "{profile}: {people:#?}");
    }
}

#[test]
fn who_cannot_be_compared_is_no_pass() {
    let bad = |judged: Judged| matches!(judged, Judged::Told(Verdict::NotApplicable(_)));
    assert!(bad(told("incus", &[ALICE]).0));
    assert!(bad(told("generic", &[ALICE, BOB]).0));
    // The one whose name does not matter: people are told apart by sub.
    assert!(bad(told("netbird-embedded", &[ALICE, BOB]).0));
    // One person twice says nothing about two.
    let (judged, _) = told("incus", &[ALICE, AGAIN]);
    assert!(matches!(&judged, Judged::Untold(Gap::Undecided(why)) if why.contains("same sub")), "{judged:?}");
    let nameless: fn(&mut Provider) = |provider| {
        somebody!("n", "n@example.test", "n")(provider);
        provider.login.claims = |claims, _| drop(claims.shift_remove("preferred_username"));
    };
    let (judged, _) = told("xen-orchestra", &[ALICE, ("nobody", nameless)]);
    let blamed = |gap: &Gap| gap.blamed_on() == Some("claims/present-where-read");
    assert!(matches!(&judged, Judged::Untold(gap) if blamed(gap)), "{judged:?}");
}

const SERVICE: Login = ("bob", somebody!("a", "bob@example.test", "bob"));

#[test]
fn several_people_under_one_subject_are_one_account() {
    let subject = |profile, logins: &[Login]| asked(profile, "claims/unique-subject", logins).0;
    let effect = |judged: &Judged| match judged {
        Judged::Told(Verdict::Fail(findings)) => {
            assert_eq!(findings.len(), 1, "{findings:#?}");
            Some(findings[0].effect)
        }
        _ => None,
    };
    let cases: [(&str, &[Login], Option<Effect>); 6] = [
        ("generic", &[ALICE, SERVICE], Some(Unsafe)),
        ("generic", &[ALICE, SERVICE, CAROL], Some(Unsafe)),
        ("netbird", &[ALICE, CAROL], None),
        ("xen-orchestra", &[ALICE, SERVICE], Some(Unsafe)),
        // It goes by the address, and that differs.
        ("incus", &[ALICE, SERVICE], Some(Effect::Degraded)),
        ("incus", &[ALICE, BOB], None),
    ];
    for (profile, logins, wanted) in cases {
        let judged = subject(profile, logins);
        assert_eq!(effect(&judged), wanted, "{profile}: {judged:#?}");
        let passes = matches!(&judged, Judged::Told(Verdict::Pass(_)));
        assert_eq!(passes, wanted.is_none(), "{profile}: {judged:#?}");
    }
    // One part of it takes the user from the access token.
    let judged = subject("netbird", &[ALICE, SERVICE]);
    let Judged::Told(Verdict::Fail(findings)) = &judged else { panic!("{judged:#?}") };
    assert!(findings.iter().all(|finding| finding.effect == Unsafe), "{findings:#?}");
    let place = |inside: &str| findings.iter().any(|finding| format!("{:?}", finding.place).contains(inside));
    assert!(place("/access_token/sub"), "{findings:#?}");
    // One person twice, or a provider that gives everybody everything alike: that cannot be told.
    let judged = subject("generic", &[ALICE, AGAIN]);
    assert!(matches!(&judged, Judged::Untold(Gap::Undecided(why)) if why.contains("one person")), "{judged:?}");
    let alone = subject("generic", &[ALICE]);
    assert!(matches!(&alone, Judged::Told(Verdict::NotApplicable(why)) if why.contains("each of two")), "{alone:?}");
    // Who compares names does not call two people one.
    let (names, _) = told("incus", &[ALICE, SERVICE]);
    assert!(matches!(&names, Judged::Untold(gap) if gap.blamed_on() == Some("claims/unique-subject")), "{names:?}");
}

/// What a check of the registration would compare may only have come back to the login.
#[test]
fn state_is_compared_where_it_came_back() {
    let provider = Provider::healthy("good");
    let target = Target {
        typed: provider.typed.clone(),
        client_id: Some(CLIENT.to_owned()),
        redirect_uris: vec!["https://app.lab.test/callback".into()],
        ..Target::default()
    };
    let generic = Profile::by_id("generic").expect("it is there");
    let before = gather(&provider, &target, std::slice::from_ref(&generic));
    let judged = |evidence: &Evidence, id: &str| {
        let facts = Facts::of(evidence);
        let run = judge(&target, &generic, &facts, now());
        run.outcomes.into_iter().find(|outcome| outcome.check.id == id).expect("selected").judged
    };
    assert!(matches!(judged(&before, "authorize/state-returned"), Judged::Untold(_)), "nothing came back at all");
    let mut after = before.clone();
    log_in_as("alice", &provider, &mut after, true);
    for id in ["authorize/state-returned", "authorize/issuer-returned"] {
        assert!(
            matches!(judged(&after, id), Judged::Told(Verdict::NotApplicable(_))),
            "{id}: {:?}",
            judged(&after, id)
        );
    }
}
