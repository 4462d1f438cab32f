//! Tells people what comes at a time of the day, and deletes old notifications.

use std::time::{Duration, Instant};

use super::{service, store::DueChoice};
use crate::{app::AppState, tasks};
use tallyboard_db::{Database, Scopes, System};
use tallyboard_model::{
    error::Result,
    language::{self, t, text},
    notifications::NotificationEvent,
};

/// How often to check whether something is due.
const INTERVAL: Duration = Duration::from_secs(15);
/// How often old notifications are deleted.
const CLEANING_INTERVAL: Duration = Duration::from_secs(3600);
/// The Monday review.
const WEEK_ENDED: &str = text("Your review of last week is ready");

/// Sends due notifications until the future is dropped.
pub async fn run_forever(app: AppState) {
    let mut cleaned: Option<Instant> = None;
    loop {
        if let Err(error) = notify_all(&app).await {
            tracing::warn!(%error, "due notifications were not delivered; retrying");
        }
        if cleaned.is_none_or(|cleaned| cleaned.elapsed() >= CLEANING_INTERVAL) {
            cleaned = Some(Instant::now());
            if let Err(error) = clean(&app.db).await {
                tracing::warn!(%error, "old notifications were not deleted; retrying");
            }
        }
        tokio::time::sleep(INTERVAL).await;
        app.db.awake().await;
    }
}

async fn notify_all(app: &AppState) -> Result<()> {
    loop {
        let due = system(&app.db).read(|scope| Box::pin(service::due(scope))).await?;
        if due.is_empty() {
            return Ok(());
        }
        let mut failure = None;
        for one in due {
            // One person's error must not keep the others from being notified.
            failure = notify(app, one).await.err().or(failure);
        }
        app.wake_mailer();
        if let Some(error) = failure {
            return Err(error);
        }
    }
}

async fn notify(app: &AppState, mut due: DueChoice) -> Result<()> {
    due.channels.by_mail &= app.mail.is_some();
    let subject = subject(app, &due).await?;
    let scopes = system(&app.db);
    let notified = scopes.write(|scope| {
        let (due, subject) = (due.clone(), subject.clone());
        Box::pin(async move { service::notify_due(scope, &due, subject.as_deref()).await })
    });
    notified.await
}

/// The text of what's due; `None` when there's nothing to say, or nobody to say it to.
async fn subject(app: &AppState, due: &DueChoice) -> Result<Option<String>> {
    let Some(reader) = app.auth.recipient(due.user_id).await? else { return Ok(None) };
    let language = reader.language();
    if due.event == NotificationEvent::WeekEnded {
        return Ok(Some(language::with(language, || t(WEEK_ENDED).to_owned())));
    }
    let zone = due.zone();
    let scopes = app.db.scope(&reader);
    language::scope(language, scopes.read(|scope| Box::pin(tasks::due_letter::summary(scope, zone)))).await
}

async fn clean(db: &Database) -> Result<()> {
    while system(db).write(|scope| Box::pin(service::clean(scope))).await? {}
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "what is due is everybody's")]
fn system(db: &Database) -> Scopes<'_, System> {
    db.system_scopes()
}
