//! Server functions of notifications; a plain form posts to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::prelude::*;

use super::Topic;
use crate::error::Error;

/// Replaces the choice of regular mails.
#[server(prefix = "/api/ui", endpoint = "set_notifications")]
pub async fn set_notifications(by_mail: Option<Vec<Topic>>) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    super::rest::set(&app, &user, by_mail.unwrap_or_default()).await?;
    leptos_axum::redirect(crate::paths::NOTIFICATIONS_SAVED);
    Ok(())
}
