//! `oidcheck replay`: the report of a recording, without a single request.

use super::{input, reports};
use crate::cli::ReplayArgs;
use crate::{Error, har};

/// Judges a recording again. Without `--profile`, for the applications that it was made for.
///
/// # Errors
/// The recording, a profile or a destination cannot be used.
pub fn run(args: &ReplayArgs) -> Result<u8, Error> {
    let recording = har::read(&args.recording)?;
    let names = if args.judging.profiles.is_empty() { &recording.profiles } else { &args.judging.profiles };
    let profiles = input::profiles(names, &args.judging)?;
    let outputs = reports::Outputs::open(&args.reports)?;
    reports::judge_and_write(&recording, &profiles, &args.judging, outputs, &[])
}
