//! JSON Web Tokens that tests sign themselves.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    hmac::{self, HMAC_SHA256},
    signature::Ed25519KeyPair,
};
use serde_json::{Value, json};

/// A token with an HMAC of a shared secret.
pub fn sign_with_secret(algorithm: hmac::Algorithm, secret: &str, claims: &Value) -> String {
    let name = if algorithm == HMAC_SHA256 { "HS256" } else { "HS512" };
    let key = hmac::Key::new(algorithm, secret.as_bytes());
    signed(&json!({ "alg": name, "typ": "JWT" }), claims, |text| hmac::sign(&key, text).as_ref().to_vec())
}

/// A token signed with an Ed25519 private key (PKCS #8).
pub fn sign_with_ed25519(key: &[u8], key_id: &str, claims: &Value) -> String {
    let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key).unwrap();
    let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": key_id });
    signed(&header, claims, |text| key.sign(text).as_ref().to_vec())
}

fn signed(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(text.as_bytes()));
    format!("{text}.{signature}")
}
