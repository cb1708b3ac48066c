//! Everything of oidcheck that touches the world: the command line, the network, recordings, reports.
//!
//! The flow of a check is: [`cmd::check`] turns the command line into a target and profiles, [`gather`] executes the
//! plan of `oidcheck_checks` and returns evidence, the pure crate judges it, [`render`] writes the reports, and
//! [`har`] keeps the evidence for later.

pub mod cli;
pub mod cmd;
pub mod docs;
pub mod error;
pub mod gather;
pub mod har;
pub mod inspect;
pub mod judging;
pub mod login;
pub mod output;
pub mod panics;
pub mod progress;
pub mod render;
pub mod setup;

pub use error::Error;

/// The version of this build.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
