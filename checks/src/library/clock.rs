//! How far the clocks of provider and application may be apart before a token is refused.

use serde::Deserialize;

/// What was measured: the largest difference in seconds that passed. A claim that is not looked at, or at which no
/// limit was seen, has none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ClockRules {
    /// `exp` may be so long past.
    pub exp_past: Option<u32>,
    /// `iat` may be so far ahead.
    pub iat_ahead: Option<u32>,
    /// `nbf` may be so far ahead.
    pub nbf_ahead: Option<u32>,
    /// `iat` may be so long ago.
    pub iat_ago: Option<u32>,
}
