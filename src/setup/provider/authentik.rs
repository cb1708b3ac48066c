//! authentik: a blueprint with the provider and its application.
//!
//! Facts: goauthentik/authentik authentik/providers/oauth2/models.py; 2025.12.4 was run. Without a signing key it signs
//! with HS256 and publishes no key; the issuer is made of the application's slug and ends in a slash.

use super::{Made, quoted};
use crate::setup::{Block, SECRET, Wish};
use oidcheck_checks::profile::need::Need;

/// The scope mappings that come with authentik; `groups` is part of `profile`.
const MAPPINGS: [&str; 4] = ["openid", "email", "profile", "offline_access"];

/// The block.
pub(super) fn write(wish: &Wish<'_>, client: &Need) -> Made {
    let mut made = Made::default();
    let slug = slug(wish, &mut made);
    let title = &wish.profile.file.title;
    let mut out =
        format!("version: 1\nmetadata:\n  name: {}\nentries:\n", quoted(&format!("OpenID Connect for {title}")));
    out.push_str("  - model: authentik_providers_oauth2.oauth2provider\n    id: provider\n");
    out.push_str(&format!("    identifiers:\n      name: {}\n    attrs:\n", quoted(wish.client_id)));
    let mut put = |line: &str| out.push_str(&format!("      {line}\n"));
    put("authorization_flow: !Find [authentik_flows.flow, [slug, default-provider-authorization-implicit-consent]]");
    put("invalidation_flow: !Find [authentik_flows.flow, [slug, default-provider-invalidation-flow]]");
    put(if client.public { "client_type: public" } else { "client_type: confidential" });
    put(&format!("client_id: {}", quoted(wish.client_id)));
    if !client.public {
        put(&format!("client_secret: {}", quoted(SECRET)));
    }
    put("redirect_uris:");
    for uri in &client.redirects {
        put("  - matching_mode: strict");
        put(&format!("    url: {}", quoted(uri)));
    }
    put("# An RSA key. A name that does not exist leaves the provider without a key, and says nothing.");
    put("signing_key: !Find [authentik_crypto.certificatekeypair, [name, authentik Self-signed Certificate]]");
    put("include_claims_in_id_token: true");
    put("issuer_mode: per_provider");
    // The hash of the default has 64 characters.
    put(if client.short_sub.is_some() { "sub_mode: user_uuid" } else { "sub_mode: hashed_user_id" });
    put("property_mappings:");
    for scope in MAPPINGS.iter().filter(|name| wanted(client, name)) {
        put(&format!(
            "  - !Find [authentik_providers_oauth2.scopemapping, [managed, goauthentik.io/providers/oauth2/scope-{scope}]]"
        ));
    }
    out.push_str("  - model: authentik_core.application\n");
    out.push_str(&format!("    identifiers:\n      slug: {}\n", quoted(&slug)));
    out.push_str(&format!("    attrs:\n      name: {}\n      provider: !KeyOf provider\n", quoted(title)));
    made.blocks.push(Block::new("authentik: a blueprint (Customization → Blueprints)", "yaml", out));
    made.notes.push("Without a binding of the application to a group, every user of authentik may log in.".into());
    if client.device {
        made.notes.push(
            "The device flow needs a device code flow on the brand (System → Brands → Default flows); without it people \
             see an empty page."
                .into(),
        );
    }
    made
}

fn wanted(client: &Need, mapping: &str) -> bool {
    let groups = mapping == "profile" && client.scopes.iter().any(|scope| scope == "groups");
    mapping == "openid" || groups || client.scopes.iter().any(|scope| scope == mapping)
}

/// The slug that the issuer names.
fn slug(wish: &Wish<'_>, made: &mut Made) -> String {
    let named = wish.issuer.split_once("/application/o/").map(|(_, rest)| rest.trim_end_matches('/'));
    match named.filter(|slug| !slug.is_empty() && !slug.contains('/')) {
        Some(slug) => slug.to_owned(),
        None => {
            made.notes.push(format!(
                "The issuer of authentik is https://HOST/application/o/SLUG/ with the slug of the application and a slash \
                 at its end; {} is none.",
                wish.issuer
            ));
            wish.client_id.to_owned()
        }
    }
}
