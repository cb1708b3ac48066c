//! Kanidm: its command line.
//!
//! Facts: kanidm/kanidm server/lib/src/idm/oauth2.rs; not run. It signs with ES256, wants PKCE from every client unless
//! told otherwise, and gives scopes to groups. The issuer is made of the client's name.

use super::{Made, shell};
use crate::setup::{Block, Wish};
use oidcheck_checks::profile::need::Need;

/// The block.
pub(super) fn write(wish: &Wish<'_>, client: &Need) -> Made {
    let mut made = Made::default();
    let (id, title) = (shell(wish.client_id), shell(&wish.profile.file.title));
    let create = if client.public { "create-public" } else { "create" };
    let mut out = format!("kanidm system oauth2 {create} {id} {title} {}\n", shell(wish.app_url));
    for uri in &client.redirects {
        out.push_str(&format!("kanidm system oauth2 add-redirect-url {id} {}\n", shell(uri)));
    }
    out.push_str("# The group of the people who may log in.\n");
    out.push_str(&format!("kanidm system oauth2 update-scope-map {id} 'app-users' {}\n", client.scopes.join(" ")));
    if !client.pkce {
        out.push_str("# The application sends no PKCE.\n");
        out.push_str(&format!("kanidm system oauth2 warning-insecure-client-disable-pkce {id}\n"));
    }
    if !client.public {
        out.push_str(&format!("kanidm system oauth2 show-basic-secret {id}\n"));
    }
    made.blocks.push(Block::new("Kanidm: its command line", "sh", out));
    let takes = |alg: &str| {
        wish.profile.parts.iter().all(|part| {
            let rules = &part.library.algorithms;
            rules.accepts.is_empty() || rules.accepts.iter().any(|accepted| accepted == alg)
        })
    };
    if !takes("ES256") {
        made.notes.push(
            "Kanidm signs with ES256, which this application does not take: switch the client to RS256 with \
             warning-enable-legacy-crypto."
                .into(),
        );
    }
    made
}
