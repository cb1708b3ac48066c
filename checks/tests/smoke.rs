//! Every embedded file reads, and ids are what the files are called.

use oidcheck_checks::profile::Profile;
use oidcheck_checks::{CHECKS, library, profile, provider};
use std::collections::BTreeSet;

#[test]
fn embedded_data_reads() {
    assert!(!library::all().is_empty() && !profile::all().is_empty() && !provider::all().is_empty());
    for (id, library) in library::all() {
        assert_eq!(id, &library.id);
        assert!(!library.title.is_empty() && !library.provenance.is_empty(), "{id}: what it is, and how we know");
    }
    for (id, profile) in profile::all() {
        assert_eq!(id, &profile.file.id);
        assert!(!profile.file.title.is_empty() && !profile.file.about.is_empty(), "{id} says nothing of itself");
    }
    let providers: BTreeSet<&str> = provider::all().iter().map(|provider| provider.id.as_str()).collect();
    assert_eq!(providers.len(), provider::all().len(), "a product stands twice");
}

#[test]
fn everything_is_found_by_its_id() {
    for id in Profile::ids() {
        assert_eq!(Profile::by_id(&id).map(|profile| profile.file.id), Some(id));
    }
    for check in CHECKS.iter() {
        assert_eq!(oidcheck_checks::check(check.id).map(|found| found.id), Some(check.id));
    }
}
