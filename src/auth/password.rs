//! Passwords: how good they have to be, how they are kept, how they are checked.

use std::{sync::LazyLock, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::spawn_blocking,
};

use crate::{
    error::{Error, Result},
    input::Checks,
};

/// Argon2id takes 19 MiB and a core for some 20 ms each: this many at once, the others wait.
static HASHERS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))));
const WAIT_AT_MOST: Duration = Duration::from_secs(8);

/// What an unknown account is checked against, so that it takes as long as a known one.
static NOBODYS_HASH: LazyLock<String> = LazyLock::new(|| {
    Argon2::default().hash_password(b"nobody's password").map(|hash| hash.to_string()).unwrap_or_default()
});

/// Refuses a password that is too short, too long or easily guessed; `known` is what a guesser
/// would try first.
pub fn check_strength(checks: &mut Checks, field: &str, password: &str, known: &[&str]) {
    let length = password.chars().count();
    if !(8..=128).contains(&length) {
        checks.refuse(field, "8 to 128 characters");
        return;
    }
    let result = zxcvbn::zxcvbn(password, known);
    if result.score() < zxcvbn::Score::Three {
        let advice = result.feedback().and_then(|feedback| feedback.warning()).map(|warning| format!(" {warning}"));
        checks.refuse(
            field,
            format!("too easy to guess: a few uncommon words are better.{}", advice.unwrap_or_default()),
        );
    }
}

/// Hashes with Argon2id and a salt of its own.
pub async fn hash(password: String) -> Result<String> {
    let _permit = hasher().await?;
    spawn_blocking(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
}

/// Whether `password` is the one behind `hash`. `None`, for an account that there is not, takes
/// the same time and is always wrong.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    let _permit = hasher().await?;
    spawn_blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODYS_HASH.clone());
        let matches = PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        known && matches
    })
    .await
    .map_err(Error::internal)
}

/// Makes the hash for unknown accounts now, so that the first of them does not take twice as long.
pub fn warm_up() {
    LazyLock::force(&NOBODYS_HASH);
}

async fn hasher() -> Result<SemaphorePermit<'static>> {
    match tokio::time::timeout(WAIT_AT_MOST, HASHERS.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => {
            Err(Error::new(crate::error::Code::Unavailable, "Too many sign-ins at once")
                .detail("Try again in a moment"))
        }
    }
}
