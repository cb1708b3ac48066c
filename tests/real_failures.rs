//! The failures that people reported and that only a login shows, each played by the embedded provider and looked for
//! by the real binary: found for the applications that were hit, and for nobody else.
//!
//! Each application logs in with the kind of client that it has: those with a secret get opaque access tokens, those
//! without one JWTs. What a fault means for each of them is a snapshot.

mod common;

use oidcheck_checks::profile::Profile;
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

/// The fault, where people met it, what is set in the application besides, and who must be hit: nobody can log in, or
/// something is lost.
const REPORTED: &[(&str, &str, &[&str], &[&str])] = &[
    ("username-in-userinfo-only", "vatesfr/xen-orchestra#6722: users with empty names", &[], &["xen-orchestra"]),
    (
        "token-thin",
        "vatesfr/xen-orchestra#9648; claims at userinfo alone, as Authelia has them",
        &[],
        &["xen-orchestra", "netbird-embedded"],
    ),
    ("groups-as-string", "Proxmox bug 4411; vatesfr/xen-orchestra#9280 reads it since 0.4.2", &[], &["proxmox"]),
    ("sub-too-long", "authentik's hashed subject with Proxmox, whose user ids have 64 characters", &[], &["proxmox"]),
    ("sub-too-long", "the way out", &["username-claim=preferred_username"], &[]),
    ("token-typ-id-jwt", "pocket-id/pocket-id#440: unexpected or unsupported JWT type", &[], &["proxmox"]),
    ("token-extra-audience", "zitadel/zitadel#8055, #9200; Proxmox bug 5076", &[], &["proxmox"]),
    ("token-extra-audience", "another audience is set", &["audiences=project-28"], &["proxmox"]),
    ("token-extra-audience", "the way out, since Proxmox 9.1.1", &["audiences=project-27"], &[]),
    ("code-too-long", "Proxmox bug 4074: parameter verification failed, code", &[], &["proxmox"]),
    (
        "userinfo-sub-only",
        "AD FS: dominik-th/matomo-plugin-LoginOIDC#106, portainer/portainer#7044, penpot/penpot#3130",
        &[],
        &["virtuozzo"],
    ),
    (
        "userinfo-refused",
        "OpenCTI-Platform/opencti#4337: AD FS, MSIS9921; Proxmox bug 4234",
        &[],
        &["proxmox", "virtuozzo", "netbird"],
    ),
    ("userinfo-refused", "the way out of Proxmox", &["query-userinfo=0"], &["virtuozzo", "netbird"]),
    ("name-missing", "netbirdio/netbird#5143: missing \"name\" claim", &[], &["netbird-embedded"]),
    (
        "email-is-a-list",
        "Keystone maps texts alone: Could not map any federated user properties",
        &[],
        &["proxmox", "virtuozzo", "netbird-embedded"],
    ),
    ("access-token-opaque", "discuss.linuxcontainers.org/t/19926; netbirdio/netbird#750", &[], &["incus", "netbird"]),
    ("access-token-wrong-issuer", "canonical/lxd#14889, #14175", &[], &["incus", "netbird"]),
    ("access-token-thin", "Incus falls back to sub, NetBird shows nobody's address", &[], &["incus", "netbird"]),
    (
        "access-token-thin",
        "lxc/incus#3145: missing required claim",
        &["claim=preferred_username"],
        &["incus", "netbird"],
    ),
    ("access-token-too-large", "canonical/lxd#14174: cannot stay logged in", &[], &["incus"]),
    ("access-token-wrong-audience", "netbirdio/netbird#2142: invalid audience", &[], &["netbird"]),
    (
        "access-token-wrong-audience",
        "Incus looks at it only when oidc.audience is set",
        &["audience=spa"],
        &["incus", "netbird"],
    ),
    ("access-token-no-audience", "netbirdio/netbird#2819: no aud", &[], &["netbird"]),
    ("access-token-no-kid", "NetBird: unable to find appropriate key", &[], &["netbird"]),
    (
        "access-token-expired",
        "netbirdio/netbird#4054: tokens that have expired when they are issued",
        &[],
        &["incus", "netbird"],
    ),
    (
        "token-issued-ahead",
        "netbirdio/netbird#4500, #1942, #2941: token used before issued",
        &[],
        // A relying party that follows the specification allows some minutes, and is warned.
        &["incus", "netbird", "virtuozzo"],
    ),
    (
        "token-hs256",
        "netbirdio/netbird#996, #1947; goauthentik/authentik#2169: a provider without a signing key",
        &[],
        &["proxmox", "virtuozzo", "netbird-embedded", "incus", "netbird"],
    ),
];

/// What one application is told: check, effect.
type Told = BTreeSet<(String, String)>;

async fn told(fault: Option<&str>, set: &[&str]) -> BTreeMap<String, Told> {
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
        // A setting goes to the applications that have it, and at least one of them has to.
        let has = |set: &&&str| {
            let key = set.split('=').next().unwrap_or_default();
            profiles.iter().any(|id| Profile::by_id(id).is_some_and(|profile| profile.settings.contains_key(key)))
        };
        for set in set.iter().filter(has) {
            command.args(["--set", set]);
        }
        for profile in profiles {
            command.args(["--profile", profile]);
        }
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
    let healthy = told(None, &[]).await;
    for (id, told) in &healthy {
        assert_eq!(told, &Told::new(), "{id}: nothing is wrong with the healthy provider");
    }
    let permits = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = JoinSet::new();
    for (index, (fault, _, set, _)) in REPORTED.iter().enumerate() {
        let permits = permits.clone();
        running.spawn(async move {
            let _permit = permits.acquire().await.expect("never closed");
            (index, told(Some(fault), set).await)
        });
    }
    let (mut table, mut wrong) = (BTreeMap::new(), Vec::new());
    while let Some(done) = running.join_next().await {
        let (index, told) = done.expect("no panic");
        let (fault, source, set, must) = REPORTED[index];
        let hit: BTreeSet<&str> = told.iter().filter(|(_, told)| !told.is_empty()).map(|(id, _)| id.as_str()).collect();
        if hit != must.iter().copied().collect() {
            wrong.push(format!("{fault} {set:?} hits {hit:?}, not {must:?}"));
        }
        let set = if set.is_empty() { String::new() } else { format!(" with {}", set.join(", ")) };
        table.insert(index, format!("{fault}{set} ({source})\n{}", shown(&told)));
    }
    let rows: Vec<String> = table.into_values().collect();
    insta::assert_snapshot!(rows.join("\n"));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is said to those who are hit, and who is not.
fn shown(told: &BTreeMap<String, Told>) -> String {
    let mut text = String::new();
    for (id, told) in told.iter().filter(|(_, told)| !told.is_empty()) {
        let said: Vec<String> = told.iter().map(|(check, effect)| format!("{check} {effect}")).collect();
        writeln!(text, "  {id:<17} {}", said.join("; ")).expect("to a String");
    }
    let fine: Vec<&str> = told.iter().filter(|(_, told)| told.is_empty()).map(|(id, _)| id.as_str()).collect();
    writeln!(text, "  {:<17} {}", "nothing for", fine.join(", ")).expect("to a String");
    text
}
