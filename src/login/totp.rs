//! One-time codes of a test user (RFC 6238), from a secret as providers show it.

use super::Credentials;

/// The code of this moment; empty when there is no secret.
///
/// # Errors
/// The secret is no base32.
pub(super) fn code(credentials: &Credentials) -> Result<String, String> {
    let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default();
    credentials.totp.as_ref().map_or(Ok(String::new()), |secret| at(secret.reveal(), now))
}

/// Six digits that change every 30 seconds, HMAC-SHA-1: what nearly every authenticator and provider uses.
fn at(secret: &str, seconds: u64) -> Result<String, String> {
    let plain: String = secret.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '=')).collect();
    let bytes = totp_rs::Secret::Encoded(plain.to_ascii_uppercase()).to_bytes();
    let bytes = bytes.map_err(|_| "the TOTP secret is no base32 (letters and the digits 2 to 7)".to_owned())?;
    Ok(totp_rs::TOTP::new_unchecked(totp_rs::Algorithm::SHA1, 6, 1, 30, bytes).generate(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_specification() {
        // RFC 6238 appendix B, the last six of eight digits.
        let secret = "gezd gnbv gy3t qojq GEZDGNBVGY3TQOJQ";
        assert_eq!(at(secret, 59).as_deref(), Ok("287082"));
        assert_eq!(at(secret, 1_111_111_109).as_deref(), Ok("081804"));
        assert!(at("not base 32: 0189", 59).is_err_and(|why| !why.contains("0189")));
    }
}
