//! The mutations: each is one step away from the good world, and must fail the check that owns it.

mod discovery;
mod keys;
mod serving;
pub(crate) mod world;

use crate::rows_steps::{self, Step};
use oidcheck_checks::verdict::Effect;
use world::World;

/// One step by which a good provider goes wrong.
pub(crate) struct Mutation {
    /// The check that must fail.
    pub(crate) check: &'static str,
    /// What happened, in a few words.
    pub(crate) name: String,
    /// The application for which it must fail.
    pub(crate) profile: &'static str,
    /// What it must mean there.
    pub(crate) effect: Effect,
    /// The step.
    change: Change,
    /// Other checks that may say `login-fails` or `unsafe` about the same step, each with the reason why that is a
    /// fact of its own.
    pub(crate) companions: Vec<(&'static str, &'static str)>,
}

/// How it is taken.
enum Change {
    /// In what was typed, what was seen or the time.
    World(fn(&mut World)),
    /// In the provider, or in what was seen of it.
    Step(Step),
}

impl Mutation {
    /// The good world after the step.
    pub(crate) fn world(&self) -> World {
        match &self.change {
            Change::World(change) => {
                let mut world = World::good();
                change(&mut world);
                world
            }
            Change::Step(step) => {
                let mut world = World::of(&step.provider);
                (step.evidence)(&mut world.evidence);
                world
            }
        }
    }

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
        let (name, change) = (name.to_owned(), Change::World(change));
        Mutation { check: self.0, name, profile, effect, change, companions: Vec::new() }
    }
}

/// All of them, those of `rows.rs` included.
pub(crate) fn all() -> Vec<Mutation> {
    [serving::mutations(), discovery::mutations(), keys::mutations(), rows()].into_iter().flatten().collect()
}

/// Companions of the steps of `rows.rs`: check and step, the companion, the reason.
const ALSO: [(&str, &str, &str, &str); 1] = [(
    "discovery/member-names",
    "userInfoEndpoint for userinfo_endpoint",
    "discovery/required-members",
    "who cannot do without the member is told there, with the same hint, and then not here",
)];

fn rows() -> Vec<Mutation> {
    let mut all = Vec::new();
    for row in rows_steps::all() {
        for (profile, effect, step) in row.fails {
            let (check, name, change) = (row.check, step.name.clone(), Change::Step(step));
            let also = ALSO.iter().filter(|(of, step, ..)| *of == check && *step == name);
            let companions = also.map(|(.., companion, reason)| (*companion, *reason)).collect();
            all.push(Mutation { check, name, profile, effect, change, companions });
        }
    }
    all
}
