//! The command line of the real binary: what is refused before anything is sent, what is sent, what is kept.

mod common;

use common::*;
use oidcheck_checks::evidence::{CorsTarget, Slot, TransportError};

/// A provider that is good enough for the generic profile.
fn provider() -> Server {
    let issuer = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let known = issuer.clone();
    let server = Server::http(move |path, out| {
        let issuer = known.get().map(String::as_str).unwrap_or_default();
        match path {
            WELL_KNOWN => json(out, &metadata(issuer)),
            "/jwks" => json(out, "{\"keys\":[]}"),
            _ => answer(out, 404, &[], b""),
        }
    });
    issuer.set(server.issuer()).expect("once");
    server
}

#[test]
fn bad_input_is_refused_before_anything_is_sent() {
    let server = provider();
    let issuer = server.issuer();
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("writes");
        path.display().to_string()
    };
    let broken = file("broken.toml", b"id = \"x\"\ntitle = \n");
    let misspelt = file("misspelt.toml", b"id = \"x\"\ntitle = \"X\"\nlibary = \"generic\"\n");
    let no_pem = file("no.pem", b"hello");
    let missing = folder.path().join("no/such/folder.json").display().to_string();
    let here = folder.path().display().to_string();
    let output = format!("json={missing}");
    let (twice_a, twice_b) = (format!("json={here}/twice"), format!("human={here}/twice"));
    let good = issuer.as_str();
    // The arguments, and what stderr must say.
    let cases: &[(&[&str], &[&str])] = &[
        (&[""], &["issuer is empty", "https://auth.example.com"]),
        (&["ftp://op.test"], &["begins with \"ftp\"", "https://"]),
        (&["https:/op.test"], &["two slashes"]),
        (&["https://"], &["no host"]),
        (&["https:///path"], &["no host"]),
        (&["https://op.test /x"], &["space", "character 16"]),
        (&["https://op.test\\x"], &["backslash"]),
        (&["https://op.test:99999"], &["port"]),
        (&["https://op.test/?a=b"], &["query"]),
        (&["https://op.test/#a"], &["fragment"]),
        (&[good, "--app-url", "app.test"], &["--app-url", "https://"]),
        (&[good, "--profile", "gneric"], &["\"gneric\"", "did you mean generic?", "oidcheck list profiles"]),
        (&[good, "--profile", "no-such-thing-at-all"], &["oidcheck list profiles"]),
        (&[good, "--profile", "no-such-*"], &["pattern", "oidcheck list"]),
        (&[good, "--profile", "no-such.toml"], &["cannot read no-such.toml"]),
        (&[good, "--profile", &here], &["cannot read"]),
        (&[good, "--profile", &broken], &["broken.toml:2:"]),
        (&[good, "--profile", &misspelt], &["misspelt.toml:3:1", "did you mean `library`?"]),
        (&[good, "--tier", "client"], &["--tier client needs more", "--client-id", "--app-url"]),
        (&[good, "--tier", "secret", "--client-id", "a"], &["--client-secret-file", "--app-url"]),
        (&[good, "--tier", "login"], &["--login form"]),
        (&[good, "-o", &output], &["cannot write", &missing]),
        (&[good, "-o", "json"], &["FORMAT=FILE"]),
        (&[good, "-o", "jsn=x"], &["\"jsn\"", "did you mean json?"]),
        (&[good, "-o", "json=-"], &["--format"]),
        (&[good, "-o", &format!("json={here}")], &["cannot write", &here]),
        (&[good, "-o", &twice_a, "-o", &twice_b], &["another output"]),
        (&[good, "--record", &missing], &["cannot write", &missing]),
        (&[good, "--ca-file", &missing], &["cannot read", &missing]),
        (&[good, "--ca-file", &no_pem], &["no.pem", "no certificate"]),
        (&[good, "--resolve", "op.test:443"], &["HOST:PORT:ADDR", "for example"]),
        (&[good, "--resolve", "op.test:x:127.0.0.1"], &["the port"]),
        (&[good, "--resolve", "op.test:443:here"], &["no IP address"]),
        (&[good, "--proxy", "socks5://127.0.0.1:1"], &["--proxy", "socks5"]),
        (&[good, "--user-agent", "a\nb"], &["--user-agent"]),
        (&[good, "--timeout", "0"], &["--timeout"]),
        (&[good, "--no-such-option"], &["--no-such-option"]),
        (&[], &["neither an issuer", "--app-url"]),
    ];
    for (args, words) in cases {
        let said = run(&[&["check"], *args].concat());
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{args:?}: {said:?}");
        for word in *words {
            assert!(said.stderr.contains(word), "{word:?} for {args:?} in {}", said.stderr);
        }
    }
    assert_eq!(server.heads(), Vec::<String>::new(), "nothing was sent");
    let mut left: Vec<_> = std::fs::read_dir(folder.path()).expect("reads").flatten().map(|e| e.file_name()).collect();
    left.sort();
    assert_eq!(left, ["broken.toml", "misspelt.toml", "no.pem"], "no half-written file");
}

#[test]
fn a_check_from_end_to_end() {
    let server = provider();
    let said = run(&["check", &server.issuer(), "--format", "json"]);
    let report = said.json();
    assert_eq!(report["decision"]["exit"], said.code);
    assert_eq!(report["runs"][0]["target"]["issuer"], server.issuer());
    assert_eq!(said.stderr, "", "no progress when stderr is no terminal");
    let heads = server.heads();
    assert_eq!(heads.len(), 2, "{heads:?}");
    assert!(heads[0].starts_with(&format!("GET {WELL_KNOWN} HTTP/1.1\r\n")), "{heads:?}");
    assert!(heads[1].starts_with("GET /jwks "), "{heads:?}");
    for head in &heads {
        let lower = head.to_ascii_lowercase();
        assert!(
            lower.contains(&format!("user-agent: {}", oidcheck::gather::user_agent().to_ascii_lowercase())),
            "{head}"
        );
        assert!(lower.contains("accept: application/json"), "{head}");
        assert!(
            !lower.contains("accept-encoding") && !lower.contains("cookie") && !lower.contains("referer"),
            "{head}"
        );
    }
    assert_eq!(server.connections(), 1, "one connection for both");
}

#[test]
fn the_scheme_may_be_left_away() {
    let address = format!("127.0.0.1:{}", refused_port());
    for typed in [address.clone(), format!("//{address}")] {
        let said = run(&["check", &typed]);
        assert_eq!(said.code, 4, "{said:?}");
        assert!(said.stderr.contains(&format!("checking https://{address}")), "{said:?}");
    }
}

#[test]
fn a_dry_run_sends_nothing() {
    let server = provider();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.json");
    let said = run(&["check", &server.issuer(), "--dry-run", "-o", &format!("json={}", file.display())]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{said:?}");
    assert!(said.stdout.contains(&format!("GET {}{WELL_KNOWN}", server.issuer())), "{said:?}");
    assert!(said.stdout.contains("<jwks_uri of the metadata>"), "{said:?}");
    assert!(server.heads().is_empty() && !file.exists());
}

#[test]
fn requests_that_are_alike_are_sent_once() {
    // The metadata names itself as the key set.
    let body = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let known = body.clone();
    let server = Server::http(move |_, out| json(out, known.get().map(String::as_str).unwrap_or_default()));
    let own = format!("{}{WELL_KNOWN}", server.issuer());
    body.set(metadata(&server.issuer()).replace(&format!("{}/jwks", server.issuer()), &own)).expect("once");
    let (_, recording) = recorded(&[&server.issuer()]);
    assert_eq!(server.heads().len(), 1);
    assert_eq!(recording.evidence.len(), 2);
    let (a, b) = (recording.evidence.get(&Slot::Discovery), recording.evidence.get(&Slot::Jwks));
    assert!(a.is_some() && a == b);
}

#[test]
fn a_browser_application_asks_as_a_browser() {
    let server = provider();
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("spa.toml");
    let text = "id = \"spa\"\ntitle = \"A page\"\nlibrary = \"generic\"\n[library-changes]\nbrowser = true\n";
    std::fs::write(&profile, text).expect("writes");
    let profile = profile.display().to_string();
    let args = [&server.issuer(), "--profile", &profile, "--profile", "generic", "--app-url", "https://app.test/x"];
    let (said, recording) = recorded(&[args.as_slice(), &["--format", "json"]].concat());
    assert!(recording.evidence.get(&Slot::Cors(CorsTarget::Discovery)).is_some(), "{said:?}");
    assert_eq!(server.heads().len(), 3, "several profiles, one set of evidence");
    assert_eq!(said.json()["runs"].as_array().map(Vec::len), Some(2), "{said:?}");
    assert!(server.heads().iter().any(|head| head.to_ascii_lowercase().contains("origin: https://app.test\r\n")));
    let (_, recording) = recorded(&[&server.issuer(), "--profile", "library:*", "--profile", "library:generic"]);
    assert_eq!(recording.profiles, ["library:*", "library:generic"]);
}

#[test]
fn a_replay_says_the_same() {
    let server = provider();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (har, a, b) = (path("run.har"), path("a.json"), path("b.json"));
    let issuer = server.issuer();
    let args = ["--format", "json", "--profile", "library:*", "--profile", "generic"];
    let first = run(&[&["check", &issuer, "--record", &har, "-o", &format!("json={a}")], args.as_slice()].concat());
    drop(server);
    let again = run(&[&["replay", &har, "-o", &format!("json={b}")], args.as_slice()].concat());
    assert_eq!((first.code, &first.stdout), (again.code, &again.stdout));
    let read = |path: &str| std::fs::read_to_string(path).expect("written");
    assert_eq!(read(&a), first.stdout);
    assert_eq!(read(&a), read(&b));
    let remembered = run(&["replay", &har, "--format", "json"]);
    assert_eq!(remembered.stdout, first.stdout, "the profiles are those of the recording");
    assert_eq!(std::fs::read_dir(folder.path()).expect("reads").count(), 3, "no temporary file is left");
}

#[test]
fn broken_recordings_are_named_with_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.har");
    let name = path.display().to_string();
    let cases: &[(&[u8], &str)] = &[
        (b"", "1:1: EOF"),
        (b"{\n  \"log\": [", "2:"),
        (b"{\n  \"log\": {\"a\": \"\xff\"}}", "2:17: not UTF-8"),
        (
            b"{\"log\": {\"version\": \"1.2\", \"creator\": {\"name\": \"b\", \"version\": \"1\"}, \"entries\": []}}",
            "1:",
        ),
    ];
    for (text, place) in cases {
        std::fs::write(&path, text).expect("writes");
        let said = run(&["replay", &name]);
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{said:?}");
        assert!(said.stderr.contains(&format!("{name}:{place}")), "{place} in {}", said.stderr);
        assert!(said.stderr.contains("--record"), "{said:?}");
    }
    let said = run(&["replay", "no-such.har"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("cannot read no-such.har"), "{said:?}");
}

#[test]
fn a_made_up_name_can_be_given_an_address() {
    let server = provider();
    let port = server.address.port();
    let issuer = format!("http://op.made-up.test:{port}");
    let resolve = format!("OP.made-up.test:{port}:127.0.0.1");
    let (said, recording) = recorded(&[&issuer, "--resolve", &resolve]);
    let exchange = recording.evidence.get(&Slot::Discovery).expect("asked");
    assert!(exchange.outcome.is_ok(), "{said:?}");
    assert!(server.heads()[0].to_ascii_lowercase().contains(&format!("host: op.made-up.test:{port}\r\n")));
    // It holds for that port alone.
    let other = format!("op.made-up.test:{}:127.0.0.1", if port == 1 { 2 } else { 1 });
    let (_, recording) = recorded(&[&issuer, "--resolve", &other]);
    let exchange = recording.evidence.get(&Slot::Discovery).expect("asked");
    assert!(matches!(exchange.outcome, Err(TransportError::Dns(_))), "{exchange:?}");
}

#[test]
fn ipv6_addresses_work() {
    // Not every machine that runs tests has IPv6.
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let server = Server::on(std::net::Ipv6Addr::LOCALHOST.into(), None, |_, out| json(out, "{}"));
    let (_, recording) = recorded(&[&server.issuer()]);
    let response = recording.evidence.get(&Slot::Discovery).expect("asked").outcome.as_ref().expect("an answer");
    assert_eq!(response.url, format!("{}{WELL_KNOWN}", server.issuer()));
    let issuer = format!("http://six.test:{}", server.address.port());
    let (_, recording) = recorded(&[&issuer, "--resolve", &format!("six.test:{}:[::1]", server.address.port())]);
    assert!(recording.evidence.get(&Slot::Discovery).expect("asked").outcome.is_ok());
}

#[test]
fn proxies_are_respected() {
    let proxy = provider();
    let issuer = "http://op.made-up.test:8080";
    let asked = |args: &[&str], env: &[(&str, &str)]| {
        let before = proxy.heads().len();
        let said = said(oidcheck().args(["check", issuer]).args(args).envs(env.iter().copied()));
        assert!(said.code != 2, "{said:?}");
        proxy.heads().len() > before
    };
    let address = proxy.issuer();
    assert!(asked(&["--proxy", &address], &[]));
    assert!(asked(&[], &[("http_proxy", &address)]));
    assert!(asked(&[], &[("ALL_PROXY", &address)]));
    assert!(!asked(&[], &[("http_proxy", &address), ("NO_PROXY", "made-up.test")]));
    assert!(!asked(&["--proxy", &address], &[("NO_PROXY", "made-up.test")]));
    let direct = "op.made-up.test:8080:127.0.0.1";
    assert!(!asked(&["--resolve", direct], &[("http_proxy", &address)]));
    assert!(proxy.heads()[0].starts_with(&format!("GET {issuer}{WELL_KNOWN} ")), "{:?}", proxy.heads());
}

#[test]
fn credentials_are_never_shown() {
    const SECRET: &str = "CANARY7731";
    let folder = tempfile::tempdir().expect("a folder");
    let har = folder.path().join("x.har");
    let refused = format!("http://user:{SECRET}@127.0.0.1:{}", refused_port());
    let check = |args: &[&str], env: &[(&str, &str)], code: i32| {
        for format in ["human", "json", "junit"] {
            let mut command = oidcheck();
            command.arg("check").args(args).args(["--format", format, "--record"]).arg(&har).envs(env.iter().copied());
            let said = said(&mut command);
            assert_eq!(said.code, code, "{args:?} {said:?}");
            let kept = std::fs::read_to_string(&har).unwrap_or_default();
            assert!(!said.contains(SECRET) && !kept.contains(SECRET), "{args:?} {said:?} {kept}");
        }
    };
    for issuer in [
        format!("https://user:{SECRET}@op.test"),
        format!("user:{SECRET}@op.test"),
        format!("//user:{SECRET}@op.test"),
        format!("https://{SECRET}@op.test/x"),
        format!("https://user:{SECRET}@op.test /x"),
    ] {
        check(&[&issuer], &[], 2);
        check(&["https://op.test", "--app-url", &issuer], &[], 2);
    }
    check(&["https://op.test", "--proxy", &refused], &[], 2);
    check(&["https://op.test"], &[("HTTPS_PROXY", &refused)], 4);
    check(&["http://op.test"], &[("HTTP_PROXY", &refused)], 4);
    // A proxy that wants other credentials, and one that says no.
    let proxy = Server::http(|_, out| answer(out, 407, &[("Proxy-Authenticate", "Basic realm=x")], b""));
    let through = format!("http://user:{SECRET}@{}", proxy.address);
    check(&["https://op.test"], &[("HTTPS_PROXY", &through)], 4);
    assert!(proxy.heads().iter().any(|head| head.to_ascii_lowercase().contains("proxy-authorization: basic ")));
    let garbage = format!("http://user:{SECRET}@[broken");
    let said = said(oidcheck().args(["check", "https://op.test"]).env("HTTPS_PROXY", &garbage));
    assert!(!said.contains(SECRET), "{said:?}");
}

#[cfg(unix)]
#[test]
fn a_reader_who_leaves_is_no_failure() {
    let server = provider();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_oidcheck"))
        .env_clear()
        .args(["check", &server.issuer(), "--inconclusive", "ok", "--format", "json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    let code = output.status.code().expect("no signal");
    assert!(matches!(code, 0 | 1), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(target_os = "linux")]
#[test]
fn devices_are_written_to_and_a_full_disk_is_told() {
    let server = provider();
    let said = run(&["check", &server.issuer(), "-o", "json=/dev/null"]);
    assert!(said.code != 2, "{said:?}");
    assert!(std::fs::metadata("/dev/null").is_ok_and(|found| !found.is_file()), "still a device");
    let said = run(&["check", &server.issuer(), "-o", "json=/dev/full"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("cannot write /dev/full"), "{said:?}");
}

#[test]
fn help_and_version() {
    let said = run(&["--help"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{said:?}");
    for word in ["check", "replay", "list", "explain", "demo", "Exit codes"] {
        assert!(said.stdout.contains(word), "{word}");
    }
    assert_eq!(run(&["--version"]).stdout, format!("oidcheck {}\n", oidcheck::VERSION));
    let said = run(&[]);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{said:?}");
}
