//! Answers of the assistant whose server has ended in the middle: they fail, so that their users can retry.

use std::time::Duration;

use chrono::TimeDelta;

use super::system;
use tallyboard_core::chat::answers;
use tallyboard_db::{Database, now};

/// How often to look for them.
const INTERVAL: Duration = Duration::from_secs(5);
/// A server that writes an answer gives a sign of life every second.
const LIFE_TIMEOUT: TimeDelta = TimeDelta::seconds(20);

/// Fails answers without a sign of life, until the future is dropped. On SQLite no other server can be writing when this
/// one starts.
pub async fn fail_interrupted_forever(db: Database) {
    let mut timeout = if db.is_shared() { LIFE_TIMEOUT } else { TimeDelta::zero() };
    loop {
        let before = now() - timeout;
        match system(&db).write(|scope| Box::pin(answers::fail_interrupted(scope, before))).await {
            Ok(0) => {}
            Ok(count) => tracing::warn!(count, "answers were interrupted when their server ended"),
            Err(error) => tracing::debug!(%error, "interrupted answers were not looked for"),
        }
        timeout = LIFE_TIMEOUT;
        tokio::time::sleep(INTERVAL).await;
        db.awake().await;
    }
}
