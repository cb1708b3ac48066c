//! Which algorithms a library lets sign a token, given what the provider advertises.

use serde::Deserialize;

/// What decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The advertised list, as far as the library implements it.
    #[default]
    Advertised,
    /// A fixed list, whatever is advertised.
    Fixed,
    /// Nothing: any algorithm passes.
    Anything,
}

/// What stands in when the advertised list gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fallback {
    /// Nothing is accepted.
    #[default]
    Nothing,
    /// RS256, the default of OpenID Connect Core 1.0 section 2.
    Rs256,
    /// Everything that the library implements.
    Implemented,
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct AlgorithmRules {
    /// What decides.
    pub source: Source,
    /// What it implements, or the fixed list.
    pub accepts: Vec<String>,
    /// Algorithms whose very name it cannot read, so that the token response fails already.
    pub unreadable: Vec<String>,
    /// When the list is empty, or nothing in it is implemented.
    pub when_empty: Fallback,
    /// When the member is absent.
    pub when_absent: Fallback,
}

impl AlgorithmRules {
    /// Whether a token signed with `alg` is taken. `advertised` is `id_token_signing_alg_values_supported`.
    pub fn takes(&self, alg: &str, advertised: Option<&[&str]>) -> bool {
        let implemented = self.accepts.iter().any(|a| a == alg);
        let fallback = |fallback: Fallback| match fallback {
            Fallback::Nothing => false,
            Fallback::Rs256 => alg == "RS256",
            Fallback::Implemented => implemented,
        };
        match self.source {
            Source::Anything => true,
            Source::Fixed => implemented,
            Source::Advertised => match advertised {
                None => fallback(self.when_absent),
                Some(list) if !list.iter().any(|a| self.accepts.iter().any(|b| a == b)) => fallback(self.when_empty),
                Some(list) => implemented && list.contains(&alg),
            },
        }
    }
}
