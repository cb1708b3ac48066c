//! The failures that people reported and that only a login shows, each played by the embedded provider and looked for
//! by the real binary: found for the applications that were hit, and for nobody else.
//!
//! Each application logs in with the kind of client that it has: those with a secret get opaque access tokens, those
//! without one JWTs. What a fault means for each of them is a snapshot.

mod common;

use oidcheck_op::{Options, start};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// A name of its own, since over loopback plain http is a trifle.
const HOST: &str = "op.example.test";
const AT_A_TIME: usize = 2;

/// The two kinds of client, with the applications that have one.
const CONFIDENTIAL: [&str; 4] = ["proxmox", "xen-orchestra", "virtuozzo", "netbird-embedded"];
const PUBLIC: [&str; 2] = ["incus", "netbird"];

/// The fault, where people met it, and who must be hit: nobody can log in, or something is lost.
const REPORTED: &[(&str, &str, &[&str])] = &[
    (
        "username-in-userinfo-only",
        "vatesfr/xen-orchestra#9648, #6722: thin ID tokens, claims at userinfo alone",
        &["xen-orchestra"],
    ),
    ("groups-as-string", "Proxmox bug 4411; vatesfr/xen-orchestra#9280 reads it since plug-in 0.4.2", &["proxmox"]),
    ("sub-too-long", "authentik's hashed subject with Proxmox, whose user ids have 64 characters", &["proxmox"]),
    ("token-typ-id-jwt", "pocket-id/pocket-id#440: unexpected or unsupported JWT type", &["proxmox"]),
    ("token-extra-audience", "zitadel/zitadel#8055, #9200; Proxmox bug 5076", &["proxmox"]),
    ("code-too-long", "Proxmox bug 4074: parameter verification failed, code", &["proxmox"]),
    ("userinfo-sub-only", "Proxmox bug 4234; AD FS with dominik-th/matomo-plugin-LoginOIDC#106", &["virtuozzo"]),
    (
        "userinfo-refused",
        "OpenCTI-Platform/opencti#4337: AD FS, MSIS9921; Proxmox bug 4234",
        &["proxmox", "virtuozzo", "netbird"],
    ),
    ("name-missing", "netbirdio/netbird#5143: missing \"name\" claim", &["netbird-embedded"]),
    (
        "access-token-opaque",
        "discuss.linuxcontainers.org/t/19926; netbirdio/netbird#750",
        &["incus", "netbird"],
    ),
    ("access-token-wrong-issuer", "canonical/lxd#14889, #14175", &["incus", "netbird"]),
    ("access-token-thin", "lxc/incus#3145: missing required claim", &["incus", "netbird"]),
    ("access-token-too-large", "canonical/lxd#14174: cannot stay logged in", &["incus"]),
    ("access-token-wrong-audience", "netbirdio/netbird#2142: invalid audience", &["netbird"]),
    ("access-token-no-audience", "netbirdio/netbird#2819: no aud", &["netbird"]),
    ("access-token-no-kid", "netbirdio/netbird: unable to find appropriate key", &["netbird"]),
    ("access-token-expired", "netbirdio/netbird#4054: tokens that have expired when they are issued", &["incus", "netbird"]),
    ("token-issued-ahead", "netbirdio/netbird#4500, #1942, #2941: token used before issued", &["incus", "netbird"]),
    (
        "token-hs256",
        "netbirdio/netbird#996, #1947; goauthentik/authentik#2169: a provider without a signing key",
        &["proxmox", "virtuozzo", "netbird-embedded", "incus", "netbird"],
    ),
];

/// What one application is told: check, effect.
type Told = BTreeSet<(String, String)>;

async fn told(fault: Option<&str>) -> BTreeMap<String, Told> {
    let options = Options { host: HOST.to_owned(), ..Options::with_faults(fault) };
    let provider = start(options).await.expect("starts");
    let folder = tempfile::tempdir().expect("a folder");
    let (ca, secret) = (folder.path().join("root.pem"), folder.path().join("secret"));
    std::fs::write(&ca, provider.ca_pem.as_deref().expect("over TLS")).expect("writes");
    std::fs::write(&secret, "web-secret-for-loopback-only").expect("writes");
    let mut all = BTreeMap::new();
    for profiles in [&CONFIDENTIAL[..], &PUBLIC[..]] {
        let mut command = common::oidcheck();
        command.args(["check", &provider.issuer, "--format", "json", "--login", "form"]);
        command.args(["--resolve", &format!("{HOST}:{}:127.0.0.1", provider.addr.port())]).arg("--ca-file").arg(&ca);
        command.env("OIDCHECK_USERNAME", "alice").env("OIDCHECK_PASSWORD", "alice-password");
        if profiles == CONFIDENTIAL {
            command.args(["--client-id", "web", "--redirect-uri", "https://app.example.test/callback"]);
            command.arg("--client-secret-file").arg(&secret);
            command.args(["--set", "scope=openid profile email groups"]);
        } else {
            command.args(["--client-id", "spa", "--redirect-uri", "https://spa.example.test/callback"]);
        }
        command.args(["--set", "scopes=openid profile email groups offline_access", "--set", "groups-claim=groups"]);
        profiles.iter().for_each(|profile| drop(command.args(["--profile", profile])));
        let said = tokio::task::spawn_blocking(move || common::said(&mut command)).await.expect("no panic");
        for run in said.json()["runs"].as_array().expect("runs") {
            assert_eq!(run["tier"], "login", "{fault:?}: {said:?}");
            all.insert(run["profile"].as_str().expect("an id").to_owned(), findings(run));
        }
    }
    provider.stop().await;
    all
}

/// What is said at the login tier, without what is merely untidy, and how the person fares.
fn findings(run: &Value) -> Told {
    let groups = ["token-response/", "id-token/", "access-token/", "userinfo/", "claims/"];
    let mut told = Told::new();
    for outcome in run["outcomes"].as_array().expect("outcomes") {
        let check = outcome["check"].as_str().expect("an id");
        assert_ne!(outcome["verdict"], "crashed", "{outcome}");
        for finding in outcome["findings"].as_array().expect("findings") {
            let effect = finding["effect"].as_str().expect("an effect");
            if effect != "untidy" && groups.iter().any(|group| check.starts_with(group)) {
                told.insert((check.to_owned(), effect.to_owned()));
            }
        }
    }
    for row in run["people"][0]["rows"].as_array().into_iter().flatten().filter(|row| row["verdict"] != "given") {
        let text = |member: &str| row[member].as_str().unwrap_or_default().to_owned();
        told.insert((format!("person: {}", text("is")), text("verdict")));
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reported_failure_is_found_for_the_right_applications() {
    let healthy = told(None).await;
    let permits = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = JoinSet::new();
    for (index, (fault, ..)) in REPORTED.iter().enumerate() {
        let permits = permits.clone();
        running.spawn(async move {
            let _permit = permits.acquire().await.expect("never closed");
            (index, told(Some(fault)).await)
        });
    }
    let (mut table, mut wrong) = (BTreeMap::new(), Vec::new());
    while let Some(done) = running.join_next().await {
        let (index, told) = done.expect("no panic");
        let (fault, source, must) = REPORTED[index];
        let hit: BTreeSet<&str> = told.iter().filter(|(id, told)| healthy[*id] != **told).map(|(id, _)| id.as_str()).collect();
        if hit != must.iter().copied().collect() {
            wrong.push(format!("{fault} hits {hit:?}, not {must:?}"));
        }
        table.insert(index, format!("{fault} ({source})\n{}", shown(&told, Some(&healthy))));
    }
    let rows: Vec<String> = table.into_values().collect();
    insta::assert_snapshot!(format!("healthy\n{}\n{}", shown(&healthy, None), rows.join("\n")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is said to each application; of those for whom nothing changed, only that.
fn shown(told: &BTreeMap<String, Told>, healthy: Option<&BTreeMap<String, Told>>) -> String {
    let mut text = String::new();
    for (id, told) in told {
        let same = healthy.is_some_and(|healthy| healthy[id] == *told);
        let said: Vec<String> = told.iter().map(|(check, effect)| format!("{check} {effect}")).collect();
        let said = if same { "as before".into() } else if said.is_empty() { "nothing".into() } else { said.join("; ") };
        writeln!(text, "  {id:<17} {said}").expect("to a String");
    }
    text
}
