//! The numbers behind a key: whether a point is on its curve, whether a modulus can be taken apart.
//!
//! Everything here is about public numbers and runs in milliseconds; nothing tries to break a sound key.

use num_bigint::BigUint;
use std::sync::LazyLock;

/// The fields and coefficients of the curves that JOSE names: p, a, b (SEC 2 and FIPS 186-4).
fn curve(name: &str) -> Option<[BigUint; 3]> {
    let [p, a, b] = match name {
        "P-256" => [
            "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
            "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
            "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
        ],
        "P-384" => [
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
            "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
        ],
        "P-521" => [
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
             ffffffffffffffffffffffffffffffffff",
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
             fffffffffffffffffffffffffffffffffc",
            "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf\
             073573df883d2c34f1ef451fd46b503f00",
        ],
        "secp256k1" => ["fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", "0", "7"],
        _ => return None,
    };
    let number = |hex: &str| BigUint::parse_bytes(hex.as_bytes(), 16);
    Some([number(p)?, number(a)?, number(b)?])
}

/// How many bytes a coordinate of the curve has (RFC 7518 section 6.2.1.2, RFC 8037 section 2).
pub fn coordinate_len(curve: &str) -> Option<usize> {
    match curve {
        "P-256" | "secp256k1" | "Ed25519" | "X25519" => Some(32),
        "P-384" => Some(48),
        "P-521" => Some(66),
        "X448" => Some(56),
        "Ed448" => Some(57),
        _ => None,
    }
}

/// Whether a point is on its curve; `None` for a curve whose equation is not known here.
pub fn on_curve(name: &str, x: &[u8], y: &[u8]) -> Option<bool> {
    let [p, a, b] = curve(name)?;
    let (x, y) = (BigUint::from_bytes_be(x), BigUint::from_bytes_be(y));
    let right = (&x * &x * &x + a * &x + b) % &p;
    Some(x < p && y < p && &y * &y % &p == right)
}

/// A number without the zeros before it.
pub fn number(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_be(bytes)
}

/// The number behind a text of hexadecimal or decimal digits that is too long to be base64url by chance.
pub fn digits(text: &str) -> Option<Vec<u8>> {
    // Nobody will ever see base64url of this length that happens to have digits alone.
    const LONG: usize = 64;
    if text.len() < LONG {
        return None;
    }
    let radix = if text.bytes().all(|byte| byte.is_ascii_digit()) { 10 } else { 16 };
    Some(BigUint::parse_bytes(text.as_bytes(), radix)?.to_bytes_be())
}

/// Why somebody could compute the private key from the modulus, in a person's words; `None` when nothing is seen.
pub fn weakness(modulus: &BigUint) -> Option<String> {
    if let Some(prime) = PRIMES.iter().find(|prime| (modulus % **prime).bits() == 0) {
        return Some(format!("the modulus can be divided by {prime}"));
    }
    if infineon(modulus) {
        return Some("the modulus was made by a faulty library (ROCA, CVE-2017-15361)".into());
    }
    // Fermat's method: a few steps are enough when the primes are next to each other (CVE-2022-26320).
    let mut middle = modulus.sqrt();
    if &middle * &middle < *modulus {
        middle += 1u32;
    }
    for _ in 0..32 {
        let rest = &middle * &middle - modulus;
        // A square ends in one of four ways modulo 16, and taking roots is slow.
        let may_be_square = matches!(rest.iter_u32_digits().next().unwrap_or_default() % 16, 0 | 1 | 4 | 9);
        if may_be_square && rest.sqrt().pow(2) == rest {
            return Some("the two primes of the modulus are next to each other (CVE-2022-26320)".into());
        }
        middle += 1u32;
    }
    None
}

/// The primes below two thousand.
static PRIMES: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let prime = |n: &u32| (2..).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    (2..2_000).filter(prime).collect()
});

/// The odd primes for which the pattern of the faulty library is known.
fn pattern_primes() -> impl Iterator<Item = u32> {
    PRIMES.iter().copied().filter(|prime| (3..168).contains(prime))
}

/// Whether the modulus is a power of 65537 modulo every small prime, as the faulty library made them and chance does
/// not (Nemec et al., "The Return of Coppersmith's Attack", 2017).
fn infineon(modulus: &BigUint) -> bool {
    pattern_primes().all(|prime| {
        let rest = (modulus % prime).iter_u32_digits().next().unwrap_or_default();
        let mut power = 1;
        (0..prime).any(|_| {
            power = power * (65_537 % prime) % prime;
            power == rest
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    #[test]
    fn published_points_are_on_their_curves() {
        // RFC 7515 appendix A.3 and A.4.
        let x = bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
        let mut y = bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        assert_eq!(on_curve("P-256", &x, &y), Some(true));
        y[31] ^= 1;
        assert_eq!(on_curve("P-256", &x, &y), Some(false));
        assert_eq!(on_curve("P-1", &x, &y), None);
    }

    #[test]
    fn digits_are_told_from_base64() {
        assert_eq!(digits(&"0f".repeat(64)), Some(vec![15; 64]));
        assert_eq!(digits(&format!("{}256", "0".repeat(64))), Some(vec![1, 0]));
        assert_eq!(digits("AQAB"), None);
        assert_eq!(digits(&"xyz0".repeat(40)), None);
    }

    #[test]
    fn base_points_are_on_their_curves() {
        let hex = |text: &str| BigUint::parse_bytes(text.as_bytes(), 16).unwrap().to_bytes_be();
        let on = |name, x, y| on_curve(name, &hex(x), &hex(y));
        let k1 = (
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
        );
        assert_eq!(on("secp256k1", k1.0, k1.1), Some(true));
        let p384 = (
            "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
            "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
        );
        assert_eq!(on("P-384", p384.0, p384.1), Some(true));
        let p521 = (
            "c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3\
             c1856a429bf97e7e31c2e5bd66",
            "11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7\
             086a272c24088be94769fd16650",
        );
        assert_eq!(on("P-521", p521.0, p521.1), Some(true));
    }

    #[test]
    fn weak_moduli_are_told_from_sound_ones() {
        // RFC 7515 appendix A.2.
        let sound = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL\
                     -yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsL\
                     A9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF\
                     8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
        let sound = number(&bytes(sound));
        assert_eq!(weakness(&sound), None);
        assert_eq!(weakness(&(&sound * 1_999u32)).as_deref(), Some("the modulus can be divided by 1999"));
        // Two Mersenne primes would be far apart; these two are neighbours.
        let near = BigUint::parse_bytes(b"1000000000000000000000007", 10).unwrap()
            * BigUint::parse_bytes(b"1000000000000000000000049", 10).unwrap();
        assert!(weakness(&near).is_some_and(|why| why.contains("next to each other")));
        // A power of 65537 modulo everything.
        let product: BigUint = pattern_primes().map(BigUint::from).product();
        assert!(infineon(&(BigUint::from(65_537u32).modpow(&BigUint::from(1_000_003u32), &product) + product)));
        assert!(!infineon(&sound));
    }
}
