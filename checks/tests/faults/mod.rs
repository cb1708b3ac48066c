//! The faults that the libraries were measured against, as mutations of one healthy provider.
//!
//! A fault that shows in what can be had without a login changes the [`Provider`]: what the operator typed, the
//! metadata, the key set, or how either is served. A fault that shows only in a token, in a token response, in
//! userinfo or in the client's authentication changes nothing here, for nobody can see it before a login.
//!
//! Ids are those of the measurement, so a row of the matrix finds its fault by name.

mod discovery;
mod evidence;
mod keys;
pub(crate) mod material;
pub(crate) mod matrix;
mod provider;
mod serving;
mod unseen;

pub(crate) use evidence::{gather, now};
pub(crate) use provider::Provider;

/// How many faults the libraries were measured against, the healthy provider included.
pub(crate) const MEASURED: usize = 261;

type Change = Box<dyn Fn(&mut Provider)>;

/// One fault.
pub(crate) struct Fault {
    /// The id that the measurement gave it.
    pub(crate) id: String,
    change: Option<Change>,
}

impl Fault {
    fn seen(id: impl Into<String>, change: impl Fn(&mut Provider) + 'static) -> Fault {
        Fault { id: id.into(), change: Some(Box::new(change)) }
    }

    fn unseen(id: &str) -> Fault {
        Fault { id: id.to_owned(), change: None }
    }

    /// Whether it shows in anything that can be had without a login.
    pub(crate) fn shows(&self) -> bool {
        self.change.is_some()
    }

    /// The provider with this fault.
    pub(crate) fn provider(&self) -> Provider {
        let mut provider = Provider::healthy(&self.id);
        if let Some(change) = &self.change {
            change(&mut provider);
        }
        provider
    }
}

/// Every fault of the measurement.
pub(crate) fn all() -> Vec<Fault> {
    [discovery::faults(), serving::faults(), keys::faults(), unseen::faults()].into_iter().flatten().collect()
}
