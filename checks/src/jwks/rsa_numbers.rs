//! The numbers of an RSA key are those of a sound one.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::defects::Defect;
use crate::evidence::jwks::{Jwks, Key};
use crate::evidence::{SlotKind, numbers};
use crate::library::keys::Concern;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "jwks/rsa-numbers",
    title: "modulus and exponent of every RSA key are sound",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::must(Spec::Rfc(8017), "3.1"),
        Clause::must(Spec::Rfc(7518), "6.3.1.1"),
        Clause::must(Spec::Rfc(7518), "2"),
        Clause::local("libraries that read the exponent into 32 bits, as those in Go"),
    ],
    needs: &[SlotKind::Discovery, SlotKind::Jwks],
    why: "From a modulus that can be taken apart anybody computes the private key, and with an exponent of 1 a signature needs none.",
    remedy: "Let the provider make a new key with a current library, and end all sessions if the old one could be computed.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let jwks = case.jwks()?;
    let rsa: Vec<&Key> = jwks.keys.iter().filter(|key| key.kty() == Some("RSA")).collect();
    if rsa.is_empty() {
        return Ok(Verdict::not_applicable("there is no RSA key"));
    }
    let found = case.facts.costly.rsa_numbers.get_or_init(|| defects(jwks));
    super::keys_verdict(case, jwks, Concern::Numbers, super::weigh_unverified(case, found.clone()))
}

fn defects(jwks: &Jwks) -> Vec<(Finding, Effect)> {
    let mut found = Vec::new();
    for key in jwks.keys.iter().filter(|key| key.kty() == Some("RSA")) {
        // What is missing or cannot be read is the business of the check of forms.
        let (Some(n), Some(e)) = (key.bytes("n").filter(|n| !n.is_empty()), key.bytes("e").filter(|e| !e.is_empty()))
        else {
            continue;
        };
        let (modulus, exponent) = (numbers::number(&n), numbers::number(&e));
        let harm = |effect| if key.can_sign() { effect } else { Effect::Untidy };
        let finding = |message: String, member: &str, clause: usize, expected: &str, actual: String| {
            Finding::new(format!("{}: {message}", key.name()), super::at_key(key, member), CHECK.clauses[clause])
                .expected(expected)
                .actual(actual)
        };
        if exponent < 3u32.into() || !exponent.bit(0) {
            let shown = if exponent.bits() <= 64 { exponent.to_string() } else { "an even number".to_owned() };
            let effect = if exponent == 1u32.into() { Effect::Unsafe } else { Effect::Degraded };
            found.push((
                finding(format!("the exponent is {shown}"), "e", 0, "an odd number from 3 on, usually 65537", shown),
                harm(effect),
            ));
        }
        if key.defects.contains(&Defect::HugeExponent) {
            let what = format!("the exponent has {} bits", exponent.bits());
            found.push((finding(what.clone(), "e", 3, "65537", what), Effect::Untidy));
        }
        if let Some(why) = numbers::weakness(&modulus) {
            found.push((finding(why.clone(), "n", 0, "a product of two large primes", why), harm(Effect::Unsafe)));
        } else if n[0] == 0 || e[0] == 0 {
            let member = if n[0] == 0 { "n" } else { "e" };
            let message = format!("{member} begins with a zero byte");
            found.push((
                finding(message.clone(), member, 1, "the fewest bytes that hold the number", message),
                Effect::Untidy,
            ));
        }
    }
    found
}
