//! The header of the ID token brings no key along.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::login::{Which, each};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/key-references",
    title: "the header of the ID token names a key, and brings none",
    severity: Severity::Notice,
    tier: Tier::Login,
    clauses: &[Clause::should(Spec::Core, "2")],
    needs: crate::login::NEEDS,
    why: "Keys are found by the metadata. A library that believed a key, or the address of one, out of the token would take tokens of anybody.",
    remedy: "Let the provider leave jku, jwk, x5u and x5c out of the header of ID tokens; kid is enough.",
    formerly: &[],
    judge,
};

/// The header parameters that name or hold a key (RFC 7515 sections 4.1.2, 4.1.3, 4.1.5 and 4.1.6).
const REFERENCES: [&str; 4] = ["jku", "jwk", "x5u", "x5c"];

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "kid alone, or nothing", |login| {
        let (_, token) = Which::Id.of(login)?;
        let there = REFERENCES.into_iter().filter(|name| token.header.root.get(name).is_some());
        let found = there.map(|name| {
            let message = format!("the header of the ID token has {name}, a key or the address of one");
            Finding::new(message, Which::Id.place(login, name), CHECK.clauses[0])
                .expected("absent; keys are found by jwks_uri")
                .actual("there")
                .means(Effect::Untidy, Which::Id.step())
        });
        Ok(found.collect())
    })
}
