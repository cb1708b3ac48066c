//! What the person at the terminal sees while requests are under way: one line on stderr, and only when stderr is a
//! terminal.

use crate::gather::Event;
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::time::Duration;

/// The line. Dropping it wipes it.
pub struct Progress {
    bar: Option<ProgressBar>,
    open: RefCell<BTreeSet<String>>,
}

impl Progress {
    /// A line on stderr, or nothing at all when nobody would see it.
    pub fn start() -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Progress { bar, open: RefCell::default() }
    }

    /// Takes an event of the gatherer.
    pub fn event(&self, event: Event<'_>) {
        let Some(bar) = &self.bar else { return };
        let mut open = self.open.borrow_mut();
        match event {
            Event::Asked(slot) => drop(open.insert(slot.noun())),
            Event::Landed(slot) => drop(open.remove(&slot.noun())),
        }
        let waiting: Vec<&str> = open.iter().map(String::as_str).collect();
        bar.set_message(if waiting.is_empty() { String::new() } else { format!("fetching {}", waiting.join(", ")) });
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
