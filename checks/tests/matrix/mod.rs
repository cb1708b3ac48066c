//! The mutations: each is one step away from the good world, and must fail the check that owns it.

mod discovery;
mod keys;
mod serving;
pub(crate) mod world;

use oidcheck_checks::verdict::Effect;
use world::World;

/// One step by which a good provider goes wrong.
pub(crate) struct Mutation {
    /// The check that must fail.
    pub(crate) check: &'static str,
    /// What happened, in a few words.
    pub(crate) name: &'static str,
    /// The application for which it must fail.
    pub(crate) profile: &'static str,
    /// What it must mean there.
    pub(crate) effect: Effect,
    /// The step.
    pub(crate) change: fn(&mut World),
    /// Other checks that may say `login-fails` or `unsafe` about the same step, each with the reason why that is a
    /// fact of its own.
    pub(crate) companions: Vec<(&'static str, &'static str)>,
}

impl Mutation {
    /// Allows another check to be loud about the same step.
    fn also(mut self, check: &'static str, reason: &'static str) -> Mutation {
        self.companions.push((check, reason));
        self
    }

    /// What it is called in tests and in the snapshot.
    pub(crate) fn title(&self) -> String {
        format!("{}: {}", self.check, self.name)
    }
}

/// Mutations of one check.
struct Of(&'static str);

impl Of {
    fn fails(&self, profile: &'static str, effect: Effect, name: &'static str, change: fn(&mut World)) -> Mutation {
        Mutation { check: self.0, name, profile, effect, change, companions: Vec::new() }
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Mutation> {
    [serving::mutations(), discovery::mutations(), keys::mutations()].into_iter().flatten().collect()
}
