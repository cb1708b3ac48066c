//! What is asked of the token endpoint: always with a code that never existed.

use super::Asks;
use crate::case::Facts;
use crate::check::Tier;
use crate::evidence::{AuthMethod, SecretChoice};
use crate::library::tokens::Authentication;
use crate::probe::token::{self, method_of};
use crate::profile::{Part, Profile};
use crate::target::{Depth, Target};

/// The dead-code oracle: at most eight requests a profile, and three where the secret is right, since some providers lock an address out.
#[expect(clippy::too_many_arguments, reason = "what one registration consists of")]
pub(super) fn token_probes(
    target: &Target,
    endpoint: &str,
    client_id: &str,
    redirect_uri: &str,
    profile: &Profile,
    tier: Tier,
    facts: &Facts<'_>,
    asks: &mut Asks<'_>,
) {
    let public = profile.public();
    if public || tier < Tier::Secret {
        if public {
            asks.add(
                token::slot("public"),
                token::dead_code(endpoint, client_id, redirect_uri, None),
                "is a client without a secret accepted?",
            );
            asks.add(
                token::slot("public-unknown"),
                token::unknown_client(endpoint, redirect_uri, None),
                "control: a client that nobody registered",
            );
            strict(target, endpoint, client_id, redirect_uri, None, facts, asks);
        }
        return;
    }
    let method = secret_method(target, profile, facts);
    let word = method_word(method);
    let with = |secret| Some((method, secret));
    let name = |what: &str| token::slot(&format!("{what}:{word}"));
    asks.add(
        name("given"),
        token::dead_code(endpoint, client_id, redirect_uri, with(SecretChoice::Given)),
        "is the client secret right?",
    );
    asks.add(
        name("invented"),
        token::dead_code(endpoint, client_id, redirect_uri, with(SecretChoice::Invented)),
        "control: a wrong secret",
    );
    asks.add(
        name("unknown"),
        token::unknown_client(endpoint, redirect_uri, Some(method)),
        "control: a client that nobody registered",
    );
    let answer = |what: &str| token::answer(facts.evidence, &format!("{what}:{word}")).ok();
    if let Some(other) = other_encoding(target, method)
        && answer("given").is_some_and(|given| given.client_refused())
    {
        asks.add(
            token::slot(&format!("given:{}", method_word(other))),
            token::dead_code(endpoint, client_id, redirect_uri, Some((other, SecretChoice::Given))),
            "is the secret right in the other encoding of Basic?",
        );
    }
    if let Some(other) = other_method(target, method)
        && answer("given").is_some_and(|given| given.client_refused())
    {
        asks.add(
            token::slot(&format!("given:{}", method_word(other))),
            token::dead_code(endpoint, client_id, redirect_uri, Some((other, SecretChoice::Given))),
            "is the secret right when it is sent the other way?",
        );
        let by_other = token::answer(facts.evidence, &format!("given:{}", method_word(other))).ok();
        if let (Some(by_other), Some(given)) = (by_other, answer("given"))
            && by_other.client_past(&given)
        {
            asks.add(
                token::slot(&format!("invented:{}", method_word(other))),
                token::dead_code(endpoint, client_id, redirect_uri, Some((other, SecretChoice::Invented))),
                "control: a wrong secret that is sent so",
            );
        }
    }
    if let (Some(given), Some(invented)) = (answer("given"), answer("invented"))
        && given.error == invented.error
    {
        // Some providers look at the redirect URI, or at the code, first; a dead refresh token has neither.
        asks.add(
            name("given-refresh"),
            token::dead_refresh(endpoint, client_id, with(SecretChoice::Given)),
            "the secret again, with a dead refresh token",
        );
        asks.add(
            name("invented-refresh"),
            token::dead_refresh(endpoint, client_id, with(SecretChoice::Invented)),
            "control: a wrong secret with a dead refresh token",
        );
    }
    strict(target, endpoint, client_id, redirect_uri, Some(method), facts, asks);
}

/// What only the thorough set asks of the token endpoint, and only where it tells the client from others: at most six
/// requests beside the three before them.
fn strict(
    target: &Target,
    endpoint: &str,
    client_id: &str,
    redirect_uri: &str,
    method: Option<AuthMethod>,
    facts: &Facts<'_>,
    asks: &mut Asks<'_>,
) {
    let word = method.map(method_word);
    if target.depth < Depth::Thorough || token::Known::of(facts.evidence, word).is_err() {
        return;
    }
    let auth = |secret| method.map(|method| (method, secret));
    let given = auth(SecretChoice::Given);
    let extra = |pair| token::with_extra(endpoint, client_id, redirect_uri, given, pair);
    let mut ask = |what: &str, request, why| asks.add(token::strict_slot(what, word), request, why);
    ask(
        token::strict::UNKNOWN,
        extra((token::UNKNOWN_PARAMETER, "1")),
        "is a parameter that nobody knows passed over?",
    );
    ask(token::strict::TWICE, extra(token::SECOND_CODE), "is a repeated parameter refused?");
    // Neither secret nor assertion goes into an address.
    if !matches!(method, Some(AuthMethod::Post | AuthMethod::PrivateKeyJwt)) {
        ask(
            token::strict::GET,
            token::by_get(endpoint, client_id, redirect_uri, given),
            "is a token request by GET refused?",
        );
    }
    if method.is_none() {
        ask(token::strict::NAMELESS, token::nameless(endpoint, redirect_uri), "is a client without a name refused?");
        return;
    }
    ask(
        token::strict::NO_SECRET,
        token::dead_code(endpoint, client_id, redirect_uri, None),
        "is the client refused when it does not authenticate?",
    );
    if method != Some(AuthMethod::PrivateKeyJwt) {
        ask(
            token::strict::EMPTY,
            token::dead_code(endpoint, client_id, redirect_uri, auth(SecretChoice::Empty)),
            "is the client refused with an empty secret?",
        );
    }
    let metadata = facts.metadata.as_ref().ok();
    let listed = metadata.and_then(|metadata| metadata.strings("token_endpoint_auth_methods_supported"));
    if listed.is_some_and(|listed| listed.iter().any(|method| method.ends_with("_jwt"))) {
        ask(
            token::strict::UNSIGNED,
            token::unsigned_assertion(endpoint, client_id, redirect_uri),
            "is the client refused with a JWT that is not signed?",
        );
    }
}

/// How the application sends its secret: as its profile says, else as the provider's metadata allows, Basic first
/// (the default of OpenID Connect Discovery 1.0 section 3).
///
/// The encoding of Basic counts only for a secret that it changes, and is then that of the library.
pub fn secret_method(target: &Target, profile: &Profile, facts: &Facts<'_>) -> AuthMethod {
    let raw = |part: &Part| part.library.tokens.authentication.methods.contains(&Authentication::BasicRaw);
    if target.has_key {
        return AuthMethod::PrivateKeyJwt;
    }
    match unencoded_method(profile, facts) {
        AuthMethod::BasicEncoded if target.secret_shape.reserved && profile.parts.iter().any(raw) => {
            AuthMethod::BasicRaw
        }
        method => method,
    }
}

/// The encoding of Basic that the application does not use, for a secret that comes out otherwise.
pub fn other_encoding(target: &Target, method: AuthMethod) -> Option<AuthMethod> {
    match method {
        _ if !target.secret_shape.reserved => None,
        AuthMethod::BasicEncoded => Some(AuthMethod::BasicRaw),
        AuthMethod::BasicRaw => Some(AuthMethod::BasicEncoded),
        AuthMethod::Post | AuthMethod::PrivateKeyJwt => None,
    }
}

/// How an application proves itself when it redeems a code, in the order in which it tries: as its profile says, or as its
/// library does.
pub fn login_ways(target: &Target, profile: &Profile, part: &Part, facts: &Facts<'_>) -> Vec<Authentication> {
    let rules = &part.library.tokens.authentication;
    let says = profile.file.client_authentication.iter().any(|auth| method_of(*auth).is_some());
    if says && !rules.tries_all {
        return vec![match secret_method(target, profile, facts) {
            AuthMethod::BasicEncoded => Authentication::BasicEncoded,
            AuthMethod::BasicRaw => Authentication::BasicRaw,
            AuthMethod::Post => Authentication::Post,
            AuthMethod::PrivateKeyJwt => Authentication::PrivateKeyJwt,
        }];
    }
    let metadata = facts.metadata.as_ref().ok();
    rules.attempts(metadata.and_then(|m| m.strings("token_endpoint_auth_methods_supported")).as_deref())
}

/// The way of sending a secret that the application does not take. The hash of a secret is wrong either way.
pub fn other_method(target: &Target, method: AuthMethod) -> Option<AuthMethod> {
    match method {
        _ if target.secret_shape.hashed => None,
        AuthMethod::BasicEncoded | AuthMethod::BasicRaw => Some(AuthMethod::Post),
        AuthMethod::Post => Some(AuthMethod::BasicEncoded),
        AuthMethod::PrivateKeyJwt => None,
    }
}

fn unencoded_method(profile: &Profile, facts: &Facts<'_>) -> AuthMethod {
    let listed = facts.metadata.as_ref().ok().and_then(|m| m.strings("token_endpoint_auth_methods_supported"));
    // Of several that it can, it takes one that the provider has.
    let own = || profile.file.client_authentication.iter().filter_map(|auth| method_of(*auth));
    let name =
        |method: &AuthMethod| if *method == AuthMethod::Post { "client_secret_post" } else { "client_secret_basic" };
    let has = |method: &AuthMethod| listed.as_ref().is_none_or(|list| list.contains(&name(method)));
    let by_profile = own().find(has).or_else(|| own().next());
    let only_post =
        listed.is_some_and(|list| list.contains(&"client_secret_post") && !list.contains(&"client_secret_basic"));
    by_profile.unwrap_or(if only_post { AuthMethod::Post } else { AuthMethod::BasicEncoded })
}

/// The word for a method in slot names.
pub fn method_word(method: AuthMethod) -> &'static str {
    match method {
        AuthMethod::BasicEncoded => "basic",
        AuthMethod::BasicRaw => "basic-raw",
        AuthMethod::Post => "post",
        AuthMethod::PrivateKeyJwt => "private-key-jwt",
    }
}
