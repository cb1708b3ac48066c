//! The client secret is right, in the form in which the application sends it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::{AuthMethod, Endpoint, SlotKind};
use crate::probe::oracle::{Oracle, Seen, names};
use crate::probe::token::{self, Answer, slot};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Place, Severity, Side, Spot, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "token/secret-accepted",
    title: "the client secret, or the client's key, is accepted as the application uses it",
    severity: Severity::Error,
    tier: Tier::Secret,
    clauses: &[
        Clause::must(Spec::Rfc(6749), "2.3.1"),
        Clause::must(Spec::Rfc(6749), "5.2"),
        Clause::must(Spec::Rfc(7523), "3"),
    ],
    needs: &[SlotKind::Probe(Endpoint::Token)],
    why: "A wrong secret shows only after the password was typed, and most applications hide the reason.",
    remedy: "Copy the secret again; give the provider the authentication method that the application uses.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    if case.profile.public() {
        return Ok(Verdict::not_applicable("the application has no secret"));
    }
    let method = crate::plan::secret_method(case.target, case.profile, case.facts);
    super::there(case)?;
    let word = crate::plan::method_word(method);
    let ask = |what: &str| {
        let name = format!("{what}:{word}");
        case.note_probe(Endpoint::Token);
        token::answer(case.facts.evidence, &name)
    };
    let given = ask("given").map_err(Gap::Undecided)?;
    let invented = ask("invented").map_err(Gap::Undecided)?;
    let unknown = ask("unknown").map_err(Gap::Undecided)?;
    let refused = |answer: &Answer, other: &str| {
        let place = Place { slot: slot(&format!("given:{word}")), spot: Spot::Status };
        if case.target.secret_shape.hashed {
            return Err(Gap::Unusable(place.slot, "token/secret-itself"));
        }
        let otherwise = other_encoding(case, &place, answer).or_else(|| other_method(case, &place, answer));
        if let Some(finding) = otherwise {
            return Ok(Verdict::fail(finding));
        }
        let method_hint = answer.description.as_deref().is_some_and(|d| d.contains("auth") && d.contains("method"));
        let stranger = *answer == unknown && !case.oracle().is_ok_and(|(_, oracle)| oracle.knows_client());
        let remedy = match method_hint {
            _ if case.target.has_key => {
                "Register the application's public key for this client at the provider, as a key or by the address of its key set, with the kid that the assertion names; set the client to private_key_jwt; and compare the clocks, since the assertion lasts a minute.".to_owned()
            }
            _ if stranger => format!(
                "Compare the client id, since an unknown client gets the same answer, and copy the client secret from the provider into the application again; the application sends it by {}, which the client at the provider has to allow.",
                form(word)
            ),
            true => format!(
                "Set the token endpoint authentication method of the client at the provider to the one that the application uses ({}); if it is that already, copy the client secret into the application again.",
                form(word)
            ),
            false => format!(
                "Copy the client secret from the provider into the application again, the secret itself and not its hash; the application sends it by {}, which the client at the provider has to allow.",
                form(word)
            ),
        };
        let finding = Finding::new(
            format!("the token endpoint refuses the {} sent by {}", case.target.proof(), form(word)),
            place,
            CHECK.clauses[if case.target.has_key { 2 } else { 0 }],
        )
        .expected("invalid_grant: the client is right, only the invented code is not")
        .actual(format!("{}; a wrong {} gives {other}", answer.words(), case.target.proof()))
        .side(Side::Application)
        .remedy(remedy);
        Ok(Verdict::fail(finding.means(Effect::LoginFails, Step::Token)))
    };
    if given.client_past(&invented) {
        return Ok(Verdict::pass(format!("by {}; a wrong one gives {}", form(word), invented.words())));
    }
    if given.client_accepted() && invented.client_accepted() && !unknown.client_accepted() {
        let place = Place { slot: slot(&format!("invented:{word}")), spot: Spot::Status };
        let proof = case.target.proof();
        let message = format!(
            "the token endpoint does not mind a wrong {proof}: the provider holds this client for a public one, or looks at the code before the {proof}"
        );
        let finding = Finding::new(message, place, CHECK.clauses[0])
            .expected(format!("invalid_client for a wrong {proof}"))
            .actual(invented.words())
            .remedy("See that the client is confidential at the provider (client authentication on), or it is protected by PKCE alone. Where it is, this question cannot tell: a login decides.");
        return Ok(Verdict::fail(finding.means(Effect::Degraded, Step::Token)));
    }
    // A client that the provider does not know has no secret there.
    let strange = || case.oracle().is_ok_and(|(_, oracle)| matches!(oracle, Oracle::AllRefused(_, false)));
    if given == unknown && given.client_refused() && strange() {
        return Err(Gap::Unusable(crate::probe::authorize_slot(names::UNKNOWN), "client/known"));
    }
    // Same answer to a right and to a wrong secret: ask with something that has no redirect URI and no code.
    if let (Ok(given), Ok(invented)) = (ask("given-refresh"), ask("invented-refresh")) {
        if given.client_past(&invented) {
            return Ok(Verdict::pass(format!("by {}, seen with a dead refresh token", form(word))));
        }
        if given.client_refused()
            && invented.client_refused()
            && !unknown.client_accepted()
            && given.error == invented.error
        {
            return refused(&given, &invented.words());
        }
        // No refresh tokens here. The redirect URI of the dead code is right, so only the client is left to be wrong.
        let nothing = |answer: &Answer| answer.error.as_deref().is_none_or(|e| e == "unsupported_grant_type");
        let registered = || {
            case.oracle().is_ok_and(|(first, oracle)| {
                let seen = oracle.seen(case.facts.evidence, &names::expected(&first));
                matches!(seen, Seen::Accepted(_) | Seen::AcceptedByLanding)
            })
        };
        let code = (ask("given").map_err(Gap::Undecided)?, ask("invented").map_err(Gap::Undecided)?);
        let alike = code.0.client_refused() && code.0.error == code.1.error;
        if alike && nothing(&given) && nothing(&invented) && registered() {
            return refused(&code.0, &code.1.words());
        }
    }
    Err(Gap::Undecided(format!(
        "the token endpoint answers the given {}, a wrong one and an unknown client alike ({}); it looks at the code first, or never",
        case.target.proof(),
        given.words()
    )))
}

/// The secret is right, and arrives wrong: the provider undoes another encoding than the library does.
fn other_encoding(case: &Case<'_>, place: &Place, refused: &Answer) -> Option<Finding> {
    let method = crate::plan::secret_method(case.target, case.profile, case.facts);
    let other = crate::plan::other_encoding(case.target, method)?;
    let answer = token::answer(case.facts.evidence, &format!("given:{}", crate::plan::method_word(other))).ok()?;
    if !answer.client_past(refused) {
        return None;
    }
    let (sends, takes) = match other {
        AuthMethod::BasicRaw => ("form-encoded, as the specification says", "as it is"),
        _ => ("as it is", "form-encoded, as the specification says"),
    };
    let message =
        format!("the secret has special characters; the application sends it {sends}, the provider takes it {takes}");
    let finding = Finding::new(message, place.clone(), CHECK.clauses[0])
        .expected("invalid_grant: the client is right, only the invented code is not")
        .actual(format!("{}; in the other encoding {}", refused.words(), answer.words()))
        .remedy("Give the client a new secret of letters and digits, at the provider and in the application: it is the same in both encodings.");
    Some(finding.means(Effect::LoginFails, Step::Token))
}

/// The secret is right, and the provider takes it another way alone.
fn other_method(case: &Case<'_>, place: &Place, refused: &Answer) -> Option<Finding> {
    let method = crate::plan::secret_method(case.target, case.profile, case.facts);
    let other = crate::plan::method_word(crate::plan::other_method(case.target, method)?);
    let ask = |what: &str| token::answer(case.facts.evidence, &format!("{what}:{other}")).ok();
    let (answer, wrong) = (ask("given")?, ask("invented")?);
    if !answer.client_past(refused) || !answer.client_past(&wrong) {
        return None;
    }
    let (sends, takes) = (form(crate::plan::method_word(method)), form(other));
    let message = format!(
        "the client secret is right, and the provider takes it by {takes} alone; the application sends it by {sends}"
    );
    let finding = Finding::new(message, place.clone(), CHECK.clauses[0])
        .expected("invalid_grant: the client is right, only the invented code is not")
        .actual(format!("{}; by {takes} {}", refused.words(), answer.words()))
        .remedy(format!("Set the token endpoint authentication method of this client at the provider to {sends}."));
    Some(finding.means(Effect::LoginFails, Step::Token))
}

fn form(word: &str) -> &'static str {
    match word {
        "post" => "client_secret_post",
        "private-key-jwt" => "private_key_jwt",
        _ => "client_secret_basic",
    }
}
