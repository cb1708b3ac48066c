//! How long judging takes: one recording, for every profile and every library at once, with nothing read, sent or
//! printed meanwhile. `cargo run --release --example judging -- RECORDING.har [ROUNDS]`
//!
//! Judging is the one part of a run whose cost grows with what this project knows, so it has a figure of its own.

use oidcheck::{har, judging::judge_all};
use oidcheck_checks::profile::Profile;
use oidcheck_checks::{library, profile};
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("usage: judging RECORDING.har [ROUNDS]")?;
    let rounds: u32 = args.next().map_or(Ok(200), |text| text.parse())?;
    let recording = har::read(Path::new(&path))?;
    let profiles: Vec<Profile> =
        profile::all().values().cloned().chain(library::all().values().map(Profile::of_library)).collect();
    let outcomes: usize = judge_all(&recording, &profiles).iter().map(|run| run.outcomes.len()).sum();
    let start = Instant::now();
    for _ in 0..rounds.max(1) {
        std::hint::black_box(judge_all(&recording, &profiles));
    }
    let each = start.elapsed() / rounds.max(1);
    writeln!(
        std::io::stdout(),
        "{} profiles and libraries, {outcomes} outcomes: {each:.2?} (mean of {rounds} rounds)",
        profiles.len()
    )?;
    Ok(())
}
