//! `oidcheck setup`: both sides of a login, ready to paste.

use super::input;
use crate::cli::{ListFormat, SetupArgs};
use crate::setup::secret::Secret;
use crate::setup::{Block, Sides, Wish, provider, sides};
use crate::{Error, output};
use oidcheck_checks::data::nearest;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::provider as products;
use serde_json::json;
use std::fmt::Write as _;

/// Prints both sides.
///
/// # Errors
/// A profile, a provider, a URL or the file of the secret cannot be used.
pub fn run(args: &SetupArgs) -> Result<u8, Error> {
    let app_url = input::app_url(&args.app_url)?;
    let issuer = input::issuer(&args.issuer)?;
    let issuer = oidcheck_checks::target::issuer_of(&issuer);
    let profiles = input::chosen(std::slice::from_ref(&args.profile), &args.settings, args.app_version.as_deref())?;
    let [profile] = profiles.as_slice() else {
        return Err(Error::usage("--profile names several applications", "give the id of one"));
    };
    if profile.redirects(Some(&app_url)).is_empty() {
        return Err(Error::usage(
            format!("the profile {} names no redirect URI, so nothing can be set up", profile.file.id),
            "take the profile of an application (`oidcheck list profiles`), or add a [[redirect]] to a file of your own",
        ));
    }
    let product = product(&args.provider)?;
    let issuer = product_issuer(&product.id, &issuer);
    let client_id = args.client_id.clone().unwrap_or_else(|| profile.file.id.clone());
    client_id_is_plain(&client_id)?;
    let wish = Wish {
        profile,
        product: &product.id,
        product_title: &product.title,
        app_url: &app_url,
        issuer: &issuer,
        client_id: &client_id,
    };
    let secret = secret(args, profile, &wish)?;
    let sides = sides(&wish, secret.as_ref());
    // One that was read from a file is known already.
    let shown = secret.as_ref().filter(|_| args.secret_file.is_none()).map(Secret::reveal);
    let text = match args.format {
        ListFormat::Human => human(&wish, &sides, shown),
        ListFormat::Json => {
            let value = json!({
                "schema": "oidcheck-setup/1", "profile": profile.file.id, "provider": product.id, "issuer": issuer,
                "app_url": app_url, "client_id": client_id, "provider_side": sides.provider,
                "application_side": sides.application, "notes": sides.notes,
                "secret": sides.secret.as_ref().map(|goes| json!({"placeholder": crate::setup::SECRET, "value": shown, "goes": goes})),
            });
            format!("{value:#}\n")
        }
    };
    output::stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(0)
}

/// The issuer as the product writes it, where that is known: a slash too many or too few is the commonest reason of a
/// failure, and both sides are to be pasted as they are.
fn product_issuer(product: &str, typed: &str) -> String {
    let bare = typed.trim_end_matches('/');
    let wanted = match product {
        "authentik" if bare.contains("/application/o/") => format!("{bare}/"),
        "authelia" | "keycloak" | "adfs" => bare.to_owned(),
        _ => typed.to_owned(),
    };
    if wanted != typed {
        output::note(&format!("note: this product writes its issuer as {wanted}"));
    }
    wanted
}

/// The product of that id, with the nearest one when there is none.
fn product(id: &str) -> Result<&'static products::Provider, Error> {
    let known = || products::all().iter();
    known().find(|product| product.id == id).ok_or_else(|| {
        let help = match nearest(id, known().map(|product| product.id.as_str())) {
            Some(near) => format!("did you mean {near}?"),
            None => "`oidcheck list providers` shows them all".into(),
        };
        Error::usage(format!("no provider is called {id:?}"), help)
    })
}

/// A client id that needs no quoting in any of the formats.
fn client_id_is_plain(id: &str) -> Result<(), Error> {
    let fits = (1..=100).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c));
    match fits {
        true => Ok(()),
        false => Err(Error::usage(
            format!("--client-id {id:?} has characters that some products refuse, or is too long"),
            "take up to 100 letters, digits and - . _ ~",
        )),
    }
}

/// The secret: read, made, or none.
fn secret(args: &SetupArgs, profile: &Profile, wish: &Wish<'_>) -> Result<Option<Secret>, Error> {
    let public = oidcheck_checks::profile::need::Need::of(profile, Some(wish.app_url), wish.client_id).public;
    if let Some(path) = &args.secret_file {
        if public {
            let message = format!("{} is a public client and has no secret", profile.file.title);
            return Err(Error::usage(message, "leave --secret-file away"));
        }
        let fail = |source| Error::File { doing: "read", path: path.clone(), source };
        let secret = Secret::given(&std::fs::read_to_string(path).map_err(fail)?);
        if secret.reveal().is_empty() {
            return Err(Error::usage(format!("--secret-file {} is empty", path.display()), "put the secret into it"));
        }
        return Ok(Some(secret));
    }
    if public || provider::makes_secret(wish.product) { Ok(None) } else { Secret::random().map(Some) }
}

fn human(wish: &Wish<'_>, sides: &Sides, secret: Option<&str>) -> String {
    let mut out = String::new();
    let title = &wish.profile.file.title;
    let _ = writeln!(out, "{title} with {} as its provider, client {}", wish.product_title, wish.client_id);
    for (heading, blocks) in [("At the provider", &sides.provider), ("In the application", &sides.application)] {
        let _ = writeln!(out, "\n== {heading} ==");
        for block in blocks {
            paste(&mut out, block);
        }
    }
    if let Some(goes) = &sides.secret {
        let _ = writeln!(out, "\n== The client's secret ==\n");
        if let Some(secret) = secret {
            let _ = writeln!(out, "{secret}\n\nIt is shown this once and kept nowhere.");
        }
        let _ = writeln!(out, "{goes}");
    }
    if !sides.notes.is_empty() {
        let _ = writeln!(out, "\n== Know before you deploy ==\n");
        for note in &sides.notes {
            for (index, line) in crate::render::text::wrap(note, 96).iter().enumerate() {
                let _ = writeln!(out, "{}{line}", if index == 0 { "- " } else { "  " });
            }
        }
    }
    let _ = writeln!(out, "\nThen: oidcheck check {} --profile {}", wish.issuer, wish.profile.file.id);
    out
}

/// A block with a line above it that cannot be taken for a part of it.
fn paste(out: &mut String, block: &Block) {
    let _ = writeln!(out, "\n--- {}\n\n{}", block.title, block.text);
}
