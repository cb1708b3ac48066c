//! Every other product: what to enter, in the words of RFC 7591.

use super::Made;
use crate::setup::application::rows_of;
use crate::setup::{Block, Wish};
use oidcheck_checks::profile::need::Need;

/// The block.
pub(super) fn write(wish: &Wish<'_>, client: &Need) -> Made {
    let mut made = Made::default();
    let response = if client.implicit { "id_token" } else { "code" };
    let mut rows = vec![
        ("Client ID", wish.client_id.to_owned()),
        ("Name", wish.profile.file.title.clone()),
        ("Client type", if client.public { "public" } else { "confidential" }.to_owned()),
        ("Token endpoint auth method", client.auth_method.to_owned()),
    ];
    let uris = client.redirects.iter().map(|uri| ("Redirect URI (exact)", uri.clone()));
    rows.extend(uris);
    rows.extend(client.post_logout.iter().map(|uri| ("Post logout redirect URI", uri.clone())));
    rows.push(("Response type", response.to_owned()));
    rows.push(("Grant types", client.grants().join(", ")));
    rows.push(("Scopes", client.scopes.join(" ")));
    rows.push(("PKCE", if client.pkce { "required, S256" } else { "not required" }.to_owned()));
    if client.access_token_jwt {
        rows.push(("Access token", "a signed JWT, RS256".to_owned()));
    }
    rows.extend(client.audience.iter().map(|audience| ("Audience of the access token", audience.clone())));
    if !client.id_token_claims.is_empty() {
        rows.push(("Claims in the ID token", client.id_token_claims.join(", ")));
    }
    if !client.access_token_claims.is_empty() {
        rows.push(("Claims in the access token", client.access_token_claims.join(", ")));
    }
    rows.extend(client.cors_origin.iter().map(|origin| ("Allowed origin (CORS)", origin.clone())));
    if wish.product == "zitadel" && !client.id_token_claims.is_empty() {
        made.notes.push("In Zitadel switch \"User Info inside ID Token\" on, or the ID token has no claims.".into());
    }
    if wish.product == "zitadel" && client.access_token_jwt {
        made.notes.push("In Zitadel choose JWT as the type of the access token; the default is opaque.".into());
    }
    made.blocks.push(Block::new(format!("{}: the client", wish.product_title), "text", rows_of(&rows)));
    made
}
