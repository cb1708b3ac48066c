//! The private key of a client, and the assertions that it signs in place of a secret (RFC 7523 section 2.2, OpenID
//! Connect Core 1.0 section 9, `private_key_jwt`).

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;

/// How long an assertion holds, in seconds: it is used at once, and only once.
const LIFE: i64 = 60;

/// A private key of a client. It never shows.
pub struct ClientKey {
    key: EncodingKey,
    algorithm: Algorithm,
    kid: Option<String>,
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{:?} key>", self.algorithm)
    }
}

impl ClientKey {
    /// Reads a private key from PEM (PKCS #8, or PKCS #1 for RSA). Without an algorithm it is the plainest of the key's
    /// type: RS256, ES256 or ES384 by the curve, EdDSA.
    ///
    /// # Errors
    /// What is wrong, in a person's words: no private key, or one that cannot sign with this algorithm.
    pub fn read(pem: &[u8], algorithm: Option<&str>, kid: Option<String>) -> Result<ClientKey, String> {
        let (key, usual): (EncodingKey, &[Algorithm]) = if let Ok(key) = EncodingKey::from_rsa_pem(pem) {
            (key, &[Algorithm::RS256])
        } else if let Ok(key) = EncodingKey::from_ec_pem(pem) {
            (key, &[Algorithm::ES256, Algorithm::ES384])
        } else if let Ok(key) = EncodingKey::from_ed_pem(pem) {
            (key, &[Algorithm::EdDSA])
        } else {
            return Err("there is no private key in PEM that can be read".into());
        };
        let wanted = match algorithm {
            Some(name) => vec![name.parse().map_err(|_| format!("{name:?} is no algorithm that is known here"))?],
            None => usual.to_vec(),
        };
        let signs = |algorithm: &Algorithm| encode(&Header::new(*algorithm), &json!({}), &key).is_ok();
        match wanted.into_iter().find(signs) {
            Some(algorithm) => Ok(ClientKey { key, algorithm, kid }),
            None => Err(format!("the key cannot sign with {}", algorithm.unwrap_or("ES256 or ES384"))),
        }
    }

    /// An assertion of the client for a token endpoint. `right` is whether the signature is; a wrong one is the control,
    /// alike in everything else.
    ///
    /// # Errors
    /// The key does not sign, or the system gives no random bytes.
    pub(super) fn assertion(&self, client_id: &str, endpoint: &str, right: bool) -> Result<String, String> {
        let now = jiff::Timestamp::now().as_second();
        let claims = json!({
            "iss": client_id, "sub": client_id, "aud": endpoint, "jti": crate::login::random()?,
            "iat": now, "exp": now + LIFE,
        });
        let header = Header { kid: self.kid.clone(), ..Header::new(self.algorithm) };
        let signed = encode(&header, &claims, &self.key).map_err(|error| format!("the client's key: {error}"))?;
        if right {
            return Ok(signed);
        }
        // The first letter decides six whole bits, whatever the length is.
        let (content, signature) = signed.rsplit_once('.').ok_or("the client's key signs nothing")?;
        let first = if signature.starts_with('A') { 'B' } else { 'A' };
        Ok(format!("{content}.{first}{}", signature.get(1..).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

    #[test]
    fn a_wrong_assertion_differs_in_its_signature_alone() {
        let key = ClientKey::read(ED.as_bytes(), None, Some("k1".into())).expect("reads");
        let parts = |right| {
            let text = key.assertion("web", "https://op.example.test/token", right).expect("signs");
            text.split('.').map(str::len).collect::<Vec<_>>()
        };
        assert_eq!(parts(true), parts(false));
        assert_eq!(format!("{key:?}"), "<EdDSA key>");
    }

    #[test]
    fn what_cannot_sign_is_told() {
        let told = |pem: &str, algorithm| ClientKey::read(pem.as_bytes(), algorithm, None).expect_err("refused");
        assert_eq!(told("", None), "there is no private key in PEM that can be read");
        assert_eq!(told(ED, Some("RS256")), "the key cannot sign with RS256");
        assert_eq!(told(ED, Some("XX1")), "\"XX1\" is no algorithm that is known here");
    }
}
