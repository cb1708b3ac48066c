//! A check: one property that must hold, with everything that a person needs to know about it beside its logic.

use crate::case::Case;
use crate::evidence::{Endpoint, SlotKind};
use crate::profile::Profile;
use crate::spec::Clause;
use crate::target::Target;
use crate::verdict::{Gap, Severity, Verdict};
use serde::{Deserialize, Serialize};

/// What must be given before something can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Nothing but the issuer URL.
    Issuer,
    /// A client id and the application's URL.
    Client,
    /// Client credentials.
    Secret,
    /// A login.
    Login,
}

impl Tier {
    /// The word used in reports and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Tier::Issuer => "issuer",
            Tier::Client => "client",
            Tier::Secret => "secret",
            Tier::Login => "login",
        }
    }
}

/// One check. A `static` in a file of its own; `id` is the path of that file below `checks/src`.
pub struct Check {
    /// `group/name`; the name says what must hold.
    pub id: &'static str,
    /// The property in one line: lower case, no full stop.
    pub title: &'static str,
    /// How loud it is at worst.
    pub severity: Severity,
    /// What must be given before it can be decided.
    pub tier: Tier,
    /// The rules behind it; the first one is the usual.
    pub clauses: &'static [Clause],
    /// The kinds of exchange that it reads.
    pub needs: &'static [SlotKind],
    /// Why it matters: what breaks for people when it does not hold.
    pub why: &'static str,
    /// What to change, when neither the provider's file nor the profile knows better.
    pub remedy: &'static str,
    /// Ids that it had before.
    pub formerly: &'static [&'static str],
    /// The logic: pure, from the case alone.
    pub judge: fn(&Case<'_>) -> Result<Verdict, Gap>,
}

impl Check {
    /// Whether it speaks of the authorization endpoint and of nothing else that is asked. A part of an application that
    /// logs in by the device flow never goes there, so it says nothing about that part.
    pub(crate) fn needs_authorization_endpoint_alone(&self) -> bool {
        let probes = || {
            self.needs.iter().filter_map(|kind| match kind {
                SlotKind::Probe(endpoint) => Some(*endpoint),
                _ => None,
            })
        };
        let there = |endpoint| matches!(endpoint, Endpoint::Authorize | Endpoint::AuthorizeHop);
        probes().count() > 0 && probes().all(there)
    }
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The tier that the given inputs unlock for an application, unless the user wants less.
pub fn reached(target: &Target, profile: &Profile) -> Tier {
    let client = target.client_id.is_some() && !crate::probe::redirect_uris(target, profile).is_empty();
    let unlocked = match (client, target.authenticates()) {
        (false, _) => Tier::Issuer,
        (true, false) => Tier::Client,
        (true, true) => Tier::Secret,
    };
    target.tier.map_or(unlocked, |wanted| wanted.min(unlocked))
}
