//! Access tokens: JWTs signed with HS256 only; each names its session.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use rand::RngCore;
use serde::{Deserialize, Serialize};

use super::hs256;
use tallyboard_model::{
    error::{Error, Result},
    id::{SessionId, UserId},
};

const ISSUER: &str = "tallyboard";
const AUDIENCE: &str = "tallyboard";
const KEY_FILE: &str = "signing.key";

/// The claims the server reads from a token.
#[derive(Clone, Copy, Deserialize)]
pub struct Claims {
    /// The user.
    pub sub: UserId,
    /// The session: when it ends, the token is no longer valid.
    pub sid: SessionId,
    /// Not used, but a token without it is not ours.
    #[serde(rename = "iat")]
    _issued_at: i64,
    exp: i64,
}

/// The claims the server writes into a token.
#[derive(Serialize)]
struct NewClaims {
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
    iss: &'static str,
    aud: &'static str,
}

impl Claims {
    /// Whether the token is no longer valid.
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.exp < now.timestamp()
    }
}

/// Signs and verifies tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Tokens {
    /// Uses a key of at least 32 bytes.
    pub fn new(key: &[u8]) -> Self {
        hs256::install_provider();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 0;
        Self { encoding: EncodingKey::from_secret(key), decoding: DecodingKey::from_secret(key), validation }
    }

    /// A token for a session.
    pub fn issue(
        &self,
        user: UserId,
        session: SessionId,
        now: DateTime<Utc>,
        expires: DateTime<Utc>,
    ) -> Result<String> {
        let claims = NewClaims {
            sub: user,
            sid: session,
            iat: now.timestamp(),
            exp: expires.timestamp(),
            iss: ISSUER,
            aud: AUDIENCE,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(Error::internal)
    }

    /// Signs a text that is not a token. The text must contain a character that no token has, such as `:`.
    pub fn sign_text(&self, text: &str) -> String {
        // Signing with HS256 fails only for a key of another algorithm.
        jsonwebtoken::crypto::sign(text.as_bytes(), &self.encoding, Algorithm::HS256).unwrap_or_default()
    }

    /// Whether [`Tokens::sign_text`] made the signature.
    pub fn verify_text(&self, text: &str, signature: &str) -> bool {
        jsonwebtoken::crypto::verify(signature, text.as_bytes(), &self.decoding, Algorithm::HS256).unwrap_or(false)
    }

    /// The claims of a token that we signed and that is valid now.
    pub fn check(&self, token: &str) -> Result<Claims> {
        decode::<Claims>(token, &self.decoding, &self.validation)
            .map(|token| token.claims)
            .map_err(|_| Error::unauthorized("The token is not valid or has expired"))
    }
}

/// Reads the signing key in the data folder; generates it (mode 0600) when there is none.
pub fn read_or_create_key(data_dir: &Path) -> io::Result<Vec<u8>> {
    fs::create_dir_all(data_dir)?;
    let path = data_dir.join(KEY_FILE);
    match fs::read(&path) {
        Ok(key) if key.len() >= 32 => return Ok(key),
        Ok(_) => return Err(io::Error::other(format!("{} is shorter than 32 bytes", path.display()))),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) => {}
    }
    let mut key = vec![0; 64];
    rand::rng().fill_bytes(&mut key);
    // The key is written to its own file and then linked: of two processes that start together one
    // link succeeds, and both read that key.
    let own = data_dir.join(format!("{KEY_FILE}.{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&own)?;
    file.write_all(&key)?;
    file.sync_all()?;
    let linked = fs::hard_link(&own, &path);
    fs::remove_file(&own)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::read(&path),
    }
}
