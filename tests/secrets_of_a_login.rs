//! Canaries of a login: whatever a provider does with the secrets that it was sent and with the tokens that it gives,
//! none of them is in a report, on standard error or in a recording, and the recording is judged as the run was.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::{Said, Server, WELL_KNOWN, answer, oidcheck, said};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

const REDIRECT: &str = "https://app.example.test/callback";
const PASSWORD: &str = "Pw CANARY/\"&+ü%1";
const SECRET: &str = "s3cret CANARY/\"&+ü%2";
const CODE: &str = "CANARYcode-0123456789-abcdefghijklmnop";
const ACCESS: &str = "CANARYat.0123456789_abcdefghij~klmnopqrst/uv+wx";
const REFRESH: &str = "CANARYrt-0123456789-abcdefghijklmnopqrstuvw";
/// The signature of the ID token; it is base64url.
const SIGNED: &str = "CANARYsignature0123456789CANARYsignature0123456789CANARYsignature012";

/// What came of a run: everything that it wrote.
struct Run {
    said: Said,
    har: String,
    texts: Vec<(String, String)>,
}

/// A provider whose users log in by a form, and whose answers are those of a test.
struct Provider {
    server: Server,
    folder: tempfile::TempDir,
}

type Headers = Vec<(&'static str, String)>;
type Answer = (u16, Headers, Vec<u8>);

fn of(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    (status, vec![("Content-Type", "application/json".into()), ("Cache-Control", "no-store".into())], body.into())
}

impl Provider {
    fn start(
        metadata: impl Fn(&str, Value) -> Value + Send + Sync + 'static,
        token: impl Fn(&str) -> Answer + Send + Sync + 'static,
        userinfo: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Provider {
        let issuer = Arc::new(OnceLock::<String>::new());
        let known = issuer.clone();
        let server = Server::http(move |path, out| {
            let issuer = known.get().map_or("", String::as_str);
            let (place, query) = path.split_once('?').unwrap_or((path, ""));
            let state = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "state");
            let state = state.map(|(_, state)| state.into_owned()).unwrap_or_default();
            let (status, headers, body) = match place {
                WELL_KNOWN => of(200, metadata(issuer, document(issuer)).to_string()),
                "/authorize" => {
                    let form = format!(
                        "<form method=post action='/login?state={state}'><input name=username><input type=password name=password></form>"
                    );
                    (200, vec![("Content-Type", "text/html".into())], form.into_bytes())
                }
                "/login" => (303, vec![("Location", format!("{REDIRECT}?code={CODE}&state={state}"))], Vec::new()),
                "/token" => token(issuer),
                "/userinfo" => userinfo(issuer),
                _ => of(200, r#"{"keys":[]}"#),
            };
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            answer(out, status, &headers, &body)
        });
        issuer.set(server.issuer()).unwrap();
        Provider { server, folder: tempfile::tempdir().unwrap() }
    }

    /// Logs in with every format of the report, and judges each recording again.
    fn run(&self, secret: &str, password: &str) -> Run {
        self.run_as(&["human", "junit", "json"], secret, password)
    }

    fn run_as(&self, formats: &[&str], secret: &str, password: &str) -> Run {
        let path = |name: &str| self.folder.path().join(name);
        std::fs::write(path("secret"), secret).unwrap();
        let mut texts = Vec::new();
        let mut last = None;
        for format in formats {
            let (har, report) = (path("run.har"), path("report"));
            let mut run = oidcheck();
            run.args(["check", &self.server.issuer(), "--client-id", "web", "--redirect-uri", REDIRECT]);
            run.args(["--login", "form", "--abuse", "--format", format, "--client-secret-file"]).arg(path("secret"));
            run.arg("--record").arg(&har).arg("-o").arg(format!("{format}={}", report.display()));
            run.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", password);
            let run = said(&mut run);
            assert!([0, 1].contains(&run.code), "{run:?}");
            let replay = said(oidcheck().arg("replay").arg(&har).args(["--format", *format]));
            assert_eq!((replay.code, &replay.stdout), (run.code, &run.stdout), "a replay says the same");
            texts.push((format!("stdout as {format}"), run.stdout.clone()));
            texts.push((format!("stderr as {format}"), run.stderr.clone()));
            texts.push((format!("{format} in a file"), std::fs::read_to_string(report).unwrap()));
            texts.push(("the recording".to_owned(), std::fs::read_to_string(&har).unwrap()));
            last = Some(run);
        }
        Run { said: last.unwrap(), har: std::fs::read_to_string(path("run.har")).unwrap(), texts }
    }

    /// Values of a parameter that were sent in forms.
    fn sent(&self, name: &str) -> Vec<String> {
        let heads = self.server.heads();
        let forms = heads.iter().filter_map(|head| Some(head.split_once("\r\n\r\n")?.1.to_owned()));
        let of = |form: String| url::form_urlencoded::parse(form.as_bytes()).into_owned().collect::<Vec<_>>();
        forms.flat_map(of).filter(|(key, _)| key == name).map(|(_, value)| value).collect()
    }
}

impl Run {
    /// Neither the value nor a good piece of it is anywhere, however it is spelt.
    fn nowhere(&self, what: &str) {
        for (place, text) in &self.texts {
            let around = |at: usize| {
                text[..at].chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect::<String>()
            };
            assert!(
                !text.contains(what),
                "{what} in {place}, after {}",
                text.find(what).map(around).unwrap_or_default()
            );
        }
    }

    fn verdict(&self, check: &str) -> String {
        let report = self.said.json();
        let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
        let found = outcomes.iter().find(|outcome| outcome["check"] == check);
        found.unwrap_or_else(|| panic!("no {check}"))["verdict"].as_str().unwrap().to_owned()
    }

    /// The body of the token response as it was recorded.
    fn recorded(&self) -> String {
        let har: Value = serde_json::from_str(&self.har).unwrap();
        let entries = har["log"]["entries"].as_array().unwrap();
        let tokens = entries.iter().find(|entry| entry["_oidcheck"]["slot"] == "login-tokens:user");
        let tokens = tokens.unwrap_or_else(|| panic!("no token response: {}", self.har));
        tokens["response"]["content"]["text"].as_str().unwrap().to_owned()
    }
}

fn document(issuer: &str) -> Value {
    let mut metadata: Value = serde_json::from_str(&common::metadata(issuer)).unwrap();
    metadata["userinfo_endpoint"] = format!("{issuer}/userinfo").into();
    metadata["code_challenge_methods_supported"] = json!(["S256"]);
    metadata["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic"]);
    metadata
}

/// What a sound provider would answer.
fn grant(issuer: &str) -> Value {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({"iss": issuer, "sub": "u-1", "aud": "web", "iat": now, "exp": now + 300});
    let id_token = format!("{}.{}.{SIGNED}", part(json!({"alg": "RS256", "kid": "a"})), part(claims));
    json!({
        "access_token": ACCESS, "token_type": "Bearer", "expires_in": 300,
        "refresh_token": REFRESH, "id_token": id_token,
    })
}

fn person(_: &str) -> Answer {
    of(200, r#"{"sub":"u-1"}"#)
}

fn basic() -> String {
    let encode = |text: &str| oidcheck_checks::evidence::encode_pairs(&[("", text)]).trim_start_matches('=').to_owned();
    STANDARD.encode(format!("web:{}", encode(SECRET)))
}

#[test]
fn a_provider_that_repeats_secrets_gives_none_away() {
    let strict = |text: &str| oidcheck_checks::evidence::encode_pairs(&[("p", text)]);
    let form = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let php = |text: &str| json!(text).to_string().trim_matches('"').replace('/', "\\/").replace('ü', "\\u00fc");
    let spelt = move |text: &str| [text.to_owned(), strict(text), form(text)].join(" | ");
    let said = format!("{} | {} | {} | {CODE}", spelt(SECRET), spelt(PASSWORD), basic());
    let bodies = [
        json!({"error": "invalid_client", "error_description": said}).to_string(),
        format!("{{\"error\":\"invalid_client\",\"error_description\":\"{} {}\"}}", php(SECRET), php(PASSWORD)),
        format!("<p>no: {said}</p>"),
        format!("error=invalid_client&error_description={}&x={}", form(SECRET), form(PASSWORD)),
    ];
    for body in bodies {
        let header = format!("Basic error=\"{}\"", form(SECRET));
        let provider = Provider::start(
            |_, metadata| metadata,
            move |_| {
                let (status, mut headers, body) = of(401, body.clone());
                headers.push(("WWW-Authenticate", header.clone()));
                headers.push(("Set-Cookie", "sid=CANARYcookie".into()));
                (status, headers, body)
            },
            person,
        );
        let run = provider.run(SECRET, PASSWORD);
        assert_eq!(provider.sent("password").len(), 3, "the password was sent");
        // The letters in the middle are spelt alike everywhere.
        run.nowhere("CANARY");
        run.nowhere(&basic());
        // Probes send that of RFC 7636 appendix B, which everybody knows.
        for verifier in provider.sent("code_verifier").iter().filter(|verifier| !verifier.starts_with("dBjft")) {
            run.nowhere(verifier);
        }
        assert_ne!(run.verdict("token-response/status"), "pass");
    }
}

#[test]
fn a_token_response_of_any_shape_gives_no_token_away() {
    type Shape = fn(Value) -> Vec<u8>;
    let wide: Shape = |g| format!("\u{feff}{g}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let shapes: [(&str, Shape); 14] = [
        ("cut off", |g| g.to_string().trim_end_matches('}').into()),
        ("cut off inside of a token", |g| g.to_string()[..60].into()),
        ("after a guard", |g| format!(")]}}',\n{g}").into()),
        ("with a comma too many", |g| format!("{},}}", g.to_string().trim_end_matches('}')).into()),
        ("as a string", |g| json!(g.to_string()).to_string().into()),
        ("as a string with escaped slashes", |g| json!(g.to_string()).to_string().replace('/', "\\/").into()),
        ("on a page", |g| format!("<pre>{g}</pre>").into()),
        ("in UTF-16", wide),
        ("wrapped", |g| json!({"data": g, "code": 0}).to_string().into()),
        ("in a list", |g| json!([g]).to_string().into()),
        ("twice", |g| format!("{g}{g}").into()),
        ("named otherwise", |g| {
            json!({"accessToken": g["access_token"], "idToken": g["id_token"], "renewal": g["refresh_token"]})
                .to_string()
                .into()
        }),
        ("as objects", |g| {
            json!({"access_token": {"value": g["access_token"]}, "id_token": [g["id_token"]]}).to_string().into()
        }),
        ("as a form that nobody reads", |g| {
            format!("accessToken={}&renewal={}", g["access_token"].as_str().unwrap(), REFRESH).into()
        }),
    ];
    for (name, shape) in shapes {
        let provider = Provider::start(|_, m| m, move |issuer| of(200, shape(grant(issuer))), person);
        let run = provider.run_as(&["json"], SECRET, PASSWORD);
        for canary in ["CANARY", "0123456789", "klmnopqrst", "eyJ"] {
            // Where the tokens stand in their places, claims are kept.
            if canary == "eyJ" && name == "twice" {
                continue;
            }
            assert!(!run.recorded().contains(canary), "{name}: {canary} in {}", run.recorded());
        }
        run.nowhere("CANARY");
        assert!(run.har.contains(REDIRECT) && run.har.contains("client_secret_basic"), "{name}: {}", run.har);
    }
}

#[test]
fn tokens_in_other_places_are_not_shown() {
    let also = |name: &'static str| {
        move |issuer: &str| {
            let mut grant = grant(issuer);
            grant[name] = json!(format!("{ACCESS} {REFRESH}"));
            let mut answer = of(200, grant.to_string());
            answer.1.push(("Authorization", format!("Bearer {ACCESS}")));
            answer.1.push(("X-Refresh-Token", REFRESH.into()));
            answer.1.push(("X-Also", REFRESH.into()));
            answer.1.push(("X-Jwt-Too", format!("it is {}", grant["id_token"].as_str().unwrap())));
            answer
        }
    };
    let echo = |issuer: &str| {
        let id_token = grant(issuer)["id_token"].clone();
        of(200, json!({"sub": "u-1", "token": ACCESS, "note": format!("for {ACCESS}"), "more": [id_token]}).to_string())
    };
    let refused = |_: &str| {
        let mut answer = of(401, format!("nobody has {ACCESS}"));
        answer.1.push(("WWW-Authenticate", format!("Bearer error=\"invalid_token\", error_description=\"{ACCESS}\"")));
        answer
    };
    let cut = |_: &str| of(200, format!(r#"{{"sub":"u-1","token":"{ACCESS}","#));
    for userinfo in [echo, refused, cut] {
        let provider = Provider::start(|_, m| m, also("comment"), userinfo);
        let run = provider.run(SECRET, PASSWORD);
        run.nowhere("CANARY");
        assert!(run.recorded().contains("\"sub\"") || run.recorded().contains("\"token_type\""), "{}", run.recorded());
    }
}

#[test]
fn a_password_in_the_url_of_an_endpoint_is_not_shown() {
    let hidden = |issuer: &str, mut metadata: Value| {
        metadata["token_endpoint"] = format!("{}/token", issuer.replace("//", "//svc:CANARY-Top@")).into();
        let encoded = issuer.replace("//", "//svc:CANARY%2DTop@").replace("/", "%2F");
        metadata["service_documentation"] = format!("{issuer}/help?next={encoded}").into();
        metadata
    };
    let provider = Provider::start(hidden, |issuer| of(200, grant(issuer).to_string()), person);
    let run = provider.run(SECRET, PASSWORD);
    run.nowhere("CANARY");
    assert_eq!(run.verdict("discovery/endpoint-form"), "fail");
    assert!(run.said.stdout.contains("://***@127.0.0.1"), "{:?}", run.said);
}

/// Some people take a word for a password. That word stays what it is where it is none.
#[test]
fn what_is_no_secret_is_not_masked() {
    let provider = Provider::start(|_, m| m, |issuer| of(200, grant(issuer).to_string()), person);
    let words = provider.run_as(&["json"], "secret", "password");
    let drawn = provider.run_as(&["json"], SECRET, PASSWORD);
    assert!(words.har.contains("client_secret_basic") && words.har.contains("type=password"), "{}", words.har);
    let verdicts = |run: &Run| {
        let report = run.said.json();
        let outcomes = report["runs"][0]["outcomes"].as_array().unwrap().clone();
        let told = outcomes.iter().filter(|outcome| outcome["check"] != "token/secret-strength");
        told.map(|outcome| format!("{} {}", outcome["check"], outcome["verdict"])).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&words), verdicts(&drawn));
}

/// The page that asks again is named on standard error, and some repeat there what was typed.
#[test]
fn a_page_that_repeats_the_password_is_named_without_it() {
    let page = format!(
        "<title>{} is wrong</title><form method=post action=/login><input name=username><input type=password name=password></form>",
        PASSWORD.replace('&', "&amp;")
    );
    let issuer = Arc::new(OnceLock::<String>::new());
    let known = issuer.clone();
    let server = Server::http(move |path, out| match path.split('?').next().unwrap_or_default() {
        WELL_KNOWN => common::json(out, &document(known.get().map_or("", String::as_str)).to_string()),
        "/jwks" => common::json(out, r#"{"keys":[]}"#),
        _ => answer(out, 200, &[("Content-Type", "text/html")], page.as_bytes()),
    });
    issuer.set(server.issuer()).unwrap();
    let mut run = oidcheck();
    run.args(["check", &server.issuer(), "--client-id", "web", "--redirect-uri", REDIRECT, "--login", "form"]);
    let run = said(run.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", PASSWORD));
    assert!(run.stderr.contains("is wrong") && run.stderr.contains("asks for the password again"), "{run:?}");
    assert!(!run.contains("CANARY"), "{run:?}");
}

/// The same of the embedded provider, whose answer to a code is cut off.
#[test]
fn half_a_token_response_is_recorded_without_half_a_token() {
    let options = oidcheck_op::Options { tls: false, ..oidcheck_op::Options::with_faults(["tokens-not-json"]) };
    let (op, _runtime) = common::provider(options);
    let folder = tempfile::tempdir().unwrap();
    let (har, secret) = (folder.path().join("run.har"), folder.path().join("secret"));
    std::fs::write(&secret, "web-secret-for-loopback-only").unwrap();
    let mut run = oidcheck();
    run.args(["check", &op.issuer, "--client-id", "web", "--redirect-uri", REDIRECT, "--login", "form"]);
    run.arg("--client-secret-file").arg(&secret).arg("--record").arg(&har);
    run.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", "alice-password");
    let run = said(&mut run);
    let replay = said(oidcheck().arg("replay").arg(&har));
    assert_eq!((replay.code, &replay.stdout), (run.code, &run.stdout), "{run:?}");
    assert!(run.contains("token-response/json"), "{run:?}");
    let run = Run { said: run, har: std::fs::read_to_string(har).unwrap(), texts: Vec::new() };
    let body = run.recorded();
    assert!(body.starts_with(r#"{"access_token":"xxxxxxxxxxxxxxxxxxxx"#) && !body.contains("eyJ"), "{body}");
}
