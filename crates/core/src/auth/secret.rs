//! The secrets of personal tokens.
//!
//! A secret is `tallyboard_`, 34 random characters, and 6 with a checksum of the rest: programs that look for leaked
//! secrets recognize it, and a mistyped one is refused without asking the database. Only its SHA-256 is stored.

use rand::{Rng, distr::Alphanumeric};
use sha2::{Digest, Sha256};

/// The prefix of every secret.
pub const SECRET_PREFIX: &str = "tallyboard_";
const RANDOM_CHARACTERS: usize = 34;
const CHECKSUM_CHARACTERS: usize = 6;
/// How many characters of a secret are stored and shown: too few to guess the rest.
const SHOWN_CHARACTERS: usize = SECRET_PREFIX.len() + 4;

/// A new secret.
pub fn new_secret() -> String {
    let random = rand::rng().sample_iter(Alphanumeric).take(RANDOM_CHARACTERS).map(char::from);
    let text: String = SECRET_PREFIX.chars().chain(random).collect();
    let sum = checksum(&text);
    text + &sum
}

/// The CRC-32 of a text as six base-62 digits.
fn checksum(text: &str) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM_CHARACTERS];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// Whether a text has the form of a secret and the right checksum.
pub fn is_secret(text: &str) -> bool {
    let length = SECRET_PREFIX.len() + RANDOM_CHARACTERS + CHECKSUM_CHARACTERS;
    text.len() == length
        && text.is_ascii()
        && text.starts_with(SECRET_PREFIX)
        && checksum(&text[..length - CHECKSUM_CHARACTERS]) == text[length - CHECKSUM_CHARACTERS..]
}

/// The stored form of a secret.
pub fn hash(secret: &str) -> String {
    format!("{:x}", Sha256::digest(secret))
}

/// The first characters of a secret.
pub fn shown(secret: &str) -> String {
    secret.chars().take(SHOWN_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_its_form_and_a_typing_error_is_noticed() {
        let secret = new_secret();
        assert_eq!(secret.len(), 11 + 40);
        assert!(is_secret(&secret), "{secret}");
        assert_ne!(secret, new_secret());
        for at in SECRET_PREFIX.len()..secret.len() {
            let mut other: Vec<u8> = secret.clone().into_bytes();
            other[at] = if other[at] == b'a' { b'b' } else { b'a' };
            assert!(!is_secret(&String::from_utf8_lossy(&other)), "changed at {at}");
        }
        assert!(!is_secret("") && !is_secret("tallyboard_") && !is_secret(&format!("{secret}x")));
        assert!(!is_secret(&format!("{}x", "ä".repeat(25))));
    }

    #[test]
    fn the_checksum_is_padded_to_six_digits() {
        // The CRC-32 of an empty text is 0, of "123456789" 0xCBF43926: https://reveng.sourceforge.io/crc-catalogue/
        assert_eq!(checksum(""), "000000");
        let value = checksum("123456789").bytes().fold(0u64, |sum, digit| {
            let digit = match digit {
                b'0'..=b'9' => digit - b'0',
                b'A'..=b'Z' => digit - b'A' + 10,
                _ => digit - b'a' + 36,
            };
            sum * 62 + u64::from(digit)
        });
        assert_eq!(value, 0xCBF4_3926);
    }
}
