//! What the checks of the login tier share: one judgement for each login, and the step from what a specification says
//! to what the library does about it.

use crate::case::Case;
use crate::evidence::json::Node;
use crate::evidence::jws::{Jws, Signature};
use crate::evidence::login::{Login, Token};
use crate::evidence::{LoginStep, SlotKind};
use crate::library::keys::{Concern, Lost, Signature as Way};
use crate::library::tokens::{Aspect, Audience, ClaimRules, Known};
use crate::library::{Refusal, Rule};
use crate::probe::params::sends_no_nonce;
use crate::probe::sends_people;
use crate::profile;
use crate::spec::Clause;
use crate::verdict::{Effect, Finding, Gap, Place, Step, Verdict};
use std::borrow::Cow;

/// What the checks of the login tier look at: the keys, and each step of the login.
pub(crate) const NEEDS: &[SlotKind] = &[
    SlotKind::Discovery,
    SlotKind::Jwks,
    SlotKind::Login(LoginStep::Callback),
    SlotKind::Login(LoginStep::Tokens),
    SlotKind::Login(LoginStep::Userinfo),
];

/// What the library itself demands, for findings without a specification behind them.
pub(crate) const LIBRARY: Clause = Clause::local("what the client library demands of the answers of a login");

/// Which token of a token response is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Id,
    Access,
}

impl Which {
    /// The member of the token response.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Which::Id => "id_token",
            Which::Access => "access_token",
        }
    }

    /// Where it is validated.
    pub(crate) fn step(self) -> Step {
        match self {
            Which::Id => Step::IdToken,
            Which::Access => Step::AccessToken,
        }
    }

    /// What the library checks of it; `None` when it never looks into it.
    pub(crate) fn rules<'a>(self, case: &Case<'a>) -> Option<&'a ClaimRules> {
        let tokens = &case.library().tokens;
        match self {
            Which::Id => Some(&tokens.id_token).filter(|rules| rules.read),
            Which::Access => tokens.access_token.as_ref().filter(|rules| rules.read),
        }
    }

    /// The token of a login.
    pub(crate) fn of<'l>(self, login: &'l Login<'_>) -> Result<(&'l Token, &'l Jws), Gap> {
        match self {
            Which::Id => login.id_token(),
            Which::Access => login.access_token(),
        }
    }

    /// A place inside it.
    pub(crate) fn place(self, login: &Login<'_>, member: &str) -> Place {
        let inside = if member.is_empty() { String::new() } else { format!("/{member}") };
        login.at_tokens(format!("/{}{inside}", self.member()))
    }
}

/// Judges every login; a gap of one is a gap of the check only when no other login failed.
pub(crate) fn each<'a>(
    case: &Case<'a>,
    note: &str,
    judge: impl Fn(&'a Login<'a>) -> Result<Vec<Finding>, Gap>,
) -> Result<Verdict, Gap> {
    let (mut findings, mut gap) = (Vec::new(), None);
    for login in case.logins()? {
        match judge(login) {
            Ok(found) => findings.extend(found),
            Err(why) => gap = Some(why),
        }
    }
    match gap {
        Some(gap) if findings.is_empty() => Err(gap),
        _ => Ok(Verdict::from(findings, note)),
    }
}

/// What is known around the tokens of a login.
pub(crate) struct Around {
    issuer: Option<String>,
    client_id: Option<String>,
    nonce: Option<String>,
    access_token: Option<String>,
    access_token_removed: bool,
    at: i64,
}

impl Around {
    pub(crate) fn of(case: &Case<'_>, login: &Login<'_>) -> Around {
        let metadata = case.metadata().ok();
        let access = login.grant().ok().and_then(|grant| grant.access_token.as_ref());
        // A recording has no opaque tokens any more, and a hash of what stands there instead says nothing.
        let removed = access.is_some_and(|token| token.text().starts_with(REMOVED) || !text_is_whole(token.text()));
        let access = access.map(Token::text).filter(|_| !removed);
        Around {
            issuer: metadata.and_then(|m| m.string("issuer")).map(str::to_owned),
            client_id: case.target.client_id.clone().or_else(|| login.sent("client_id")),
            nonce: login.sent("nonce"),
            access_token: access.map(str::to_owned),
            access_token_removed: removed,
            at: login.at().unwrap_or(case.now).as_second(),
        }
    }

    pub(crate) fn known(&self) -> Known<'_> {
        Known {
            issuer: self.issuer.as_deref(),
            client_id: self.client_id.as_deref(),
            further: &[],
            nonce: self.nonce.as_deref(),
            access_token: self.access_token.as_deref(),
            access_token_removed: self.access_token_removed,
            at: self.at,
        }
    }
}

pub(crate) use crate::evidence::login::REMOVED;

fn text_is_whole(text: &str) -> bool {
    let marks = [crate::evidence::jws::REMOVED_GOOD, crate::evidence::jws::REMOVED_BAD];
    !marks.iter().any(|mark| text.ends_with(mark))
}

/// What is wrong with one claim by the letter of a specification.
pub(crate) struct Fault {
    /// The claim or header member.
    pub(crate) member: &'static str,
    pub(crate) message: String,
    pub(crate) expected: String,
    pub(crate) clause: Clause,
    /// What it means for a library that does not mind.
    pub(crate) otherwise: Effect,
}

/// The audience that the administrator set, where the application compares with that and not with its client id.
pub(crate) fn configured(case: &Case<'_>, which: Which, aspect: Aspect) -> Option<String> {
    let rules = case.profile.file.access_token.as_ref().filter(|_| which == Which::Access)?;
    let set = aspect == Aspect::Audience && rules.audience == Some(profile::Audience::Configured);
    rules.audience_value.clone().filter(|value| set && !value.is_empty() && !value.contains('{'))
}

/// Judges one aspect of one kind of token: what the specification says against it, and what the library does.
pub(crate) fn aspect(
    case: &Case<'_>,
    which: Which,
    aspect: Aspect,
    note: &str,
    fault: impl Fn(&Jws, &Known<'_>) -> Option<Fault>,
) -> Result<Verdict, Gap> {
    let configured = configured(case, which, aspect);
    let rules = which.rules(case).map(|rules| match &configured {
        Some(_) => Cow::Owned(ClaimRules { audience: Audience::Contains, ..rules.clone() }),
        None => Cow::Borrowed(rules),
    });
    let rules = rules.as_deref();
    if which == Which::Access && rules.is_none() {
        return Ok(Verdict::not_applicable("this application does not look into the access token"));
    }
    let sends_none = !sends_people(case.part) || sends_no_nonce(case.part);
    each(case, note, |login| {
        let (_, token) = which.of(login)?;
        let around = Around::of(case, login);
        let mut known = around.known();
        known.client_id = configured.as_deref().or(known.client_id);
        // What the login sent for another application counts only where it was given back.
        if sends_none && token.text("nonce") != known.nonce {
            known.nonce = None;
        }
        let own = case.profile.file.id_token.as_ref().filter(|_| which == Which::Id);
        known.further = own.map(|rules| rules.further_audiences.as_slice()).unwrap_or_default();
        let leeway = &case.library().leeway;
        let mut refusals = rules.map(|r| r.refusals(aspect, token, &known, leeway, which.step())).unwrap_or_default();
        // The earliest refusal is what people meet.
        refusals.sort_by_key(|(_, refusal)| refusal.step);
        let first = refusals.first();
        let finding = |member: &str, message: String, expected: String, clause| {
            let node = token.claim(member).or_else(|| token.header.root.get(member));
            Finding::new(message, which.place(login, member), clause)
                .expected(expected)
                .actual(node.map_or("absent".to_owned(), Node::show))
                .means(Effect::Untidy, which.step())
        };
        Ok(match (fault(token, &known), first) {
            (None, None) => Vec::new(),
            (Some(fault), refusal) => {
                // A token that the application never reads may be as wrong as it likes.
                let otherwise = if rules.is_some() { fault.otherwise } else { Effect::Untidy };
                let finding = finding(fault.member, fault.message, fault.expected, fault.clause);
                vec![case.weigh(finding, refusal.map(|(_, r)| r), otherwise)]
            }
            (None, Some((claim, refusal))) => {
                let message =
                    format!("{} is not what this library takes", if claim.is_empty() { which.member() } else { claim });
                // What an audience is compared with is known: the client id, or what the application is set to.
                let audience = known.client_id.filter(|_| aspect == Aspect::Audience);
                let expected = audience.unwrap_or("what the library takes").to_owned();
                let finding = finding(claim, message, expected, LIBRARY);
                vec![case.weigh(finding, Some(refusal), Effect::Untidy)]
            }
        })
    })
}

/// What the library's key rules say about a token that some key verifies. A refusal for which a check of the key set
/// already has the reason is that check's.
pub(crate) fn key_refusal(case: &Case<'_>, token: &Jws, signer: Option<usize>) -> Result<Option<Refusal>, Gap> {
    let rules = case.library();
    let jwks = case.jwks().ok();
    let metadata = case.metadata().ok();
    let listed = metadata.and_then(|m| m.strings("id_token_signing_alg_values_supported"));
    let listed = listed.as_deref();
    let alg = token.alg().unwrap_or_default();
    let empty = crate::evidence::jwks::Jwks::empty();
    let set = jwks.unwrap_or(&empty);
    let key = signer.and_then(|index| set.keys.iter().find(|key| key.index == index));
    if key.is_some() {
        for (concern, check) in [
            (Concern::KeyIds, "jwks/key-ids"),
            (Concern::Size, "jwks/rsa-size"),
            (Concern::Privacy, "jwks/public-only"),
            (Concern::Form, "jwks/key-form"),
            (Concern::Certificates, "jwks/certificates"),
            (Concern::Points, "jwks/curve-points"),
            (Concern::Numbers, "jwks/rsa-numbers"),
            (Concern::Usage, "jwks/key-usage"),
        ] {
            if matches!(rules.keys.lost(&rules.algorithms, listed, set, concern), Lost::All(_)) {
                return Err(Gap::Unusable(crate::evidence::Slot::Jwks, check));
            }
        }
    }
    let way = Way { key, alg, kid: token.kid() };
    Ok(rules.keys.verify(&rules.algorithms, listed, set, &way).err())
}

/// The response of a step, whatever its status.
pub(crate) fn response<'a>(
    login: &Login<'a>,
    step: LoginStep,
    blamed: &'static str,
) -> Result<(&'a crate::evidence::Exchange, &'a crate::evidence::Response), Gap> {
    let exchange = login.step(step).ok_or_else(|| Gap::Unusable(login.slot(step), blamed))?;
    let response = exchange.outcome.as_ref().map_err(|_| Gap::Unusable(login.slot(step), blamed))?;
    Ok((exchange, response))
}

/// Seconds as a person says them.
pub(crate) fn span(seconds: i64) -> String {
    match seconds.abs() {
        s @ 0..=119 => format!("{s} s"),
        s @ 120..=7199 => format!("{} min", s / 60),
        s @ 7200..=172_799 => format!("{} h", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}

/// Judges the signature of one kind of token: is it made by a published key, is that the key that the token means, and
/// does the library find it.
pub(crate) fn signature(case: &Case<'_>, which: Which, clauses: &[Clause]) -> Result<Verdict, Gap> {
    let read = which.rules(case).is_some();
    let rules = &case.library().keys;
    let verified = rules.verified && read;
    each(case, "it verifies", |login| {
        let (token, jws) = which.of(login)?;
        let jwks = match case.jwks() {
            Ok(jwks) => Some(jwks),
            // Who never fetches the set does not care that it cannot be had.
            Err(gap) if verified && !matches!(token.signature, Signature::Symmetric | Signature::Unsigned) => {
                return Err(gap);
            }
            Err(_) => None,
        };
        let finding = |message: String, clause, expected: &str, seen: String| {
            let place = which.place(login, "");
            Finding::new(message, place, clause).expected(expected).actual(seen).means(Effect::Untidy, which.step())
        };
        let named = jws.kid().map_or("no kid".to_owned(), |kid| format!("kid {kid:?}"));
        let seen = format!("alg {}, {named}", jws.alg().unwrap_or("missing"));
        let signer = match &token.signature {
            Signature::Good(index) => Some(*index),
            Signature::WasGood => {
                jwks.and_then(|set| set.keys.iter().find(|key| jws.meant(key).is_ok())).map(|key| key.index)
            }
            // The access token's algorithm has no check of its own.
            Signature::Unsigned | Signature::Symmetric | Signature::Unknown if which == Which::Access => None,
            // What is not signed by a key is the algorithm's affair.
            Signature::Unsigned | Signature::Symmetric | Signature::Unknown => return Ok(Vec::new()),
            Signature::Bad(there) => {
                let refused = key_refusal(case, jws, None)?;
                if refused.is_some() && which == Which::Id {
                    // The library does not come as far as the signature.
                    return Ok(Vec::new());
                }
                let known = jws
                    .kid()
                    .is_some_and(|kid| jwks.is_some_and(|set| set.keys.iter().any(|key| key.kid() == Some(kid))));
                if verified && !known && rules.refetches {
                    let why = "the key is not in the set as it was fetched; this library fetches it again, and then it may be there";
                    return Err(Gap::Undecided(why.into()));
                }
                let (rule, because) = if *there {
                    (Rule::Signature, "it verifies signatures")
                } else {
                    (Rule::NoKey, "it finds no key for it")
                };
                let refusal = refused.unwrap_or_else(|| Refusal::at(which.step(), rule, because));
                let message = if *there {
                    "the signature does not verify with the key that the token names"
                } else {
                    "the key that signed is not published"
                };
                let finding = finding(message.into(), clauses[0], "a signature by a published key", seen);
                return Ok(vec![case.weigh(finding, Some(&refusal).filter(|_| verified), Effect::Degraded)]);
            }
        };
        let refusal = key_refusal(case, jws, signer)?.filter(|_| read);
        let refusal = refusal.map(|refusal| {
            let step = if refusal.step == rules.used { which.step() } else { refusal.step };
            Refusal { step, ..refusal }
        });
        // A missing kid has a check of its own for access tokens, and the algorithm one for ID tokens.
        let others = |refusal: &Refusal| match which {
            Which::Id => refusal.rule == Rule::Algorithm,
            Which::Access => refusal.rule == Rule::NoKey && jws.kid().is_none() && rules.kid_required,
        };
        let key = signer.and_then(|index| jwks?.keys.iter().find(|key| key.index == index));
        let odd = key.and_then(|key| jws.meant(key).err());
        Ok(match (refusal.filter(|refusal| !others(refusal)), odd) {
            (None, None) => Vec::new(),
            (Some(refusal), odd) => {
                let message = odd.unwrap_or_else(|| "the library does not verify this signature".into());
                vec![case.weigh(
                    finding(message, clauses[0], "a key that the library finds", seen),
                    Some(&refusal),
                    Effect::LoginFails,
                )]
            }
            (None, Some(odd)) => vec![finding(odd, clauses[clauses.len() - 1], "the key that the token names", seen)],
        })
    })
}
