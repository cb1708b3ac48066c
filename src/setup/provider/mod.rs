//! The provider's side, one small function for each product; a table for those whose format is not a file.

mod adfs;
mod authelia;
mod authentik;
mod dex;
mod kanidm;
mod keycloak;
mod table;

use super::secret::Secret;
use super::{Block, Wish};
use oidcheck_checks::profile::need::Need;

/// What a product's function gives.
#[derive(Debug, Default)]
pub struct Made {
    /// What to paste.
    pub blocks: Vec<Block>,
    /// What to know.
    pub notes: Vec<String>,
    /// The product makes the secret itself.
    pub makes_secret: bool,
    /// It keeps a digest of the secret, which stands in a block.
    pub keeps_digest: bool,
}

/// Whether this product makes the secret of a client itself, so that none has to be made here.
pub fn makes_secret(product: &str) -> bool {
    !matches!(product, "authelia" | "authentik" | "keycloak" | "dex")
}

/// The provider's side.
pub fn write(wish: &Wish<'_>, client: &Need, secret: Option<&Secret>) -> Made {
    let mut made = match wish.product {
        "authelia" => authelia::write(wish, client, secret),
        "authentik" => authentik::write(wish, client),
        "keycloak" => keycloak::write(wish, client),
        "dex" => dex::write(wish, client),
        "adfs" => adfs::write(wish, client),
        "kanidm" => kanidm::write(wish, client),
        _ => table::write(wish, client),
    };
    made.makes_secret = makes_secret(wish.product);
    made
}

/// The endpoints of a provider, for applications that are told each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The authorization endpoint.
    pub authorization: String,
    /// The token endpoint.
    pub token: String,
    /// The userinfo endpoint.
    pub userinfo: String,
}

/// The endpoints as the product has them; for others, where to read them.
pub fn endpoints(wish: &Wish<'_>) -> Endpoints {
    let issuer = wish.issuer.trim_end_matches('/');
    let origin = url::Url::parse(issuer).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let at = |base: &str, paths: [&str; 3]| {
        let [authorization, token, userinfo] = paths.map(|path| format!("{base}{path}"));
        Endpoints { authorization, token, userinfo }
    };
    match wish.product {
        "authelia" => at(issuer, ["/api/oidc/authorization", "/api/oidc/token", "/api/oidc/userinfo"]),
        "authentik" => at(&origin, ["/application/o/authorize/", "/application/o/token/", "/application/o/userinfo/"]),
        "keycloak" => {
            let paths = ["auth", "token", "userinfo"].map(|name| format!("/protocol/openid-connect/{name}"));
            at(issuer, [&paths[0], &paths[1], &paths[2]])
        }
        "dex" => at(issuer, ["/auth", "/token", "/userinfo"]),
        "adfs" => at(issuer, ["/oauth2/authorize/", "/oauth2/token/", "/userinfo"]),
        "zitadel" => at(&origin, ["/oauth/v2/authorize", "/oauth/v2/token", "/oidc/v1/userinfo"]),
        "kanidm" => {
            let userinfo = format!("{issuer}/userinfo");
            Endpoints { userinfo, ..at(&origin, ["/ui/oauth2", "/oauth2/token", ""]) }
        }
        _ => Endpoints {
            authorization: "<authorization_endpoint of the discovery document>".into(),
            token: "<token_endpoint of the discovery document>".into(),
            userinfo: "<userinfo_endpoint of the discovery document>".into(),
        },
    }
}

/// A text in single quotes for YAML; a quote inside is doubled.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A text in single quotes for a POSIX shell or PowerShell, which both take the same for the values that occur here.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
