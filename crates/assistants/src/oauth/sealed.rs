//! Seals what only the holder of a token may read again. The key comes from the token, of which the database has the hash alone,
//! so reading the database reveals nothing.

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
    rand::{SecureRandom, SystemRandom},
};

use tallyboard_model::error::{Error, Result};

/// Keeps these keys apart from all other uses of a token.
const PURPOSE: &[u8] = b"tallyboard: the answer to a refresh";

fn key(token: &str) -> Result<LessSafeKey> {
    let secret = Salt::new(HKDF_SHA256, PURPOSE).extract(token.as_bytes());
    let key = secret.expand(&[], &AES_256_GCM).map_err(|_| Error::internal("no key could be derived"))?;
    Ok(LessSafeKey::new(UnboundKey::from(key)))
}

/// Encrypts `text` under a key that is derived from `token`.
pub fn seal(token: &str, text: &str) -> Result<String> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| Error::internal("no random bytes"))?;
    let mut bytes = text.as_bytes().to_vec();
    key(token)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut bytes)
        .map_err(|_| Error::internal("nothing could be sealed"))?;
    Ok(BASE64_STANDARD_NO_PAD.encode([nonce.as_slice(), &bytes].concat()))
}

/// Opens what was sealed for `token`; `None` for any other token.
pub fn open(token: &str, sealed: &str) -> Option<String> {
    let bytes = BASE64_STANDARD_NO_PAD.decode(sealed).ok()?;
    let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>()?;
    let mut rest = rest.to_vec();
    let text = key(token).ok()?.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut rest).ok()?;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_opens_what_was_sealed_for_it() {
        let sealed = seal("token", "answer").unwrap();
        assert_eq!(open("token", &sealed).as_deref(), Some("answer"));
        assert_ne!(sealed, seal("token", "answer").unwrap());
        assert_eq!(open("another", &sealed), None);
        assert_eq!(open("token", &sealed[1..]), None);
        assert_eq!(open("token", ""), None);
    }
}
