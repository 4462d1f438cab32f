//! Server functions of notifications; forms of several pages name them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::prelude::*;

use tallyboard_model::error::Error;

/// Answers the offer to turn on the notifications that new accounts have.
#[server(prefix = "/api/ui", endpoint = "answer_notification_offer")]
pub async fn answer_notification_offer(is_accepted: bool) -> Result<(), Error> {
    use tallyboard_core::notifications::service::answer_offer;
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(answer_offer(scope, is_accepted))).await?;
    app.auth.forget_cached_session(&user).await;
    Ok(())
}
