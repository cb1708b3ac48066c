//! Judges one recording for many applications at once.
//!
//! Judging is pure and no application needs another's verdict, so the cores share the applications.

use crate::har::Recording;
use crate::panics;
use oidcheck_checks::case::Facts;
use oidcheck_checks::profile::Profile;
use oidcheck_checks::report::{Run, judge};
use std::iter;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many applications a thread is worth: judging for one takes about a twentieth of a millisecond, and a thread has to
/// be started and waited for.
const WORTH_A_THREAD: usize = 8;

/// One run for each profile, in their order. A check that panics is its own outcome and prints nothing.
///
/// The time of judging is the start of the recording, so that a replay says the same.
pub fn judge_all(recording: &Recording, profiles: &[Profile]) -> Vec<Run> {
    let facts = Facts::of(&recording.evidence);
    // Some applications take five times as long as others, so each thread takes the next one when it is done.
    let next = AtomicUsize::new(0);
    let share = || -> Vec<(usize, Run)> {
        let mine = iter::from_fn(|| {
            let at = next.fetch_add(1, Ordering::Relaxed);
            Some((at, judge(&recording.target, profiles.get(at)?, &facts, recording.started)))
        });
        panics::quietly(|| mine.collect())
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let others = cores.min(profiles.len().div_ceil(WORTH_A_THREAD)).saturating_sub(1);
    let mut runs = thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(share)).collect();
        let mut runs = share();
        for other in others {
            runs.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        runs
    });
    runs.sort_by_key(|(at, _)| *at);
    runs.into_iter().map(|(_, run)| run).collect()
}
