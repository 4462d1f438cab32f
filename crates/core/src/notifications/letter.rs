//! The mail with somebody's notifications.

use super::store;
use crate::mail::letter::{Letter, Reader, unlinked};
use tallyboard_db::Scope;
use tallyboard_model::{
    error::Result,
    id::NotificationId,
    language::{t, t_with},
    notifications::Notification,
    paths,
};

/// How many notifications one mail has; further ones come in another mail.
const LISTED: i64 = 50;

/// The mail with everything that waits to be mailed to the user, and what that is; `None` when `id` was in an earlier mail.
pub async fn letter(
    scope: &mut Scope,
    id: NotificationId,
    reader: &Reader,
) -> Result<Option<(Letter, Vec<NotificationId>)>> {
    if !store::waits_for_mail(scope, id).await? {
        return Ok(None);
    }
    let waiting = store::waiting_for_mail(scope, LISTED).await?;
    let ids = waiting.iter().map(|notification| notification.id).collect();
    let letter = match &waiting[..] {
        [one] => {
            let letter = reader.greet(unlinked(&one.text)).text(format!("{}.", unlinked(&one.text)));
            match &one.path {
                Some(path) => letter.link(t("Open it"), reader.url(path)),
                None => letter,
            }
        }
        several => {
            let lines = several.iter().map(|Notification { text, .. }| unlinked(text)).collect();
            let subject = t_with("{n} updates on Tallyboard", &[("n", &several.len())]);
            reader.greet(subject).list(t("What happened"), lines).link(t("Open Tallyboard"), reader.url(paths::HOME))
        }
    };
    Ok(Some((letter, ids)))
}
