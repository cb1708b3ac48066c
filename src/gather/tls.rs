//! The certificate verifier of the gatherer: it records, and lets the handshake through.
//!
//! A check has to be able to say *what* is wrong with a certificate and to go on with the rest, so a certificate that
//! is not trusted does not end the connection here; the fact is kept and lands in the evidence. That is safe only
//! because nothing secret is ever sent over these connections: the requests of the issuer tier carry no credential,
//! no cookie and no code, and what comes back is judged, not believed. **A request that carries a secret must use a
//! client with a strict verifier.** Handshake signatures are still verified, so that the chain that is reported is
//! that of the peer.

use oidcheck_checks::evidence::{Distrust, DistrustKind, Tls};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is trusted: the machine's roots and those that the user named.
#[derive(Debug)]
pub struct Trust {
    roots: RootCertStore,
    /// The user's certificates. One of these may be a server's own certificate, which webpki would refuse as a leaf
    /// when it is marked as a CA, while OpenSSL, Go and Java accept it.
    pinned: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl Trust {
    /// Loads the machine's roots and adds `extra`. A root that cannot be read is left out, as other clients do.
    pub fn load(extra: &[CertificateDer<'static>]) -> Trust {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(extra.iter().cloned());
        Trust { roots, pinned: extra.to_vec(), provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()) }
    }

    fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.provider.signature_verification_algorithms
    }

    /// What speaks against the chain for that name at that time; `None` when it is trusted.
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Option<Distrust> {
        let cert = match ParsedCertificate::try_from(leaf) {
            Ok(cert) => cert,
            Err(error) => return Some(classify(&error)),
        };
        let chain = verify_server_cert_signed_by_trust_anchor(&cert, &self.roots, others, now, self.algorithms().all);
        let chain = match chain {
            // "CA used as end entity": what matters to a person is whether the certificate is one that was named.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(other))) => match self_signed(leaf, now) {
                Some(_) if !self.pinned.iter().any(|pinned| pinned == leaf) => {
                    let text = "the certificate is self-signed, and not among the trusted ones".to_owned();
                    return Some(Distrust { kind: DistrustKind::UnknownIssuer, text });
                }
                Some(Some(distrust)) => return Some(distrust),
                Some(None) => Ok(()),
                None => Err(rustls::Error::InvalidCertificate(CertificateError::Other(other))),
            },
            chain => chain,
        };
        chain.and_then(|()| verify_server_name(&cert, name)).err().map(|error| classify(&error))
    }
}

/// For a certificate whose issuer is its own subject: what its dates say. `None` for any other certificate.
fn self_signed(leaf: &CertificateDer<'_>, now: UnixTime) -> Option<Option<Distrust>> {
    let (_, cert) = x509_parser::parse_x509_certificate(leaf).ok()?;
    if cert.subject().as_raw() != cert.issuer().as_raw() {
        return None;
    }
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let validity = cert.validity();
    let distrust = |kind, text: String| Some(Distrust { kind, text });
    Some(if now < validity.not_before.timestamp() {
        distrust(DistrustKind::NotYetValid, format!("certificate not valid before {}", validity.not_before))
    } else if now > validity.not_after.timestamp() {
        distrust(DistrustKind::Expired, format!("certificate expired on {}", validity.not_after))
    } else {
        None
    })
}

/// The verifier's error as a class and its own words.
fn classify(error: &rustls::Error) -> Distrust {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return Distrust { kind: DistrustKind::Other, text: error.to_string() };
    };
    let kind = match certificate {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => DistrustKind::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => DistrustKind::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => DistrustKind::WrongName,
        CertificateError::UnknownIssuer => DistrustKind::UnknownIssuer,
        CertificateError::Revoked => DistrustKind::Revoked,
        _ => DistrustKind::Other,
    };
    let text = match certificate {
        CertificateError::UnknownIssuer => "the issuer of the certificate is not known".to_owned(),
        other => other.to_string(),
    };
    Distrust { kind, text }
}

/// The verifier of one origin. Connections are pooled, so the facts of a later request on an old connection are
/// looked up here by the name of its host.
#[derive(Debug)]
pub struct Recorder {
    trust: Arc<Trust>,
    seen: Mutex<BTreeMap<String, Tls>>,
}

/// The verifier for requests that carry a secret: records all the same, and refuses what is not trusted.
#[derive(Debug)]
struct Strict(Arc<Recorder>);

impl Recorder {
    /// One that has seen nothing.
    pub fn new(trust: Arc<Trust>) -> Arc<Recorder> {
        Arc::new(Recorder { trust, seen: Mutex::default() })
    }

    /// What the handshakes with that host showed. A host as in a URL; brackets of an IPv6 literal do not matter.
    pub fn seen(&self, host: &str) -> Option<Tls> {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&host).cloned()
    }

    /// The TLS settings that use this verifier: HTTP/2 offered first, and no resumption, which would skip the
    /// certificates.
    pub fn config(self: &Arc<Self>) -> Result<ClientConfig, rustls::Error> {
        self.config_with(self.clone())
    }

    /// The same for requests that carry a secret: a certificate that is not trusted ends the handshake.
    pub fn strict_config(self: &Arc<Self>) -> Result<ClientConfig, rustls::Error> {
        self.config_with(Arc::new(Strict(self.clone())))
    }

    fn config_with(&self, verifier: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, rustls::Error> {
        let mut config = ClientConfig::builder_with_provider(self.trust.provider.clone())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let distrust = self.trust.judge(leaf, others, name, now);
        let chain = std::iter::once(leaf).chain(others).map(|cert| cert.to_vec()).collect();
        let server_name = name.to_str().to_ascii_lowercase();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Several machines may stand behind one name; the one with the bad certificate is the one to tell about.
        let keep = seen.get(&server_name).is_some_and(|before| before.distrust.is_some() && distrust.is_none());
        if !keep {
            seen.insert(server_name.clone(), Tls { server_name, chain, distrust, older: None });
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, self.trust.algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, self.trust.algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.algorithms().supported_schemes()
    }
}

impl ServerCertVerifier for Strict {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let recorded = self.0.verify_server_cert(leaf, others, name, ocsp, now)?;
        match self.0.trust.judge(leaf, others, name, now) {
            None => Ok(recorded),
            Some(_) => Err(rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// The certificates of a PEM file.
///
/// # Errors
/// In words: broken PEM, or no certificate in it.
pub fn read_pem(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certs: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let certs = certs.map_err(|error| format!("broken PEM: {error}"))?;
    if certs.is_empty() {
        return Err("there is no certificate in it (-----BEGIN CERTIFICATE-----)".into());
    }
    match certs.iter().position(|der| x509_parser::parse_x509_certificate(der).is_err()) {
        Some(at) => Err(format!("certificate {} in it cannot be read", at + 1)),
        None => Ok(certs),
    }
}
