//! The ways to log in besides plain forms, from outside: an address that is pasted, and one-time codes. Nothing that
//! was secret may be in what is said or recorded.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the failure")]

mod common;

use common::{Said, oidcheck, provider, said};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

const SECRET: &str = "web-secret-for-loopback-only";
const REDIRECT: &str = "https://app.example.test/callback";

/// Over plain http, so that the test can be the browser.
fn plain() -> oidcheck_op::Options {
    oidcheck_op::Options { tls: false, ..Default::default() }
}

/// Logs alice in at the login page of the embedded provider, and gives the address at which her browser ends up.
fn ends_at(op: SocketAddr, authorize: &str) -> String {
    let query = authorize.split_once('?').unwrap().1;
    let body = format!("{query}&username=alice&password=alice-password");
    let mut stream = TcpStream::connect(op).unwrap();
    let kind = "application/x-www-form-urlencoded";
    let head = format!("POST /login HTTP/1.1\r\nHost: {op}\r\nConnection: close\r\nContent-Type: {kind}");
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let line = answer.lines().find(|line| line.to_ascii_lowercase().starts_with("location:")).expect(&answer);
    line.split_once(": ").unwrap().1.to_owned()
}

/// Runs `--login paste`; `paste` makes what is typed of the address of the authorization request.
fn pasted(issuer: &str, folder: &Path, paste: impl FnOnce(&str) -> String) -> Said {
    let secret = folder.join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let client = ["--client-id", "web", "--redirect-uri", REDIRECT, "--login", "paste", "--client-secret-file"];
    watched(issuer, folder, &[&client[..], &[secret.to_str().unwrap()]].concat(), paste)
}

/// Runs a login in which `person` sees the address of the authorization request, and what they say is typed.
fn watched(issuer: &str, folder: &Path, args: &[&str], person: impl FnOnce(&str) -> String) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oidcheck"));
    command.env_clear().args(["check", issuer, "--format", "json"]).args(args).arg("--record");
    command.arg(folder.join("run.har")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut stderr = String::new();
    let url = loop {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "no address is printed: {stderr}");
        stderr.push_str(&line);
        if line.starts_with("  http") {
            break line.trim().to_owned();
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(person(&url).as_bytes()).unwrap();
    drop(stdin);
    lines.read_to_string(&mut stderr).unwrap();
    let output = child.wait_with_output().unwrap();
    Said { code: output.status.code().unwrap(), stdout: String::from_utf8(output.stdout).unwrap(), stderr }
}

/// Opens an address as a browser would, and gives the status line.
fn open(address: &str) -> String {
    let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line
}

#[test]
fn a_browser_comes_back_to_this_machine() {
    let (op, _runtime) = provider(plain());
    let folder = tempfile::tempdir().unwrap();
    let native = ["--client-id", "cli", "--redirect-uri", "http://127.0.0.1/callback", "--login", "browser"];
    let mut code = String::new();
    let run = watched(&op.issuer, folder.path(), &native, |url| {
        let back = ends_at(op.addr, url);
        let forged = back.replace("state=", "state=other");
        assert!(open(&forged).contains("404"), "another login's answer is taken");
        assert!(open(&back).contains("200"));
        code = back.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        String::new()
    });
    for check in ["token-response/code", "token-response/status", "id-token/signature", "id-token/nonce"] {
        assert_eq!(verdict(&run, check), "pass", "{check}: {run:?}");
    }
    let har = std::fs::read_to_string(folder.path().join("run.har")).unwrap();
    assert!(!har.contains(&code) && !run.contains(&code));
    let late = watched(&op.issuer, folder.path(), &[&native[..], &["--login-wait", "1"]].concat(), |_| String::new());
    assert!(late.stderr.contains("nobody came back to http://127.0.0.1:"), "{late:?}");
    assert!(late.stderr.contains("within 1 seconds"), "{late:?}");
    // An application elsewhere: its address is pasted.
    let web = ["--client-id", "web", "--redirect-uri", REDIRECT, "--login", "browser"];
    let far = watched(&op.issuer, folder.path(), &web, |_| String::new());
    assert!(
        far.stderr.contains("no redirect URI on this machine") && far.stderr.contains("no address was pasted"),
        "{far:?}"
    );
}

fn verdict(said: &Said, check: &str) -> String {
    let report = said.json();
    let outcomes = report["runs"][0]["outcomes"].as_array().unwrap();
    let found = outcomes.iter().find(|outcome| outcome["check"] == check);
    found.unwrap_or_else(|| panic!("no {check}: {said:?}"))["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn a_pasted_address_is_a_login_and_a_wrong_one_is_told() {
    let (op, _runtime) = provider(plain());
    let folder = tempfile::tempdir().unwrap();
    let mut codes = Vec::new();
    let run = pasted(&op.issuer, folder.path(), |url| {
        let stale = ends_at(op.addr, &url.replace("state=", "state=old"));
        let good = ends_at(op.addr, url);
        codes =
            [&stale, &good].map(|at| at.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned()).into();
        format!("{stale}\n{}\n{good}\n", "https://elsewhere.test/login?code=CANARY4711")
    });
    assert!(run.stderr.contains("that address belongs to another login"), "{run:?}");
    assert!(run.stderr.contains("that is an address at elsewhere.test"), "{run:?}");
    for check in ["token-response/code", "id-token/signature", "id-token/nonce", "token-response/status"] {
        assert_eq!(verdict(&run, check), "pass", "{check}: {run:?}");
    }
    let har = std::fs::read_to_string(folder.path().join("run.har")).unwrap();
    for canary in codes.iter().map(String::as_str).chain(["CANARY4711", SECRET]) {
        assert!(!har.contains(canary) && !run.contains(canary), "{canary}");
    }
}

#[test]
fn an_error_that_is_pasted_is_the_providers_answer() {
    let (op, _runtime) = provider(plain());
    let folder = tempfile::tempdir().unwrap();
    let run = pasted(&op.issuer, folder.path(), |url| {
        let state = url.split("state=").nth(1).unwrap().split('&').next().unwrap();
        format!("{REDIRECT}#error=access_denied&state={state}\n")
    });
    assert_eq!(verdict(&run, "token-response/code"), "fail", "{run:?}");
    assert!(run.stdout.contains("the provider ends the login with the error access_denied"), "{run:?}");
    let nothing = pasted(&op.issuer, folder.path(), |_| String::new());
    assert!(nothing.stderr.contains("nobody is logged in: no address was pasted"), "{nothing:?}");
}

/// What a small provider of the test was sent: path and body.
type Seen = Arc<Mutex<Vec<(String, String)>>>;

/// A small provider of the test: what it answers is a function of path and body, with its own issuer before them.
fn serve(answer: impl Fn(&str, &str, &str) -> (u16, String) + Send + 'static) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let (seen, base) = (Seen::default(), issuer.clone());
    let all = seen.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
            for line in head.lines() {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                    length = value.parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let (path, body) = (head.split(' ').nth(1).unwrap().to_owned(), String::from_utf8(body).unwrap());
            let (status, text) = match path.as_str() {
                common::WELL_KNOWN => {
                    let at = |name: &str, path: &str| format!("\"{name}\":\"{base}{path}\"");
                    let (issuer, keys) = (at("issuer", ""), at("jwks_uri", "/jwks"));
                    let (authorize, token) =
                        (at("authorization_endpoint", "/authorize"), at("token_endpoint", "/token"));
                    let device = at("device_authorization_endpoint", "/device");
                    (200, format!("{{{issuer},{keys},{authorize},{token},{device}}}"))
                }
                "/jwks" => (200, r#"{"keys":[]}"#.to_owned()),
                _ => answer(&base, &path, &format!("{head}{body}")),
            };
            all.lock().unwrap().push((path, body));
            let kind = if text.starts_with('<') { "text/html" } else { "application/json" };
            let to = if matches!(status, 302 | 303) { format!("Location: {text}\r\n") } else { String::new() };
            let head = format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nConnection: close\r\n{to}");
            let head = format!("{head}Set-Cookie: authentik_csrf=CSRF4711; Path=/\r\n");
            let _ = write!(reader.get_mut(), "{head}Content-Length: {}\r\n\r\n{text}", text.len());
        }
    });
    (issuer, seen)
}

/// A provider whose login asks for a password, then for a one-time code, and takes any; with `patient` false it asks
/// again and again.
fn asks_for_codes(patient: bool) -> (String, Seen) {
    let form = |fields: &str, to: &str| {
        (200, format!("<title>{to}</title><form method=post action=/{to}>{fields}<button>Go</button></form>"))
    };
    let code = "<input name=token_code autocomplete=one-time-code>";
    serve(move |_, path, _| match path.split('?').next().unwrap() {
        "/authorize" => form("<input name=username><input type=password name=password>", "second"),
        "/second" => form(code, "third"),
        "/third" if !patient => form(code, "third"),
        "/third" => (302, format!("{REDIRECT}?code=CODE4711")),
        _ => (404, String::new()),
    })
}

#[test]
fn a_device_login_is_waited_for_and_its_end_is_told() {
    let started = |base: &str| {
        let codes = r#""device_code":"DEVICE4711","user_code":"WDJB-MJHT","expires_in":60,"interval":1"#;
        (200, format!(r#"{{{codes},"verification_uri":"{base}/verify"}}"#))
    };
    let tokens = r#"{"access_token":"ACCESS4711","token_type":"Bearer"}"#;
    for (end, told) in [
        (tokens, ""),
        (r#"{"error":"access_denied"}"#, "the person refused the login"),
        (r#"{"error":"expired_token"}"#, "the code has expired"),
    ] {
        let polls = Arc::new(Mutex::new(0));
        let (issuer, seen) = serve(move |base, path, body| match path {
            "/device" => started(base),
            "/token" if body.contains("device_code=") => {
                let mut polls = polls.lock().unwrap();
                *polls += 1;
                match *polls {
                    1 => (400, r#"{"error":"authorization_pending"}"#.to_owned()),
                    _ => (if end == tokens { 200 } else { 400 }, end.to_owned()),
                }
            }
            _ => (400, r#"{"error":"invalid_grant"}"#.to_owned()),
        });
        let folder = tempfile::tempdir().unwrap();
        let har = folder.path().join("run.har");
        let mut command = oidcheck();
        command.args(["check", &issuer, "--client-id", "cli", "--login", "device", "--format", "json", "--record"]);
        let run = said(command.arg(&har));
        assert!(run.stderr.contains(&format!("Open {issuer}/verify on any device and enter the code WDJB-MJHT")));
        assert!(run.stderr.contains(told), "{told}: {run:?}");
        assert_eq!(run.stderr.contains("nobody is logged in"), !told.is_empty(), "{run:?}");
        if told.is_empty() {
            assert_eq!(run.json()["runs"][0]["tier"], "login", "{run:?}");
            assert_eq!(verdict(&run, "token-response/code"), "not-applicable", "{run:?}");
            assert_eq!(verdict(&run, "token-response/status"), "pass", "{run:?}");
            assert_eq!(verdict(&run, "token-response/id-token-present"), "fail", "{run:?}");
        }
        let asked = seen.lock().unwrap().iter().filter(|(_, body)| body.contains("DEVICE4711")).count();
        assert_eq!(asked, 2);
        let har = std::fs::read_to_string(har).unwrap();
        assert_eq!(har.contains("device_code=REDACTED"), told.is_empty());
        for canary in ["DEVICE4711", "ACCESS4711"] {
            assert!(!run.contains(canary) && !har.contains(canary), "{canary}: {run:?}");
        }
        assert!(!run.stdout.contains("WDJB") && !har.contains("WDJB"));
    }
    // A provider that is asked too often is asked less often.
    let polls = Arc::new(Mutex::new(Vec::new()));
    let times = polls.clone();
    let (issuer, _) = serve(move |base, path, body| match path {
        "/device" => started(base),
        _ if !body.contains("DEVICE4711") => (400, r#"{"error":"invalid_grant"}"#.to_owned()),
        _ => {
            let mut polls = polls.lock().unwrap();
            polls.push(std::time::Instant::now());
            let error = if polls.len() == 1 { "slow_down" } else { "access_denied" };
            (400, format!(r#"{{"error":"{error}"}}"#))
        }
    });
    said(oidcheck().args(["check", &issuer, "--client-id", "cli", "--login", "device"]));
    let times = times.lock().unwrap();
    let (last, before) = (times[times.len() - 1], times[times.len() - 2]);
    assert!(last - before >= std::time::Duration::from_secs(6), "{:?}", last - before);
}

#[test]
fn a_device_login_is_that_of_the_application() {
    let (issuer, seen) = serve(move |base, path, _| match path {
        "/device" => {
            let codes = r#""device_code":"DEVICE4711","user_code":"WDJB-MJHT","expires_in":60,"interval":1"#;
            (200, format!(r#"{{{codes},"verification_uri":"{base}/verify"}}"#))
        }
        _ => (400, r#"{"error":"access_denied"}"#.to_owned()),
    });
    said(oidcheck().args(["check", &issuer, "--profile", "incus", "--client-id", "cli", "--login", "device"]));
    let seen = seen.lock().unwrap();
    let empty = "client_secret=&client_assertion=&client_assertion_type=";
    let polls: Vec<&str> =
        seen.iter().map(|(_, body)| body.as_str()).filter(|body| body.contains("DEVICE4711")).collect();
    assert!(!polls.is_empty() && polls.iter().all(|poll| poll.contains(empty) && poll.contains("client_id=cli")));
    let starts: Vec<&str> = seen.iter().filter(|(path, _)| path == "/device").map(|(_, body)| body.as_str()).collect();
    let mine = starts.iter().filter(|body| body.contains("client_id=cli"));
    assert!(mine.clone().count() > 0 && mine.clone().all(|start| start.contains(empty)), "{starts:?}");
    assert!(starts.iter().all(|start| start.contains("scope=openid%20offline_access%20email")), "{starts:?}");
}

#[test]
fn a_one_time_code_is_sent_and_its_secret_never_shown() {
    const TOTP: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for (patient, secret, told) in [
        (true, TOTP, ""),
        (false, TOTP, "asks for the one-time code again"),
        (true, "", "there is no OIDCHECK_TOTP_SECRET"),
        (true, "CANARY0189", "the TOTP secret is no base32"),
    ] {
        let (issuer, seen) = asks_for_codes(patient);
        let mut command = oidcheck();
        command.args(["check", &issuer, "--client-id", "web", "--redirect-uri", REDIRECT, "--login", "form"]);
        command.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", "PASSWORD4711");
        let run = said(command.env("OIDCHECK_TOTP_SECRET", secret));
        assert!(run.stderr.contains(told), "{told}: {run:?}");
        assert_eq!(run.stderr.contains("nobody is logged in"), !told.is_empty(), "{run:?}");
        let sent: Vec<String> =
            seen.lock().unwrap().iter().filter(|(path, _)| path == "/third").map(|(_, body)| body.clone()).collect();
        assert_eq!(sent.len(), usize::from(secret == TOTP), "{sent:?}");
        for body in &sent {
            let code = body.strip_prefix("token_code=").unwrap();
            assert!(code.len() == 6 && code.chars().all(|c| c.is_ascii_digit()), "{body}");
            assert!(!run.contains(code), "{run:?}");
        }
        for canary in [TOTP, "CANARY0189", "PASSWORD4711", "CODE4711"] {
            assert!(!run.contains(canary), "{canary}: {run:?}");
        }
    }
}

/// Logs in by form with these secrets, and tells which of the requests had the code in them.
fn by_form(issuer: &str, seen: &Seen, totp: &str) -> (Said, bool) {
    let mut command = oidcheck();
    command.args(["check", issuer, "--client-id", "web", "--redirect-uri", REDIRECT, "--login", "form"]);
    command.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", "PASSWORD4711");
    let run = said(command.env("OIDCHECK_TOTP_SECRET", totp));
    for canary in ["PASSWORD4711", "CODE4711", "CSRF4711", "GEZDGNBVGY3TQOJQ"] {
        assert!(!run.contains(canary), "{canary}: {run:?}");
    }
    let redeemed = seen.lock().unwrap().iter().any(|(path, body)| path == "/token" && body.contains("code=CODE4711"));
    (run, redeemed)
}

/// Answers as Authelia 4.39 was measured to.
fn authelia(password: &'static str, two_factors: bool) -> (String, Seen) {
    serve(move |base, path, sent| {
        let ok = |data: String| (200, format!(r#"{{"status":"OK","data":{data}}}"#));
        let ko = |status| (status, r#"{"status":"KO","message":"Operation failed."}"#.to_owned());
        let flow = r#""flow":"openid_connect","flowID":"f1""#;
        let decide = format!(r#"{{"redirect":"{base}/consent/openid/decision?flow=openid_connect&flow_id=f2"}}"#);
        match path {
            "/api/firstfactor" if !sent.contains(&format!(r#""password":"{password}""#)) => ko(401),
            "/api/firstfactor" if !sent.contains(flow) => ko(400),
            "/api/firstfactor" if two_factors => (200, r#"{"status":"OK"}"#.to_owned()),
            "/api/firstfactor" => ok(decide),
            "/api/secondfactor/totp" if sent.contains(r#""token":""#) && sent.contains(flow) => ok(decide),
            "/api/oidc/consent?flow_id=f2" => ok(r#"{"client_id":"web","scopes":["openid"]}"#.to_owned()),
            "/api/oidc/consent" if sent.contains(r#""client_id":"web","consent":true"#) => {
                ok(format!(r#"{{"redirect_uri":"{base}/authorize?consent_id=c1"}}"#))
            }
            "/authorize?consent_id=c1" => (303, format!("{REDIRECT}?code=CODE4711&iss={base}")),
            _ if path.starts_with("/authorize") => (302, format!("{base}/?flow=openid_connect&flow_id=f1")),
            _ if path.starts_with("/?flow=") => (200, "<title>Login - Authelia</title><div id=root></div>".to_owned()),
            "/token" => (400, r#"{"error":"invalid_grant"}"#.to_owned()),
            _ => (404, String::new()),
        }
    })
}

#[test]
fn a_nonce_is_sent_where_the_application_sends_one() {
    // It demands one, and says so only to somebody who is logged in.
    let (issuer, seen) = serve(|_, path, _| {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let form = |to| (200, format!("<form method=post action=\"{to}\"><input name=username><input type=password>"));
        match path {
            "/authorize" if query.contains("nonce=") => form("/good"),
            "/authorize" => form("/bad"),
            "/good" => (302, format!("{REDIRECT}?code=CODE4711")),
            "/bad" => (302, format!("{REDIRECT}?error=invalid_request")),
            _ => (400, r#"{"error":"invalid_grant"}"#.to_owned()),
        }
    });
    for (profiles, sent) in [("generic", true), ("xen-orchestra", false), ("xen-orchestra generic", true)] {
        let mut command = oidcheck();
        command.args(["check", &issuer, "--client-id", "web", "--redirect-uri", REDIRECT, "--login", "form"]);
        for profile in profiles.split(' ') {
            command.args(["--profile", profile]);
        }
        command.args(["--format", "json"]).env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", "secret");
        let before = seen.lock().unwrap().len();
        let run = said(&mut command);
        let error = run.stdout.contains("the provider ends the login with the error invalid_request");
        let good = seen.lock().unwrap()[before..].iter().any(|(path, _)| path == "/good");
        assert_eq!((good, error), (sent, !sent), "{profiles}: {run:?}");
    }
}

#[test]
fn authelias_portal_is_gone_through() {
    const TOTP: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for (password, two_factors, totp, told) in [
        ("PASSWORD4711", false, "", ""),
        ("PASSWORD4711", true, TOTP, ""),
        ("PASSWORD4711", true, "", "it asks for a second factor, and there is no OIDCHECK_TOTP_SECRET"),
        ("another", false, "", "it refuses user name or password"),
    ] {
        let (issuer, seen) = authelia(password, two_factors);
        let (run, redeemed) = by_form(&issuer, &seen, totp);
        assert_eq!(redeemed, told.is_empty(), "{run:?} {:?}", seen.lock().unwrap());
        assert!(run.stderr.contains(told), "{told}: {run:?}");
    }
}

/// Answers as authentik 2025.12 was measured to, with explicit consent.
fn authentik(password: &'static str) -> (String, Seen) {
    let stage = Arc::new(Mutex::new("ak-stage-identification"));
    serve(move |base, path, sent| {
        let mut stage = stage.lock().unwrap();
        let executor = path.starts_with("/api/v3/flows/executor/");
        let posted = executor && sent.starts_with("POST");
        let show = |more: &str, stage: &str| (200, format!(r#"{{"component":"{stage}"{more}}}"#));
        if posted {
            assert!(sent.contains(&format!(r#""component":"{}""#, *stage)), "{sent}");
            *stage = match *stage {
                "ak-stage-identification" if sent.contains(r#""uid_field":"alice""#) => "ak-stage-password",
                "ak-stage-password" if sent.contains(password) => "to-authorize",
                "ak-stage-consent" if !sent.contains("x-authentik-csrf: CSRF4711") => "ak-stage-flow-error",
                "ak-stage-consent" if sent.contains("t-1") => "to-application",
                other => return show(r#","response_errors":{"password":[{"string":"Invalid password"}]}"#, other),
            };
            return (302, format!("{base}{path}"));
        }
        if executor {
            return match *stage {
                "to-authorize" => {
                    *stage = "ak-stage-consent";
                    show(r#","to":"/authorize?again=1""#, "xak-flow-redirect")
                }
                "to-application" => show(&format!(r#","to":"{REDIRECT}?code=CODE4711""#), "xak-flow-redirect"),
                other => show(r#","token":"t-1","password_fields":false"#, other),
            };
        }
        match path {
            "/authorize?again=1" => (302, "/if/flow/consent/?a=b".to_owned()),
            "/token" => (400, r#"{"error":"invalid_grant"}"#.to_owned()),
            _ if path.starts_with("/authorize") => (302, "/if/flow/login/?client_id=web&next=%2F".to_owned()),
            _ if path.starts_with("/if/flow/") => (200, "<title>authentik</title><ak-flow-executor>".to_owned()),
            _ => (404, String::new()),
        }
    })
}

#[test]
fn authentiks_flow_is_gone_through() {
    for (password, told) in [("PASSWORD4711", ""), ("another", "it refuses user name or password")] {
        let (issuer, seen) = authentik(password);
        let (run, redeemed) = by_form(&issuer, &seen, "");
        assert_eq!(redeemed, told.is_empty(), "{run:?} {:?}", seen.lock().unwrap());
        assert!(run.stderr.contains(told), "{told}: {run:?}");
    }
}

#[test]
fn several_people_log_in_within_one_run() {
    let (op, _runtime) = provider(plain());
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("secret"), SECRET).unwrap();
    for bob in ["bob-password", "WRONG4711"] {
        let mut command = oidcheck();
        command.args(["check", &op.issuer, "--client-id", "web", "--redirect-uri", REDIRECT, "--login", "form"]);
        command.args(["--persona", "alice", "--persona", "bob", "--client-secret-file"]).arg(path("secret"));
        command.arg("--record").arg(path("run.har"));
        for (name, value) in [("ALICE", "alice"), ("BOB", "bob")] {
            command.env(format!("OIDCHECK_{name}_USERNAME"), value);
        }
        let run = said(command.env("OIDCHECK_ALICE_PASSWORD", "alice-password").env("OIDCHECK_BOB_PASSWORD", bob));
        let har = std::fs::read_to_string(path("run.har")).unwrap();
        assert!(har.contains("login-tokens:alice"), "{run:?}");
        assert_eq!(har.contains("login-tokens:bob"), bob == "bob-password", "{run:?}");
        assert_eq!(run.stderr.contains("nobody is logged in as bob"), bob != "bob-password", "{run:?}");
        for canary in [SECRET, "alice-password", bob] {
            assert!(!run.contains(canary) && !har.contains(canary), "{canary}");
        }
    }
    let missing = said(oidcheck().args(["check", &op.issuer, "--login", "form", "--persona", "zoe"]));
    assert!(missing.code == 2 && missing.stderr.contains("OIDCHECK_ZOE_USERNAME"), "{missing:?}");
}
