//! Authelia: an entry of `identity_providers.oidc.clients`, with a claims policy where the application reads tokens.
//!
//! Facts: authelia/authelia internal/configuration/schema/identity_providers.go and internal/oidc/claims.go; 4.39.20 was
//! run. A client takes exactly one method at the token endpoint, and since 4.39 claims about the person are at userinfo
//! only unless a policy puts them into a token.

use super::{Made, quoted};
use crate::setup::secret::Secret;
use crate::setup::{Block, Wish};
use oidcheck_checks::profile::need::Need;

/// The scopes that Authelia knows.
const SCOPES: [&str; 7] = ["openid", "offline_access", "profile", "email", "groups", "address", "phone"];

/// The block.
pub(super) fn write(wish: &Wish<'_>, client: &Need, secret: Option<&Secret>) -> Made {
    let mut made = Made::default();
    let mut out =
        String::from("identity_providers:\n  oidc:\n    ## The other settings of OpenID Connect stay as they are.\n");
    let policy = !(client.id_token_claims.is_empty() && client.access_token_claims.is_empty());
    if policy {
        out.push_str(&format!("    claims_policies:\n      {}:\n", quoted(wish.client_id)));
        list(&mut out, 8, "id_token", &client.id_token_claims);
        list(&mut out, 8, "access_token", &client.access_token_claims);
    }
    if let Some(origin) = &client.cors_origin {
        out.push_str("    cors:\n");
        list(&mut out, 6, "endpoints", &["authorization", "token", "revocation", "userinfo"].map(String::from));
        list(&mut out, 6, "allowed_origins", std::slice::from_ref(origin));
    }
    out.push_str("    clients:\n");
    out.push_str(&format!("      - client_id: {}\n", quoted(wish.client_id)));
    let mut put = |line: String| out.push_str(&format!("        {line}\n"));
    put(format!("client_name: {}", quoted(&wish.profile.file.title)));
    if !client.public {
        // Nothing is left to a default: the digest of a secret that the user has yet to make cannot be written here.
        let digest = secret.and_then(|secret| secret.digest().ok());
        put(format!("client_secret: {}", quoted(digest.as_deref().unwrap_or("<digest of the client secret>"))));
        made.keeps_digest = true;
    }
    put(format!("public: {}", client.public));
    put("authorization_policy: 'two_factor'".into());
    if policy {
        put(format!("claims_policy: {}", quoted(wish.client_id)));
    }
    put(format!("require_pkce: {}", client.pkce));
    if client.pkce {
        put("pkce_challenge_method: 'S256'".into());
    }
    list(&mut out, 8, "redirect_uris", &client.redirects);
    list(&mut out, 8, "audience", &client.audience.iter().cloned().collect::<Vec<_>>());
    let (known, unknown): (Vec<_>, Vec<_>) =
        client.scopes.iter().cloned().partition(|scope| SCOPES.contains(&scope.as_str()));
    list(&mut out, 8, "scopes", &known);
    let response = if client.implicit { ["id_token"] } else { ["code"] };
    list(&mut out, 8, "response_types", &response.map(String::from));
    if client.implicit {
        list(&mut out, 8, "response_modes", &["form_post".to_owned()]);
    }
    list(&mut out, 8, "grant_types", &client.grants().into_iter().map(String::from).collect::<Vec<_>>());
    let mut put = |line: String| out.push_str(&format!("        {line}\n"));
    if client.access_token_jwt {
        put("access_token_signed_response_alg: 'RS256'".into());
    }
    put("userinfo_signed_response_alg: 'none'".into());
    put(format!("token_endpoint_auth_method: {}", quoted(client.auth_method)));
    made.blocks.push(Block::new("Authelia: configuration.yml, then restart it", "yaml", out));
    if !unknown.is_empty() {
        made.notes.push(format!(
            "Authelia does not know the scope {}, for which the application asks: the login ends in invalid_scope \
             unless the application is told not to.",
            unknown.join(", ")
        ));
    }
    if client.audience.is_some() && client.device {
        made.notes.push(
            "Authelia's device flow always issues an empty `aud` (4.39), so a command line that logs in by it is refused \
             as long as the application insists on an audience."
                .into(),
        );
    }
    made
}

/// A list, if it has anything.
fn list(out: &mut String, indent: usize, name: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let space = " ".repeat(indent);
    out.push_str(&format!("{space}{name}:\n"));
    for item in items {
        out.push_str(&format!("{space}  - {}\n", quoted(item)));
    }
}
