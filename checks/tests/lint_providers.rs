//! Configuration files of providers: each case is one change to a file that is right, and what is said about it.

use oidcheck_checks::lint::{self, Input, Options};
use oidcheck_checks::verdict::Spot;

/// What is said about files: rule, effect, line, and then the message.
fn said(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let inputs: Vec<Input> =
        files.iter().map(|(name, text)| Input { name: (*name).to_owned(), text: (*text).to_owned() }).collect();
    let options = Options { kind: None, profile: None, app_url: None, verify: &|_, _| None };
    let mut out = Vec::new();
    for run in lint::lint(&inputs, &options) {
        for (outcome, finding) in run.findings() {
            let Spot::Line(line, _) = finding.place.spot else { continue };
            let rule = outcome.check.id.trim_start_matches("lint/");
            let what = format!("{rule} {:?} {line}", finding.effect);
            let actual = finding.actual.clone().unwrap_or_default();
            out.push((what, format!("{} {} {actual}", finding.message, finding.remedy.clone().unwrap_or_default())));
        }
    }
    out.sort();
    out
}

#[track_caller]
fn finds(name: &str, text: &str, wanted: &[&str]) {
    let found = said(&[(name, text)]);
    assert_eq!(found.iter().map(|(what, _)| what.as_str()).collect::<Vec<_>>(), wanted, "{found:#?}\n{text}");
}

const DIGEST: &str = "$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$JNRBzwAo0ek5qKn50cFzzvE9RXV88h1wJn5KGiHrD0YKtZaR/nCb2CJPOsKaPK0hjf.9yHxzQGZziziccp6Yng";

/// A client for Grafana at Authelia, with some lines instead of others and some more; the client begins on line 5.
fn authelia(before: &str, change: (&str, &str), more: &str) -> String {
    let client = format!(
        "    clients:\n      - client_id: grafana\n        client_secret: '{DIGEST}'\n        authorization_policy: two_factor\n        require_pkce: true\n        redirect_uris: ['https://grafana.example.com/login/generic_oauth']\n        scopes: [openid, profile, email]\n"
    );
    assert!(client.contains(change.0), "{change:?}");
    format!("identity_providers:\n  oidc:\n{before}{}{more}", client.replace(change.0, change.1))
}

#[track_caller]
fn authelia_finds(change: (&str, &str), wanted: &[&str]) {
    finds("a.yml", &authelia("", change, ""), wanted);
}

#[track_caller]
fn authelia_more(more: &str, wanted: &[&str]) {
    finds("a.yml", &authelia("", ("", ""), &format!("        {more}\n")), wanted);
}

#[test]
fn authelia_reads_its_lists_as_it_does() {
    for scopes in
        ["", "[]", "'openid,profile,email'", "openid", "\n          - openid\n          - profile\n          - email"]
    {
        // Which of its scopes Grafana asks for is a setting, but without the address nobody can log in.
        let wanted: &[&str] = if scopes == "openid" { &["scopes Degraded 9", "scopes LoginFails 9"] } else { &[] };
        authelia_finds(("[openid, profile, email]", scopes), wanted);
    }
    // A leading space is part of the scope.
    authelia_finds(("[openid, profile, email]", "'openid,profile, email'"), &["scopes LoginFails 9"]);
}

#[test]
fn what_is_filled_in_later_is_not_judged() {
    for secret in ["'{{ secret \"/s\" }}'", "'${SECRET}'", "{{ env \"S\" | secret | mindent 8 \"|\" | msquote }}"] {
        authelia_finds((&format!("'{DIGEST}'"), secret), &[]);
    }
    for host in ["${HOST}", "grafana.{{ env \"DOMAIN\" }}", "{{ env \"A\" }}.{{ env \"B\" }}"] {
        authelia_finds(("grafana.example.com", host), &[]);
    }
    // What stands around it still counts.
    authelia_finds(("grafana.example.com/login", "${HOST}/wrong"), &["redirect-exact LoginFails 8"]);
    authelia_finds(("two_factor", "'{{ env \"POLICY\" }}'"), &[]);
    let lines =
        authelia("", ("['https://grafana.example.com/login/generic_oauth']", "\n          {{- toYaml .uris }}"), "");
    finds("a.yml", &format!("{{{{- if .on }}}}\n{lines}{{{{- end }}}}\n"), &[]);
    // Of two branches one stays.
    let branches = "two_factor\n        {{- else }}\n        authorization_policy: one_factor\n        {{- end }}";
    authelia_finds(("two_factor", branches), &[]);
}

#[test]
fn a_scheme_of_a_program_is_a_scheme() {
    let with = |uri: &str| authelia("", ("generic_oauth']", &format!("generic_oauth', '{uri}']")), "");
    finds("a.yml", &with("app:/callback"), &[]);
    finds("a.yml", &with("com.example.app:/callback"), &[]);
    finds("a.yml", &with("grafana.example.com:3000/login/generic_oauth"), &["redirect-form LoginFails 8"]);
    finds("a.yml", &with("login/generic_oauth"), &["redirect-form LoginFails 8"]);
}

#[test]
fn authelia_does_not_start() {
    authelia_more("consent_mode: pre_configured", &["values LoginFails 10"]);
    authelia_more("lifespan: nope", &[]);
    authelia_more("userinfo_signed_response_alg: RSA256", &["token-format Degraded 10", "values LoginFails 10"]);
    authelia_more("id_token_signed_response_alg: none", &["values LoginFails 10"]);
    authelia_more("grant_types: [authorization_code, device_code]", &["values LoginFails 10"]);
    authelia_more("response_modes: [from_post]", &["values LoginFails 10"]);
    authelia_more("pkce_challenge_method: s256", &["values LoginFails 10"]);
    authelia_more("scopes: [openid, profile, email]", &["known-keys LoginFails 10"]);
    authelia_more("id_token_lifespan: 1h", &["known-keys LoginFails 10"]);
    authelia_finds(("two_factor", "bypass"), &["values LoginFails 6"]);
    // It may be defined in another file.
    authelia_finds(("two_factor", "admins"), &[]);
    let policies = "    authorization_policies: {admin: {default_policy: deny}}\n";
    finds("a.yml", &authelia(policies, ("two_factor", "admins"), ""), &["values LoginFails 7"]);
    finds("a.yml", &authelia(policies, ("two_factor", "admin"), ""), &[]);
    let key = "    jwks: [{key: x}]\n";
    finds("a.yml", &authelia(key, ("two_factor", "admins"), ""), &["values LoginFails 7"]);
    finds("a.yml", &authelia(key, ("", ""), "        lifespan: nope\n"), &["values LoginFails 11"]);
    finds("a.yml", &authelia(key, ("", ""), "        claims_policy: nope\n"), &["values LoginFails 11"]);
    finds("a.yml", "identity_providers:\n  oidc:\n    clients: []\n", &["required-keys LoginFails 3"]);
    let settings = "    enforce_pkce: sometimes\n    cors:\n      endpoints: [userinfos]\n      allowed_origins: ['https://a.example/', '*']\n";
    let wanted = ["values LoginFails 3", "values LoginFails 5", "values LoginFails 6", "values LoginFails 6"];
    finds("a.yml", &authelia(settings, ("", ""), ""), &wanted);
    let twin = authelia("", ("", ""), "").split_once("clients:\n").unwrap_or_default().1.to_owned();
    finds("a.yml", &authelia("", ("", ""), &twin), &["consistency LoginFails 10"]);
    authelia_finds(("client_id: grafana", "client_id: 'grafana app'"), &["values LoginFails 4"]);
    // Anchors repeat nothing.
    let merged =
        authelia("    x: &x {require_pkce: false}\n", ("require_pkce: true", "<<: *x\n        require_pkce: true"), "");
    finds("a.yml", &merged, &[]);
}

#[test]
fn old_names_beside_the_clients() {
    let old = "    issuer_private_key: x\n    access_token_lifespan: 1h\n";
    finds("a.yml", &authelia(old, ("", ""), ""), &["current-keys Degraded 3", "current-keys Degraded 4"]);
}

#[test]
fn secrets_that_authelia_cannot_use() {
    authelia_finds((&format!("'{DIGEST}'"), "''"), &["secret-form LoginFails 5"]);
    let doubled = DIGEST.replace('$', "$$");
    authelia_finds((DIGEST, &doubled), &["secret-form LoginFails 5"]);
    assert!(said(&[("a.yml", &authelia("", (DIGEST, &doubled), ""))])[0].1.contains("doubled"));
    // Who signs with a key has none.
    let key = authelia("", (&format!("client_secret: '{DIGEST}'"), "token_endpoint_auth_method: private_key_jwt"), "");
    finds("a.yml", &key, &["auth-method LoginFails 5"]);
    // Nor who never comes to the token endpoint.
    let implicit = "token_endpoint_auth_method: none\n        response_types: [id_token]";
    let text = authelia("", (&format!("client_secret: '{DIGEST}'"), implicit), "").replace("grafana", "unknown");
    finds("a.yml", &text, &[]);
}

#[test]
fn a_value_that_strayed_is_not_told() {
    let strayed = authelia("", ("", ""), "        consent_mode: CANARY-secret\n");
    assert!(said(&[("a.yml", &strayed)]).iter().all(|(_, text)| !text.contains("CANARY")));
}

#[test]
fn what_the_application_asks_for_is_allowed() {
    authelia_more("response_types: [id_token]", &["grants LoginFails 10"]);
    authelia_more("response_types: ['token']", &["grants LoginFails 10"]);
    authelia_more("response_types: [code, token]", &[]);
    authelia_more("pkce_challenge_method: plain", &["pkce LoginFails 10"]);
    authelia_more("require_pushed_authorization_requests: true", &["grants Degraded 10"]);
    authelia_more("userinfo_signed_response_alg: RS256", &["token-format Degraded 10"]);
    let xen = |more: &str, key: &str| {
        let text = authelia(more, ("client_id: grafana", "client_id: xen-orchestra"), "        claims_policy: xo\n");
        text.replace("require_pkce: true", key)
            .replace("grafana.example.com/login/generic_oauth", "xo.example.com/signin/oidc/callback")
            .replace("client_secret:", "token_endpoint_auth_method: client_secret_post\n        client_secret:")
    };
    finds("a.yml", &xen("", "require_pkce: false"), &[]);
    finds("a.yml", &xen("", "pkce_challenge_method: S256"), &["pkce LoginFails 4"]);
    finds("a.yml", &xen("    enforce_pkce: always\n", "require_pkce: false"), &["pkce LoginFails 5"]);
}

const NETBIRD: &str = "      - client_id: netbird\n        public: true\n        require_pkce: true\n        token_endpoint_auth_method: none\n        access_token_signed_response_alg: RS256\n        audience: [netbird]\n        redirect_uris: ['http://localhost:53000', 'https://netbird.example.com/auth', 'https://netbird.example.com/silent-auth']\n        scopes: [openid, profile, email, offline_access]\n        response_types: [code]\n        grant_types: [authorization_code, refresh_token, 'urn:ietf:params:oauth:grant-type:device_code']\n        claims_policy: nb\n";

#[test]
fn pages_of_the_application_may_ask() {
    let with = |before: &str| {
        format!(
            "identity_providers:\n  oidc:\n{before}    claims_policies: {{nb: {{access_token: [email]}}}}\n    clients:\n{NETBIRD}"
        )
    };
    let cors = |inside: &str| with(&format!("    cors: {{{inside}}}\n"));
    let open = "endpoints: [token, userinfo, revocation]";
    // In a piece of a file it may stand elsewhere.
    finds("a.yml", &with(""), &[]);
    finds("a.yml", &with("    jwks: [{key: x}]\n"), &["cors LoginFails 3"]);
    finds("a.yml", &cors(&format!("{open}, allowed_origins: ['https://netbird.example.com']")), &[]);
    finds("a.yml", &cors(&format!("{open}, allowed_origins: ['*']")), &[]);
    finds("a.yml", &cors(&format!("{open}, allowed_origins_from_client_redirect_uris: true")), &[]);
    finds("a.yml", &cors(&format!("{open}, allowed_origins: ['https://other.example.com']")), &["cors LoginFails 3"]);
    finds("a.yml", &cors("endpoints: [userinfo], allowed_origins: ['*']"), &["cors LoginFails 3"]);
}

/// A client of Keycloak for Grafana, with some text instead of another.
fn keycloak(change: (&str, &str)) -> String {
    let text = r#"{"clientId":"grafana","enabled":true,"protocol":"openid-connect","publicClient":false,"clientAuthenticatorType":"client-secret","secret":"**********",
"redirectUris":["https://grafana.example.com/login/generic_oauth"],"attributes":{"pkce.code.challenge.method":"S256"},
"standardFlowEnabled":true,"serviceAccountsEnabled":false,"defaultClientScopes":["profile","email","basic"]}"#;
    assert!(text.contains(change.0), "{change:?}");
    text.replacen(change.0, change.1, 1)
}

#[test]
fn clients_of_keycloak() {
    for (change, wanted) in [
        (("", ""), ""),
        (("\"https://grafana.example.com/login", "\"/login"), ""),
        (
            (
                "\"redirectUris\":[\"https://grafana.example.com",
                "\"rootUrl\":\"https://grafana.example.com\",\"redirectUris\":[\"",
            ),
            "",
        ),
        (("\"https://grafana.example.com/login/generic_oauth\"", "\"/login\""), "redirect-exact LoginFails 1"),
        (("\"enabled\":true", "\"enabled\":false"), "client-type LoginFails 1"),
        (("\"enabled\":true", "\"bearerOnly\":true"), "client-type LoginFails 1"),
        (("openid-connect", "saml"), "client-type LoginFails 1"),
        (("\"client-secret\"", "\"client-jwt\""), "auth-method LoginFails 1"),
        (("S256", "plain"), "pkce LoginFails 2"),
        (("**********", DIGEST), "secret-form Degraded 1"),
        (("\"enabled\":true", "\"enabled\":true,\"enabled\":true"), "known-keys Degraded 1"),
        // Without standard flow it is wrong for the application, and with a service account alone it is another's.
        (("\"standardFlowEnabled\":true", "\"standardFlowEnabled\":false"), "grants LoginFails 3"),
        (
            (
                "\"standardFlowEnabled\":true,\"serviceAccountsEnabled\":false",
                "\"standardFlowEnabled\":false,\"serviceAccountsEnabled\":true",
            ),
            "",
        ),
    ] {
        finds("k.json", &keycloak(change), wanted.split_terminator(';').collect::<Vec<_>>().as_slice());
    }
}

#[test]
fn a_covered_secret_is_not_compared() {
    let realm = r#"{"realm":"main","clients":[{"clientId":"proxmox","publicClient":false,"secret":"SECRET","redirectUris":["https://pve.example.com:8006"],
"attributes":{"pkce.code.challenge.method":"S256"},"defaultClientScopes":["profile","email","basic"]}]}"#;
    let cfg = "openid: sso\n\tissuer-url https://kc.example.com/realms/main\n\tclient-id proxmox\n\tclient-key plain-secret-1\n\tusername-claim preferred_username\n";
    let pair = |secret: &str| said(&[("k.json", &realm.replace("SECRET", secret)), ("domains.cfg", cfg)]);
    assert_eq!(pair("**********"), []);
    assert_eq!(pair("${PVE_SECRET}"), []);
    assert_eq!(pair("plain-secret-1"), []);
    assert_eq!(pair("another").first().map(|(what, _)| what.as_str()), Some("consistency LoginFails 4"));
    // It is compared as it stands.
    assert!(pair(DIGEST).iter().any(|(what, _)| what == "consistency LoginFails 4"));
}

#[test]
fn keycloak_finds_the_audience_where_the_documentation_puts_it() {
    let realm = r#"{"realm":"netbird","clients":[
{"clientId":"netbird-client","publicClient":true,"redirectUris":["https://netbird.example.com/auth","https://netbird.example.com/silent-auth","http://localhost:53000"],
"webOrigins":["+"],"attributes":{"oauth2.device.authorization.grant.enabled":"true"},"defaultClientScopes":["profile","email","api"],"optionalClientScopes":["offline_access"]},
{"clientId":"netbird-backend","publicClient":false,"secret":"x","standardFlowEnabled":false,"serviceAccountsEnabled":true,"redirectUris":["/*"]}],
"clientScopes":[{"name":"api","protocolMappers":[{"protocolMapper":"oidc-audience-mapper","config":{"included.client.audience":"netbird-client","access.token.claim":"true"}}]}]}"#;
    finds("k.json", realm, &[]);
    finds("k.json", &realm.replace("[\"+\"]", "[]"), &["cors LoginFails 3"]);
    finds("k.json", &realm.replace(",\"api\"", ""), &["audience LoginFails 2"]);
    finds("k.json", &realm.replace("claim\":\"true\"", "claim\":\"false\""), &["audience LoginFails 2"]);
    // A scope whose mappers are not at hand may bring it.
    finds("k.json", &realm.replace("\"name\":\"api\"", "\"name\":\"other\""), &[]);
}

fn dex(change: (&str, &str)) -> String {
    let text = "issuer: https://dex.example.com\nstorage: {type: memory}\nweb: {http: 0.0.0.0:5556}\noauth2:\n  responseTypes: [code]\nstaticClients:\n  - id: proxmox\n    name: PVE\n    secret: plain-secret-of-some-length\n    redirectURIs: ['https://pve.example.com:8006']\n";
    assert!(text.contains(change.0), "{change:?}");
    text.replacen(change.0, change.1, 1)
}

#[test]
fn clients_of_dex() {
    for (change, wanted) in [
        (("", ""), ""),
        (("[code]", "[id_token]"), "grants LoginFails 5"),
        (("['https://pve.example.com:8006']", "'https://pve.example.com:8006'"), "values LoginFails 10"),
        (("[code]", "code"), "values LoginFails 5"),
        (("issuer: https://dex.example.com\n", ""), "required-keys LoginFails 1"),
        (
            ("plain-secret-of-some-length", "'$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W'"),
            "secret-form Degraded 9",
        ),
        (("secret: plain-secret-of-some-length", "secretEnv: PVE_SECRET"), ""),
        (("redirectURIs", "redirectURI"), "known-keys Degraded 10;redirect-exact LoginFails 7"),
    ] {
        finds("d.yaml", &dex(change), wanted.split_terminator(';').collect::<Vec<_>>().as_slice());
    }
    let netbird = "issuer: https://dex.example.com\nweb: {https: 0.0.0.0:5556}\nstaticClients:\n  - id: netbird\n    public: true\n    redirectURIs: ['https://netbird.example.com/auth', 'https://netbird.example.com/silent-auth', 'http://localhost:53000']\n";
    finds("d.yaml", netbird, &["cors LoginFails 2", "redirect-exact Degraded 6"]);
    let open = netbird.replace("0.0.0.0:5556", "0.0.0.0:5556, allowedOrigins: ['https://netbird.example.com']");
    finds("d.yaml", &open.replace("53000'", "53000', /device/callback"), &[]);
}

#[test]
fn dex_names_the_client_and_nobody_else() {
    let dex = dex(("id: proxmox", "id: incus")).replace(
        "['https://pve.example.com:8006']",
        "['https://incus.example.com:8443/oidc/callback', /device/callback]",
    );
    let dex = dex.replace("secret: plain-secret-of-some-length", "public: true");
    let pair = |audience: &str| {
        let config = format!(
            "incus config set oidc.issuer=https://dex.example.com oidc.client.id=incus oidc.audience={audience}\n"
        );
        said(&[("dex.yaml", &dex), ("incus.sh", &config)]).into_iter().map(|(what, _)| what).collect::<Vec<_>>()
    };
    assert_eq!(pair("incus"), [""; 0]);
    assert_eq!(pair("https://incus.example.com:8443"), ["audience LoginFails 7"]);
}

/// A blueprint for Grafana, with some text instead of another; the provider begins on line 3.
fn authentik(change: (&str, &str)) -> String {
    let text = "version: 1\nentries:\n  - model: authentik_providers_oauth2.oauth2provider\n    id: provider\n    state: present\n    identifiers: {name: grafana}\n    attrs:\n      client_type: confidential\n      client_id: grafana\n      client_secret: !Env SECRET\n      signing_key: !Find [authentik_crypto.certificatekeypair, [name, x]]\n      sub_mode: user_uuid\n      redirect_uris:\n        - matching_mode: strict\n          url: https://grafana.example.com/login/generic_oauth\n      property_mappings:\n        - !Find [authentik_providers_oauth2.scopemapping, [scope_name, openid]]\n        - !Find [authentik_providers_oauth2.scopemapping, [scope_name, profile]]\n        - !Find [authentik_providers_oauth2.scopemapping, [scope_name, email]]\n  - model: authentik_providers_oauth2.scopemapping\n    id: mail\n    attrs: {scope_name: email}\n  - model: authentik_core.application\n    identifiers: {slug: grafana}\n    attrs: {provider: !KeyOf provider}\n";
    assert!(text.contains(change.0), "{change:?}");
    text.replacen(change.0, change.1, 1)
}

#[test]
fn blueprints_of_authentik() {
    let url = "strict\n          url: https://grafana.example.com/login/generic_oauth";
    let list = "\n        - matching_mode: strict\n          url: https://grafana.example.com/login/generic_oauth";
    for (change, wanted) in [
        (("", ""), ""),
        (
            (url, "regex\n          url: ^https://grafana\\.example\\.com/login/generic_oauth$"),
            "redirect-strict Untidy 15",
        ),
        (
            (url, "regex\n          url: ^https://grafana\\.example\\.com/(login|x)/generic_oauth$"),
            "redirect-strict Untidy 15",
        ),
        (
            (url, "regex\n          url: ^https://grafana\\.example\\.com/login$"),
            "redirect-exact LoginFails 3;redirect-strict Untidy 15",
        ),
        ((url, "strict\n          url: !Format [\"%s/login\", !Env BASE]"), ""),
        ((list, " !Context uris"), ""),
        ((list, " https://grafana.example.com/login/generic_oauth"), "values LoginFails 13"),
        ((list, " []"), "redirect-exact Unsafe 13"),
        (
            (
                url,
                "strict\n          redirect_uri_type: logout\n          url: https://grafana.example.com/login/generic_oauth\n        - url: https://grafana.example.com/login/generic_oauth",
            ),
            "",
        ),
        (
            (
                url,
                "strict\n          redirect_uri_type: logout\n          url: https://other.example.com/\n        - url: https://grafana.example.com/login/generic_oauth",
            ),
            "",
        ),
        (("present", "absent"), ""),
        (("strict", "exact"), "values LoginFails 14"),
        (("user_uuid", "email"), "values LoginFails 12"),
        (("confidential", "Confidential"), "values LoginFails 8"),
        (("confidential", "!Env TYPE"), ""),
        (("!KeyOf provider", "!KeyOf grafana"), "consistency LoginFails 25"),
        (("[scope_name, email]", "[scope_name, phone]"), "scopes LoginFails 17"),
        // A mapping of one's own may give the claim.
        (("!Find [authentik_providers_oauth2.scopemapping, [scope_name, email]]", "!KeyOf mail"), ""),
        // An excerpt names entries that stand elsewhere.
        (
            (
                "version: 1\nentries:",
                "entries:\n  - model: authentik_core.application\n    attrs: {provider: !KeyOf other}",
            ),
            "",
        ),
        (("oauth2provider", "oauth2providers"), "values LoginFails 3"),
        // Names of models are found whatever their capitals.
        (
            (
                "oauth2.oauth2provider\n    id: provider\n    state: present\n    identifiers: {name: grafana}\n    attrs:\n      client_type: confidential",
                "oauth2.OAuth2Provider\n    id: provider\n    identifiers: {name: grafana}\n    attrs:\n      client_type: public\n      x: 1",
            ),
            "client-type LoginFails 3;secret-form Untidy 10",
        ),
    ] {
        finds("b.yaml", &authentik(change), wanted.split_terminator(';').collect::<Vec<_>>().as_slice());
    }
}

#[test]
fn an_excerpt_of_a_guide_lacks_nothing() {
    let guide =
        |client: &str| format!("# Authelia\n\n```yaml\nidentity_providers:\n  oidc:\n    clients:\n{client}```\n");
    finds("g.md", &guide("      - client_id: gitea\n        claims_policy: x\n        scopes: [more]\n"), &[]);
    // With a redirect URI it is a client of its own.
    let own = guide(
        "      - client_id: grafana\n        redirect_uris: ['https://grafana.example.com/login/generic_oauth']\n",
    );
    assert!(said(&[("g.md", &own)]).iter().any(|(what, _)| what == "secret-form LoginFails 7"));
}

#[test]
fn placeholders_are_for_guides() {
    for uri in ["", "<copied from the application>"] {
        let text = authelia("", ("https://grafana.example.com/login/generic_oauth", uri), "");
        finds("a.yml", &text, &["values LoginFails 8"]);
        finds("g.md", &format!("# Grafana\n\n```yaml\n{text}```\n"), &[]);
    }
    for secret in ["$pbkdf2-sha512$310000$...", "<the digest>"] {
        let text = authelia("", (DIGEST, secret), "");
        finds("g.md", &format!("# Grafana\n\n```yaml\n{text}```\n"), &[]);
    }
    finds("a.yml", &authelia("", (DIGEST, "$pbkdf2-sha512$310000$..."), ""), &["secret-form LoginFails 5"]);
    // A placeholder in a file is known to everybody.
    finds("a.yml", &authelia("", (DIGEST, "<the digest>"), ""), &["secret-storage Unsafe 5"]);
}
