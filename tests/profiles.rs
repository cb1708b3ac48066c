//! The documents of the profile language are those that are committed, every profile is what its schema says, and
//! settings and versions change what they should.

use oidcheck::docs::language;
use oidcheck_checks::profile::{Choices, ClientAuth, Flow, Profile, all};
use std::path::Path;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/profiles")
}

#[test]
fn documents_are_up_to_date() {
    for (name, text) in [("profile.schema.json", language::schema()), ("README.md", language::reference())] {
        let path = folder().join(name);
        if std::env::var_os("OIDCHECK_BLESS").is_some_and(|value| value == "1") {
            std::fs::write(&path, &text).unwrap();
        }
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(old == text, "checks/profiles/{name} is out of date; OIDCHECK_BLESS=1 cargo test --test profiles");
    }
}

#[test]
fn every_profile_is_what_the_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(&language::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for id in all().keys() {
        let text = std::fs::read_to_string(folder().join(format!("{id}.toml"))).unwrap();
        let value = serde_json::to_value(toml::from_str::<toml::Table>(&text).unwrap()).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{id}: {errors:?}");
    }
    // A key that does not exist has to be refused, or the test above would prove nothing.
    let wrong = serde_json::json!({"id": "x", "title": "X", "librari": "go-oidc"});
    assert!(!validator.is_valid(&wrong));
}

/// Every choice of every setting, and versions at both ends, give a profile that can be read.
#[test]
fn every_choice_can_be_made() {
    for (id, profile) in all() {
        for setting in &profile.file.settings {
            let values = setting.choices.iter().map(String::as_str).chain(["other-value"]);
            for value in values.filter(|value| setting.choices.is_empty() || *value != "other-value") {
                let settings = [(setting.key.clone(), value.to_owned())].into();
                let choices = Choices { settings, ..Choices::default() };
                let read = Profile::by_id_with(id, &choices).unwrap();
                assert!(read.is_ok(), "{id} {}={value}: {:?}", setting.key, read.err());
            }
        }
        for version in ["0.1", "6.0.0", "8.2.1", "9999"] {
            let choices = Choices { version: Some(version.into()), ..Choices::default() };
            let read = Profile::by_id_with(id, &choices).unwrap();
            assert!(read.is_ok(), "{id} {version}: {:?}", read.err());
        }
        let left = profile.file.claims.iter().find(|claim| claim.name.is_empty() || claim.name.contains('{'));
        assert!(left.is_none(), "{id}: {left:?}");
        for note in &profile.file.notes {
            for (key, value) in &note.when {
                let setting = profile.file.settings.iter().find(|s| s.key == *key);
                let setting = setting.unwrap_or_else(|| panic!("{id}: note {} knows no setting {key}", note.id));
                assert!(setting.choices.is_empty() || setting.choices.contains(value), "{id}: {} {value}", note.id);
            }
        }
    }
}

fn with(id: &str, version: Option<&str>, settings: &[(&str, &str)]) -> Profile {
    let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let choices = Choices { version: version.map(str::to_owned), settings, ..Choices::default() };
    Profile::by_id_with(id, &choices).expect("the choices fit").expect("there is such a profile")
}

#[test]
fn what_is_set_and_the_version_decide() {
    assert_eq!(with("proxmox", Some("8.2.1"), &[]).parts[0].library.id, "proxmox-8");
    assert_eq!(with("proxmox", Some("9.1"), &[]).parts[0].library.id, "proxmox-9");
    let named = with("proxmox", None, &[("username-claim", "preferred_username"), ("realm-name", "idp")]);
    let claim = named.file.claims.iter().find(|claim| claim.username).unwrap();
    assert_eq!((claim.name.as_str(), claim.suffix.as_deref()), ("preferred_username", Some("@idp")));
    // authentik's hashed `sub` never fits: 64 characters and the realm.
    assert!(claim.refuses(&"a".repeat(64).into()).unwrap().contains("68 characters"));
    assert_eq!(claim.refuses(&"alice@example.com".into()), None);
    assert!(claim.refuses(&"al ice".into()).unwrap().contains("does not match"));
    assert!(claim.refuses(&true.into()).is_some());

    let implicit = with("virtuozzo", None, &[("flow", "implicit")]);
    assert_eq!(implicit.file.response_type.as_deref(), Some("id_token"));
    assert_eq!(implicit.parts[0].flow, Flow::Implicit);
    assert!(implicit.notes().any(|note| note.id == "implicit-flow"));
    assert!(!with("virtuozzo", None, &[]).notes().any(|note| note.id == "implicit-flow"));

    let incus = with("incus", None, &[]);
    assert_eq!(incus.parts[1].flow, Flow::Device);
    assert_eq!(incus.parts[1].scopes, ["openid", "offline_access", "email"]);
    assert_eq!(incus.parts[0].client_authentication, [ClientAuth::BasicEmpty, ClientAuth::None]);
    assert!(incus.notes().any(|note| note.id == "any-token-of-the-issuer"));
    assert!(!with("incus", None, &[("audience", "x")]).notes().any(|note| note.id == "any-token-of-the-issuer"));
    let old = with("incus", Some("6.0.0"), &[]);
    assert!(old.parts.iter().all(|part| part.library.algorithms.accepts == ["RS256"]));

    // Where there is no browser NetBird's command line logs in by device code, which most people never need.
    let parts = |profile: &Profile| profile.parts.iter().filter_map(|part| part.id.clone()).collect::<Vec<_>>();
    assert_eq!(parts(&with("netbird", None, &[])), ["dashboard", "api", "cli"]);
    let headless = with("netbird", None, &[("device-flow", "true")]);
    assert_eq!(parts(&headless), ["dashboard", "api", "cli", "headless"]);
    assert_eq!(headless.parts[3].flow, Flow::Device);
    // Argo CD's command line sends the server's client id without its secret, unless it has a client of its own.
    assert!(with("argocd", None, &[]).notes().any(|note| note.id == "cli-without-secret"));
    let own = with("argocd", None, &[("cli-client", "own")]);
    assert!(own.notes().next().is_none());
    assert_eq!(parts(&own), ["web"]);
    assert!(with("argocd", None, &[("cli-client", "this")]).public());
    // Paperless-ngx and Nextcloud changed how they authenticate.
    let first = |id, version| with(id, version, &[]).file.client_authentication[0];
    assert_eq!(first("paperless-ngx", Some("2.20.3")), ClientAuth::ClientSecretBasic);
    assert_eq!(first("paperless-ngx", None), ClientAuth::ClientSecretPost);
    assert_eq!(first("nextcloud", Some("6.0.1")), ClientAuth::ClientSecretBasic);
    assert_eq!(first("nextcloud", Some("6.2")), ClientAuth::ClientSecretPost);
    // Jellyfin's plug-in pushes since 4.0.
    let pushes = |version| with("jellyfin", version, &[]).notes().any(|note| note.id == "pushed-by-basic");
    assert!(pushes(None) && !pushes(Some("3.5.2.4")));
    assert!(!with("jellyfin", None, &[("pushed-authorization", "false")]).notes().any(|n| n.id == "pushed-by-basic"));

    let xo = with("xen-orchestra", None, &[]);
    let uris: Vec<String> = xo.redirects(Some("https://xo.example.com/")).into_iter().map(|(uri, _)| uri).collect();
    assert_eq!(uris, ["https://xo.example.com/signin/oidc/callback"]);
    assert_eq!(with("xen-orchestra", None, &[("username-field", "email")]).file.claims[0].name, "email");
}
