//! The dashboard's numbers for the browser.

#![allow(missing_docs)] // of what the macro makes around each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use tallyboard_model::{error::Error, statistics::Dashboard};

/// All that the dashboard page shows, with the trend of the last `days` days.
#[server(name = GetDashboard, prefix = "/api/ui", endpoint = "dashboard", input = GetUrl)]
pub async fn dashboard(days: Option<u32>) -> Result<Dashboard, Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.statistics.dashboard(&user, days).await
}

/// Replaces the user's goals. An empty field means no goal; `days_off` has the names of weekdays.
#[server(prefix = "/api/ui", endpoint = "set_goals")]
pub async fn set_goals(
    daily: Option<String>,
    weekly: Option<String>,
    days_off: Option<Vec<String>>,
) -> Result<(), Error> {
    use super::goals::form;
    use tallyboard_core::statistics::goals::service;
    let (app, user) = crate::auth::server_fn_user().await?;
    let goals = form::goals(daily, weekly, days_off.unwrap_or_default())?;
    app.db.scope(&user).write(|scope| Box::pin(service::set(scope, goals.clone()))).await?;
    leptos_axum::redirect(tallyboard_model::paths::GOALS_SAVED);
    Ok(())
}
