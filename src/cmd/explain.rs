//! `oidcheck explain`: everything that is known about one check, one profile or one client library.

mod library;
mod profile;

use crate::cli::ExplainArgs;
use crate::docs::check_page;
use crate::{Error, output};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::{CHECKS, check, data};

/// Nothing is called that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no check, profile or library {id:?}; {help}")]
pub struct UnknownId {
    /// What was asked for.
    pub id: String,
    /// What to do.
    pub help: String,
}

/// Prints the explanation.
///
/// # Errors
/// Nothing is called that, or standard output cannot be written to.
pub fn run(args: &ExplainArgs) -> Result<u8, Error> {
    let text = explain(&args.id)
        .map_err(|e| Error::usage(format!("there is no check, profile or library {:?}", e.id), e.help))?;
    output::stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(0)
}

/// The explanation as plain text.
///
/// # Errors
/// [`UnknownId`], with the nearest id that exists.
pub fn explain(id: &str) -> Result<String, UnknownId> {
    if let Some(check) = check(id) {
        return Ok(check_page(check).plain());
    }
    if let Some(library) = id.strip_prefix("library:").and_then(|id| oidcheck_checks::library::one(id)) {
        return Ok(library::page(library).plain());
    }
    if let Some(profile) = Profile::by_id(id) {
        return Ok(profile::page(&profile).plain());
    }
    Err(unknown(id))
}

fn unknown(id: &str) -> UnknownId {
    let mut known: Vec<String> = CHECKS.iter().map(|check| check.id.to_owned()).collect();
    known.extend(Profile::ids());
    // Somebody who leaves out the group or the prefix means the one that ends so.
    let ends = |known: &&String| known.rsplit(['/', ':']).next() == Some(id);
    let near =
        known.iter().find(ends).map(String::as_str).or_else(|| data::nearest(id, known.iter().map(String::as_str)));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`oidcheck list checks` and `oidcheck list profiles` show what there is".into(),
    };
    UnknownId { id: id.to_owned(), help }
}
