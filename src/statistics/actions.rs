//! The dashboard's numbers for the browser.

#![allow(missing_docs)] // of what the macro makes around each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use super::Dashboard;
use crate::error::Error;

/// All that the dashboard page shows.
#[server(name = GetDashboard, prefix = "/api/ui", endpoint = "dashboard", input = GetUrl)]
pub async fn dashboard() -> Result<Dashboard, Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.statistics.dashboard(&user).await
}
