//! `oidcheck inspect`: one token, explained. Sends nothing but the two requests for metadata and keys, and those only
//! when an issuer is named.

use super::check::gather_blocking;
use super::input;
use crate::cli::{InspectArgs, ListFormat};
use crate::inspect::{Given, Keys, human, inspect};
use crate::{Error, output};
use oidcheck_checks::plan::Plan;
use oidcheck_checks::profile::{self, Profile};
use oidcheck_checks::target::Target;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The longest file that is read, in bytes.
const LIMIT: u64 = 4 * 1024 * 1024;

/// Explains a token. Gives 1 when an application would refuse it, or should.
///
/// # Errors
/// The file cannot be read or holds no token; an option cannot be used.
pub fn run(args: &InspectArgs) -> Result<u8, Error> {
    let profiles: Vec<Profile> = match args.profiles.as_slice() {
        [] => profile::all().values().cloned().collect(),
        names => input::chosen(names, &[], None)?,
    };
    let issuer = args.issuer.as_deref().map(input::issuer).transpose()?;
    let options = input::options(&args.network)?;
    let given = Given::read(&read(&args.file)?).map_err(|why| {
        let name = if args.file == Path::new("-") { "standard input".into() } else { args.file.display().to_string() };
        Error::usage(
            format!("{name} holds no token that can be looked into: {why}"),
            "give a compact JWT (three parts with dots), or the JSON answer of a token endpoint",
        )
    })?;
    let keys = match (&issuer, &args.jwks) {
        (Some(issuer), _) => {
            let target = Target { typed: issuer.clone(), ..Target::default() };
            // Without profiles nothing is asked but metadata and keys.
            Keys::Fetched(gather_blocking(&Plan { target: &target, profiles: &[] }, &options)?)
        }
        (None, Some(path)) => Keys::File(read(path)?),
        (None, None) => Keys::None,
    };
    let now = jiff::Timestamp::now();
    let inspection = inspect(&given, &keys, args.client_id.as_deref(), issuer.as_deref(), &profiles, now);
    output::stdout(|out| match args.format {
        ListFormat::Human => human(&inspection, out),
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &inspection)?;
            writeln!(out)
        }
    })?;
    Ok(u8::from(inspection.profiles.iter().any(|says| !says.accepts)))
}

fn read(path: &PathBuf) -> Result<Vec<u8>, Error> {
    let standard_input = path == Path::new("-");
    let name = if standard_input { PathBuf::from("standard input") } else { path.clone() };
    let fail = |source| Error::File { doing: "read", path: name.clone(), source };
    let mut bytes = Vec::new();
    if standard_input {
        std::io::stdin().lock().take(LIMIT + 1).read_to_end(&mut bytes).map_err(fail)?;
    } else {
        std::fs::File::open(path).map_err(fail)?.take(LIMIT + 1).read_to_end(&mut bytes).map_err(fail)?;
    }
    if bytes.len() as u64 > LIMIT {
        return Err(fail(std::io::Error::other(format!("more than {LIMIT} bytes are no token"))));
    }
    Ok(bytes)
}
