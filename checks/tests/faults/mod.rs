//! The faults that the libraries were measured against, as mutations of one healthy provider.
//!
//! A fault that shows in what can be had without a login changes what the operator typed, the metadata, the key set, or
//! how either is served. A fault that shows only in a token, in a token response, in userinfo or in the client's
//! authentication changes [`grant::Login`] alone, for nobody can see it before a login.
//!
//! Ids are those of the measurement, so a row of the matrix finds its fault by name.

mod discovery;
mod evidence;
pub(crate) mod grant;
mod keys;
mod login;
pub(crate) mod material;
pub(crate) mod matrix;
mod provider;
mod serving;

pub(crate) use evidence::{gather, now};

pub(crate) use provider::Provider;

/// How many faults the libraries were measured against, the healthy provider included.
pub(crate) const MEASURED: usize = 261;

type Change = Box<dyn Fn(&mut Provider)>;

/// One fault.
pub(crate) struct Fault {
    /// The id that the measurement gave it.
    pub(crate) id: String,
    change: Change,
    shows: bool,
}

impl Fault {
    fn seen(id: impl Into<String>, change: impl Fn(&mut Provider) + 'static) -> Fault {
        Fault { id: id.into(), change: Box::new(change), shows: true }
    }

    fn unseen(id: impl Into<String>, change: impl Fn(&mut Provider) + 'static) -> Fault {
        Fault { id: id.into(), change: Box::new(change), shows: false }
    }

    /// Whether it shows in anything that can be had without a login.
    pub(crate) fn shows(&self) -> bool {
        self.shows
    }

    /// The provider with this fault.
    pub(crate) fn provider(&self) -> Provider {
        let mut provider = Provider::healthy(&self.id);
        (self.change)(&mut provider);
        provider
    }
}

/// Every fault of the measurement.
pub(crate) fn all() -> Vec<Fault> {
    [discovery::faults(), serving::faults(), keys::faults(), login::faults()].into_iter().flatten().collect()
}
