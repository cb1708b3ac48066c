//! `oidcheck lint`: configuration files and guides, judged without a single request.

use super::{input, reports};
use crate::cli::LintArgs;
use crate::setup::secret;
use crate::{Error, panics};
use oidcheck_checks::data::nearest;
use oidcheck_checks::lint::{self, Input, Kind, Options};
use oidcheck_checks::report::{Decision, Gate, Report};
use std::io::Read as _;
use std::path::Path;

/// The most bytes of a file that are looked at.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Lints the files together. Gives the exit code of the report's decision.
///
/// # Errors
/// A file cannot be read, or something on the command line cannot be used.
pub fn run(args: &LintArgs) -> Result<u8, Error> {
    let kind = args.kind.as_deref().map(kind).transpose()?;
    let app_url = args.app_url.as_deref().map(input::app_url).transpose()?;
    let profiles =
        args.profile.as_ref().map(|name| input::chosen(std::slice::from_ref(name), &[], None)).transpose()?;
    let inputs = args.files.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let outputs = reports::Outputs::open(&args.reports)?;
    let options = Options {
        kind,
        profile: profiles.as_ref().and_then(|profiles| profiles.first()),
        app_url: app_url.as_deref(),
        verify: &|plain, stored| secret::matches(plain.as_bytes(), stored),
    };
    let runs = panics::quietly(|| lint::lint(&inputs, &options));
    let gate = Gate { threshold: args.threshold.into(), inconclusive_counts: false };
    let decision = Decision::of(&runs, gate);
    let exit = decision.exit;
    outputs.write(&Report { started: jiff::Timestamp::now(), runs, decision })?;
    Ok(exit)
}

fn kind(word: &str) -> Result<Kind, Error> {
    Kind::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind).ok_or_else(|| {
        let words = || Kind::WORDS.iter().map(|(word, _)| *word);
        let help = match nearest(word, words()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are {}", words().collect::<Vec<_>>().join(", ")),
        };
        Error::usage(format!("--as {word}: there is no such kind of file"), help)
    })
}

fn read(path: &Path) -> Result<Input, Error> {
    let fail = |source| Error::File { doing: "read", path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let name = match path.as_os_str() == "-" {
        true => {
            std::io::stdin().take(LARGEST + 1).read_to_end(&mut bytes).map_err(fail)?;
            "standard input".to_owned()
        }
        false => {
            std::fs::File::open(path).map_err(fail)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(fail)?;
            path.display().to_string()
        }
    };
    if bytes.len() as u64 > LARGEST {
        let message = format!("{name} is larger than {} MiB", LARGEST / 1024 / 1024);
        return Err(Error::usage(message, "give the part with the clients alone"));
    }
    let text = text_of(&bytes);
    Ok(Input { name, text: text.trim_start_matches('\u{feff}').to_owned() })
}

/// The text of a file. What begins as UTF-16, as PowerShell writes it, is read as that.
fn text_of(bytes: &[u8]) -> String {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return String::from_utf8_lossy(bytes).into_owned(),
    };
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
