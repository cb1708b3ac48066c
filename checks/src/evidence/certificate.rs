//! Certificates as evidence: read leniently, explained, never trusted or refused here.

use x509_parser::prelude::*;

/// What a person wants to know of one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Subject distinguished name.
    pub subject: String,
    /// Issuer distinguished name.
    pub issuer: String,
    /// DNS names and IP addresses of the subject alternative name.
    pub names: Vec<String>,
    /// First second of validity, Unix time.
    pub not_before: i64,
    /// Last second of validity, Unix time.
    pub not_after: i64,
    /// Subject and issuer are the same.
    pub self_issued: bool,
    /// The authority information access extension says where the issuer's certificate can be fetched, so the
    /// issuer expects the server to send a chain.
    pub issuer_url: Option<String>,
}

/// Reads one certificate; `None` when it is none.
pub fn read(der: &[u8]) -> Option<Certificate> {
    let (_, cert) = X509Certificate::from_der(der).ok()?;
    let names = cert
        .subject_alternative_name()
        .ok()
        .flatten()
        .map(|san| {
            let name = |n: &GeneralName<'_>| match n {
                GeneralName::DNSName(dns) => Some((*dns).to_owned()),
                GeneralName::IPAddress(bytes) => match bytes.len() {
                    4 => <[u8; 4]>::try_from(*bytes).ok().map(|b| std::net::Ipv4Addr::from(b).to_string()),
                    16 => <[u8; 16]>::try_from(*bytes).ok().map(|b| std::net::Ipv6Addr::from(b).to_string()),
                    _ => None,
                },
                _ => None,
            };
            san.value.general_names.iter().filter_map(name).collect()
        })
        .unwrap_or_default();
    let issuer_url = cert.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => {
            access.accessdescs.iter().find_map(|d| match &d.access_location {
                GeneralName::URI(uri) if d.access_method.to_id_string() == "1.3.6.1.5.5.7.48.2" => {
                    Some((*uri).to_owned())
                }
                _ => None,
            })
        }
        _ => None,
    });
    Some(Certificate {
        subject: cert.subject().to_string(),
        issuer: cert.issuer().to_string(),
        names,
        not_before: cert.validity().not_before.timestamp(),
        not_after: cert.validity().not_after.timestamp(),
        self_issued: cert.subject() == cert.issuer(),
        issuer_url,
    })
}

/// Whether the certificate certainly holds another public key than the JWK: RSA by modulus, EC by coordinates.
/// `false` when either cannot be read.
pub fn public_key_differs(der: &[u8], key: &super::jwks::Key) -> bool {
    use x509_parser::public_key::PublicKey;
    let Ok((_, cert)) = X509Certificate::from_der(der) else { return false };
    let unsigned = |bytes: &[u8]| bytes.iter().copied().skip_while(|b| *b == 0).collect::<Vec<u8>>();
    match (cert.public_key().parsed(), key.kty()) {
        (Ok(PublicKey::RSA(rsa)), Some("RSA")) => key.bytes("n").is_some_and(|n| unsigned(&n) != unsigned(rsa.modulus)),
        (Ok(PublicKey::EC(point)), Some("EC")) => match (key.bytes("x"), key.bytes("y")) {
            (Some(x), Some(y)) => point.data().strip_prefix(&[4]).is_some_and(|p| p != [x, y].concat()),
            _ => false,
        },
        (Ok(PublicKey::RSA(_)), Some("EC")) | (Ok(PublicKey::EC(_)), Some("RSA")) => true,
        _ => false,
    }
}
