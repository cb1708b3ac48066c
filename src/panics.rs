//! What a panic says. A check that panics is an outcome of the report, so it stays quiet; anything else is a bug of
//! oidcheck, and one short note is more use than a backtrace.

use std::cell::{Cell, RefCell};

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    /// What the last quiet panic would have said, for the case that nobody caught it.
    static UNSAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The exit code of a bug.
pub const EXIT_BUG: u8 = 70;

/// Sets the hook. `RUST_BACKTRACE` set to anything but `0` brings the usual report back.
pub fn install_hook() {
    let usual = std::panic::take_hook();
    let wanted = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
        let said = format!("{}{place}", info.payload_as_str().unwrap_or("panic"));
        if QUIET.get() {
            UNSAID.set(said);
        } else if wanted {
            usual(info);
        } else {
            crate::output::bug(&said);
        }
    }));
}

/// Runs `work`, during which panics of this thread are somebody's outcome and say nothing. One that is caught by
/// nobody inside is told after all.
pub fn quietly<T>(work: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            QUIET.set(self.0);
            if std::thread::panicking() {
                crate::output::bug(&UNSAID.take());
            }
        }
    }
    let _restore = Restore(QUIET.replace(true));
    work()
}

#[cfg(test)]
mod tests {
    use super::{QUIET, quietly};
    use std::panic::catch_unwind;

    #[test]
    fn quiet_ends_with_the_work() {
        assert!(quietly(|| catch_unwind(|| assert!(!QUIET.get(), "on purpose")).is_err()));
        assert!(!QUIET.get());
        assert!(catch_unwind(|| quietly(|| assert!(!QUIET.get(), "on purpose"))).is_err());
        assert!(!QUIET.get());
    }
}
