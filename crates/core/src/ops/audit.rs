//! The audit log, as far as it concerns the whole server: refusals, cleaning, and reading it as the operator.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{
    audit::{AuditRecord, service},
    auth::{Auth, record_in_background},
    tasks::trash,
};
use tallyboard_db::{Database, Scopes, System, Target};
use tallyboard_model::{error::Result, id::UserId};

/// How often to look for old rows.
const CLEANING_INTERVAL: Duration = Duration::from_secs(3600);
/// The pause between two steps, in which others write.
const CLEANING_PAUSE: Duration = Duration::from_millis(100);

/// Transactions that see every user's rows.
#[expect(clippy::disallowed_methods, reason = "cleaning and reading for the operator concern the whole log")]
fn system(db: &Database) -> Scopes<'_, System> {
    db.system_scopes()
}

/// Records that a user was refused, in the background: the answer does not wait for it.
pub fn record_refusal(db: &Database, user: UserId, path: &str) {
    record_in_background(db, user, "access.refused", target_of(path));
}

/// The target of a path: the last of its ids that has a name before it.
fn target_of(path: &str) -> Option<Target> {
    let parts: Vec<_> = path.split('/').collect();
    parts.windows(2).rev().find_map(|pair| {
        let [name, id] = pair else { return None };
        match *name {
            "tasks" => id.parse().ok().map(Target::Task),
            "teams" => id.parse().ok().map(Target::Team),
            "tokens" => id.parse().ok().map(Target::Token),
            "sessions" => id.parse().ok().map(Target::Session),
            _ => None,
        }
    })
}

/// Deletes old rows of the audit log and old tasks in the trash, in small steps, until the future is dropped.
pub async fn clean_forever(db: Database, audit_days: u32, trash_days: u32) {
    loop {
        db.awake().await;
        let scopes = system(&db);
        let cleaned = scopes.write(|scope| {
            Box::pin(async move {
                let has_old_rows = service::clean(scope, audit_days).await?;
                Ok(trash::service::clean(scope, trash_days).await? || has_old_rows)
            })
        });
        match cleaned.await {
            Ok(true) => tokio::time::sleep(CLEANING_PAUSE).await,
            Ok(false) => tokio::time::sleep(CLEANING_INTERVAL).await,
            Err(error) => {
                tracing::debug!(%error, "the audit log and the trash were not cleaned");
                tokio::time::sleep(CLEANING_INTERVAL).await;
            }
        }
    }
}

/// Everything that the account with this email address did since a time, oldest first.
pub async fn of_account(db: &Database, auth: &Auth, email: &str, since: DateTime<Utc>) -> Result<Vec<AuditRecord>> {
    let user = auth.id_of_account(email).await?;
    system(db).read(|scope| Box::pin(service::of_user(scope, user, since))).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use tallyboard_model::id::TaskId;

    #[test]
    fn a_path_names_its_target() {
        let id = TaskId::new();
        assert!(matches!(target_of(&format!("/api/tasks/{id}/shares")), Some(Target::Task(found)) if found == id));
        assert!(matches!(target_of(&format!("/teams/{id}")), Some(Target::Team(_))));
        assert!(target_of("/api/tasks").is_none() && target_of("/api/auth/me").is_none());
    }
}
