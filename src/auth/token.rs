//! Access tokens: JWTs, HS256 and nothing else, each naming its session.

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

use crate::{
    error::{Error, Result},
    id::{SessionId, UserId},
};

const ISSUER: &str = "tallyboard";
const AUDIENCE: &str = "tallyboard";
const KEY_FILE: &str = "signing.key";

/// What a token says.
#[derive(Serialize, Deserialize)]
pub struct Claims {
    /// Whose it is.
    pub sub: UserId,
    /// The session that it lives and dies with.
    pub sid: SessionId,
    iat: i64,
    exp: i64,
    iss: String,
    aud: String,
}

/// Signs and checks.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Tokens {
    /// With a key of at least 32 bytes.
    pub fn new(key: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
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
        let claims = Claims {
            sub: user,
            sid: session,
            iat: now.timestamp(),
            exp: expires.timestamp(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(Error::internal)
    }

    /// What a token says, if it is ours and not expired.
    pub fn check(&self, token: &str) -> Result<Claims> {
        decode::<Claims>(token, &self.decoding, &self.validation)
            .map(|token| token.claims)
            .map_err(|_| Error::unauthorized("The token is not valid or has expired"))
    }
}

/// The key that is kept with the data, made when there is none; nobody else may read it.
pub fn key_in(data_dir: &Path) -> io::Result<Vec<u8>> {
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
    // Written whole beside its place and linked there: of two processes that start together one
    // wins, and both read its key.
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
