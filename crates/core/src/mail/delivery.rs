//! Writes and sends the mails of the outbox.

use std::time::Duration;

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::{
    Mailer, SendError,
    letter::{Letter, Reader},
    outbox::{self, MailKind, WaitingMail},
};
use crate::{
    app::AppState,
    auth::{
        Recipient,
        accounts::{LinkDelivery, password_letter},
        addresses::{address_letter, change_letter},
    },
    invitations, notifications, statistics, tasks,
};
use tallyboard_base::figures;
use tallyboard_db::{Database, Scopes, System, now};
use tallyboard_model::{
    calendar::{Calendar, monday_of},
    error::Result,
    id::NotificationId,
    language::{self, t_with},
    paths,
};

/// How often the outbox is looked into when nothing wakes the mailer: for mails of other instances, and for those that
/// were postponed.
const INTERVAL: Duration = Duration::from_secs(15);
/// How long to keep retrying a mail.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(1);
/// How often to check that on a server that doesn't send mail.
const GIVING_UP_INTERVAL: Duration = Duration::from_secs(3600);
/// The pause before the second attempt; it doubles each time. It is longer than an attempt may take.
const FIRST_PAUSE: TimeDelta = TimeDelta::minutes(2);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

/// Sends what is in the outbox, until the future is dropped.
pub async fn run_forever(app: AppState) {
    let Some(mailer) = &app.mail else { return give_up_forever(&app.db).await };
    loop {
        if let Err(error) = send_all(&app, mailer).await {
            tracing::warn!(%error, "the outbox couldn't be sent; retrying");
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = mailer.woken() => {}
        }
        app.db.awake().await;
    }
}

/// Without an SMTP server, gives up mails that have waited too long: those from when there was one, and those for people
/// who still want mails.
async fn give_up_forever(db: &Database) {
    loop {
        let given_up = system(db).write(|scope| Box::pin(outbox::remove_before(scope, now() - GIVE_UP_AFTER))).await;
        if let Err(error) = given_up {
            tracing::warn!(%error, "the outbox was not emptied; retrying");
        }
        tokio::time::sleep(GIVING_UP_INTERVAL).await;
        db.awake().await;
    }
}

/// A mail that is written, and what has to be noted once it is sent.
struct PreparedMail {
    to: String,
    letter: Letter,
    /// The notifications that the mail holds, and whose they are.
    notifications: Option<(Recipient, Vec<NotificationId>)>,
}

/// Sends mails until none is left whose turn it is, or the SMTP server can't be used.
async fn send_all(
    app: &AppState,
    mailer: &Mailer,
) -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
    loop {
        let scopes = system(&app.db);
        let next = scopes.write(|scope| Box::pin(outbox::take_next(scope, now(), next_attempt_at)));
        let Some(mail) = next.await? else { return Ok(()) };
        let (kind, user, attempt) = (mail.kind.as_str(), mail.user_id, mail.attempts + 1);
        let is_old = now() - mail.created_at > GIVE_UP_AFTER;
        let PreparedMail { to, letter, notifications } = match write(app, &mail).await {
            Ok(Some(written)) => written,
            // No longer relevant: the account is gone, the invitation revoked, the task done.
            Ok(None) => {
                remove(&app.db, &mail).await?;
                continue;
            }
            Err(error) if is_old => {
                tracing::warn!(%error, kind, %user, attempt, "giving up after a day on a mail that couldn't be written");
                remove(&app.db, &mail).await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let sent = mailer.send(mail.id, &to, &letter).await;
        figures::count_mail(sent.is_ok());
        match sent {
            Ok(()) => {
                tracing::info!(kind, %user, "mail sent");
                if let Some((reader, ids)) = notifications {
                    mark_mailed(&app.db, &reader, &ids).await?;
                }
                remove(&app.db, &mail).await?;
            }
            Err(error @ SendError::Rejected(_)) => {
                tracing::warn!(%error, kind, %user, "giving up on the mail");
                remove(&app.db, &mail).await?;
            }
            Err(error) if is_old => {
                tracing::warn!(%error, kind, %user, attempt, "giving up on the mail after a day");
                remove(&app.db, &mail).await?;
            }
            Err(error @ SendError::Postponed(_)) => {
                tracing::warn!(%error, kind, %user, attempt, "sending the mail failed; retrying later");
            }
            // It would be the same for every other mail.
            Err(error @ SendError::Unreachable(_)) => return Err(error.into()),
        }
    }
}

/// When to retry a mail if this attempt fails.
fn next_attempt_at(mail: &WaitingMail) -> DateTime<Utc> {
    let doubled = u32::try_from(mail.attempts).map_or(i32::MAX, |attempts| 1 << attempts.min(10));
    now() + (FIRST_PAUSE * doubled).min(LONGEST_PAUSE)
}

async fn remove(db: &Database, mail: &WaitingMail) -> Result<()> {
    let id = mail.id;
    system(db).write(|scope| Box::pin(outbox::remove(scope, id))).await
}

async fn mark_mailed(db: &Database, reader: &Recipient, ids: &[NotificationId]) -> Result<()> {
    let scopes = db.scope(reader);
    let marked = scopes.write(|scope| {
        let ids = ids.to_vec();
        Box::pin(async move { notifications::service::mark_mailed(scope, &ids).await })
    });
    marked.await
}

/// The mail in its words; `None` when there is nothing to say any more.
async fn write(app: &AppState, mail: &WaitingMail) -> Result<Option<PreparedMail>> {
    let Some(recipient) = app.auth.recipient(mail.user_id).await? else { return Ok(None) };
    language::scope(recipient.language(), write_to(app, mail, recipient)).await
}

async fn write_to(app: &AppState, mail: &WaitingMail, recipient: Recipient) -> Result<Option<PreparedMail>> {
    let reader = Reader { name: recipient.name().to_owned(), public_url: app.config.server.public_url.clone() };
    let to = mail.email.clone().unwrap_or_else(|| recipient.email().to_owned());
    let calendar = Calendar::at(now(), recipient.time_zone());
    let mut notifications = None;
    // A letter's content is read in its reader's own scope.
    let scopes = app.db.scope(&recipient);
    let letter = match mail.kind {
        MailKind::Invitation => return invitation(app, mail, reader).await,
        MailKind::PasswordLink => {
            let secret = app.auth.create_password_link(recipient.id(), LinkDelivery::Mail).await?;
            Some(password_letter(&reader, &secret))
        }
        // Not if it has been confirmed in the meantime.
        MailKind::AddressLink => app.auth.address_link(&recipient)?.map(|token| address_letter(&reader, &token)),
        MailKind::Account(change) => Some(change_letter(&reader, change, mail.created_at, recipient.time_zone())),
        MailKind::DueToday => {
            let letter = scopes.read(|scope| {
                let reader = reader.clone();
                Box::pin(async move { tasks::due_letter::letter(scope, calendar, &reader).await })
            });
            letter.await?.map(|letter| asked_for(letter, &reader))
        }
        MailKind::WeeklyReview => {
            // The week before the one in which it was due, however late it is sent.
            let monday = monday_of(calendar.date_of(mail.created_at)) - Days::new(7);
            let letter = scopes.read(|scope| {
                let reader = reader.clone();
                Box::pin(async move { statistics::review::letter(scope, calendar, monday, &reader).await })
            });
            Some(asked_for(letter.await?, &reader))
        }
        MailKind::Notification => {
            let id = NotificationId(mail.id.0);
            let letter = scopes.read(|scope| {
                let reader = reader.clone();
                Box::pin(async move { notifications::service::letter(scope, id, &reader).await })
            });
            letter.await?.map(|(letter, ids)| {
                notifications = Some((recipient.clone(), ids));
                asked_for(letter, &reader)
            })
        }
    };
    Ok(letter.map(|letter| PreparedMail { to, letter, notifications }))
}

async fn invitation(app: &AppState, mail: &WaitingMail, inviter: Reader) -> Result<Option<PreparedMail>> {
    let Some(id) = mail.invitation_id else { return Ok(None) };
    let scopes = system(&app.db);
    let letter = scopes.write(|scope| {
        let inviter = inviter.clone();
        Box::pin(async move { invitations::service::letter(scope, id, &inviter).await })
    });
    Ok(letter.await?.map(|(to, letter)| PreparedMail { to, letter, notifications: None }))
}

/// A mail that its reader asked for says why it comes and how to end it.
fn asked_for(letter: Letter, reader: &Reader) -> Letter {
    letter.note(t_with(
        "You asked for these emails. Turn them off here: {url}",
        &[("url", &reader.url(paths::NOTIFICATION_SETTINGS))],
    ))
}

#[expect(clippy::disallowed_methods, reason = "the outbox holds the mails of everybody")]
fn system(db: &Database) -> Scopes<'_, System> {
    db.system_scopes()
}
