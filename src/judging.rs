//! Judges one recording for many applications at once.
//!
//! Judging is pure and no application needs another's verdict, so the cores share the applications.

use crate::har::Recording;
use crate::panics;
use oidcheck_checks::case::Facts;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{Run, judge};
use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

/// How many applications a thread is worth: judging for one takes about a twentieth of a millisecond, and a thread has to
/// be started and waited for.
const WORTH_A_THREAD: usize = 8;

/// One run for each profile, in their order. A check that panics is its own outcome and prints nothing.
///
/// The time of judging is the start of the recording, so that a replay says the same.
pub fn judge_all(recording: &Recording, profiles: &[Profile]) -> Vec<Run> {
    let facts = Facts::of(&recording.evidence);
    let share = |profiles: &[Profile]| -> Vec<Run> {
        panics::quietly(|| profiles.iter().map(|p| judge(&recording.target, p, &facts, recording.started)).collect())
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let each = profiles.len().div_ceil(cores).max(WORTH_A_THREAD);
    let (first, rest) = profiles.split_at(each.min(profiles.len()));
    thread::scope(|scope| {
        let others: Vec<_> = rest.chunks(each).map(|chunk| scope.spawn(move || share(chunk))).collect();
        let mut runs = share(first);
        for other in others {
            runs.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        runs
    })
}
