//! How far a library lets the clocks of provider and application differ, claim by claim.

use serde::{Deserialize, Deserializer};

/// A tolerance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leeway {
    /// So many seconds.
    Seconds(u32),
    /// The claim is not compared with the clock.
    Unchecked,
}

impl Leeway {
    /// The limit in seconds; `None` when there is none.
    pub fn limit(self) -> Option<u32> {
        match self {
            Leeway::Seconds(seconds) => Some(seconds),
            Leeway::Unchecked => None,
        }
    }

    /// Whether a time that is `seconds` beyond what is right still passes.
    pub fn takes(self, seconds: i64) -> bool {
        match self {
            Leeway::Seconds(limit) => seconds <= i64::from(limit),
            Leeway::Unchecked => true,
        }
    }
}

impl<'de> Deserialize<'de> for Leeway {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a number of seconds, or \"unchecked\"")]
        enum Written {
            Seconds(u32),
            Word(Word),
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        enum Word {
            Unchecked,
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Seconds(seconds) => Leeway::Seconds(seconds),
            Written::Word(Word::Unchecked) => Leeway::Unchecked,
        })
    }
}

/// The tolerances of a library (RFC 7519 sections 4.1.4 to 4.1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LeewayRules {
    /// How long ago a token may have expired.
    pub exp_past: Leeway,
    /// How far in the future it may have been issued.
    pub iat_ahead: Leeway,
    /// How far in the future it may become valid.
    pub nbf_ahead: Leeway,
    /// How long ago it may have been issued, whatever its expiry.
    pub iat_ago: Leeway,
}

impl Default for LeewayRules {
    fn default() -> Self {
        let unchecked = Leeway::Unchecked;
        LeewayRules { exp_past: Leeway::Seconds(0), iat_ahead: unchecked, nbf_ahead: unchecked, iat_ago: unchecked }
    }
}
