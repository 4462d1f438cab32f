//! Passwords: how strong they must be, how they are hashed and verified.

use std::{
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use argon2::{
    Argon2, Block, Params,
    password_hash::{Output, ParamsString, PasswordHash, Salt, SaltString, rand_core::OsRng},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::spawn_blocking,
};

use tallyboard_model::{
    error::{Error, Result},
    input::Validator,
    language::{t_with, translated},
};

/// One Argon2id hash takes 19 MiB and about 20 ms of a core: at most this many run at once; the rest queue.
static HASHERS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))));
const HASHER_TIMEOUT: Duration = Duration::from_secs(8);

/// The memory of hashes that are done, for the next ones: a new 19 MiB for every hash fragments the heap
/// (measured: 559 MB resident after 300 hashes).
static FREE_MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());
/// The memory is freed after this long without a hash.
const KEEP_MEMORY: Duration = Duration::from_secs(10);

/// A hash for verifying unknown accounts, so that they take as long as known ones. No password has this hash.
const UNKNOWN_ACCOUNT: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm8tYWNjb3VudC1zYWx0IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Rejects a password that is too short, too long or easily guessed. `known` are words that an attacker would try
/// first.
pub fn check_strength(validator: &mut Validator, field: &str, password: &str, known: &[&str]) {
    let length = password.chars().count();
    if !(8..=128).contains(&length) {
        validator.reject(field, "8 to 128 characters");
        return;
    }
    let result = zxcvbn::zxcvbn(password, known);
    if result.score() < zxcvbn::Score::Three {
        let advice = result
            .feedback()
            .and_then(|feedback| feedback.warning())
            .map(|warning| format!(" {}", translated(&warning.to_string())));
        validator.reject(
            field,
            t_with(
                "too easy to guess: a few uncommon words are better.{advice}",
                &[("advice", &advice.unwrap_or_default())],
            ),
        );
    }
}

/// Hashes with Argon2id and a random salt; the answer is a PHC string.
pub async fn hash(password: String) -> Result<String> {
    let _permit = hasher().await?;
    let hash = spawn_blocking(move || hash_now(&password)).await.map_err(Error::internal)??;
    free_memory_later();
    Ok(hash)
}

/// Whether `password` is the one behind `hash`. `None`, for an account that does not exist, takes the same time
/// and is always wrong.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    let _permit = hasher().await?;
    let matches = spawn_blocking(move || {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| UNKNOWN_ACCOUNT.to_owned());
        verify_now(&password, &hash) && exists
    });
    let matches = matches.await.map_err(Error::internal)?;
    free_memory_later();
    Ok(matches)
}

fn hash_now(password: &str) -> Result<String> {
    let (argon2, random) = (Argon2::default(), SaltString::generate(&mut OsRng));
    let salt = random.as_salt();
    let hash = PasswordHash {
        algorithm: argon2::ARGON2ID_IDENT,
        version: Some(argon2::Version::default().into()),
        params: ParamsString::try_from(argon2.params()).map_err(Error::internal)?,
        hash: Some(output(&argon2, password, salt).map_err(Error::internal)?),
        salt: Some(salt),
    };
    Ok(hash.to_string())
}

fn verify_now(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    let (Some(salt), Some(expected), Ok(params)) = (hash.salt, hash.hash, Params::try_from(&hash)) else {
        return false;
    };
    // `Output` compares in constant time.
    output(&Argon2::from(params), password, salt).is_ok_and(|output| output == expected)
}

/// The hash itself, computed in memory that an earlier hash has used.
fn output(argon2: &Argon2<'_>, password: &str, salt: Salt<'_>) -> Result<Output, argon2::Error> {
    let mut decoded = [0; Salt::MAX_LENGTH];
    let salt = salt.decode_b64(&mut decoded).map_err(|_| argon2::Error::SaltTooShort)?;
    let free = || FREE_MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let mut memory = free().pop().unwrap_or_default();
    memory.resize(argon2.params().block_count(), Block::new());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let hashed = argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut memory);
    free().push(memory);
    hashed?;
    Output::new(&output).map_err(|_| argon2::Error::OutputTooShort)
}

/// Frees the memory after [`KEEP_MEMORY`]; what a running hash uses is not in the list.
fn free_memory_later() {
    tokio::spawn(async {
        tokio::time::sleep(KEEP_MEMORY).await;
        FREE_MEMORY.lock().unwrap_or_else(PoisonError::into_inner).clear();
    });
}

async fn hasher() -> Result<SemaphorePermit<'static>> {
    match tokio::time::timeout(HASHER_TIMEOUT, HASHERS.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Error::new(tallyboard_model::error::Code::Unavailable, "Too many sign-ins at once")
            .detail("Try again in a moment")),
    }
}

#[cfg(test)]
mod tests {
    use argon2::{Argon2, PasswordHasher, PasswordVerifier};

    use super::{OsRng, PasswordHash, SaltString, UNKNOWN_ACCOUNT, hash_now, verify_now};

    /// Reused memory must not change a hash: ours and argon2's own verify each other's, again and again.
    #[test]
    fn hashes_are_the_same_as_argon2s_own() -> Result<(), Box<dyn std::error::Error>> {
        for round in 0..3 {
            let password = format!("quiet-lantern-{round}");
            let ours = hash_now(&password)?;
            assert!(ours.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
            let parsed = PasswordHash::new(&ours).map_err(|error| error.to_string())?;
            Argon2::default().verify_password(password.as_bytes(), &parsed).map_err(|error| error.to_string())?;
            let salt = SaltString::generate(&mut OsRng);
            let theirs =
                Argon2::default().hash_password(password.as_bytes(), &salt).map_err(|error| error.to_string())?;
            assert!(verify_now(&password, &theirs.to_string()));
            assert!(!verify_now("another", &ours));
        }
        assert!(!verify_now("x", "no hash"));
        // The hash for unknown accounts costs as much as a real one.
        let hash = hash_now("x")?;
        let (unknown, real) = (PasswordHash::new(UNKNOWN_ACCOUNT), PasswordHash::new(&hash));
        assert_eq!(unknown.map(|hash| hash.params), real.map(|hash| hash.params));
        Ok(())
    }
}
