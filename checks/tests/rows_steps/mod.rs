//! The steps: one change to a provider that is in order, by check.

mod documents;
mod keys;
mod serving;

use crate::faults::Provider;
use oidcheck_checks::evidence::Evidence;
use oidcheck_checks::verdict::Effect;
use serde_json::Value;

/// One change to the provider, or to what was seen of it.
pub(crate) struct Step {
    /// What it does, for the message of a failing test.
    pub(crate) name: String,
    pub(crate) provider: Box<dyn Fn(&mut Provider) + Send + Sync>,
    pub(crate) evidence: Box<dyn Fn(&mut Evidence) + Send + Sync>,
}

impl Default for Step {
    fn default() -> Step {
        Step { name: "nothing".into(), provider: Box::new(|_| ()), evidence: Box::new(|_| ()) }
    }
}

/// A check, the steps that fail it for a profile with their effect, and those that do not.
pub(crate) struct Row {
    pub(crate) check: &'static str,
    pub(crate) fails: Vec<(&'static str, Effect, Step)>,
    pub(crate) silent: Vec<(&'static str, Step)>,
}

/// All of them.
pub(crate) fn all() -> Vec<Row> {
    [documents::rows(), keys::rows(), serving::rows()].into_iter().flatten().collect()
}

/// A change to the provider.
fn change(name: &str, provider: impl Fn(&mut Provider) + Send + Sync + 'static) -> Step {
    Step { name: name.into(), provider: Box::new(provider), ..Step::default() }
}

/// A member of the metadata with another value.
fn set(member: &'static str, value: Value) -> Step {
    change(&format!("{member} = {value}"), move |provider| provider.set(member, value.clone()))
}

/// A change to what was seen.
fn seen(name: &str, evidence: impl Fn(&mut Evidence) + Send + Sync + 'static) -> Step {
    Step { name: name.into(), evidence: Box::new(evidence), ..Step::default() }
}
