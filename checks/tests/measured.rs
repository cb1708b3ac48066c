//! What real products were measured to answer, and the rule that follows from it. Each answer is one that was seen of
//! the product and version named; nothing here was invented, but for the random parts of addresses.

use oidcheck_checks::case::Facts;
use oidcheck_checks::evidence::{Endpoint, Evidence, Exchange, Request, Response, Slot};
use oidcheck_checks::plan::Plan;
use oidcheck_checks::probe::UNKNOWN_CLIENT;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{self, Judged, Run};
use oidcheck_checks::target::{Depth, Target};
use oidcheck_checks::verdict::Verdict;

const IDP: &str = "https://idp.lab.test";
const APP: &str = "https://app.lab.test/cb";

/// An answer: status, `Location`, content type, body. `{cb}` is the redirect URI that was sent, `{state}` its state.
type Answer = (u16, &'static str, &'static str, &'static str);

struct Measured {
    product: &'static str,
    good: Answer,
    refused: Answer,
    stranger: Answer,
    /// Behind the first redirect, where the product looks only there: good, refused, stranger.
    hop: Option<[Answer; 3]>,
    accepts: fn(&str) -> bool,
    /// The rule that has to be told.
    rule: &'static str,
    /// `redirect/foreign-host-refused` and `redirect/exact`: whether they pass.
    passes: [bool; 2],
}

const REGEX_PAGE: Answer = (400, "", "text/html", "<h1>Redirect URI Error</h1>");
const CLIENT_PAGE: Answer = (400, "", "text/html", "<h1>Client ID Error</h1>");
const SILENT: Answer = (302, "{cb}?error=login_required&error_description=x&state={state}", "", "");

fn exactly(uri: &str) -> bool {
    uri == APP
}

/// Exact, but percent-encodings are decoded before the comparison.
fn decoded(uri: &str) -> bool {
    uri.replace("%63", "c") == APP
}

const ALL: &[Measured] = &[
    Measured {
        product: "Authelia 4.39.20",
        good: (303, "{cb}?error=login_required&iss=https%3A%2F%2Fidp.lab.test&state={state}", "", ""),
        refused: (302, "https://idp.lab.test/consent/completion?error=invalid_request&error_status_code=400", "", ""),
        stranger: (302, "https://idp.lab.test/consent/completion?error=invalid_client&error_status_code=401", "", ""),
        hop: None,
        accepts: exactly,
        rule: "exact",
        passes: [true, true],
    },
    Measured {
        product: "authentik 2025.12.4, strict",
        good: SILENT,
        refused: REGEX_PAGE,
        stranger: CLIENT_PAGE,
        hop: None,
        accepts: exactly,
        rule: "exact",
        passes: [true, true],
    },
    Measured {
        product: "authentik 2025.12.4, regular expression https://app.lab.test/cb.*",
        good: SILENT,
        refused: REGEX_PAGE,
        stranger: CLIENT_PAGE,
        hop: None,
        accepts: |uri| {
            let same = APP.chars().zip(uri.chars()).all(|(pattern, found)| pattern == found || pattern == '.');
            same && uri.chars().count() >= APP.len()
        },
        rule: "a regular expression whose dots are not escaped",
        passes: [false, false],
    },
    Measured {
        product: r"authentik 2025.12.4, regular expression https://.*\.lab\.test/cb",
        good: SILENT,
        refused: REGEX_PAGE,
        stranger: CLIENT_PAGE,
        hop: None,
        accepts: |uri| uri.starts_with("https://") && uri.ends_with(".lab.test/cb"),
        rule: "a pattern with a wildcard in or before the host",
        passes: [false, true],
    },
    Measured {
        product: "Keycloak 26.5.2, exact",
        good: (302, "{cb}?error=login_required&state={state}&iss=https%3A%2F%2Fidp.lab.test", "", ""),
        refused: (400, "", "text/html", "<p id=\"kc-error-message\">Invalid parameter: redirect_uri</p>"),
        stranger: (400, "", "text/html", "<p id=\"kc-error-message\">Client not found.</p>"),
        hop: None,
        accepts: exactly,
        rule: "exact",
        passes: [true, true],
    },
    Measured {
        product: "Dex 2.45.1",
        good: (302, "/dex/auth/local?client_id={client}&redirect_uri={uri}", "", ""),
        refused: (302, "/dex/auth/local?client_id={client}&redirect_uri={uri}", "", ""),
        stranger: (302, "/dex/auth/local?client_id={client}&redirect_uri={uri}", "", ""),
        hop: Some([
            (302, "/dex/auth/local/login?back=&state=x7kd02mmq3", "", ""),
            (400, "", "text/html", "Unregistered redirect_uri."),
            (404, "", "text/html", "Invalid client_id."),
        ]),
        accepts: decoded,
        rule: "parsed URLs, not text",
        passes: [true, false],
    },
    Measured {
        product: "zitadel/oidc 3.45.0",
        good: SILENT,
        refused: (400, "", "text/plain", "The requested redirect_uri is missing in the client configuration."),
        stranger: (400, "", "text/plain", "unable to retrieve client by id"),
        hop: None,
        accepts: decoded,
        rule: "parsed URLs, not text",
        passes: [true, false],
    },
    Measured {
        product: "zitadel/oidc 3.45.0 behind its Server interface",
        good: SILENT,
        refused: (400, "", "application/json", r#"{"error":"invalid_request"}"#),
        stranger: (500, "", "application/json", r#"{"error":"server_error"}"#),
        hop: None,
        accepts: decoded,
        rule: "parsed URLs, not text",
        passes: [true, false],
    },
    Measured {
        product: "Ory Hydra 2.3.0",
        good: (303, "{cb}?error=login_required&state={state}", "", ""),
        refused: (302, "/oauth2/fallbacks/error?error=invalid_request", "", ""),
        stranger: (302, "/oauth2/fallbacks/error?error=invalid_client", "", ""),
        hop: None,
        accepts: exactly,
        rule: "exact",
        passes: [true, true],
    },
];

fn response(answer: Answer, request: &Request) -> Response {
    let (status, location, kind, body) = answer;
    let get = |name: &str| request.query(name).unwrap_or_default();
    let encoded: String = url::form_urlencoded::byte_serialize(get("redirect_uri").as_bytes()).collect();
    let mut headers = vec![("Content-Type".to_owned(), kind.to_owned())];
    if !location.is_empty() {
        let filled = location.replace("{cb}", &get("redirect_uri")).replace("{state}", &get("state"));
        headers.push(("Location".into(), filled.replace("{uri}", &encoded).replace("{client}", &get("client_id"))));
    }
    let (url, version) = (request.url.clone(), "HTTP/1.1".to_owned());
    Response { url, version, status, headers, body: body.as_bytes().to_vec(), encoded_len: None, cut_at: None }
}

/// Asks everything of the plan; also says in how many rounds, each of which needs the answers of the one before.
fn gather(product: &Measured, target: &Target, profile: &Profile) -> (Evidence, Vec<usize>) {
    let plan = Plan { target, profiles: std::slice::from_ref(profile) };
    let (mut evidence, mut rounds) = (Evidence::default(), Vec::new());
    loop {
        let asks = plan.next(&evidence);
        if asks.is_empty() {
            return (evidence, rounds);
        }
        rounds.push(asks.len());
        assert!(rounds.len() < 20, "the plan never ends");
        for ask in asks {
            let request = &ask.request;
            let document = format!(
                r#"{{"issuer":"{IDP}","authorization_endpoint":"{IDP}/auth","token_endpoint":"{IDP}/token","jwks_uri":"{IDP}/keys"}}"#
            );
            let stranger = request.query("client_id").is_some_and(|client| client == UNKNOWN_CLIENT);
            let good = (product.accepts)(&request.query("redirect_uri").unwrap_or_default());
            let place = |good_one, refused, stranger_one| match (stranger, good) {
                (true, _) => stranger_one,
                (_, true) => good_one,
                _ => refused,
            };
            let response = match &ask.slot {
                Slot::Discovery => {
                    Response { body: document.into_bytes(), ..response((200, "", "application/json", ""), request) }
                }
                Slot::Probe(Endpoint::Authorize, _) => {
                    response(place(product.good, product.refused, product.stranger), request)
                }
                Slot::Probe(Endpoint::AuthorizeHop, _) => {
                    let [good_one, refused, stranger_one] = product.hop.expect("only where one redirect stays inside");
                    response(place(good_one, refused, stranger_one), request)
                }
                Slot::Probe(Endpoint::Token, _) => {
                    response((400, "", "application/json", r#"{"error":"invalid_grant"}"#), request)
                }
                _ => response((200, "", "application/json", r#"{"keys":[]}"#), request),
            };
            let started = jiff::Timestamp::UNIX_EPOCH;
            let exchange = Exchange {
                request: ask.request,
                outcome: Ok(response),
                hops: vec![],
                tls: None,
                started,
                elapsed_ms: 9,
            };
            evidence.record(ask.slot, exchange);
        }
    }
}

fn target(depth: Depth) -> Target {
    Target {
        typed: IDP.into(),
        client_id: Some("app".into()),
        redirect_uris: vec![APP.into()],
        depth,
        ..Target::default()
    }
}

fn judged<'r>(run: &'r Run, check: &str) -> &'r Judged {
    &run.outcomes.iter().find(|o| o.check.id == check).expect("it was selected").judged
}

#[test]
fn the_rule_of_each_measured_product_is_told_rightly() {
    let profile = Profile::by_id("generic").expect("a profile of this build");
    for product in ALL {
        let target = target(Depth::Standard);
        let (evidence, _) = gather(product, &target, &profile);
        let run = report::judge(&target, &profile, &Facts::of(&evidence), jiff::Timestamp::UNIX_EPOCH);
        let name = product.product;
        for check in ["client/known", "redirect/accepted", "redirect/no-error-bounce"] {
            assert!(
                matches!(judged(&run, check), Judged::Told(Verdict::Pass(_))),
                "{name}: {check}: {:?}",
                judged(&run, check)
            );
        }
        let mut words = String::new();
        for (check, passes) in ["redirect/foreign-host-refused", "redirect/exact"].iter().zip(product.passes) {
            let told = judged(&run, check);
            words += &format!("{told:?}");
            assert_eq!(matches!(told, Judged::Told(Verdict::Pass(_))), passes, "{name}: {check}: {told:?}");
            assert!(matches!(told, Judged::Told(_)), "{name}: {check}: {told:?}");
        }
        assert!(words.contains(product.rule), "{name}: not {}: {words}", product.rule);
    }
}

/// No barrier between independent requests: as many rounds as there are answers that something depends on. The sizes
/// are those of the sets, discovery and keys included.
#[test]
fn the_client_tier_takes_no_more_rounds_than_it_has_to() {
    let profile = Profile::by_id("generic").expect("a profile of this build");
    let exact = ALL.iter().find(|product| product.product.starts_with("Keycloak")).expect("it is there");
    let sizes = [Depth::Quick, Depth::Standard, Depth::Thorough].map(|depth| {
        let target = Target { has_secret: true, ..target(depth) };
        gather(exact, &target, &profile).1
    });
    // Discovery; then the redirect URI, which has to go first; then controls and secret; then what the oracle allows.
    assert_eq!(sizes.each_ref().map(Vec::len), [4, 4, 4], "{sizes:?}");
    let totals = sizes.each_ref().map(|rounds| rounds.iter().sum::<usize>());
    assert_eq!(totals, [17, 38, 68], "{sizes:?}");
}
