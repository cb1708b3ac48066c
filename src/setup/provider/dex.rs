//! Dex: an entry of `staticClients`.
//!
//! Facts: dexidp/dex server/authflow; 2.45.1 was run. All claims are in the ID token, the access token is a JWT with the
//! same content, and secrets are kept in clear.

use super::{Made, quoted};
use crate::setup::{Block, SECRET, Wish};
use oidcheck_checks::profile::need::Need;
use url::Url;

/// The scopes that Dex knows.
const SCOPES: [&str; 6] = ["openid", "email", "profile", "groups", "offline_access", "federated:id"];

/// The block.
pub(super) fn write(wish: &Wish<'_>, client: &Need) -> Made {
    let mut made = Made::default();
    let mut out =
        format!("staticClients:\n  - id: {}\n    name: {}\n", quoted(wish.client_id), quoted(&wish.profile.file.title));
    if client.public {
        out.push_str("    public: true\n");
    } else {
        out.push_str(&format!("    secret: {}\n", quoted(SECRET)));
    }
    out.push_str("    redirectURIs:\n");
    for uri in &client.redirects {
        out.push_str(&format!("      - {}\n", quoted(uri)));
    }
    if client.device {
        // People who entered a device code end there; in some versions the path of the issuer stands before it.
        let path = Url::parse(wish.issuer).map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        let mut ends = vec![String::new(), path];
        ends.dedup();
        for path in ends {
            out.push_str(&format!("      - {}\n", quoted(&format!("{path}/device/callback"))));
        }
    }
    if let Some(origin) = &client.cors_origin {
        out.push_str(&format!(
            "\nweb:\n  allowedOrigins:\n    - {}\n  allowedHeaders: ['content-type', 'authorization']\n",
            quoted(origin)
        ));
    }
    made.blocks.push(Block::new("Dex: its configuration; the rest of the file stays", "yaml", out));
    let unknown: Vec<&str> = client.scopes.iter().map(String::as_str).filter(|scope| !SCOPES.contains(scope)).collect();
    if !unknown.is_empty() {
        made.notes.push(format!("Dex does not know the scope {} and refuses it (invalid_scope).", unknown.join(", ")));
    }
    if client.implicit {
        made.notes.push("Dex offers the implicit flow only with oauth2.responseTypes: [code, id_token].".into());
    }
    made
}
