//! What a panic says. A check that panics is an outcome of the report, so it stays quiet; anything else is a bug of
//! oidcheck, and one short note is more use than a backtrace.

use std::cell::Cell;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// The exit code of a bug.
pub const EXIT_BUG: u8 = 70;

/// Sets the hook. `RUST_BACKTRACE` set to anything but `0` brings the usual report back.
pub fn install_hook() {
    let usual = std::panic::take_hook();
    let wanted = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    std::panic::set_hook(Box::new(move |info| {
        if QUIET.get() {
            return;
        }
        if wanted {
            return usual(info);
        }
        let place = info.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
        crate::output::bug(&format!("{}{place}", info.payload_as_str().unwrap_or("panic")));
    }));
}

/// Runs `work`, during which panics of this thread are somebody's outcome and say nothing.
pub fn quietly<T>(work: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            QUIET.set(self.0);
        }
    }
    let _restore = Restore(QUIET.replace(true));
    work()
}
