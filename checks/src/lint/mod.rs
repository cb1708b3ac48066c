//! Lint.

pub mod tree;
