//! A client library in sentences, each made from the data that judges with it.

use crate::docs::{Block, Page};
use crate::render::and;
use oidcheck_checks::library::When;
use oidcheck_checks::library::algorithms::{AlgorithmRules, Fallback, Source};
use oidcheck_checks::library::issuer::{Comparison, IssuerRules};
use oidcheck_checks::library::keys::{Base64, KeyRules, Kid, Several};
use oidcheck_checks::library::members::{MemberRules, Typed};
use oidcheck_checks::library::transport::{StatusRule, TransportRules, TypeRule};
use oidcheck_checks::library::{Library, Rule};
use oidcheck_checks::verdict::Step;
use std::collections::BTreeMap;

/// The page of a library.
pub(super) fn page(library: &Library) -> Page {
    let mut facts = Vec::new();
    if !library.versions.is_empty() {
        facts.push(("versions", library.versions.clone()));
    }
    facts.push(("profile", format!("--profile library:{}", library.id)));
    facts.push((
        "runs in",
        if library.browser { "a browser: cross-origin rules apply" } else { "a server or a program" }.into(),
    ));
    if let Some(parent) = &library.inherits {
        facts.push(("shares", format!("what it does not say itself with library:{parent}")));
    }
    let lead = library.title.clone();
    let items = |sentences: Vec<String>| sentences.into_iter().map(Block::Item).collect::<Vec<_>>();
    let logs = library.symptoms.iter().map(|(rule, text)| format!("{}: \"{text}\"", occasion(*rule))).collect();
    let source =
        if library.provenance.is_empty() { Vec::new() } else { vec![Block::Prose(library.provenance.clone())] };
    Page { title: format!("library:{}", library.id), lead, facts, sections: Vec::new() }
        .section("issuer", items(issuer(&library.issuer)))
        .section("members of the discovery document", items(members(&library.members)))
        .section("the answer around the documents", items(transport(&library.transport)))
        .section("signature algorithms", items(algorithms(&library.algorithms)))
        .section("keys", items(keys(&library.keys)))
        .section("client and clock", items(client(library)))
        .section("what its log says when it refuses", items(logs))
        .section("how we know", source)
}

/// How it compares the issuer, in one sentence.
pub(super) fn comparison(rules: &IssuerRules) -> &'static str {
    match rules.document {
        Comparison::Exact => "It compares the issuer byte for byte with what was typed.",
        Comparison::Normalised => {
            "It compares the issuer with what was typed as URLs: host case and default port do not count, the path does."
        }
        Comparison::SlashIgnored => "It compares the issuer with what was typed, one final slash aside.",
        Comparison::Unchecked => "It takes whatever issuer the document names.",
    }
}

fn issuer(rules: &IssuerRules) -> Vec<String> {
    let mut out = vec![comparison(rules).to_owned()];
    out.push(if rules.discovery_url_typed {
        "The whole discovery URL may be typed instead of the issuer.".into()
    } else {
        "The issuer has to be typed, not the discovery URL: it appends the well-known path itself.".into()
    });
    let when = |what: &str, when: When| match when.step() {
        Some(step) => format!("{what} is refused {}.", at(step)),
        None => format!("{what} is never refused."),
    };
    out.push(when("A missing issuer", rules.missing));
    out.extend(rules.empty.map(|empty| when("An empty issuer", empty)));
    out.extend(rules.null.map(|null| when("An issuer that is null", null)));
    out.push(when("An issuer that is no string", rules.wrong_type));
    out.extend(rules.query_refused.then(|| "An issuer with a query is refused.".to_owned()));
    out
}

/// How it authenticates at the token endpoint, and how far clocks may be apart.
fn client(library: &Library) -> Vec<String> {
    let mut out = Vec::new();
    match library.client_auth.as_slice() {
        [] => {}
        [none] if none == "none" => out.push("It sends no secret to the token endpoint.".into()),
        [one] => out.push(format!("It sends the client secret by {one}, whatever the document lists.")),
        several => out.push(format!("It sends the client secret by {}.", or(several))),
    }
    let rules = &library.leeway;
    let limits = [
        ("exp", "in the past", rules.exp_past.limit()),
        ("iat", "in the future", rules.iat_ahead.limit()),
        ("iat", "in the past", rules.iat_ago.limit()),
        ("nbf", "in the future", rules.nbf_ahead.limit()),
    ];
    out.extend(
        limits
            .into_iter()
            .filter_map(|(claim, where_to, limit)| Some(format!("It lets {claim} be {} s {where_to}.", limit?))),
    );
    out
}

fn members(rules: &MemberRules) -> Vec<String> {
    let mut out = Vec::new();
    if rules.required.is_empty() {
        out.push("It reads a document whatever is missing.".into());
    } else {
        out.push(format!("It refuses a document without {}.", or(&rules.required)));
    }
    if !rules.null_passes.is_empty() {
        out.push(format!("It lets null pass for {}.", and(&rules.null_passes)));
    }
    out.extend(
        by_step(&rules.required_later)
            .into_iter()
            .map(|(step, names)| format!("It notices only {} that {} is missing.", at(step), or(&names))),
    );
    out.push(match &rules.typed {
        Typed::None => "It does not look at the JSON types of members.".into(),
        Typed::Known => {
            "It refuses a member of the wrong JSON type, for every member that the specifications define.".into()
        }
        Typed::ListsAndFlags => "It refuses a list or a flag of the wrong JSON type.".into(),
        Typed::Only(names) => format!("It refuses the wrong JSON type of {}.", or(names)),
    });
    if !rules.untyped.is_empty() {
        out.push(format!("It does not know {}, so their types do not matter.", and(&rules.untyped)));
    }
    out.extend(rules.string_for_list.then(|| "A lone string passes for a list.".to_owned()));
    if !rules.null_refused.is_empty() {
        out.push(format!("null is refused in {}.", rules.null_refused.join(", ")));
    }
    out.extend(rules.null_in_list_passes.then(|| "null among the elements of a list passes.".to_owned()));
    if !rules.skips_odd_elements.is_empty() {
        out.push(format!("It passes over elements of another type in {}.", and(&rules.skips_odd_elements)));
    }
    out.extend(rules.null_list_refused.then(|| "null in place of a list is refused.".to_owned()));
    out.extend(
        rules.urls_parsed.then(|| "It parses every URL while reading: an empty or relative one is refused.".to_owned()),
    );
    let uses: BTreeMap<String, Step> =
        rules.uses.iter().filter_map(|(name, when)| Some((name.clone(), when.step()?))).collect();
    out.extend(by_step(&uses).into_iter().map(|(step, names)| format!("It uses {} {}.", and(&names), at(step))));
    out
}

/// The members of each step, in the order of a login.
fn by_step(members: &BTreeMap<String, Step>) -> BTreeMap<Step, Vec<&str>> {
    let mut steps: BTreeMap<Step, Vec<&str>> = BTreeMap::new();
    for (name, step) in members {
        steps.entry(*step).or_default().push(name);
    }
    steps
}

fn transport(rules: &TransportRules) -> Vec<String> {
    const DOCUMENT: &str = "the discovery document";
    const KEYS: &str = "the JWK set";
    let mut out = Vec::new();
    // One sentence for both documents where they are treated alike.
    let mut both = |document: String, keys: String| {
        if document == keys {
            out.push(format!("For both documents it {document}."));
        } else {
            out.push(format!("For {DOCUMENT} it {document}."));
            out.push(format!("For {KEYS} it {keys}."));
        }
    };
    both(status(rules.status).into(), status(rules.jwks_status).into());
    both(content_type(rules.content_type).into(), content_type(rules.jwks_content_type).into());
    both(redirects(rules.redirects), redirects(rules.jwks_redirects.unwrap_or(rules.redirects)));
    let mark = |skipped: bool| format!("{} a byte order mark", if skipped { "skips" } else { "refuses" });
    both(mark(rules.byte_order_mark), mark(rules.jwks_byte_order_mark.unwrap_or(rules.byte_order_mark)));
    let wait = |ms: Option<u64>| ms.map_or("sets no time limit of its own".to_owned(), |ms| format!("waits {ms} ms"));
    both(wait(rules.timeout_ms), wait(rules.jwks_timeout_ms.or(rules.timeout_ms)));
    out.extend(rules.limit.map(|limit| format!("It reads {limit} bytes of the metadata and no more.")));
    out.extend(rules.jwks_limit.map(|limit| format!("It reads {limit} bytes of {KEYS} and no more.")));
    let mut say = |when: bool, text: &str| out.extend(when.then(|| text.to_owned()));
    say(!rules.redirect_to_http && !rules.https_only, "It follows no redirect from https to http.");
    say(rules.https_only, "It asks https only.");
    say(rules.trailing_text, "Text after the JSON value does no harm.");
    say(!rules.trailing_text, "It refuses text after the JSON value.");
    say(rules.duplicates_refused, "It refuses a known member that stands twice.");
    say(rules.utf8_only, "It refuses bytes that are not UTF-8.");
    say(!rules.unasked_compression, "It does not undo a compression that it has not asked for.");
    out
}

fn status(rule: StatusRule) -> &'static str {
    match rule {
        StatusRule::Exactly200 => "takes status 200 only",
        StatusRule::Any2xx => "takes any status of 2xx",
        StatusRule::Any => "does not look at the status",
    }
}

fn content_type(rule: TypeRule) -> &'static str {
    match rule {
        TypeRule::Any => "does not look at the content type",
        TypeRule::JsonOrAbsent => "takes application/json, or no content type",
        TypeRule::JwkSetOrAbsent => "takes application/json, application/jwk-set+json, or no content type",
        TypeRule::LowerJsonOrAbsent => "takes a content type that starts with application/json in lower case, or none",
        TypeRule::Json => "demands the content type application/json",
        TypeRule::JsonOrSuffix => "demands the content type application/json or application/…+json",
    }
}

fn redirects(limit: usize) -> String {
    match limit {
        0 => "follows no redirect".into(),
        limit => format!("follows redirects and stops after {limit} requests"),
    }
}

fn algorithms(rules: &AlgorithmRules) -> Vec<String> {
    let list = and(&rules.accepts);
    let fallback = |when: &str, fallback: Fallback| {
        let takes = match fallback {
            Fallback::Nothing => "nothing",
            Fallback::Rs256 => "RS256",
            Fallback::Implemented => "everything that it implements",
        };
        format!("When {when}, it takes {takes}.")
    };
    match rules.source {
        Source::Anything => vec!["It takes any algorithm.".into()],
        Source::Fixed if rules.accepts.is_empty() => vec!["It takes no algorithm.".into()],
        Source::Fixed => vec![format!("It takes {list}, whatever the provider advertises.")],
        Source::Advertised => vec![
            format!("It takes what the provider advertises in id_token_signing_alg_values_supported, out of {list}."),
            fallback("nothing in the list is implemented", rules.when_empty),
            fallback("the list is absent", rules.when_absent),
        ],
    }
}

fn keys(rules: &KeyRules) -> Vec<String> {
    if !rules.verified {
        return vec!["It verifies no signature and never fetches the JWK set.".into()];
    }
    let mut out = vec![if rules.fetched == rules.used {
        format!("It fetches the JWK set and uses it {}.", at(rules.used))
    } else {
        format!("It fetches the JWK set {} and uses it {}.", at(rules.fetched), at(rules.used))
    }];
    out.push(match rules.kid {
        Kid::Matches => "A token's kid has to be that of the key.".into(),
        Kid::MatchesOrAbsent => "A token's kid has to be that of the key; a key without kid fits too.".into(),
        Kid::Ignored => "It does not look at kid.".into(),
    });
    out.extend(rules.kid_required.then(|| "A token without kid is refused.".to_owned()));
    let several = |rule: Several| match rule {
        Several::TryAll => "every one is tried",
        Several::Refused => "it refuses them as ambiguous",
        Several::First => "the first one is taken",
        Several::FirstOfAnyType => "the first one is taken, of whatever type",
        Several::Last => "the last one is taken",
    };
    if rules.kid != Kid::Ignored {
        out.push(format!("When several keys have the token's kid, {}.", several(rules.same_kid)));
    }
    out.push(format!("When several keys fit a token without kid, {}.", several(rules.without_kid)));
    out.extend(rules.alg_matches.then(|| "A key's own alg has to be that of the token.".to_owned()));
    if rules.min_rsa_bits > 0 {
        out.push(format!("RSA keys have to have {} bits or more.", rules.min_rsa_bits));
    }
    out.extend(match rules.base64 {
        Base64::Any => None,
        Base64::Url => Some("Members of a key have to be base64url; padding is fine.".to_owned()),
        Base64::Clean => Some("Members of a key have to be base64url without padding.".to_owned()),
    });
    let words = |defects: &[oidcheck_checks::library::keys::Defect]| {
        defects.iter().map(|defect| defect.words()).collect::<Vec<_>>().join("; ")
    };
    if !rules.spoiled_by.is_empty() {
        out.push(format!("One such entry spoils the whole set: {}.", words(&rules.spoiled_by)));
    }
    if !rules.typed.is_empty() {
        out.push(format!("One entry with another JSON type of {} spoils the whole set.", or(&rules.typed)));
    }
    if !rules.unusable.is_empty() {
        out.push(format!("It passes over keys with: {}.", words(&rules.unusable)));
    }
    if !rules.typed_if_used.is_empty() {
        out.push(format!("It passes over keys with another JSON type of {}.", or(&rules.typed_if_used)));
    }
    out.extend(rules.null_refused.then(|| "null counts as another type there.".to_owned()));
    out
}

/// `a`, `a or b`, `a, b or c`.
fn or<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// When in a login.
fn at(step: Step) -> &'static str {
    match step {
        Step::Discovery => "while reading the discovery document",
        Step::Keys => "while fetching the keys",
        Step::Authorization => "at the authorization request",
        Step::Token => "at the token request",
        Step::IdToken => "while validating the ID token",
        Step::AccessToken => "while validating the access token",
        Step::Userinfo => "at the userinfo request",
        Step::Device => "in the device flow",
        Step::Logout => "at the logout",
        Step::Application => "when the application reads the claims",
    }
}

/// On what occasion a log text appears.
fn occasion(rule: Rule) -> &'static str {
    match rule {
        Rule::Unreachable => "the document cannot be fetched",
        Rule::Certificate => "the certificate is not trusted",
        Rule::Status => "the status of the document is refused",
        Rule::ContentType => "the content type of the document is refused",
        Rule::Redirect => "the document redirects",
        Rule::NotJson => "the document is no JSON",
        Rule::ByteOrderMark => "a byte order mark stands before the document",
        Rule::TrailingText => "text stands after the document",
        Rule::NotUtf8 => "the document is not UTF-8",
        Rule::HalfPair => "a string holds half of a surrogate pair",
        Rule::Duplicate => "a member stands twice",
        Rule::Compression => "the document is compressed unasked",
        Rule::TimeLimit => "the document comes too late",
        Rule::SizeLimit => "the document is too large",
        Rule::DiscoveryUrl => "the URL that it makes of what was typed gives nothing",
        Rule::IssuerDiffers => "the issuer differs",
        Rule::IssuerMissing => "the issuer is missing",
        Rule::IssuerType => "the issuer is no string",
        Rule::MemberMissing => "a member is missing",
        Rule::MemberType => "a member has the wrong JSON type",
        Rule::MemberUrl => "a URL cannot be parsed",
        Rule::PlainHttp => "an endpoint is not https",
        Rule::JwksStatus => "the status of the JWK set is refused",
        Rule::JwksContentType => "the content type of the JWK set is refused",
        Rule::JwksRedirect => "the JWK set redirects",
        Rule::JwksNotJson => "the JWK set is no JSON",
        Rule::JwksTimeLimit => "the JWK set comes too late",
        Rule::JwksSizeLimit => "the JWK set is too large",
        Rule::JwksSpoiled => "an entry spoils the JWK set",
        Rule::NoKey => "no key fits",
        Rule::AmbiguousKey => "more than one key fits",
        Rule::Algorithm => "the algorithm is refused",
        Rule::Clock => "a token comes from a clock that differs",
        Rule::Cors => "the browser refuses for lack of cross-origin headers",
        Rule::ClientRefused => "the token endpoint refuses the client",
        Rule::TokenStatus => "the status of the token response",
        Rule::TokenRedirect => "the token endpoint redirects",
        Rule::TokenContentType => "the content type of the token response",
        Rule::TokenNotJson => "the token response is no JSON",
        Rule::TokenMember => "a member of the token response is missing",
        Rule::TokenMemberType => "a member of the token response has another JSON type",
        Rule::TokenType => "token_type is not Bearer",
        Rule::IdTokenMissing => "there is no ID token",
        Rule::IdTokenUnreadable => "the token cannot be read",
        Rule::Signature => "the signature does not verify",
        Rule::TokenIssuer => "iss is another issuer",
        Rule::TokenAudience => "aud is another client",
        Rule::TokenParty => "azp is another client",
        Rule::TokenExpired => "the token has expired",
        Rule::TokenIssuedAt => "the token is from the future, or old",
        Rule::TokenNotBefore => "the token is not valid yet",
        Rule::Nonce => "nonce is another one",
        Rule::AtHash => "at_hash is that of another access token",
        Rule::HeaderType => "typ in the header is not JWT",
        Rule::Critical => "crit in the header",
        Rule::ClaimMissing => "a claim is missing or empty",
        Rule::ClaimType => "a claim has another JSON type",
        Rule::AccessTokenOpaque => "the access token is no JWT",
        Rule::UserinfoMissing => "there is no userinfo endpoint to ask",
        Rule::UserinfoStatus => "the status of the userinfo response",
        Rule::UserinfoRedirect => "the userinfo endpoint redirects",
        Rule::UserinfoContentType => "the content type of the userinfo response",
        Rule::UserinfoNotJson => "the userinfo response is no JSON object",
        Rule::UserinfoSigned => "the userinfo response is signed",
        Rule::UserinfoSubject => "sub of userinfo is missing or another one",
        Rule::UserinfoClaim => "a claim of userinfo has another JSON type",
    }
}
