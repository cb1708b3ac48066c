//! Client secrets: made from the system's randomness, and digested where the provider keeps digests.

use crate::Error;
use aws_lc_rs::{pbkdf2, rand};
use base64::Engine as _;
use std::num::NonZeroU32;

/// The characters of a secret: letters and digits only, since products disagree on how others are encoded in HTTP
/// Basic (RFC 6749 section 2.3.1).
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// 48 of them are 285 bits.
const LENGTH: usize = 48;
/// The rounds that Authelia itself uses for PBKDF2 with SHA-512.
const ROUNDS: NonZeroU32 = NonZeroU32::new(310_000).expect("it is not zero");

/// A client secret. Never printed by `Debug`.
pub struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn random() -> Result<Secret, Error> {
        let mut text = String::new();
        while text.len() < LENGTH {
            let mut bytes = [0_u8; LENGTH];
            fill(&mut bytes)?;
            // 248 is the largest multiple of 62 that fits: what lies above would favour the first characters.
            let fair = bytes.iter().filter(|byte| **byte < 248).take(LENGTH - text.len());
            text.extend(
                fair.filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len())).map(|b| char::from(*b)),
            );
        }
        Ok(Secret(text))
    }

    /// One that the user has, without the line break at its end.
    pub fn given(text: &str) -> Secret {
        Secret(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The text, for the one place where it is shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The digest that Authelia stores: `$pbkdf2-sha512$ROUNDS$SALT$KEY`.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn digest(&self) -> Result<String, Error> {
        let mut salt = [0_u8; 16];
        fill(&mut salt)?;
        Ok(digest(self.0.as_bytes(), &salt, ROUNDS))
    }
}

fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    rand::fill(bytes).map_err(|_| Error::usage("the system gave no random bytes", "give a secret with --secret-file"))
}

fn digest(secret: &[u8], salt: &[u8], rounds: NonZeroU32) -> String {
    let mut key = [0_u8; 64];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, rounds, salt, secret, &mut key);
    format!("$pbkdf2-sha512${rounds}${}${}", encode(salt), encode(&key))
}

/// Base64 with a dot for the plus and without padding, as the modular crypt format has it.
fn encode(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes).replace('+', ".")
}

/// Whether a digest of that form was made of this secret; `None` when it has another form.
pub fn matches(secret: &[u8], stored: &str) -> Option<bool> {
    let mut parts = stored.strip_prefix("$pbkdf2-sha512$")?.split('$');
    let (rounds, salt, key) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
    let decode = |text: &str| base64::engine::general_purpose::STANDARD_NO_PAD.decode(text.replace('.', "+")).ok();
    let (salt, key) = (decode(salt)?, decode(key)?);
    Some(pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA512, rounds, &salt, secret, &key).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_differ() {
        let (a, b) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_eq!(a.reveal().len(), LENGTH);
        assert!(a.reveal().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(a.reveal(), b.reveal());
        assert_eq!(format!("{a:?}"), "Secret(…)");
    }

    /// The value comes from Python's hashlib.pbkdf2_hmac, the form from passlib.
    #[test]
    fn digests_are_those_of_the_crypt_format() {
        let rounds = NonZeroU32::new(1000).unwrap();
        assert_eq!(digest(b"s3cret", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255], rounds), EXPECTED);
        assert_eq!(matches(b"s3cret", EXPECTED), Some(true));
        assert_eq!(matches(b"s3creT", EXPECTED), Some(false));
        assert_eq!(matches(b"s3cret", "$argon2id$v=19$x"), None);
    }

    const EXPECTED: &str = "$pbkdf2-sha512$1000$AAECAwQFBgcICQoLDA0O/w$tpcsbVpHjlZEh3mEAZFMmxJUUEDe095rdk1FuMtYbOFsRGTvImkZRW5A0DR0rK2bBMV8J2sYNqYvfuOSuy6LtQ";
}
