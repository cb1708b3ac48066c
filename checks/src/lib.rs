//! The rules of oidcheck: plan and judge.
//!
//! Nothing here touches the world: no file, no socket, no clock, no randomness (`clippy.toml` enforces it). The caller
//! executes a [`plan::Plan`] and hands the resulting [`evidence::Evidence`] to [`report::judge`] with the time.

pub mod case;
pub mod check;
pub mod data;
pub mod evidence;
pub mod hosts;
pub mod library;
pub mod lint;
pub mod people;
pub mod plan;
pub mod probe;
pub mod profile;
pub mod provider;
pub mod report;
pub mod spec;
pub mod target;
pub mod verdict;

/// Declares the checks of a group: one module each, and the list.
macro_rules! group {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*
        /// The checks of this group.
        pub(crate) static CHECKS: &[&crate::check::Check] = &[$(&$name::CHECK),*];
    };
}

mod access_token;
mod after;
mod app;
mod authorize;
mod capture;
mod claims;
mod client;
mod cors;
mod discovery;
mod endpoints;
mod fetched;
mod http;
mod id_token;
mod jwks;
mod login;
mod redirect;
mod refresh;
mod revocation;
mod session;
mod tls;
mod token;
mod token_response;
mod userinfo;
mod wall;

/// Every check, in the order in which reports show them.
pub static CHECKS: std::sync::LazyLock<Vec<&'static check::Check>> = std::sync::LazyLock::new(|| {
    let issuer: [&[&check::Check]; 5] = [tls::CHECKS, http::CHECKS, discovery::CHECKS, jwks::CHECKS, cors::CHECKS];
    let client: [&[&check::Check]; 4] = [client::CHECKS, redirect::CHECKS, authorize::CHECKS, token::CHECKS];
    let rest: [&[&check::Check]; 3] = [endpoints::CHECKS, capture::CHECKS, app::CHECKS];
    let login: [&[&check::Check]; 5] =
        [token_response::CHECKS, id_token::CHECKS, access_token::CHECKS, userinfo::CHECKS, claims::CHECKS];
    let after: [&[&check::Check]; 3] = [refresh::CHECKS, revocation::CHECKS, session::CHECKS];
    issuer.into_iter().chain(client).chain(rest).chain(login).chain(after).flatten().copied().collect()
});

/// The check or lint rule of that id, a former id included.
pub fn check(id: &str) -> Option<&'static check::Check> {
    let mut known = CHECKS.iter().chain(lint::RULES).copied();
    known.find(|check| check.id == id || check.formerly.contains(&id))
}
