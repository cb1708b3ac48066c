//! Both sides of a login, ready to paste: the client at the provider and the settings of the application.
//!
//! Everything comes from the profile: redirect URIs, scopes, how the client authenticates, where claims are read. The
//! provider's side is a small function for each product ([`provider`]); the application's side is a template in its
//! profile ([`application`]). A secret is made here, stands once in the output, and the blocks say where it goes, so
//! that a block can go into a ticket or a repository.

pub mod application;
pub mod provider;
pub mod secret;

use oidcheck_checks::profile::Profile;
use oidcheck_checks::profile::need::Need;
use secret::Secret;
use serde::Serialize;

/// What stands in the blocks for the client's secret.
pub const SECRET: &str = "<client-secret>";

/// What is to be set up.
#[derive(Debug)]
pub struct Wish<'a> {
    /// The application, with its settings.
    pub profile: &'a Profile,
    /// The product, by the id of its file in `checks/providers`.
    pub product: &'a str,
    /// What people call the product.
    pub product_title: &'a str,
    /// Where the application is reached.
    pub app_url: &'a str,
    /// The issuer.
    pub issuer: &'a str,
    /// The client id.
    pub client_id: &'a str,
}

/// Something to paste.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Where it goes.
    pub title: String,
    /// `yaml`, `json`, `sh` …
    pub language: String,
    /// The text.
    pub text: String,
}

impl Block {
    /// A block; its text begins and ends without an empty line.
    pub fn new(title: impl Into<String>, language: &str, text: impl AsRef<str>) -> Block {
        Block { title: title.into(), language: language.into(), text: text.as_ref().trim_matches('\n').to_owned() }
    }
}

/// Both sides.
#[derive(Debug, Serialize)]
pub struct Sides {
    /// For the provider.
    pub provider: Vec<Block>,
    /// For the application.
    pub application: Vec<Block>,
    /// What to know beyond them.
    pub notes: Vec<String>,
    /// Where the secret comes from and goes to; `None` for a public client.
    pub secret: Option<String>,
}

/// Writes both sides. `secret` is the one that was made or read; nothing but its digest gets into a block.
pub fn sides(wish: &Wish<'_>, secret: Option<&Secret>) -> Sides {
    let client = Need::of(wish.profile, Some(wish.app_url), wish.client_id);
    let made = provider::write(wish, &client, secret);
    let mut notes = made.notes;
    notes.extend(client.notes.iter().cloned());
    notes.extend(wish.profile.notes().map(|note| format!("{} {}", note.text.trim(), note.remedy.trim())));
    let secret = match (client.public, made.makes_secret) {
        (true, _) => None,
        (false, true) => Some(format!(
            "{} makes the secret itself: copy it from there to where {SECRET} stands on the application's side.",
            wish.product_title
        )),
        (false, false) if made.keeps_digest => Some(format!(
            "The provider keeps only the digest above. Put the secret where {SECRET} stands on the application's side."
        )),
        (false, false) => Some(format!("Put the secret where {SECRET} stands, on both sides.")),
    };
    Sides { provider: made.blocks, application: application::write(wish, &client), notes, secret }
}
