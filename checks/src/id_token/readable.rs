//! The ID token is a signed JWT that can be read.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Document;
use crate::evidence::jws::{Jws, NotJws};
use crate::library::tokens::Aspect;
use crate::library::{Refusal, Rule};
use crate::login::{Around, Which, each};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/readable",
    title: "the ID token is a compact JWS",
    severity: Severity::Error,
    tier: Tier::Login,
    clauses: &[
        Clause::must(Spec::Core, "2"),
        Clause::must(Spec::Rfc(7515), "7.1"),
        Clause::must(Spec::Rfc(7515), "4"),
        Clause::must(Spec::Rfc(7519), "4"),
        Clause::must(Spec::Rfc(8259), "8.1"),
        Clause::should(Spec::Rfc(8259), "8.2"),
        Clause::must(Spec::Rfc(8259), "6"),
    ],
    needs: crate::login::NEEDS,
    why: "An encrypted or broken token cannot be read by the application, which then knows nobody.",
    remedy: "Turn encryption of ID tokens off for this client, or give the application the key; a broken token is a defect of the provider.",
    formerly: &[],
    judge,
};

/// What to do about a token that is not encrypted.
const BROKEN: &str = "This is a defect of the provider, or of what rewrites its answers on the way: a signed JWT is three parts of base64url.";

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "a signed JWT", |login| {
        let grant = login.grant()?;
        let missing = || Gap::Unusable(login.tokens_slot(), login.blamed("token-response/id-token-present"));
        let token = grant.id_token.as_ref().ok_or_else(missing)?;
        let rules = Which::Id.rules(case);
        let step = rules.and_then(|rules| rules.parsed).unwrap_or(Step::IdToken);
        let (message, refusal, seen, encrypted) = match &token.read {
            Ok(jws) => {
                let Some(odd) = odd(jws) else { return Ok(Vec::new()) };
                let refused = rules.and_then(|rules| {
                    let around = Around::of(case, login);
                    let of =
                        rules.refusals(Aspect::Spelling, jws, &around.known(), &case.library().leeway, Step::IdToken);
                    of.into_iter().next().map(|(_, refusal)| refusal)
                });
                let reader = || {
                    let json = &case.library().json;
                    let (_, because) = json.refuses(&jws.header).or_else(|| json.refuses(&jws.claims))?;
                    Some(Refusal::at(step, Rule::IdTokenUnreadable, because)).filter(|_| rules.is_some())
                };
                let place = Which::Id.place(login, odd.member);
                let finding = Finding::new(odd.message, place, odd.clause).expected(odd.expected).actual(odd.seen);
                let finding = finding.remedy(odd.remedy).means(Effect::Untidy, step);
                return Ok(vec![case.weigh(finding, refused.or_else(reader).as_ref(), Effect::Untidy)]);
            }
            Err(error) => {
                let refusal = rules
                    .filter(|rules| !rules.unreadable_passes)
                    .map(|_| Refusal::at(step, Rule::IdTokenUnreadable, "it cannot read it"));
                let encrypted = matches!(error, NotJws::Encrypted(..));
                (format!("the ID token cannot be read: {error}"), refusal, error.to_string(), encrypted)
            }
        };
        let finding = Finding::new(message, Which::Id.place(login, ""), CHECK.clauses[1])
            .expected("three parts in base64url")
            .actual(seen);
        let finding = if encrypted { finding } else { finding.remedy(BROKEN) };
        Ok(vec![case.weigh(finding.means(Effect::Untidy, step), refusal.as_ref(), Effect::Untidy)])
    })
}

/// What is odd about a token that can be read.
struct Odd<'a> {
    message: String,
    /// The claim or header member.
    member: &'a str,
    clause: Clause,
    expected: &'static str,
    seen: String,
    remedy: &'static str,
}

/// The first oddity, in the order in which a library meets them.
fn odd(token: &Jws) -> Option<Odd<'_>> {
    let found = |message: String, clause: usize, expected, seen: &str| Odd {
        message,
        member: "",
        clause: CHECK.clauses[clause],
        expected,
        seen: seen.to_owned(),
        remedy: BROKEN,
    };
    if let Some(part) = token.misspelt.first() {
        let message = format!("the {} of the ID token is not base64url without padding", part.word());
        return Some(found(message, 1, "three parts in base64url", "padding"));
    }
    if token.blanks_around {
        let message = "white space stands around the ID token".to_owned();
        return Some(found(message, 1, "three parts in base64url and nothing else", "a blank or a line break"));
    }
    if let Some(node) = token.odd_kid() {
        let message = format!("kid in the header of the ID token is {}", node.kind());
        let clause = Clause::must(Spec::Rfc(7515), "4.1.4");
        return Some(Odd { member: "kid", clause, ..found(message, 1, "a string", &node.show()) });
    }
    twice(&token.header, "the header", 2)
        .or_else(|| odd_text(&token.claims))
        .or_else(|| twice(&token.claims, "the claims", 3))
}

/// A member that stands more than once.
fn twice<'a>(document: &'a Document, what: &str, clause: usize) -> Option<Odd<'a>> {
    let member = document.duplicates.first()?.0.trim_start_matches('/');
    Some(Odd {
        message: format!("{member} stands more than once in {what} of the ID token"),
        member,
        clause: CHECK.clauses[clause],
        expected: "one",
        seen: "several; parsers differ in which one they take".to_owned(),
        remedy: "Look for two mappers that write this claim, and remove one of them.",
    })
}

/// Bytes of the claims that strict readers refuse.
fn odd_text(claims: &Document) -> Option<Odd<'static>> {
    let (message, clause, expected) = if claims.byte_order_mark {
        ("a byte order mark stands before the claims of the ID token", 4, "no byte order mark")
    } else if claims.not_utf8.is_some() {
        ("the claims of the ID token are not UTF-8", 4, "UTF-8")
    } else if claims.half_pair.is_some() {
        ("a claim of the ID token holds half of a surrogate pair", 5, "whole characters")
    } else if claims.not_finite.is_some() {
        ("a claim of the ID token is a number that JSON does not have", 6, "a number in digits")
    } else {
        return None;
    };
    let (clause, seen) = (CHECK.clauses[clause], message.to_owned());
    Some(Odd { message: message.to_owned(), member: "", clause, expected, seen, remedy: BROKEN })
}
