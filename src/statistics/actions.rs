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
