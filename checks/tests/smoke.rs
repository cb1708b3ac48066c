//! Every embedded file reads, and ids are what the files are called.

use oidcheck_checks::{CHECKS, library, profile, provider};

#[test]
fn embedded_data_reads() {
    assert_eq!(library::all().len(), 24);
    assert!(profile::all().len() >= 6);
    for (id, library) in library::all() {
        assert_eq!(id, &library.id);
    }
    for (id, profile) in profile::all() {
        assert_eq!(id, &profile.file.id);
        for check in profile.file.remedies.keys() {
            assert!(oidcheck_checks::check(check).is_some(), "{id}: no check {check}");
        }
    }
    let _ = provider::all();
    assert!(CHECKS.len() >= 15);
}
